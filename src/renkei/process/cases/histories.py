"""Looking at a case: where it stands, and what happened in it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from renkei import kit
from renkei.kit import Connection, Tenant, queries
from renkei.process import bpmn
from renkei.process.bpmn import Event
from renkei.process.cases.encoding import (
    BEGIN,
    EventFacts,
    chained,
    event_of,
    facts_of,
    unpacked,
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
    hash: bytes | None
    """Of the last event that a command brought about, as it is kept."""


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
    past = list[Past]()
    rows = conn.execute(sql.history, {"tenant": tenant, "id": case})
    for first, events, actor, basis, at, hash_ in rows:
        for seq, facts in enumerate(kit.read_json(events, list[EventFacts]), first):
            past.append(Past(seq, event_of(facts), actor, basis, at, None))
        past[-1] = past[-1]._replace(hash=bytes(hash_))
    return past


def last_staff(conn: Connection, tenant: Tenant, case: UUID) -> str:
    """Return the number of the member of staff who last led a case on; or nothing."""
    row = conn.execute(sql.last_staff, {"tenant": tenant, "case_id": case}).fetchone()
    return "" if row is None else str(row[0]).removeprefix("staff:")


def is_whole(events: Iterable[Past], row: CaseRow) -> bool:
    """Tell whether a history is as it was written: each hash is of all events up to there.

    It reaches what the case keeps of its last event, and may have gone on since.
    """
    before, expected, reached = BEGIN, 1, False
    for past in events:
        facts, by = [facts_of(past.event)], (past.actor, past.basis, past.at)
        before = chained(before, row.id, past.seq, facts, *by)
        if past.seq != expected or past.hash not in (None, before):
            return False
        reached |= (past.seq, before) == (row.seq, row.head)
        expected += 1
    return reached
