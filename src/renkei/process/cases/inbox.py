"""Messages and signals that come (受信箱): each has its effect once, and a fate to be looked up.

A message goes to the case that has waited longest for its name and key; one nobody waits for is
kept until it expires, since the sender may be quicker than we are. The same message again, by
sender and id, is the same message for as long as it is kept.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from renkei.kit import Connection, Tenant, queries
from renkei.process import bpmn
from renkei.process.bpmn import Variables
from renkei.process.cases.batch import Given
from renkei.process.cases.cases import Taken, take_all
from renkei.process.cases.definitions import Library
from renkei.process.cases.encoding import json_of, variables_of

sql = queries("renkei.process")


class Fate(StrEnum):
    """What became of a message."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    STARTED = "started"
    EXPIRED = "expired"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Incoming:
    """One message or signal as it came."""

    sender: str
    message_id: str
    name: str
    correlation: str
    variables: Variables
    expires_at: datetime
    kind: str = "message"


@dataclass(frozen=True, slots=True)
class Decided:
    """What became of a message, and to which case it went."""

    fate: Fate
    case: UUID | None
    trouble: str | None = None


def receive(
    conn: Connection, tenant: Tenant, incoming: Incoming, library: Library, *, at: datetime
) -> Decided:
    """Take a message in and deliver it if somebody waits; the same again changes nothing."""
    kept = {
        "tenant": tenant,
        "sender": incoming.sender,
        "message_id": incoming.message_id,
        "kind": incoming.kind,
        "name": incoming.name,
        "correlation": incoming.correlation,
        "variables": json_of(incoming.variables),
        "at": at,
        "expires_at": incoming.expires_at,
    }
    if conn.execute(sql.keep_incoming, kept).rowcount:
        if incoming.kind == "signal":
            _broadcast(conn, tenant, incoming, library, at=at)
        else:
            deliver_waiting(conn, tenant, library, at=at, most=1)
    return fate_of(conn, tenant, incoming.sender, incoming.message_id)


def fate_of(conn: Connection, tenant: Tenant, sender: str, message_id: str) -> Decided:
    """Return what became of a message."""
    asked = {"tenant": tenant, "sender": sender, "message_id": message_id}
    row = conn.execute(sql.incoming_fate, asked).fetchone()
    if row is None:
        raise KeyError(message_id)
    fate, case, trouble = row
    return Decided(Fate(fate), case, trouble)


def deliver_waiting(
    conn: Connection, tenant: Tenant, library: Library, *, at: datetime, most: int
) -> list[Taken]:
    """Deliver messages for which somebody waits by now, each to one case."""
    rows = conn.execute(sql.claim_incoming, {"tenant": tenant, "most": most}).fetchall()
    first: dict[tuple[UUID, int], tuple[str, str]] = {}
    given: list[Given] = []
    for sender, message_id, _, _, variables, case, wait in rows:
        if (case, wait) not in first:  # a second one for the same wait comes at the next turn
            first[case, wait] = sender, message_id
            command = bpmn.Bring(at, wait, variables_of(variables))
            given.append(Given(case, command, sender))
    taken = take_all(conn, tenant, given, library, at=at)
    for one, (sender, message_id) in zip(taken, first.values(), strict=True):
        refused = one.refused
        _decide(
            conn,
            tenant,
            sender,
            message_id,
            Fate.DELIVERED if refused is None else Fate.REFUSED,
            case=one.given.case,
            at=at,
            trouble=None if refused is None else refused.code(),
        )
    return taken


def _broadcast(
    conn: Connection, tenant: Tenant, incoming: Incoming, library: Library, *, at: datetime
) -> None:
    asked = {"tenant": tenant, "name": incoming.name}
    rows = conn.execute(sql.waits_for_signal, asked).fetchall()
    given = [
        Given(case, bpmn.Bring(at, wait, incoming.variables), incoming.sender)
        for case, wait in rows
    ]
    take_all(conn, tenant, given, library, at=at)
    sender, message_id = incoming.sender, incoming.message_id
    _decide(conn, tenant, sender, message_id, Fate.DELIVERED, case=None, at=at, trouble=None)


def _decide(
    conn: Connection,
    tenant: Tenant,
    sender: str,
    message_id: str,
    fate: Fate,
    *,
    case: UUID | None,
    at: datetime,
    trouble: str | None,
) -> None:
    decided = {
        "tenant": tenant,
        "sender": sender,
        "message_id": message_id,
        "fate": fate.value,
        "case_id": case,
        "at": at,
        "trouble": trouble,
    }
    conn.execute(sql.decide_incoming, decided)


def expire(conn: Connection, tenant: Tenant, *, at: datetime) -> list[tuple[str, str, str, str]]:
    """Let messages nobody waited for expire; return sender, id, name and key of each."""
    return conn.execute(sql.expire_incoming, {"tenant": tenant, "at": at}).fetchall()
