"""A list that came into force at a site: kept in a file, and entered with whom it changed."""

import logging
import os
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from renkei import audit, federation, kit
from renkei.federation import Desk, Members

log = logging.getLogger("renkei.app")

MOST_NAMED = 200
"""So many members an entry names; of more the digest of the list tells."""


def keep(file: Path, text: bytes) -> None:
    """Keep a list in a file: whole, or not at all."""
    fresh = file.with_suffix(".new")
    with fresh.open("wb") as opened:
        opened.write(text)
        opened.flush()
        os.fsync(opened.fileno())
    fresh.replace(file)


def read(file: Path, authority: audit.Verifier, named: str) -> Members | None:
    """Return the list that was kept last, or None: there is none, or it is no list any more."""
    if not file.exists():
        return None
    try:
        return federation.read_members(file.read_bytes(), authority)
    except (OSError, kit.NodeError) as error:
        log.error("%s cannot be used: %s", named, error)  # noqa: TRY400  # its words are enough
        return None


def enter(
    conn: kit.Connection,
    desk: Desk,
    request: str,
    members: Members,
    before: Members | None,
    *,
    at: datetime,
    directory: str = "",
) -> bool:
    """Enter that a list came into force, once under this request; tell whether it was now.

    `directory` is the key of another directory, where it is not our own list.
    """
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
            **({"directory": directory} if directory else {}),
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
