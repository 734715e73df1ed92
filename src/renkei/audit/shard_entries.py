"""The entries of a log about itself: a shard opened, closed, pruned, held. They are never pruned.

Each shard but the first begins with which one it follows; a shard's last word stands in the one
that is open then. So the shards are a chain from the newest to the first, and a lost, swapped or
shortened year shows.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from renkei import kit
from renkei.audit.encoding import base64url, from_base64url, whole_number
from renkei.audit.entries import Entry, Kind, Mode
from renkei.audit.errors import LogUnsigned
from renkei.audit.notes import Checkpoint
from renkei.audit.shards import Closing
from renkei.audit.tree import HASH

OPENED, CLOSED, PRUNED = "opened", "closed", "pruned"
HELD, LIFTED = "held", "lifted"


@dataclass(frozen=True, slots=True)
class NamedTree:
    """A tree that an entry names: of which log, how large, with what root."""

    origin: str
    size: int
    root: bytes


def opening(
    tenant: kit.Tenant, name: str, *, follows: Checkpoint | None, mode: Mode, at: datetime
) -> Entry:
    """Return the first entry of a shard: which one it follows, and how far that is signed."""
    if follows is None:
        raise LogUnsigned
    details = {
        "follows": follows.origin,
        "root": base64url(follows.root),
        "size": str(follows.size),
    }
    return about(tenant, name, OPENED, details, mode=mode, at=at)


def closed(tenant: kit.Tenant, name: str, closing: Closing, *, mode: Mode, at: datetime) -> Entry:
    """Return the last word on a shard: its last tree, and that of its output log."""
    details = {
        "output_root": base64url(closing.output_root),
        "output_size": str(closing.output_size),
        "root": base64url(closing.root),
        "size": str(closing.size),
    }
    return about(tenant, name, CLOSED, details, mode=mode, at=at)


def closed_request(name: str) -> str:
    """Return under which request the last word on the shard of a name is entered."""
    return f"{CLOSED}/{name}"


def about(
    tenant: kit.Tenant,
    name: str,
    outcome: str,
    details: Mapping[str, str],
    *,
    mode: Mode,
    at: datetime,
) -> Entry:
    """Return an entry about the shard of this name."""
    return Entry(
        kind=Kind.SHARD,
        request=f"{outcome}/{name}",
        at=at,
        asker=tenant,
        holder=tenant,
        procedure="",
        outcome=outcome,
        mode=mode,
        details={"shard": name, **details},
    )


def followed(entry: Entry) -> NamedTree | None:
    """Return which tree the first entry of a shard says it follows; None for any other entry."""
    return _tree(entry, "follows") if entry.outcome == OPENED else None


def ended(entry: Entry) -> tuple[NamedTree, NamedTree] | None:
    """Return with what trees a shard ended, by the entry that says it; None for any other."""
    if entry.outcome != CLOSED:
        return None
    tree, output = _tree(entry, "shard"), _tree(entry, "shard", "output_")
    return None if tree is None or output is None else (tree, output)


def pruned(
    tenant: kit.Tenant,
    name: str,
    details: Mapping[str, str],
    *,
    mode: Mode,
    at: datetime,
) -> Entry:
    """Return that the entries of a shard go, by whom, how many, and by which rule."""
    return about(tenant, name, PRUNED, details, mode=mode, at=at)


def pruned_name(entry: Entry) -> str | None:
    """Return which shard an entry says is pruned; None for any other."""
    is_so = entry.kind is Kind.SHARD and entry.outcome == PRUNED
    return entry.details.get("shard") if is_so else None


def _tree(entry: Entry, name: str, part: str = "") -> NamedTree | None:
    told = entry.details.get
    try:
        root = from_base64url(told(f"{part}root", ""))
        size = whole_number(told(f"{part}size", ""))
    except ValueError:
        return None
    if entry.kind is not Kind.SHARD or len(root) != HASH or not told(name):
        return None
    return NamedTree(told(name, ""), size, root)
