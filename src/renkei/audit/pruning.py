"""Pruning: the entries of a shard go once their time is over, and its hashes stay.

So every receipt, proof and checkpoint given out earlier still holds, and only what was read, asked,
refused or provided is gone. First it is entered who prunes what by which rule; only when that has
its place in the log do the entries go, under a role of its own, batch by batch.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

import psycopg

from renkei import kit
from renkei.audit.entries import Mode
from renkei.audit.errors import PruningRightMissing, ShardHeld, ShardOpen, ShardUnknown
from renkei.audit.log import Logged, alone, append, entries_for_request
from renkei.audit.shard_entries import HELD, LIFTED, about, pruned
from renkei.audit.shards import Shard, shard_name, shards, sql

BATCH = 10_000


@dataclass(frozen=True, slots=True)
class Word:
    """Who says it, by which document or rule, and why."""

    by: str
    order: str
    purpose: str = ""

    @property
    def details(self) -> dict[str, str]:
        """Return what stands in the entry."""
        told = {"by": self.by, "order": self.order, "purpose": self.purpose}
        return {name: text for name, text in told.items() if text}


@dataclass(frozen=True, slots=True)
class Contents:
    """What a shard holds: how many entries, how many of them withheld, and the holds on it."""

    entries: int
    withheld: int
    holds: tuple[str, ...]


def contents(conn: kit.Connection, tenant: kit.Tenant, year: int) -> Contents:
    """Return what a shard holds, not counting the entries about the log itself."""
    row = conn.execute(sql.counted, {"tenant": tenant, "year": year}).fetchone()
    held = conn.execute(sql.holds, {"tenant": tenant}).fetchall()
    entries, withheld = row or (0, 0)
    return Contents(entries, withheld, tuple(document for of, document in held if of == year))


def prune(
    conn: kit.Connection,
    tenant: kit.Tenant,
    origin: str,
    year: int,
    *,
    word: Word,
    mode: Mode,
    at: datetime,
) -> None:
    """Enter that a shard's entries go; nothing for one that is pruned already.

    ShardOpen for one that can still grow, ShardHeld for one that is to be kept.
    """
    alone(conn, tenant)
    shard = _shard(conn, tenant, year)
    if shard.pruning is not None:
        return
    if shard.closing is None:
        raise ShardOpen(year=shard.through)
    found = contents(conn, tenant, year)
    if found.holds:
        raise ShardHeld(year=shard.through, document=", ".join(found.holds))
    details = {
        **word.details,
        "entries": str(found.entries),
        "rule": word.order,
        "withheld": str(found.withheld),
    }
    entry = pruned(tenant, shard_name(origin, year), details, mode=mode, at=at)
    facts = {"tenant": tenant, "year": year, "at": at, "rule": word.order}
    with _pruning_rights(conn):
        conn.execute(sql.prune_shard, facts | {"request": entry.request})
    append(conn, tenant, entry)


def pruning_entry(conn: kit.Connection, tenant: kit.Tenant, shard: Shard) -> Logged | None:
    """Return the entry that says a shard is pruned; None before it has its place in the log."""
    if shard.pruning is None:
        return None
    return next(iter(entries_for_request(conn, tenant, shard.pruning.request)), None)


def remove_pruned(
    conn: kit.Connection, tenant: kit.Tenant, year: int, *, limit: int = BATCH
) -> int:
    """Remove a batch of a pruned shard's entries, at the end what is derived from them.

    Return how many entries went; 0 when none is left, or while it is not in the log that they go.
    """
    if pruning_entry(conn, tenant, _shard(conn, tenant, year)) is None:
        return 0
    facts = {"tenant": tenant, "year": year}
    with _pruning_rights(conn):
        gone = conn.execute(sql.prune_entries, facts | {"limit": limit}).rowcount
        if gone < limit:
            conn.execute(sql.prune_heads, facts)
            conn.execute(sql.prune_map, facts)
    return gone


def hold(
    conn: kit.Connection,
    tenant: kit.Tenant,
    origin: str,
    year: int,
    *,
    word: Word,
    mode: Mode,
    at: datetime,
) -> None:
    """Keep a shard beyond its time, until the hold by this document is lifted; entered."""
    alone(conn, tenant)
    shard = _shard(conn, tenant, year)
    if word.order in contents(conn, tenant, year).holds:
        return
    facts = {"tenant": tenant, "year": year, "document": word.order, "at": at}
    conn.execute(sql.hold, facts)
    name = shard_name(origin, shard.year)
    append(conn, tenant, about(tenant, name, HELD, word.details, mode=mode, at=at))


def lift_hold(
    conn: kit.Connection,
    tenant: kit.Tenant,
    origin: str,
    year: int,
    *,
    word: Word,
    mode: Mode,
    at: datetime,
) -> None:
    """Lift the hold by a document; entered. Nothing where there is none."""
    alone(conn, tenant)
    shard = _shard(conn, tenant, year)
    facts = {"tenant": tenant, "year": year, "document": word.order, "at": at}
    if conn.execute(sql.lift_hold, facts).rowcount:
        name = shard_name(origin, shard.year)
        append(conn, tenant, about(tenant, name, LIFTED, word.details, mode=mode, at=at))


def _shard(conn: kit.Connection, tenant: kit.Tenant, year: int) -> Shard:
    found = next((one for one in shards(conn, tenant) if one.year == year), None)
    if found is None:
        raise ShardUnknown(year=year)
    return found


@contextmanager
def _pruning_rights(conn: kit.Connection) -> Iterator[None]:
    """Be the role that may remove entries for a block, and the application again after it."""
    try:
        conn.execute(sql.become_pruner)
    except psycopg.errors.InsufficientPrivilege:
        raise PruningRightMissing from None
    yield
    conn.execute(sql.become_application)
