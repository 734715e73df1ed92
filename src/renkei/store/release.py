"""Releasing values: what leaves this room leaves against a permit, and only what it names."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from renkei.kit import Connection, Tenant
from renkei.law import Permit
from renkei.standard import Entity
from renkei.store.errors import PermitElsewhere
from renkei.store.lookup import Value, read

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
    if permit.request.holder != tenant:
        raise PermitElsewhere(holder=permit.request.holder, tenant=tenant)
    named = {item.id: item.name for item in entity.items}
    names = [named.get(number, number) for number in permit.request.items]
    record = read(conn, tenant, entity, key, names, on=on)
    if record is None:
        return None
    return {name: plain(value) for name, value in record.values.items()}


def plain(value: Value) -> Plain:
    """Return a value as it is written in a message: days and decimals as text."""
    match value:
        case date():
            return value.isoformat()
        case Decimal():
            return f"{value.normalize():f}"
        case _:
            return value
