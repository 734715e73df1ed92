"""Amending records by a notice: what it carries is written over them, everything else stays.

A notice tells of a record no more than its interface carries. Here it is made whole from the record
in force, so that it goes through the same load as a file of differences, with the same findings and
the same place in the book.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from io import BytesIO

import msgspec
import psycopg

from renkei.kit import Connection, Tenant, queries
from renkei.standard import CHANGE, Catalogue, DeliveryChange, Entity, ItemType
from renkei.store.findings import Policy
from renkei.store.formats import MESSAGE, Format
from renkei.store.loading import load
from renkei.store.lookup import read
from renkei.store.plan import LoadReport
from renkei.store.release import Plain, plain_value
from renkei.store.snapshot import Limits

sql = queries("renkei.store")

Said = Mapping[str, Plain]


@dataclass(frozen=True, slots=True)
class Amendment:
    """What a message says of records of one entity: those that are so now, those that ended.

    `carried` names what it tells of a record beside the key; what of that is not there has no
    value. It is the difference of that number, or without one every record there is.
    """

    message: str
    carried: tuple[str, ...]
    told: tuple[Said, ...]
    ended: tuple[Said, ...]
    difference: int | None


def amend(
    conn: Connection,
    tenant: Tenant,
    entity: Entity,
    amendment: Amendment,
    *,
    on: date,
    at: datetime,
    policy: Policy,
    standard: Catalogue,
    limits: Limits,
) -> LoadReport:
    """Make what a message says the records in force from a day on, or say why not."""
    conn.execute(sql.one_load_at_a_time, {"tenant": tenant, "entity": entity.name})
    lines = [{MESSAGE: amendment.message}, *_lines(conn, tenant, entity, amendment, on)]
    return load(
        conn,
        tenant,
        entity,
        BytesIO(msgspec.json.Encoder().encode_lines(lines)),
        on=on,
        at=at,
        difference=amendment.difference,
        policy=policy,
        standard=standard,
        limits=limits,
        file_format=Format.json_lines,
    )


def _lines(
    conn: Connection, tenant: Tenant, entity: Entity, amendment: Amendment, on: date
) -> Iterator[dict[str, Plain]]:
    """Yield each record as a whole, in a difference with what became of it."""
    blank: dict[str, Plain] = dict.fromkeys(amendment.carried)
    for said in amendment.told:
        held = _held(conn, tenant, entity, said, on)
        became = DeliveryChange.added if held is None else DeliveryChange.amended
        mark = {} if amendment.difference is None else {CHANGE.name: became.value}
        yield {**mark, **(held or {}), **blank, **said}
    for said in amendment.ended:
        held = _held(conn, tenant, entity, said, on)
        yield {CHANGE.name: DeliveryChange.removed.value, **(held or said)}


def _held(
    conn: Connection, tenant: Tenant, entity: Entity, said: Said, on: date
) -> dict[str, Plain] | None:
    """Return the record in force; none under a key that is no value of its type.

    What is wrong with such a key the load finds, in its own words.
    """
    key = {name: str(said[name]) for name in entity.key}
    names = [item.name for item in entity.items]
    try:
        with conn.transaction():
            found = read(conn, tenant, entity, key, names, on=on)
    except psycopg.DataError:
        return None
    if found is None:
        return None
    numbers = {item.name for item in entity.items if item.type is ItemType.number}
    plain = {name: plain_value(value) for name, value in found.values.items()}
    return {
        name: value if value is None or name in numbers else str(value)
        for name, value in plain.items()
    }
