"""Removing rows under the one role that may, and saying so in the book of loads and its events."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from hashlib import sha256

import psycopg

from renkei.kit import Connection, Tenant, queries
from renkei.standard import Entity
from renkei.store.errors import RetentionRightMissing
from renkei.store.removal_statements import removing

sql = queries("renkei.store")


def returned_to(conn: Connection, tenant: Tenant, entity: Entity) -> int:
    """Return how many records of an entity are in force again though their person was erased."""
    about = {"tenant": tenant, "entity": entity.name}
    if conn.execute(sql.any_erased, about).fetchone() is None:
        return 0
    row = conn.execute(removing(entity).returned, about).fetchone()
    return row[0] if row else 0


@contextmanager
def removing_rights(conn: Connection) -> Iterator[None]:
    """Be the role that may remove for a block, and the application again after it."""
    try:
        conn.execute(sql.become_retention)
    except psycopg.errors.InsufficientPrivilege:
        raise RetentionRightMissing from None
    yield
    conn.execute(sql.become_application)


def lock(conn: Connection, tenant: Tenant, entity: str) -> None:
    """Wait for a load and a listing of this entity; none begins until the transaction ends."""
    conn.execute(sql.one_load_at_a_time, {"tenant": tenant, "entity": entity})
    conn.execute(sql.one_listing_at_a_time, {"tenant": tenant, "entity": entity})


def enter_removal(
    conn: Connection,
    tenant: Tenant,
    entity: str,
    *,
    keys: Sequence[str],
    gone: int,
    kind: str,
    event: str,
    request: str,
    on: date,
    at: datetime,
) -> None:
    """Give a removal its position, and its keys their events: consumers of the feed are told."""
    about = {
        "tenant": tenant,
        "entity": entity,
        "gone": gone,
        "kind": kind,
        "on": on,
        "at": at,
        "sha256": sha256(f"{kind} {request} {entity}".encode()).digest(),
    }
    conn.execute(sql.one_end_at_a_time, about)
    row = conn.execute(sql.record_removal, about).fetchone()
    if row is not None:
        said = {"tenant": tenant, "position": row[0], "keys": list(keys), "kind": event}
        conn.execute(sql.record_events, said)
