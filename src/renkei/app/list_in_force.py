"""The members list in force at a site: which one it is, where it is kept, and its entry.

It is kept in the state folder, so that a site starts without its source and never goes back to a
list older than one that was in force.
"""

import logging
import os
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from renkei import audit, federation, kit, law
from renkei.app.members_source import fetch
from renkei.app.settings import Settings
from renkei.federation import Desk, Members

log = logging.getLogger("renkei.app")

KEPT = "members.json"
MOST_NAMED = 200
"""So many members an entry names; of more the digest of the list tells."""


def kept_file(settings: Settings) -> Path:
    """Return where the list in force is kept."""
    return settings.state / KEPT


def read_kept(settings: Settings) -> Members | None:
    """Return the list that was in force last, or None: there is none, or it is no list any more."""
    file = kept_file(settings)
    if not file.exists():
        return None
    try:
        return federation.read_members(file.read_bytes(), _authority(settings))
    except (OSError, kit.NodeError) as error:
        log.error("the kept members list cannot be used: %s", error)  # noqa: TRY400  # as below
        return None


def keep(settings: Settings, text: bytes) -> None:
    """Keep a list as the one in force: whole, or not at all."""
    file = kept_file(settings)
    settings.state.mkdir(parents=True, exist_ok=True)
    fresh = file.with_suffix(".new")
    with fresh.open("wb") as opened:
        opened.write(text)
        opened.flush()
        os.fsync(opened.fileno())
    fresh.replace(file)


def judge(settings: Settings, text: bytes, before: Members | None, *, at: datetime) -> Desk:
    """Return the desk by a list that may follow the one before, or raise why it may not."""
    members = federation.read_members(text, _authority(settings))
    if before is not None:
        members.check_after(before)
    members.check(at)
    return desk_by(settings, members)


def desk_by(settings: Settings, members: Members) -> Desk:
    """Return a site's desk by a list."""
    return Desk.of(settings.tenant, settings.mode, members, law.provision_table())


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
    members = desk.members
    request = f"members/{members.version}"
    audit.alone(conn, desk.tenant)  # another node of ours may enter it at the same moment
    if audit.is_promised(conn, desk.tenant, request):
        return False
    entry = audit.Entry(
        kind=audit.Kind.MEMBERSHIP,
        request=request,
        at=at,
        asker=desk.tenant,
        holder="",
        procedure="",
        outcome="in-force",
        mode=audit.Mode(desk.mode),
        details={
            "version": str(members.version),
            "before": "" if before is None else str(before.version),
            "digest": members.digest.hex(),
            **changes(before, members),
        },
    )
    audit.append(conn, desk.tenant, entry)
    return True


def changes(before: Members | None, now: Members) -> dict[str, str]:
    """Return who was added, removed and changed from one list to the next, by their numbers."""
    old = {} if before is None else {member.id: member for member in before.all}
    new = {member.id: member for member in now.all}
    return {
        "added": _named(number for number in new if number not in old),
        "removed": _named(number for number in old if number not in new),
        "changed": _named(n for n in new if n in old and new[n] != old[n]),
    }


def _named(numbers: Iterable[str]) -> str:
    found = sorted(numbers)
    more = len(found) - MOST_NAMED
    return " ".join(found[:MOST_NAMED]) + (f" +{more}" if more > 0 else "")


def _authority(settings: Settings) -> audit.Verifier:
    return audit.Verifier.parse(settings.authority)
