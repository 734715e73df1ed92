"""What the log operator has yet to be told: whose codes ended, and who comes in their place.

A death must count before any organisation asks what became of its codes. So each step keeps what
it ends in its own transaction, sealed, and the registrar tells it until the operator has it.
Telling again is no harm: a handle is closed once and for all.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from renkei.identity.issuance import Pid
from renkei.identity.orders import Order
from renkei.identity.registrar import RegistrarSecrets
from renkei.kit import Connection, Tenant, queries

TABLE = "identity_closing"

sql = queries("renkei.identity")


@dataclass(frozen=True, slots=True)
class Closing:
    """That the handle of a pid is to be closed, and that of the one that follows enrolled."""

    position: int
    old: Pid
    new: Pid | None


@dataclass(frozen=True, slots=True)
class Waiting:
    """How many closings the log operator has not been told, and since when the oldest waits."""

    count: int
    since: datetime | None


def keep_closing(
    conn: Connection,
    tenant: Tenant,
    order: Order,
    old: Pid,
    new: Pid | None,
    *,
    secrets: RegistrarSecrets,
) -> None:
    """Keep what the log operator must be told of a step."""

    def close(which: bytes, pid: Pid) -> bytes:
        return secrets.seal.close(pid.encoded, TABLE, *_row(tenant, order.request, which))

    facts = {
        "tenant": tenant,
        "request": order.request,
        "at": order.at,
        "old": close(b"old", old),
        "new": None if new is None else close(b"new", new),
    }
    conn.execute(sql.add_closing, facts)


def closings(
    conn: Connection, tenant: Tenant, *, limit: int, secrets: RegistrarSecrets
) -> Sequence[Closing]:
    """Return what the log operator has yet to be told, the oldest first."""

    def opened(sealed: bytes, request: str, which: bytes) -> Pid:
        return Pid.parse(secrets.seal.open(sealed, TABLE, *_row(tenant, request, which)))

    return [
        Closing(
            position,
            opened(old, request, b"old"),
            None if new is None else opened(new, request, b"new"),
        )
        for position, request, old, new in conn.execute(
            sql.closings, {"tenant": tenant, "limit": limit}
        )
    ]


def drop_closings(conn: Connection, tenant: Tenant, told: Iterable[Closing]) -> None:
    """Drop what the log operator has been told."""
    positions = [one.position for one in told]
    conn.execute(sql.drop_closings, {"tenant": tenant, "positions": positions})


def closings_waiting(conn: Connection, tenant: Tenant) -> Waiting:
    """Return how much the log operator has yet to be told."""
    (row,) = conn.execute(sql.closings_waiting, {"tenant": tenant}).fetchall()
    return Waiting(*row)


def _row(tenant: Tenant, request: str, which: bytes) -> tuple[bytes, ...]:
    return tenant.encode(), request.encode(), which
