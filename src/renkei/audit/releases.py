"""Releasing what the law withheld (番号法 23条2項): an entry of its own opens another one.

The withheld entry stays where it is, under the sealed label. The release stands in the person's
open chain, names it by place and hash, and lets the person's bundle show it.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from renkei import kit
from renkei.audit.encoding import base64url, from_base64url, whole_number
from renkei.audit.entries import Entry, Kind, Mode
from renkei.audit.errors import EntryNotWithheld, EntryReleased, LogAltered
from renkei.audit.log import Logged, Promise, alone, append, entry_at, is_promised
from renkei.audit.shards import FIRST


def release(
    conn: kit.Connection,
    tenant: kit.Tenant,
    sealed: Logged,
    *,
    label: bytes,
    by: str,
    order: str,
    purpose: str,
    mode: Mode,
    at: datetime,
) -> Promise:
    """Enter that a withheld entry is opened to the person with this open label: once."""
    old = sealed.entry
    if not old.withheld or old.label is None or old.label == label:
        raise EntryNotWithheld(index=sealed.index)
    request = f"release/{sealed.place}"
    alone(conn, tenant)
    if is_promised(conn, tenant, request):
        raise EntryReleased(index=sealed.index)
    entry = Entry(
        kind=Kind.RELEASE,
        request=request,
        at=at,
        asker=tenant,
        holder=tenant,
        procedure=old.procedure,
        outcome="released",
        mode=mode,
        purpose=purpose,
        label=label,
        details={
            "by": by,
            "entry": str(sealed.index),
            "leaf": base64url(sealed.hash),
            "of": old.request,
            "order": order,
            # Of the first shard nothing is said, as before there were others.
            **({} if sealed.year == FIRST else {"year": str(sealed.year)}),
        },
    )
    return append(conn, tenant, entry)


@dataclass(frozen=True, slots=True, order=True)
class Opened:
    """Which entry a release opens: by its shard, its place and its hash."""

    year: int
    index: int
    hash: bytes


def opened_by(entry: Entry) -> Opened | None:
    """Return which entry a release opens; None for any other entry."""
    if entry.kind is not Kind.RELEASE:
        return None
    try:
        year = whole_number(entry.details.get("year", str(FIRST)))
        index = whole_number(entry.details.get("entry", ""))
        return Opened(year, index, from_base64url(entry.details.get("leaf", "")))
    except ValueError:
        return None


def released(
    conn: kit.Connection,
    tenant: kit.Tenant,
    origin: str,
    entries: Iterable[Logged],
    *,
    gone: Collection[int] = (),
) -> dict[Opened, Logged]:
    """Return the withheld entries that releases among these open.

    What stood in a shard whose entries are `gone` by their time cannot be shown again.
    """
    found = {}
    for logged in entries:
        named = opened_by(logged.entry)
        if named is not None and named.year not in gone:
            sealed = entry_at(conn, tenant, named.year, named.index)
            if sealed is None or sealed.hash != named.hash:
                raise LogAltered(origin=origin, size=logged.index)
            found[named] = sealed
    return found
