"""The lists of other directories at a site: fetched, judged, kept, joined to our own.

Our own list names them (its anchors). Each is looked after by itself: one that cannot be had, is
forged, older or beyond its scope is said, its last good one stays until its end, and everybody else
is talked to as ever.
"""

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from renkei import federation, kit
from renkei.app.membership import kept_list
from renkei.app.membership.members_source import fetch
from renkei.app.settings import Settings
from renkei.federation import Anchor, Desk, Members

log = logging.getLogger("renkei.app")

FOLDER = "directories"


@dataclass(frozen=True, slots=True)
class Fetched:
    """A newer list of another directory, fit to be joined, and its text to be kept."""

    anchor: Anchor
    members: Members
    before: Members | None
    text: bytes


@dataclass(frozen=True, slots=True)
class Looked:
    """What a look at a source found: the tag of its state, and a newer list if there is one."""

    tag: str
    newer: Fetched | None = None


def kept_file(settings: Settings, anchor: Anchor) -> Path:
    """Return where the list of a directory is kept."""
    return settings.state / FOLDER / f"{anchor.name}.json"


def read_kept(settings: Settings, anchor: Anchor) -> Members | None:
    """Return the list of a directory that was good last, or None."""
    named = f"the kept list of {anchor.title}"
    return kept_list.read(kept_file(settings, anchor), anchor.verifier, named)


def keep_list(settings: Settings, found: Fetched) -> None:
    """Keep a list as the last good one of its directory."""
    file = kept_file(settings, found.anchor)
    file.parent.mkdir(parents=True, exist_ok=True)
    kept_list.keep(file, found.text)


def joined(settings: Settings, own: Members, fresh: Iterable[Fetched] = ()) -> Members:
    """Return our own list with those of the directories it names: the fresh ones, else the kept.

    A node alone is asked from there. One that overreaches is said and left out.
    """
    if settings.role != "node":
        return own
    new = {found.anchor: found.members for found in fresh}
    others: list[tuple[Anchor, Members]] = []
    result = own
    for anchor in own.anchors:
        members = new.get(anchor) or read_kept(settings, anchor)
        if members is None:
            continue
        try:
            result = own.joined((*others, (anchor, members)))
        except kit.NodeError as error:
            log.error("%s: %s", error.code(), error)  # noqa: TRY400  # its words do
        else:
            others.append((anchor, members))
    return result


def look(
    settings: Settings, own: Members, anchor: Anchor, *, at: datetime, tag: str = ""
) -> Looked:
    """Fetch and judge the list of a directory, or raise why it is none to go by."""
    fetched = fetch(anchor.source, tag)
    if fetched is None:
        return Looked(tag)
    members = federation.read_members(fetched.text, anchor.verifier)
    before = read_kept(settings, anchor)
    if before is not None:
        members.check_after(before)
    if at >= members.valid_until:
        until = members.valid_until.isoformat(timespec="seconds")
        raise federation.DirectoryExpired(directory=anchor.title, until=until)
    # Within its scope, and nobody's keys of our own list or of a directory named before it.
    place = own.anchors.index(anchor)
    others = [one for one in own.foreign if one[0] in own.anchors[:place]]
    own.alone.joined((*others, (anchor, members)))
    if before is not None and before.version == members.version:
        return Looked(fetched.tag)
    return Looked(fetched.tag, Fetched(anchor, members, before, fetched.text))


def enter(conn: kit.Connection, desk: Desk, found: Fetched, *, at: datetime) -> bool:
    """Enter that a list of another directory came into force, once for each version."""
    request = f"members/{found.anchor.name}/{found.members.version}"
    directory = found.anchor.authority
    return kept_list.enter(
        conn, desk, request, found.members, found.before, at=at, directory=directory
    )
