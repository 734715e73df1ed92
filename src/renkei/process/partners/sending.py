"""Letters that cases write: made once, the same each time they are sent, until they are answered.

The case waits at its send task. What its partner does not take for good ends the wait with an
error that the model may catch; what cannot even be written does so before anything leaves.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import NAMESPACE_URL, uuid5

from renkei import audit, exchange, federation, kit, law
from renkei.federation import Reply
from renkei.process import bpmn
from renkei.process.bpmn.expressions import Problem, as_text
from renkei.process.cases.cases import Taken
from renkei.process.cases.histories import case_of
from renkei.process.cases.waiting import Done, Job, bring_done
from renkei.process.partners import entries, procedures, register
from renkei.process.partners.basis import decide, is_party
from renkei.process.partners.errors import (
    CollaborationNotInForce,
    CollaborationUnknown,
    LetterSent,
)
from renkei.process.partners.letters import (
    Letter,
    Plain,
    Receipt,
    items_of,
    parse_letter,
    reason_in_words,
    render,
    wrong_items,
)
from renkei.process.partners.parties import Collaboration, LetterType
from renkei.process.partners.plays import Plays, plays_of
from renkei.process.partners.procedures import Procedure
from renkei.process.partners.receiving import House

ACTOR = "letters"
"""Under which a case hears what became of its letters."""


class Unwritten(Exception):
    """A letter that cannot be written; its reason is a code, told to the case and never outside."""

    def __init__(self, reason: str, about: str = "") -> None:
        """Take the code, and what it is about."""
        super().__init__(reason)
        self.reason, self.about = reason, about


@dataclass(frozen=True, slots=True)
class Ready:
    """A letter ready to leave: its bytes, as they were the first time."""

    job: Job
    partner: kit.Tenant
    id: str
    body: bytes


def write(conn: kit.Connection, house: House, job: Job, *, at: datetime) -> Ready:
    """Write the letter that a case wants sent, or return the one written before; Unwritten else.

    Written and entered in one transaction, before it leaves.
    """
    tenant = house.desk.tenant
    row = case_of(conn, tenant, job.case)
    definition = house.library.get(conn, tenant, row.definition)
    known = bpmn.visible(definition, row.case, job.wait)
    plays = plays_of(definition)
    if plays is None:
        raise Unwritten("plays-nothing")
    # 1. About which procedure, by which public process, to whom.
    to, name = as_text(job.about.get("to")), as_text(job.about.get("letter"))
    procedure = _procedure(conn, house, job, plays, to, known, at=at)
    collaboration = _collaboration(house, plays, procedure, at=at)
    kind = collaboration.letters.get(name)
    if kind is None or (kind.sender, kind.receiver) != (plays.role, to):
        raise Unwritten("letter-unknown", name)
    if not is_party(house.desk, collaboration, to, procedure.partner):
        raise Unwritten("receiver-not-party", procedure.partner)
    if not procedure.collaboration:
        procedure = procedure.as_said(collaboration.hash, plays.role, to)
        procedures.bind(conn, tenant, procedure)
    # 2. One for each wait: the second time it is the one that was written.
    id_ = str(uuid5(NAMESPACE_URL, f"renkei:letter/{tenant}/{job.case}/{job.wait}"))
    kept = register.one(conn, tenant, procedure.partner, id_, "out")
    if kept is not None:
        if kept.body is None:
            raise LetterSent(letter=id_)
        return Ready(job, kit.tenant(procedure.partner), id_, kept.body)
    # 3. The law, the items; entered.
    decision = decide(house.desk, collaboration, kind, procedure, on=kit.day_of(at))
    if isinstance(decision, law.Refusal):
        raise Unwritten(decision.reason.value, decision.provision)
    letter = Letter(
        id=id_,
        name=name,
        collaboration=collaboration.hash,
        sender=str(tenant),
        receiver=procedure.partner,
        mode=audit.Mode(house.desk.mode),
        procedure=procedure.id,
        cause=_cause(conn, tenant, procedure, kind),
        counters=_countered(conn, tenant, procedure, kind),
        at=at,
        reply_by=None if kind.reply_by is None else at + kind.reply_by,
        expires_at=at + kind.keep,
        basis=procedure.procedure,
        provision="" if decision is None else decision.provision,
        items=_items(kind, known),
    )
    body = render(letter)
    register.keep(
        conn, tenant, letter, body, direction="out", at=at, case=job.case, element=job.element
    )
    told = federation.body_facts("question", exchange.Body.of(body))
    made = entries.entry(
        conn,
        house.desk,
        house.seal,
        letter,
        kind=audit.Kind.PROVISION if kind.items else audit.Kind.REQUEST,
        outcome=entries.SENT,
        procedure=procedure,
        collaboration=collaboration,
        decision=decision,
        at=at,
        details=told,
    )
    audit.append(conn, tenant, made)
    return Ready(job, kit.tenant(procedure.partner), id_, body)


def _procedure(
    conn: kit.Connection,
    house: House,
    job: Job,
    plays: Plays,
    to: str,
    known: bpmn.Variables,
    *,
    at: datetime,
) -> Procedure:
    """Return the procedure with whoever plays a part; one about nobody begins here."""
    tenant = house.desk.tenant
    found = procedures.of_case(conn, tenant, job.case)
    for one in found:
        if one.partner_role in (to, ""):
            return one
    try:
        collaboration = house.known.on(plays.collaboration, kit.day_of(at))
        organisation = plays.organisation(to, known, at)
    except (CollaborationUnknown, CollaborationNotInForce) as error:
        raise Unwritten(error.code()) from None
    except Problem as problem:
        raise Unwritten("procedure-unknown", problem.reason) from None
    if collaboration.about == "person" or not organisation:
        raise Unwritten("procedure-unknown")
    id_ = str(uuid5(NAMESPACE_URL, f"renkei:procedure/{tenant}/{job.case}/{to}"))
    one = Procedure(
        partner=organisation,
        id=id_,
        procedure=collaboration.procedure,
        is_asker=True,
        case=job.case,
        opened_at=at,
    )
    procedures.keep(conn, tenant, one)
    return one


def _collaboration(
    house: House, plays: Plays, procedure: Procedure, *, at: datetime
) -> Collaboration:
    """Return by which version a procedure runs: that in force when it began, to its end."""
    try:
        if procedure.collaboration:
            found = house.known.by_hash(procedure.collaboration)
        else:
            found = house.known.on(plays.collaboration, kit.day_of(procedure.opened_at))
    except (CollaborationUnknown, CollaborationNotInForce) as error:
        raise Unwritten(error.code()) from None
    if found.name != plays.collaboration:
        raise Unwritten("collaboration-differs", found.name)
    return found


def _items(kind: LetterType, known: bpmn.Variables) -> dict[str, Plain]:
    """Return what a case says in a letter; Unwritten where that does not fit its type."""
    items = items_of(kind, known)
    if wrong := wrong_items(kind, items):
        raise Unwritten("items-malformed", "、".join(wrong))
    return items


def _countered(
    conn: kit.Connection, tenant: kit.Tenant, procedure: Procedure, kind: LetterType
) -> str:
    """Return the number of the letter that this one takes back, or nothing."""
    if not kind.counters:
        return ""
    found = register.last_named(conn, tenant, procedure.partner, procedure.id, kind.counters)
    if not found:
        raise Unwritten("nothing-to-counter", kind.counters)
    return found


def _cause(conn: kit.Connection, tenant: kit.Tenant, procedure: Procedure, kind: LetterType) -> str:
    """Return the number of the letter that this one answers, or nothing."""
    if not kind.answers:
        return ""
    known = register.letters(conn, tenant, partner=procedure.partner, procedure=procedure.id)
    fitting = (one for one in known if (one.direction, one.name) == ("in", kind.answers))
    return next((one.id for one in fitting), "")


def hear(
    conn: kit.Connection,
    house: House,
    ready: Ready,
    receipt: Receipt,
    reply: Reply,
    *,
    at: datetime,
) -> Taken:
    """Let a case hear what its partner answered, and note it; return what became of it.

    Where the case does not take it, as after a lost lease, nothing is noted: who sends the letter
    next has the same answer.
    """
    tenant = house.desk.tenant
    done = Done(ready.job, {})
    if not receipt.taken:
        done = refusal(conn, house, ready.job, receipt.reason, by=str(ready.partner))
    done = replace(done, basis=ready.id)
    [taken] = bring_done(conn, tenant, [done], house.library, actor=ACTOR, at=at)
    if taken.refused is None:
        register.answered(conn, tenant, ready.partner, receipt, at=at)
        _enter_answer(conn, house, ready, receipt, reply, at=at)
    return taken


def _enter_answer(
    conn: kit.Connection,
    house: House,
    ready: Ready,
    receipt: Receipt,
    reply: Reply,
    *,
    at: datetime,
) -> None:
    tenant = house.desk.tenant
    letter = parse_letter(ready.body)
    procedure = procedures.find(conn, tenant, ready.partner, letter.procedure)
    told = federation.reply_facts(reply)
    if not receipt.taken:
        told |= {"reason": receipt.reason, "by": str(ready.partner)}
    made = entries.entry(
        conn,
        house.desk,
        house.seal,
        letter,
        kind=audit.Kind.ANSWER if receipt.taken else audit.Kind.REFUSAL,
        outcome=entries.TAKEN if receipt.taken else entries.REFUSED,
        procedure=procedure,
        collaboration=house.known.by_hash(letter.collaboration),
        decision=None,
        at=at,
        details=told,
    )
    audit.append(conn, tenant, made)


def refusal(
    conn: kit.Connection, house: House, job: Job, reason: str, about: str = "", *, by: str = ""
) -> Done:
    """Return how a send task ends whose letter was refused, or could not be written.

    By an error of that code where the model catches it, else as an incident that says why.
    """
    row = case_of(conn, house.desk.tenant, job.case)
    definition = house.library.get(conn, house.desk.tenant, row.definition)
    if bpmn.catches(definition, row.case, job.wait, reason):
        return Done(job, {}, error=reason)
    words = " ".join(filter(None, (by, reason_in_words(reason, "ja"), about)))
    code = "letter-refused" if by else "letter-unwritten"
    return Done(job, {}, trouble=words, code=code)
