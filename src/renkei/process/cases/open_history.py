"""A history that is written on by what changes nothing of where its case stands."""

from datetime import datetime
from uuid import UUID

from renkei.kit import Connection, Tenant, queries
from renkei.process import bpmn
from renkei.process.cases.encoding import chained, facts_of, text_of, unpacked
from renkei.process.cases.errors import CaseUnknown

sql = queries("renkei.process")


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
        self._seq, facts = self._seq + 1, facts_of(event)
        told = text_of([facts])
        self._head = chained(self._head, self._id, self._seq, [facts], actor, basis, at)
        stands = {"tenant": self._tenant, "id": self._id, "seq": self._seq, "head": self._head}
        by = {"actor": actor, "basis": basis, "at": at}
        self._conn.execute(sql.keep_event, {**stands, "events": told, **by})
