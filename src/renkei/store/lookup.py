"""Reading records: in force on a day, as known at a time.

Nothing here asks for leave: a personal value leaves this room only against a permit, and that is
asked by whoever calls. Absence is returned, not raised.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from types import MappingProxyType
from uuid import uuid4

from renkei.kit import Connection, Tenant, metered
from renkei.standard import Entity, catalogue
from renkei.store.errors import ItemNotInEntity, RecordKeyIncomplete
from renkei.store.protection import protected
from renkei.store.statements import all_records, record_on_day, records_on_day

Value = str | int | Decimal | date | None

PERSONS = ("resident", "unregistered_person")  # where a person is registered, first one first
ALONE: Mapping[str, str] = MappingProxyType({})  # a key of one item
PIECE = 2000  # rows fetched at once from a cursor in the database


@dataclass(frozen=True, slots=True)
class Record:
    """The values of one record that were asked for, and since when they hold and are known."""

    values: Mapping[str, Value]
    valid_from: date
    known_from: datetime


@dataclass(frozen=True, slots=True)
class Person:
    """Who a register number is: what issuing a linkage code and protecting a person need."""

    register_number: str
    personal_number: str | None
    protected: bool  # 支援措置: an answer about this person needs an official's look
    entity: str


@metered("database")
def read(
    conn: Connection,
    tenant: Tenant,
    entity: Entity,
    key: Mapping[str, str],
    items: Sequence[str],
    *,
    on: date,
    known: datetime | None = None,
) -> Record | None:
    """Return the record in force on a day, as known at a time; without one, as known now."""
    if set(key) != set(entity.key):
        raise RecordKeyIncomplete(entity=entity.name, key=", ".join(entity.key))
    statement = record_on_day(entity, known_items(entity, items))
    asked = {"tenant": tenant, "on": on, "known": known, **key}
    row = conn.execute(statement, asked, prepare=True).fetchone()
    if row is None:
        return None
    return Record(dict(zip(items, row[2:], strict=True)), row[0], row[1])


@metered("database")
def read_many(
    conn: Connection,
    tenant: Tenant,
    entity: Entity,
    keys: Sequence[str],
    items: Sequence[str],
    *,
    on: date,
    known: datetime | None = None,
    rest: Mapping[str, str] = ALONE,
) -> dict[str, Record]:
    """Return the records of many keys in one query, by the first item of the key.

    `rest` gives the other items of the key, the same for all, such as a year.
    """
    if set(rest) != set(entity.key[1:]):
        raise RecordKeyIncomplete(entity=entity.name, key=", ".join(entity.key))
    statement = records_on_day(entity, known_items(entity, items))
    asked = {"tenant": tenant, "on": on, "known": known, "keys": list(keys), **rest}
    return {
        row[2]: Record(dict(zip(items, row[3:], strict=True)), row[0], row[1])
        for row in conn.execute(statement, asked, prepare=True)
    }


def find_person(
    conn: Connection, tenant: Tenant, register_number: str, *, on: date
) -> Person | None:
    """Return the person of a register number, resident or not, on a day, which is today."""
    for name in PERSONS:
        entity = catalogue().entity(name)
        key = {"register_number": register_number}
        found = read(conn, tenant, entity, key, ("personal_number",), on=on)
        if found is not None:
            number = found.values["personal_number"]
            hidden = bool(protected(conn, tenant, [register_number], on=on))
            return Person(register_number, None if number is None else str(number), hidden, name)
    return None


def find_people(
    conn: Connection, tenant: Tenant, numbers: Sequence[str], *, on: date
) -> dict[str, Person]:
    """Return who is registered of many register numbers, as `find_person` does of one."""
    found: dict[str, Person] = {}
    for name in PERSONS:
        left = [number for number in numbers if number not in found]
        entity, items = catalogue().entity(name), ("personal_number",)
        records = read_many(conn, tenant, entity, left, items, on=on)
        hidden = protected(conn, tenant, list(records), on=on)
        for number, record in records.items():
            own = record.values["personal_number"]
            found[number] = Person(
                number, None if own is None else str(own), number in hidden, name
            )
    return found


def persons(conn: Connection, tenant: Tenant) -> Iterator[tuple[str, str]]:
    """Yield (register number, personal number) of everyone now in force who has both.

    The rows stay in the database until they are taken, so memory stays flat.
    """
    for name in PERSONS:
        statement = all_records(
            catalogue().entity(name), ("register_number", "personal_number"), "personal_number"
        )
        with conn.cursor(name=f"store_persons_{uuid4().hex}") as cursor:
            cursor.itersize = PIECE
            yield from cursor.execute(statement, {"tenant": tenant})


def known_items(entity: Entity, items: Sequence[str]) -> tuple[str, ...]:
    """Return the names of items, or refuse one the entity lacks."""
    for name in items:
        if entity.item(name) is None:
            raise ItemNotInEntity(entity=entity.name, item=name)
    return tuple(items)
