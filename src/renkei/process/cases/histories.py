"""Looking at a case: where it stands, and what happened in it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from renkei.kit import Connection, Tenant, queries
from renkei.process import bpmn, feel
from renkei.process.bpmn import Event, Happened
from renkei.process.cases.encoding import (
    BEGIN,
    event_hash,
    moment_of,
    unpacked,
    variables_of,
)
from renkei.process.cases.errors import CaseUnknown

sql = queries("renkei.process")


@dataclass(frozen=True, slots=True)
class CaseRow:
    """A case, and what is known of it beside where it stands."""

    id: UUID
    definition: str
    process: str
    business_key: str
    applied_on: date
    status: bpmn.Status
    case: bpmn.Case
    seq: int
    head: bytes
    started_at: datetime
    ended_at: datetime | None


class Past(NamedTuple):
    """One event of a history."""

    seq: int
    event: Event
    actor: str
    basis: str
    at: datetime
    hash: bytes


def case_of(conn: Connection, tenant: Tenant, case: UUID) -> CaseRow:
    """Return a case; CaseUnknown where there is none."""
    row = conn.execute(sql.case_row, {"tenant": tenant, "id": case}).fetchone()
    if row is None:
        raise CaseUnknown(case=str(case))
    id_, definition, process, key, applied_on, status, state, seq, head, started, ended = row
    stands = unpacked(state)
    about = (definition, process, key, applied_on, bpmn.Status(status), stands, seq, head)
    return CaseRow(id_, *about, started, ended)


def history(conn: Connection, tenant: Tenant, case: UUID) -> list[Past]:
    """Return what happened in a case, in order."""
    rows = conn.execute(sql.events, {"tenant": tenant, "id": case})
    return [
        Past(
            seq,
            Event(Happened(kind), element, place, variables_of(data) if data else {}),
            actor,
            basis,
            at,
            bytes(hash_),
        )
        for seq, kind, element, place, data, actor, basis, at, hash_ in rows
    ]


def last_staff(conn: Connection, tenant: Tenant, case: UUID) -> str:
    """Return the number of the member of staff who last led a case on; or nothing."""
    row = conn.execute(sql.last_staff, {"tenant": tenant, "case_id": case}).fetchone()
    return "" if row is None else str(row[0]).removeprefix("staff:")


def is_whole(events: Iterable[Past], case: UUID) -> bool:
    """Tell whether a history is as it was written: each hash is of its event and the one before."""
    before, expected = BEGIN, 1
    for past in events:
        event, data = past.event, feel.dump(past.event.data)
        told = event.kind.value, event.element, event.place, data
        by = past.actor, past.basis, moment_of(past.at)
        before = event_hash(before, (case, past.seq, *told, *by))
        if past.seq != expected or before != past.hash:
            return False
        expected += 1
    return True
