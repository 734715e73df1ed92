"""Listing records by household, address, birth or reading, and finding one by another key.

A list shows any day as known at any time, in the order of the value and then of the key, in pages:
a page ends at a place, and the next one goes on behind it whatever was loaded meanwhile. Nothing
here asks for leave: a personal value leaves this room only against a permit (`viewing`).
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from renkei.kit import Connection, Tenant, metered
from renkei.standard import Entity, catalogue
from renkei.standard.generate.tables import column_type
from renkei.standard.rules import is_valid
from renkei.store.errors import TooManyFound
from renkei.store.listing_statements import beginning_with, candidates
from renkei.store.lookup import Record, known_items
from renkei.store.selections import BETWEEN_PARTS, Between, Is, Selection, bounds

MOST_FOUND = 1000  # records that a look-up by another key returns; more are a list
LARGEST_PAGE = MOST_FOUND + 1
FIRST_LOOK, GROWTH, LONGEST_LOOK = 2, 4, 10_000  # candidates asked for at once

INDEXED, VALID_FROM = 0, 3  # columns of a row of candidates

Key = tuple[str, ...]
Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where a page ends: the value a record is listed under, and its key."""

    value: str
    key: Key


@dataclass(frozen=True, slots=True)
class Listed:
    """One record of a list, with its key."""

    key: Key
    record: Record


@dataclass(frozen=True, slots=True)
class Page:
    """A page of a list, the place to go on from, if there is more, and how it was found.

    `indexed` is false where the listing was behind the loads and all records were gone through:
    the page is as complete, and slower.
    """

    records: tuple[Listed, ...]
    after: Cursor | None
    indexed: bool


def nobody(_: Sequence[Listed]) -> frozenset[Key]:
    """Leave nobody out."""
    return frozenset()


@metered("database")
def list_records(
    conn: Connection,
    tenant: Tenant,
    entity: Entity,
    selection: Selection,
    items: Sequence[str],
    *,
    on: date,
    known: datetime | None = None,
    after: Cursor | None = None,
    limit: int = 100,
    leave_out: Callable[[Sequence[Listed]], Collection[Key]] = nobody,
) -> Page:
    """Return the next page of the records a selection names, in force on a day, as known.

    A page is full unless the list ends, whoever is left out: nothing tells that somebody was.
    """
    asked = bounds(entity, selection)
    by_day = isinstance(selection, Between)
    statement = candidates(entity, asked.item, known_items(entity, items), by_day=by_day)
    about = {
        "tenant": tenant,
        "entity": entity.name,
        "item": asked.item.id,
        "on": on,
        "known": known,
        "high": asked.high,
        "first": asked.first,
        "last": asked.last,
    }
    wanted = min(max(limit, 1), LARGEST_PAGE)
    found: list[tuple[Cursor, Listed]] = []
    indexed = True
    begin = after or Cursor(asked.low, ())
    for rows in _looks(conn, statement, about, begin, FIRST_LOOK * wanted):
        look = [_found(row, items) for row in rows if row[VALID_FROM] is not None]
        hidden = leave_out([one for _, one in look])
        found += [(cursor, one) for cursor, one in look if one.key not in hidden]
        indexed = indexed and rows[0][INDEXED]
        if len(found) > wanted:
            break
    shown = found[:wanted]
    more = shown[-1][0] if len(found) > wanted else None
    return Page(tuple(one for _, one in shown), more, indexed)


def find(
    conn: Connection,
    tenant: Tenant,
    entity: Entity,
    item: str,
    value: str,
    items: Sequence[str],
    *,
    on: date,
    known: datetime | None = None,
) -> tuple[Listed, ...]:
    """Return the records whose item has this value on a day, as known at a time.

    The item leads the key or is one that lists go by; past versions count.
    """
    if item == entity.key[0]:
        if not _may_be(entity, item, value):
            return ()
        statement = beginning_with(entity, known_items(entity, items))
        about = {"tenant": tenant, "value": value, "on": on, "known": known}
        rows = conn.execute(statement, {**about, "many": MOST_FOUND + 1}, prepare=True).fetchall()
        found = tuple(one for _, one in (_found(row, items) for row in rows))
    else:
        found = list_records(
            conn, tenant, entity, Is(item, value), items, on=on, known=known, limit=MOST_FOUND + 1
        ).records
    if len(found) > MOST_FOUND:
        raise TooManyFound(entity=entity.name, item=item, most=MOST_FOUND)
    return found


def _may_be(entity: Entity, name: str, value: str) -> bool:
    """Tell whether a column that is no text could hold a value; what no day is, has no record."""
    item = entity.item(name)
    is_text = item is None or column_type(item) == "text"
    return is_text or (item is not None and is_valid(item, value, catalogue()))


def _looks(
    conn: Connection, statement: bytes, about: Mapping[str, object], begin: Cursor, many: int
) -> Iterator[list[Row]]:
    """Yield the candidates look by look, longer looks where little is found, to the end."""
    value, key = begin.value, BETWEEN_PARTS.join(begin.key)
    while True:
        place = {"after_value": value, "after_key": key, "many": many}
        rows = conn.execute(statement, {**about, **place}, prepare=True).fetchall()
        yield rows  # at least one: it says how it was found, perhaps that nothing was
        if len(rows) < many:
            return
        _, value, key, *_ = rows[-1]
        many = min(many * GROWTH, LONGEST_LOOK)


def _found(row: Row, items: Sequence[str]) -> tuple[Cursor, Listed]:
    _, value, parts, valid_from, known_from, *values = row
    key = tuple(parts.split(BETWEEN_PARTS))
    record = Record(dict(zip(items, values, strict=True)), valid_from, known_from)
    return Cursor(value, key), Listed(key, record)
