"""Messages and signals that come (受信箱): each has its effect once, and a fate to be looked up.

A message goes to the case that has waited longest for its name and key; else it begins a case where
a definition says so; else it is kept until it expires, since the sender may be quicker than we are.
The same message again, by sender and id, is the same message for as long as it is kept.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from renkei import kit
from renkei.kit import Connection, Tenant, queries
from renkei.process import bpmn
from renkei.process.bpmn import Variables
from renkei.process.cases.batch import Given
from renkei.process.cases.cases import Taken, take_all
from renkei.process.cases.definitions import Library
from renkei.process.cases.encoding import json_of, variables_of
from renkei.process.cases.starting import begin_by, woken_by

sql = queries("renkei.process")


class Fate(StrEnum):
    """What became of a message."""

    WAITING = "waiting"
    HELD = "held"
    """It takes back another one that has not come yet."""
    DELIVERED = "delivered"
    STARTED = "started"
    EXPIRED = "expired"
    REFUSED = "refused"
    LATE = "late"
    """Nobody waits for it any more: a person looks at it."""
    ANNULLED = "annulled"
    """It and the one that takes it back had no effect."""
    SETTLED = "settled"
    """A person looked at it, and it is done with."""


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
    kept = _kept(tenant, incoming, at)
    if conn.execute(sql.keep_incoming, kept).rowcount:
        if incoming.kind == "signal":
            _broadcast(conn, tenant, incoming, library, at=at)
        elif not deliver(conn, tenant, incoming, library, at=at):
            _begin(conn, tenant, incoming, library, at=at)
    return fate_of(conn, tenant, incoming.sender, incoming.message_id)


def keep(
    conn: Connection, tenant: Tenant, incoming: Incoming, *, at: datetime, fate: Fate = Fate.WAITING
) -> None:
    """Keep a message without looking who waits for it."""
    kept = _kept(tenant, incoming, at)
    if conn.execute(sql.keep_incoming, kept).rowcount and fate is not Fate.WAITING:
        change(conn, tenant, incoming.sender, incoming.message_id, fate, at=at)


def change(
    conn: Connection,
    tenant: Tenant,
    sender: str,
    message_id: str,
    fate: Fate,
    *,
    at: datetime,
    before: tuple[Fate, ...] = (Fate.WAITING,),
) -> bool:
    """Give a message another fate, if it had one of those; tell whether it had."""
    is_open = fate in (Fate.WAITING, Fate.HELD)
    changed = {
        "tenant": tenant,
        "sender": sender,
        "message_id": message_id,
        "fate": fate.value,
        "decided_at": None if is_open else at,
        "before": [one.value for one in before],
    }
    return conn.execute(sql.change_incoming, changed).rowcount == 1


def kept_variables(
    conn: Connection, tenant: Tenant, sender: str, message_id: str
) -> tuple[Variables, str, str, datetime]:
    """Return what a message tells, its name, its key, and until when it is kept."""
    asked = {"tenant": tenant, "sender": sender, "message_id": message_id}
    row = conn.execute(sql.incoming_variables, asked).fetchone()
    if row is None:
        raise KeyError(message_id)
    variables, name, correlation, expires_at = row
    return variables_of(variables), name, correlation, expires_at


def deliver(
    conn: Connection, tenant: Tenant, incoming: Incoming, library: Library, *, at: datetime
) -> bool:
    """Deliver this message to the case that waits for it; tell whether one does."""
    sender, message_id = incoming.sender, incoming.message_id
    asked = {"tenant": tenant, "sender": sender, "message_id": message_id}
    row = conn.execute(sql.wait_for_message, asked).fetchone()
    if row is None:
        return False
    case, wait = row
    given = Given(case, bpmn.Bring(at, wait, incoming.variables), sender)
    [taken] = take_all(conn, tenant, [given], library, at=at)
    _decide_by(conn, tenant, sender, message_id, taken, at=at)
    return True


def _begin(
    conn: Connection, tenant: Tenant, incoming: Incoming, library: Library, *, at: datetime
) -> None:
    """Begin a case by this message, if a definition in force is woken by its name."""
    sender, message_id = incoming.sender, incoming.message_id
    for held in library.all_in_force(conn, tenant, on=kit.day_of(at)):
        definition = library.get(conn, tenant, held.hash)
        element = woken_by(definition, incoming.name)
        if not element:
            continue
        try:
            case = begin_by(
                conn,
                tenant,
                held,
                element,
                incoming.variables,
                library,
                actor=sender,
                business_key=incoming.correlation,
                at=at,
            )
        except kit.NodeError as error:
            fate, trouble = Fate.REFUSED, error.code()
            _decide(conn, tenant, sender, message_id, fate, case=None, at=at, trouble=trouble)
            return
        if case is not None:
            started(conn, tenant, sender, message_id, case, at=at)
        return


def started(
    conn: Connection, tenant: Tenant, sender: str, message_id: str, case: UUID, *, at: datetime
) -> None:
    """Note that a case began by a message."""
    _decide(conn, tenant, sender, message_id, Fate.STARTED, case=case, at=at, trouble=None)


def _kept(tenant: Tenant, incoming: Incoming, at: datetime) -> dict[str, object]:
    return {
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


def fate_of(conn: Connection, tenant: Tenant, sender: str, message_id: str) -> Decided:
    """Return what became of a message."""
    asked = {"tenant": tenant, "sender": sender, "message_id": message_id}
    row = conn.execute(sql.incoming_fate, asked).fetchone()
    if row is None:
        raise KeyError(message_id)
    fate, case, trouble = row
    return Decided(Fate(fate), case, trouble)


def deliver_waiting(
    conn: Connection,
    tenant: Tenant,
    library: Library,
    *,
    at: datetime,
    most: int,
    apart: bool = False,
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
    taken = take_all(conn, tenant, given, library, at=at, apart=apart)
    for one, (sender, message_id) in zip(taken, first.values(), strict=True):
        _decide_by(conn, tenant, sender, message_id, one, at=at)
    return taken


def _decide_by(
    conn: Connection, tenant: Tenant, sender: str, message_id: str, taken: Taken, *, at: datetime
) -> None:
    """Note what became of a message by what its case said."""
    refused = taken.refused
    fate = Fate.DELIVERED if refused is None else Fate.REFUSED
    trouble = None if refused is None else refused.code()
    case = taken.given.case
    _decide(conn, tenant, sender, message_id, fate, case=case, at=at, trouble=trouble)


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
