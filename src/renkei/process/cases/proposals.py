"""Changes of a case that two people make: one proposes, another sees what would come and confirms.

A proposal is for the case as it stood when it was looked at. Where the case has gone on since, it
is *stale*, and nothing comes of it. What was not done is not kept: the values go.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from typing import Any
from uuid import UUID

from renkei.kit import Connection, Tenant, queries
from renkei.process import bpmn, feel
from renkei.process.bpmn import Variables
from renkei.process.cases.actors import person_of
from renkei.process.cases.batch import Given
from renkei.process.cases.cases import Taken, take
from renkei.process.cases.definitions import Library
from renkei.process.cases.encoding import json_of, unpacked, variables_of
from renkei.process.cases.errors import (
    CaseReasonMissing,
    CaseUnknown,
    CaseWentOn,
    CommandReused,
    ProposalClosed,
    ProposalStale,
    ProposalUnknown,
    ProposalUnread,
    ProposerDecides,
)

sql = queries("renkei.process")

Proposable = bpmn.Change | bpmn.Move | bpmn.Cancel
OPEN_FOR = timedelta(days=7)
LONGEST_REASON = 500
MOST = 100


class Fate(StrEnum):
    """What became of a proposal."""

    OPEN = "open"
    CONFIRMED = "confirmed"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class Proposal:
    """What somebody proposed, why, and what became of it."""

    id: UUID
    case: UUID
    seq: int
    """Of the last event of the case that was looked at."""
    kind: str
    place: int
    target: str
    variables: Variables | None
    """Of a change that is open or was made."""
    reason: str
    by: str
    at: datetime
    expires_at: datetime
    fate: Fate
    decided_by: str | None
    decided_at: datetime | None
    remarks: str | None
    case_seq: int
    """Of the last event of the case now."""
    case_status: bpmn.Status

    @property
    def is_stale(self) -> bool:
        """Tell whether the case went on since."""
        return self.fate is Fate.OPEN and self.case_seq != self.seq

    def is_open(self, at: datetime) -> bool:
        """Tell whether it can be confirmed."""
        return self.fate is Fate.OPEN and not self.is_stale and at < self.expires_at

    @property
    def digest(self) -> str:
        """Return what tells it from any other: whoever confirms names what was read."""
        said = (str(self.id), self.seq, repr(self.command(self.at)), self.reason)
        return sha256(repr(said).encode()).hexdigest()

    def command(self, at: datetime) -> Proposable:
        """Return the command it is."""
        match self.kind:
            case "change":
                return bpmn.Change(at, self.variables or {}, self.place)
            case "move":
                return bpmn.Move(at, self.place, self.target)
            case _:
                return bpmn.Cancel(at)


@dataclass(frozen=True, slots=True)
class Difference:
    """A value before and after; None where there is none."""

    name: str
    before: feel.Value
    after: feel.Value
    is_new: bool = False


@dataclass(frozen=True, slots=True)
class Proposed:
    """A change somebody proposes: of which case, as last seen at which event, and why."""

    id: UUID
    case: UUID
    seen: int
    command: Proposable
    reason: str
    by: str


def check_reason(reason: str) -> str:
    """Return a reason without what stands around it; refuse none, and one that is too long."""
    said = " ".join(reason.split())
    if not 0 < len(said) <= LONGEST_REASON:
        raise CaseReasonMissing(most=LONGEST_REASON)
    return said


def propose(
    conn: Connection, tenant: Tenant, proposed: Proposed, library: Library, *, at: datetime
) -> Proposal:
    """Keep a proposal that the case could take now; the same again is the one that is there."""
    rows = conn.execute(sql.lock_cases, {"tenant": tenant, "ids": [proposed.case]}).fetchall()
    if not rows:
        raise CaseUnknown(case=str(proposed.case))
    _, definition, state, seq, _ = rows[0]
    command = proposed.command
    kept = {
        "tenant": tenant,
        "id": proposed.id,
        "case_id": proposed.case,
        "seq": proposed.seen,
        "reason": check_reason(proposed.reason),
        "by": proposed.by,
        "at": at,
        "expires_at": at + OPEN_FOR,
        **_facts(command),
    }
    before = conn.execute(b" ".join((sql.proposals, sql.proposals_by_id)), kept).fetchone()
    if before is None:
        if seq != proposed.seen:
            raise CaseWentOn(seen=proposed.seen, seq=seq)
        bpmn.advance(library.get(conn, tenant, definition), unpacked(state), command)
        conn.execute(sql.keep_proposal, kept)
    found = proposal_of(conn, tenant, proposed.id)
    is_same = found.command(command.at) == command or found.fate is not Fate.OPEN
    about = (found.case, found.by, found.seq)
    if about != (proposed.case, proposed.by, proposed.seen) or not is_same:
        raise CommandReused(key=str(proposed.id))
    return found


def _facts(command: Proposable) -> dict[str, Any]:
    match command:
        case bpmn.Change():
            told = json_of(command.variables)
            return {"kind": "change", "place": command.place, "target": "", "variables": told}
        case bpmn.Move():
            return {
                "kind": "move",
                "place": command.place,
                "target": command.element,
                "variables": None,
            }
        case bpmn.Cancel():
            return {"kind": "cancel", "place": 0, "target": "", "variables": None}


def proposal_of(conn: Connection, tenant: Tenant, proposal: UUID) -> Proposal:
    """Return a proposal; ProposalUnknown where there is none."""
    asked = {"tenant": tenant, "id": proposal}
    row = conn.execute(b" ".join((sql.proposals, sql.proposals_by_id)), asked).fetchone()
    if row is None:
        raise ProposalUnknown(proposal=str(proposal))
    return _read(row)


def proposals_of(conn: Connection, tenant: Tenant, case: UUID) -> list[Proposal]:
    """Return what was proposed for a case, the newest first."""
    asked = {"tenant": tenant, "case_id": case, "most": MOST}
    return [
        _read(row) for row in conn.execute(b" ".join((sql.proposals, sql.proposals_of_case)), asked)
    ]


def open_proposals(conn: Connection, tenant: Tenant, *, at: datetime) -> list[Proposal]:
    """Return what waits for a second person, the first to expire first; the stale ones too."""
    asked = {"tenant": tenant, "at": at, "most": MOST}
    return [
        _read(row) for row in conn.execute(b" ".join((sql.proposals, sql.proposals_open)), asked)
    ]


def _read(row: tuple[Any, ...]) -> Proposal:
    id_, case, seq, kind, place, target, variables, reason, by, at, expires_at, *rest = row
    fate, decided_by, decided_at, remarks, case_seq, status = rest
    told = None if variables is None else variables_of(variables)
    facts = (kind, place, target, told, reason, by, at, expires_at)
    decided = (Fate(fate), decided_by, decided_at, remarks)
    return Proposal(id_, case, seq, *facts, *decided, case_seq, bpmn.Status(status))


def differences(case: bpmn.Case, proposal: Proposal) -> Iterator[Difference]:
    """Yield the values a proposal changes: as they are, and as they would be."""
    places: Mapping[int, bpmn.Place] = case.places
    place = places.get(proposal.place or min(places, default=0))
    known = place.variables if place is not None else {}
    for name, value in sorted((proposal.variables or {}).items()):
        yield Difference(name, known.get(name), value, is_new=name not in known)


def confirm(
    conn: Connection,
    tenant: Tenant,
    proposal: UUID,
    library: Library,
    *,
    by: str,
    digest: str,
    at: datetime,
) -> Taken:
    """Do what was proposed, in one transaction with its fate; confirmed again it has no effect.

    The events name both people: `staff:1002+staff:1003`, who proposed and who confirmed.
    """
    found = _decided_by_another(conn, tenant, proposal, by=by)
    command = found.command(at)
    both = f"{found.by}+{by}"
    given = Given(found.case, command, both, found.reason, f"proposal {found.id}", seen=found.seq)
    if (found.fate, found.decided_by) == (Fate.CONFIRMED, by):
        return take(conn, tenant, given, library, at=at)
    if found.fate is not Fate.OPEN or at >= found.expires_at:
        raise ProposalClosed
    if found.is_stale:
        raise ProposalStale(seen=found.seq, seq=found.case_seq)
    if digest != found.digest:
        raise ProposalUnread
    taken = take(conn, tenant, given, library, at=at)
    _decide(conn, tenant, found.id, Fate.CONFIRMED, by=by, at=at, remarks=None)
    return taken


def decline(
    conn: Connection, tenant: Tenant, proposal: UUID, *, by: str, remarks: str, at: datetime
) -> Proposal:
    """Let nothing come of a proposal, and say why; a second person does, once."""
    said = check_reason(remarks)
    found = _decided_by_another(conn, tenant, proposal, by=by)
    if found.fate is not Fate.OPEN:
        raise ProposalClosed
    _decide(conn, tenant, proposal, Fate.DECLINED, by=by, at=at, remarks=said)
    return proposal_of(conn, tenant, proposal)


def withdraw_proposal(
    conn: Connection, tenant: Tenant, proposal: UUID, *, by: str, at: datetime
) -> Proposal:
    """Take one's own proposal back."""
    conn.execute(sql.lock_proposal, {"tenant": tenant, "id": proposal})
    found = proposal_of(conn, tenant, proposal)
    if found.fate is not Fate.OPEN or found.by != by:
        raise ProposalClosed
    _decide(conn, tenant, proposal, Fate.WITHDRAWN, by=by, at=at, remarks=None)
    return proposal_of(conn, tenant, proposal)


def expire_proposals(conn: Connection, tenant: Tenant, *, at: datetime) -> int:
    """Let proposals nobody decided expire, and forget their values; return how many."""
    return conn.execute(sql.expire_proposals, {"tenant": tenant, "at": at}).rowcount


def _decided_by_another(conn: Connection, tenant: Tenant, proposal: UUID, *, by: str) -> Proposal:
    """Lock a proposal and return it, unless it is one's own."""
    conn.execute(sql.lock_proposal, {"tenant": tenant, "id": proposal})
    found = proposal_of(conn, tenant, proposal)
    if person_of(found.by) == person_of(by):
        raise ProposerDecides
    return found


def _decide(
    conn: Connection,
    tenant: Tenant,
    proposal: UUID,
    fate: Fate,
    *,
    by: str,
    at: datetime,
    remarks: str | None,
) -> None:
    decided = {"by": by, "at": at, "remarks": remarks, "fate": fate.value}
    conn.execute(sql.decide_proposal, {"tenant": tenant, "id": proposal, **decided})
