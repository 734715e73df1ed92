"""A history that is written on by what changes nothing of where its case stands."""

from datetime import datetime
from uuid import UUID

from renkei.kit import Connection, Tenant, queries
from renkei.process import bpmn
from renkei.process.cases.encoding import event_hash, json_of, moment_of, unpacked
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
        self._seq += 1
        about = {"actor": actor, "basis": basis, "at": moment_of(at)}
        self._head = event_hash(self._head, self._id, self._seq, event, **about)
        kept = {
            "case_ids": [self._id],
            "seqs": [self._seq],
            "kinds": [event.kind.value],
            "elements": [event.element],
            "places": [event.place],
            "data": [json_of(event.data) if event.data else None],
            "actors": [actor],
            "bases": [basis],
            "ats": [at],
            "hashes": [self._head],
        }
        self._conn.execute(sql.keep_events, {"tenant": self._tenant, **kept})
        head = {"id": self._id, "seq": self._seq, "head": self._head}
        self._conn.execute(sql.keep_head, {"tenant": self._tenant, **head})
