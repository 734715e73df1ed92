"""The members list in force at a site: which one it is, where it is kept, and its entry.

It is kept in the state folder, so that a site starts without its source and never goes back to a
list older than one that was in force.
"""

import logging
from datetime import datetime
from pathlib import Path

from renkei import audit, federation, kit, law
from renkei.app.membership import foreign_lists, kept_list
from renkei.app.membership.members_source import fetch
from renkei.app.settings import Settings
from renkei.app.standards.releasing import shelved
from renkei.federation import Desk, Members

log = logging.getLogger("renkei.app")

KEPT = "members.json"


def kept_file(settings: Settings) -> Path:
    """Return where the list in force is kept."""
    return settings.state / KEPT


def read_kept(settings: Settings) -> Members | None:
    """Return the list that was in force last, or None: there is none, or it is no list any more."""
    return kept_list.read(kept_file(settings), _authority(settings), "the kept members list")


def keep(settings: Settings, text: bytes) -> None:
    """Keep a list as the one in force."""
    settings.state.mkdir(parents=True, exist_ok=True)
    kept_list.keep(kept_file(settings), text)


def judge(settings: Settings, text: bytes, before: Members | None, *, at: datetime) -> Desk:
    """Return the desk by a list that may follow the one before, or raise why it may not."""
    members = federation.read_members(text, _authority(settings))
    if before is not None:
        members.check_after(before)
    members.check(at)
    return desk_by(settings, members)


def desk_by(settings: Settings, members: Members) -> Desk:
    """Return a site's desk by a list, and by the kept ones of the directories it names."""
    known = foreign_lists.joined(settings, members)
    releases = shelved(settings.releases, settings.authority)
    table, staff = law.provision_table(), settings.staff_register
    return Desk.of(settings.tenant, settings.mode, known, table, releases, staff)


def desk_at_start(settings: Settings, *, at: datetime) -> tuple[Desk, bytes | None]:
    """Return the desk to begin with, and the text of its list where it is not the kept one.

    A file at hand is read; an address is asked only where nothing is kept: the keeper of the list
    asks it at once. A list that may not follow the kept one is said, and the kept one stays.
    """
    kept = read_kept(settings)
    if kept is None:
        return _fetched(settings, None, at)
    if isinstance(settings.list_source, Path):
        try:
            desk, text = _fetched(settings, kept, at)
        except kit.NodeError as error:
            log.error("%s: %s", error.code(), error)  # noqa: TRY400  # its words are enough
        else:
            return desk, None if desk.members.version == kept.version else text
    return desk_by(settings, kept), None


def _fetched(settings: Settings, before: Members | None, at: datetime) -> tuple[Desk, bytes]:
    found = fetch(settings.list_source)
    text = b"" if found is None else found.text
    return judge(settings, text, before, at=at), text


def enter(conn: kit.Connection, desk: Desk, before: Members | None, *, at: datetime) -> bool:
    """Enter that a list came into force, once for each version; tell whether it was now."""
    request = f"members/{desk.members.version}"
    return kept_list.enter(conn, desk, request, desk.members, before, at=at)


def _authority(settings: Settings) -> audit.Verifier:
    return audit.Verifier.parse(settings.authority)
