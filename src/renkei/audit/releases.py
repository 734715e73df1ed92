"""Releasing what the law withheld (番号法 23条2項): an entry of its own opens another one.

The withheld entry stays where it is, under the sealed label. The release stands in the person's
open chain, names it by place and hash, and lets the person's bundle show it.
"""

from collections.abc import Iterable
from datetime import datetime

from renkei import kit
from renkei.audit.encoding import base64url, from_base64url, whole_number
from renkei.audit.entries import Entry, Kind, Mode
from renkei.audit.errors import EntryNotWithheld, EntryReleased, LogAltered
from renkei.audit.log import Logged, Promise, alone, append, entry_at, is_promised


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
    request = f"release/{sealed.index}"
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
        },
    )
    return append(conn, tenant, entry)


def opened_by(entry: Entry) -> tuple[int, bytes] | None:
    """Return which entry, by place and hash, a release opens; None for any other entry."""
    if entry.kind is not Kind.RELEASE:
        return None
    try:
        hashed = from_base64url(entry.details.get("leaf", ""))
        return whole_number(entry.details.get("entry", "")), hashed
    except ValueError:
        return None


def released(
    conn: kit.Connection, tenant: kit.Tenant, origin: str, entries: Iterable[Logged]
) -> dict[int, Logged]:
    """Return the withheld entries that releases among these open, by their places."""
    found = {}
    for logged in entries:
        named = opened_by(logged.entry)
        if named is not None:
            sealed = entry_at(conn, tenant, named[0])
            if sealed is None or sealed.hash != named[1]:
                raise LogAltered(origin=origin, size=logged.index)
            found[sealed.index] = sealed
    return found
