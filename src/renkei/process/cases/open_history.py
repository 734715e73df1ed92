"""A history that is written on by what changes nothing of where its case stands."""

from datetime import datetime
from uuid import UUID

from renkei.kit import Connection, Tenant, queries
from renkei.process import bpmn, feel
from renkei.process.cases.encoding import event_hash, json_of, moment_of, unpacked
from renkei.process.cases.errors import CaseUnknown

sql = queries("renkei.process")

EVENT = ("case_id", "seq", "kind", "element", "place", "data", "actor", "basis")


class OpenHistory:
    """The history of a case that nobody else writes until the end of the transaction."""

    def __init__(self, conn: Connection, tenant: Tenant, case: UUID) -> None:
        """Take hold of the case; CaseUnknown where there is none."""
        self._conn, self._tenant, self._id = conn, tenant, case
        row = conn.execute(sql.lock_cases, {"tenant": tenant, "ids": [case]}).fetchone()
        if row is None:
            raise CaseUnknown(case=str(case))
        self.case: bpmn.Case = unpacked(row[2])
        """Where it stands."""
        self._seq, self._head = row[3], bytes(row[4])

    def append(self, event: bpmn.Event, *, actor: str, basis: str, at: datetime) -> None:
        """Write an event behind the last one."""
        self._seq += 1
        told = event.kind.value, event.element, event.place, feel.dump(event.data)
        facts = (self._id, self._seq, *told, actor, basis)
        self._head = event_hash(self._head, (*facts, moment_of(at)))
        row = dict(zip(EVENT, facts, strict=True)) | {"data": json_of(event.data)}
        about = {"tenant": self._tenant, "at": at, "hash": self._head}
        self._conn.execute(sql.keep_event, {**row, **about})
        head = {"id": self._id, "seq": self._seq, "head": self._head}
        self._conn.execute(sql.keep_head, {"tenant": self._tenant, **head})
