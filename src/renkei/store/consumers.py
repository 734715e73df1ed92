"""Consumers: readers of the feed by name, and how far each is.

A consumer keeps its position in the transaction of what it did with the events: both are there, or
neither is. The position moves only forward, and only from where the reader thought it was; of two
that read under one name at the same time, one is told so and must undo what it did.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from renkei.kit import Connection, Tenant, queries
from renkei.store.errors import PositionBackwards
from renkei.store.feed import Position

sql = queries("renkei.store")


@dataclass(frozen=True, slots=True)
class Consumer:
    """A reader of the feed: what it reads, where it stands since when, and how far behind.

    No entities named means all of them.
    """

    name: str
    entities: tuple[str, ...]
    position: Position
    moved_at: datetime
    loads_behind: int
    events_behind: int


def begin(
    conn: Connection,
    tenant: Tenant,
    name: str,
    position: Position,
    *,
    at: datetime,
    entities: Collection[str] = (),
) -> bool:
    """Register a consumer at a position; False if there is one of that name, which stays."""
    asked = {**_facts(tenant, name, position), "entities": sorted(entities), "at": at}
    return conn.execute(sql.begin_consumer, asked).rowcount == 1


def position_of(conn: Connection, tenant: Tenant, name: str) -> Position | None:
    """Return where a consumer stands, None if there is none of that name."""
    row = conn.execute(sql.position_of, {"tenant": tenant, "name": name}).fetchone()
    return None if row is None else Position(row[0], tuple(row[1]), row[2])


def advance(
    conn: Connection, tenant: Tenant, name: str, before: Position, after: Position, *, at: datetime
) -> bool:
    """Move a consumer on; False if it does not stand where the reader thought it did.

    Who is told False takes back everything done with the events: somebody else did it already.
    """
    if before.is_beyond(after):
        raise PositionBackwards(name=name, load=before.load)
    asked = {**_facts(tenant, name, after), "at": at}
    asked |= {"old_load": before.load, "old_mark": list(before.mark), "old_seen": before.seen}
    return conn.execute(sql.advance_consumer, asked).rowcount == 1


def end(conn: Connection, tenant: Tenant, name: str) -> bool:
    """Forget a consumer; tell whether there was one."""
    return conn.execute(sql.end_consumer, {"tenant": tenant, "name": name}).rowcount == 1


def all_consumers(conn: Connection, tenant: Tenant) -> list[Consumer]:
    """Return every consumer with how far it is behind what is committed, by name."""
    return [
        Consumer(name, tuple(entities), Position(load, tuple(mark), seen), at, loads, events)
        for name, entities, load, mark, seen, at, loads, events in conn.execute(
            sql.consumers, {"tenant": tenant}
        )
    ]


def newest_position(conn: Connection, tenant: Tenant) -> Position:
    """Return where a reader stands that has read everything committed."""
    row = conn.execute(sql.newest_position, {"tenant": tenant}).fetchone()
    return Position(row[0] if row else 0)


def _facts(tenant: Tenant, name: str, position: Position) -> dict[str, object]:
    return {
        "tenant": tenant,
        "name": name,
        "load": position.load,
        "mark": list(position.mark),
        "seen": position.seen,
    }
