"""Releasing values: what leaves this room leaves against a permit, and only what it names."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

from renkei.kit import Connection, Tenant
from renkei.law import Permit
from renkei.standard import Entity
from renkei.store.errors import PermitElsewhere
from renkei.store.lookup import Record, Value, read, read_many

Plain = str | int | None


def held(
    conn: Connection,
    tenant: Tenant,
    permit: Permit,
    entity: Entity,
    key: Mapping[str, str],
    *,
    on: date,
) -> dict[str, Plain] | None:
    """Return the permitted items of one record by name, or None where none is held (該当なし).

    The caller enters the release in the same transaction.
    """
    record = read(conn, tenant, entity, key, permitted(permit, tenant, entity), on=on)
    return None if record is None else plain(record)


def held_of_many(
    conn: Connection,
    tenant: Tenant,
    permit: Permit,
    entity: Entity,
    keys: Sequence[str],
    *,
    on: date,
    rest: Mapping[str, str],
) -> dict[str, dict[str, Plain]]:
    """Return the permitted items of the records of many, by the first item of the key.

    Of whom none is held stands nothing. The caller enters each release in the same transaction.
    """
    items = permitted(permit, tenant, entity)
    records = read_many(conn, tenant, entity, keys, items, on=on, rest=rest)
    return {key: plain(record) for key, record in records.items()}


def permitted(permit: Permit, tenant: Tenant, entity: Entity) -> tuple[str, ...]:
    """Return the names of the items a permit names; one for another organisation names nothing."""
    if permit.request.holder != tenant:
        raise PermitElsewhere(holder=permit.request.holder, tenant=tenant)
    named = {item.id: item.name for item in entity.items}
    return tuple(named.get(number, number) for number in permit.request.items)


def plain(record: Record) -> dict[str, Plain]:
    """Return the values of a record as they are written in a message: days and decimals as text."""
    return {name: plain_value(value) for name, value in record.values.items()}


def plain_value(value: Value) -> Plain:
    """Return one value as it is written in a message."""
    match value:
        case date():
            return value.isoformat()
        case Decimal():
            return f"{value.normalize():f}"
        case _:
            return value
