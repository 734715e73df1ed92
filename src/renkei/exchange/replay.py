"""Replay: a message is delivered once in effect. What was seen is kept beside what it did.

The verbs write in the caller's transaction: the mark and the effect are kept together or not at
all, and of two equal messages at once the second one waits for the first. Of many marks the order
is that of their keys, so that two who mark many do not wait for each other.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Protocol

from renkei.exchange.addresses import Client
from renkei.exchange.errors import Replayed, RequestIdReused
from renkei.exchange.signatures import WINDOW_SECONDS
from renkei.kit import Connection, Tenant, queries

sql = queries("renkei.exchange")

KEPT_SECONDS = 2 * WINDOW_SECONDS
"""How long a mark is needed: a signature may be made in the future by one window, and live one."""


class Mark(Protocol):
    """What a message is told from all others by: a signature, a UsernameToken."""

    @property
    def keyid(self) -> str:
        """Return whose message it is."""

    @property
    def nonce(self) -> str:
        """Return what no other message of the same key has: 16 to 64 characters."""


def first_time(
    conn: Connection, tenant: Tenant, mark: Mark, *, request_id: str, at: datetime
) -> None:
    """Keep the mark of a message as received, or raise `Replayed`."""
    if not first_times(conn, tenant, [(mark.keyid, mark.nonce, request_id)], at=at):
        raise Replayed


def first_times(
    conn: Connection, tenant: Tenant, marks: Iterable[tuple[str, str, str]], *, at: datetime
) -> set[tuple[str, str]]:
    """Keep marks (keyid, nonce, request id) and return (keyid, nonce) of those not seen before."""
    keyids, nonces, requests = map(list, zip(*sorted(set(marks)), strict=True))
    asked = {"tenant": tenant, "keyids": keyids, "nonces": nonces, "requests": requests, "at": at}
    return set(conn.execute(sql.see, asked).fetchall())


def first_use(
    conn: Connection, tenant: Tenant, client: Client, request_id: str, *, at: datetime
) -> None:
    """Mark an X-Road-Id as used by a client of this organisation, or raise `RequestIdReused`."""
    if not first_uses(conn, tenant, [(client.render(), request_id)], at=at):
        raise RequestIdReused


def first_uses(
    conn: Connection, tenant: Tenant, uses: Iterable[tuple[str, str]], *, at: datetime
) -> set[tuple[str, str]]:
    """Mark uses (client, X-Road-Id) and return those that are the first ones."""
    clients, requests = map(list, zip(*sorted(set(uses)), strict=True))
    asked = {"tenant": tenant, "clients": clients, "requests": requests, "at": at}
    return set(conn.execute(sql.use, asked).fetchall())


def forget(conn: Connection, tenant: Tenant, *, at: datetime) -> int:
    """Drop the marks of messages too old to be received again; return how many."""
    before = at - timedelta(seconds=KEPT_SECONDS)
    return conn.execute(sql.forget_seen, {"tenant": tenant, "before": before}).rowcount


def forget_requests(conn: Connection, tenant: Tenant, *, before: datetime) -> int:
    """Drop the X-Road-Ids used before a time; return how many. From then on they may be reused."""
    return conn.execute(sql.forget_requests, {"tenant": tenant, "before": before}).rowcount
