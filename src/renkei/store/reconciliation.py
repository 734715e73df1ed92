"""Reconciliation: whether the records here are those of the owner's file, without loading it.

The owner's file, or only its digests, is held against the records in force on the day it states,
as they are known now. What differs is first a block; which records differ in it is looked up where
the owner's file is at hand. The outcome is kept: drift is a finding about both sides.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from renkei.kit import Connection, Tenant, queries
from renkei.standard import Entity
from renkei.store.digest_statements import JOINT, block_digests, digests_of_blocks
from renkei.store.digests import HALF, Block, Digests, block_of, digest_of
from renkei.store.errors import DigestsElsewhere

sql = queries("renkei.store")

Key = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """What a comparison found: records there (the owner's) and here, and which blocks differ."""

    entity: str
    compared_at: datetime
    states_on: date
    source: str
    there: int
    here: int
    blocks: int
    drifted: Sequence[int]

    @property
    def agrees(self) -> bool:
        """Tell whether both sides hold the same records."""
        return not self.drifted


@dataclass(frozen=True, slots=True)
class Drift:
    """The keys that differ: only the owner has them, only we have them, or both and not equal."""

    missing_here: tuple[Key, ...]
    missing_there: tuple[Key, ...]
    different: tuple[Key, ...]


def reconcile(
    conn: Connection,
    tenant: Tenant,
    entity: Entity,
    theirs: Digests,
    *,
    source: str,
    at: datetime,
) -> Reconciliation:
    """Compare the owner's digests with the records of the day they state, and keep the outcome."""
    items = tuple(item.name for item in entity.items)
    if (theirs.organisation, theirs.entity, theirs.items) != (tenant, entity.name, items):
        whose = f"{theirs.organisation[:20]} {theirs.entity[:60]}"
        raise DigestsElsewhere(entity=entity.name, theirs=whose)
    ours = held_digests(conn, tenant, entity, on=theirs.on, blocks=len(theirs.blocks))
    drifted = theirs.drifted(ours)
    outcome = Reconciliation(
        entity.name,
        at,
        theirs.on,
        source,
        theirs.records,
        ours.records,
        len(theirs.blocks),
        drifted,
    )
    said = {"tenant": tenant, "entity": entity.name, "at": at, "on": theirs.on, "source": source}
    numbers = {"there": outcome.there, "here": outcome.here, "blocks": outcome.blocks}
    conn.execute(sql.keep_reconciliation, {**said, **numbers, "drifted": drifted})
    return outcome


def held_digests(
    conn: Connection, tenant: Tenant, entity: Entity, *, on: date, blocks: int
) -> Digests:
    """Digest the records in force here on a day; set by set, in the database."""
    said = {"tenant": tenant, "on": on, "mask": blocks - 1}
    made = [Block()] * blocks
    for number, records, high, low in conn.execute(block_digests(entity), said):
        made[number] = Block(records, int(high) % HALF, int(low) % HALF)
    return Digests(tenant, entity.name, on, tuple(item.name for item in entity.items), tuple(made))


def drift(
    conn: Connection,
    tenant: Tenant,
    entity: Entity,
    rows: Iterable[tuple[str, str]],
    outcome: Reconciliation,
) -> Drift:
    """Return the keys that differ, given the rows of the owner's file; for those entitled only."""
    drifted = set(outcome.drifted)
    there: dict[str, list[bytes]] = {}
    for key, text in rows:
        if block_of(key, outcome.blocks) in drifted:
            there.setdefault(key, []).append(digest_of(text))
    said = {
        "tenant": tenant,
        "on": outcome.states_on,
        "mask": outcome.blocks - 1,
        "drifted": list(drifted),
    }
    here = {key: [bytes(one)] for key, one in conn.execute(digests_of_blocks(entity), said)}
    return Drift(
        _keys(key for key in there if key not in here),
        _keys(key for key in here if key not in there),
        _keys(key for key, found in there.items() if key in here and found != here[key]),
    )


def last_reconciliations(conn: Connection, tenant: Tenant) -> dict[str, Reconciliation]:
    """Return entity → its newest comparison."""
    rows = conn.execute(sql.last_reconciliations, {"tenant": tenant})
    return {row[0]: Reconciliation(*row) for row in rows}


def _keys(texts: Iterable[str]) -> tuple[Key, ...]:
    parted: Sequence[Key] = sorted(tuple(text.split(JOINT)) for text in texts)
    return tuple(parted)
