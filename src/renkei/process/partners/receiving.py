"""A letter of a partner comes in: in one order, to one of a few fates, each told truthfully.

Who sends it is proven before (line, signature). Then: seen before → who may write so → which
procedure → the law → the items → its case: one that waits, else one that begins, else it is kept
for a case to come; what nobody waits for any more is put before a person.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import cast

from renkei import audit, exchange, federation, identity, kit, law
from renkei.federation import Caller, Desk
from renkei.process import bpmn
from renkei.process.cases import inbox, starting
from renkei.process.cases.definitions import Library
from renkei.process.cases.histories import case_of
from renkei.process.cases.inbox import Fate, Incoming
from renkei.process.partners import entries, procedures, register
from renkei.process.partners.basis import decide, is_party
from renkei.process.partners.collaborations import Collaborations
from renkei.process.partners.errors import (
    CollaborationUnknown,
    LetterMalformed,
    LetterReused,
)
from renkei.process.partners.letters import (
    Letter,
    Receipt,
    Told,
    parse_letter,
    told_by,
    wrong_items,
)
from renkei.process.partners.parties import Collaboration, LetterType
from renkei.process.partners.plays import plays_of
from renkei.process.partners.procedures import Procedure

NUMBER, PARTNER, SUBJECT = "手続番号", "相手団体", "対象者番号"
"""What a case knows that a letter began: the procedure's number, who wrote, our own number."""


@dataclass(frozen=True, slots=True)
class House:
    """What a letter is judged by here: the desk, the public processes, the models, our seal."""

    desk: Desk
    known: Collaborations
    library: Library
    seal: identity.Seal


@dataclass(frozen=True, slots=True)
class Judged:
    """What was found out about a letter; `reason` is why it is refused, if it is."""

    reason: str = ""
    collaboration: Collaboration | None = None
    kind: LetterType | None = None
    procedure: Procedure | None = None
    decision: law.Permit | law.Refusal | None = None


def receive(conn: kit.Connection, house: House, caller: Caller, *, at: datetime) -> Receipt:
    """Take a letter in and say what became of it; the same again changes nothing.

    What is no letter, is not this caller's, or is another one under its number is an error.
    """
    desk, tenant = house.desk, house.desk.tenant
    # 1. Who, and what: parsed, and of this caller.
    body = caller.question.body
    letter = parse_letter(body)
    if letter.sender != caller.member.id or letter.receiver != tenant:
        raise LetterMalformed(defect="sender or receiver")
    if letter.mode.value != desk.mode:
        raise federation.ModeDiffers(theirs=letter.mode.value, ours=desk.mode)
    exchange.first_time(conn, tenant, caller.signature, request_id=letter.id, at=at)
    # 2. Seen before: two at once wait for each other here.
    conn.execute(register.sql.lock_letters, {"lock": f"{tenant} {letter.sender}"})
    before = register.one(conn, tenant, letter.sender, letter.id, "in")
    if before is not None:
        if before.digest != register.digest_of(body):
            raise LetterReused
        return receipt_of(before)
    # 3. Judged, entered, and given to its case.
    judged = judge(conn, house, letter, at=at)
    register.keep(
        conn,
        tenant,
        letter,
        body,
        direction="in",
        at=at,
        answer="refused" if judged.reason else "taken",
        reason=judged.reason,
    )
    told = federation.caller_facts(caller)
    _enter(conn, house, letter, judged, told, at=at)
    if not judged.reason:
        _give(conn, house, letter, judged, at=at)
    kept = register.one(conn, tenant, letter.sender, letter.id, "in")
    assert kept is not None  # noqa: S101 # it was kept right above
    return receipt_of(kept)


def receipt_of(kept: register.Kept) -> Receipt:
    """Return what is answered to a letter, the first time and every time after."""
    is_taken = kept.answer == "taken"
    fate = kept.fate if is_taken else "refused"
    told = cast("Told", Fate.SETTLED.value if kept.settled_by else fate)
    return Receipt(id=kept.id, taken=is_taken, reason=kept.reason, received_at=kept.at, fate=told)


# Judged -------------------------------------------------------------------------------------------


def judge(conn: kit.Connection, house: House, letter: Letter, *, at: datetime) -> Judged:
    """Find out of which public process and procedure a letter is, and whether it may be written."""
    if letter.expires_at <= at:
        return Judged("letter-expired")
    try:
        collaboration = house.known.by_hash(letter.collaboration)
    except CollaborationUnknown:
        return Judged("collaboration-unknown")
    kind = collaboration.letters.get(letter.name)
    if kind is None:
        return Judged("letter-unknown", collaboration)
    found = _procedure(conn, house, letter, collaboration, kind, at=at)
    if isinstance(found, str):
        return Judged(found, collaboration, kind)
    if not _counters_rightly(conn, house, letter, kind):
        return Judged("letter-malformed", collaboration, kind, found)
    decision = decide(house.desk, collaboration, kind, found, on=kit.day_of(at))
    if isinstance(decision, law.Refusal):
        return Judged(decision.reason.value, collaboration, kind, found, decision)
    if decision is not None and decision.provision != letter.provision:
        return Judged("provision-differs", collaboration, kind, found, decision)
    if wrong_items(kind, letter.items):
        return Judged("items-malformed", collaboration, kind, found, decision)
    return Judged("", collaboration, kind, found, decision)


def _counters_rightly(conn: kit.Connection, house: House, letter: Letter, kind: LetterType) -> bool:
    """Tell whether a letter takes one back if its type does: of that type, of its procedure."""
    if not letter.counters or not kind.counters:
        return letter.counters == kind.counters
    taken_back = register.one(conn, house.desk.tenant, letter.sender, letter.counters, "in")
    wanted = kind.counters, letter.procedure
    return taken_back is None or (taken_back.name, taken_back.procedure) == wanted


def _procedure(
    conn: kit.Connection,
    house: House,
    letter: Letter,
    collaboration: Collaboration,
    kind: LetterType,
    *,
    at: datetime,
) -> Procedure | str:
    """Return the procedure of a letter, as its public process has it; or why it has none here."""
    desk, tenant = house.desk, house.desk.tenant
    found = procedures.find(conn, tenant, letter.sender, letter.procedure)
    if not is_party(desk, collaboration, kind.sender, letter.sender):
        return "sender-not-party"
    if not is_party(desk, collaboration, kind.receiver, tenant):
        return "receiver-not-party"
    if found is None:
        if collaboration.about == "person" or not kind.opens:
            return "procedure-unknown"
        found = Procedure(
            partner=letter.sender,
            id=letter.procedure,
            procedure=collaboration.procedure,
            is_asker=False,
            opened_at=at,
        )
    if found.collaboration:
        if found.collaboration != collaboration.hash:
            return "collaboration-differs"
        roles = found.role, found.partner_role
        return found if roles == (kind.receiver, kind.sender) else "sender-not-party"
    if not collaboration.published.in_force(kit.day_of(at)):
        return "collaboration-not-in-force"
    is_theirs = kind.sender == collaboration.asker
    asked = found.procedure, found.question, found.is_asker
    if collaboration.about == "person" and asked != (
        collaboration.procedure,
        collaboration.question,
        not is_theirs,
    ):
        return "procedure-differs"
    return found.as_said(collaboration.hash, kind.receiver, kind.sender)


def _enter(
    conn: kit.Connection,
    house: House,
    letter: Letter,
    judged: Judged,
    told: dict[str, str],
    *,
    at: datetime,
) -> None:
    carries = judged.kind is not None and bool(judged.kind.items)
    kind, outcome = audit.Kind.REQUEST, entries.RECEIVED
    if judged.reason:
        kind, outcome = audit.Kind.REFUSAL, entries.REFUSED
        told = told | {"reason": judged.reason, "by": str(house.desk.tenant)}
    elif carries:
        kind = audit.Kind.ANSWER
    made = entries.entry(
        conn,
        house.desk,
        house.seal,
        letter,
        kind=kind,
        outcome=outcome,
        procedure=judged.procedure,
        collaboration=judged.collaboration,
        decision=judged.decision,
        at=at,
        details=told,
    )
    audit.append(conn, house.desk.tenant, made)


# Given to its case --------------------------------------------------------------------------------


def _give(
    conn: kit.Connection, house: House, letter: Letter, judged: Judged, *, at: datetime
) -> None:
    tenant, sender = house.desk.tenant, letter.sender
    kind, procedure = judged.kind, judged.procedure
    assert kind is not None and procedure is not None  # noqa: S101, PT018 # it was taken
    procedures.keep(conn, tenant, procedure)  # where it is about nobody
    procedures.bind(conn, tenant, procedure)
    incoming = _incoming(letter, kind, procedure, at=at)
    # 1. It takes back another letter: one that has not come yet is waited for, one that reached no
    #    case is annulled with it, only then there is something for a case to undo.
    if letter.counters:
        countered = register.one(conn, tenant, sender, letter.counters, "in")
        if countered is None or countered.answer != "taken":
            inbox.keep(conn, tenant, incoming, at=at, fate=Fate.HELD)
            return
        without_effect = (Fate.WAITING, Fate.LATE, Fate.EXPIRED)
        if inbox.change(
            conn, tenant, sender, countered.id, Fate.ANNULLED, at=at, before=without_effect
        ):
            inbox.keep(conn, tenant, incoming, at=at, fate=Fate.ANNULLED)
            return
    number = register.countering(conn, tenant, letter)
    if number and inbox.change(
        conn, tenant, sender, number, Fate.ANNULLED, at=at, before=(Fate.HELD,)
    ):
        inbox.keep(conn, tenant, incoming, at=at, fate=Fate.ANNULLED)
        return
    # 2. A case that waits, one that begins, one to come.
    inbox.keep(conn, tenant, incoming, at=at)
    reach(conn, house, incoming, kind, procedure, at=at)


def _incoming(letter: Letter, kind: LetterType, procedure: Procedure, *, at: datetime) -> Incoming:
    """Return a letter as cases wait for it: by its name, and the key of its procedure.

    It is kept no longer than the public process says, whatever its sender wrote.
    """
    told: bpmn.Variables = {kind.name: told_by(kind, letter.items)}
    until = min(letter.expires_at, at + kind.keep)
    return Incoming(letter.sender, letter.id, kind.name, procedure.key, told, until)


def reach(
    conn: kit.Connection,
    house: House,
    incoming: Incoming,
    kind: LetterType,
    procedure: Procedure,
    *,
    at: datetime,
) -> None:
    """Bring a letter that is kept to the case that waits for it, or begin one.

    Where its case is over, or an answer comes after its time and nobody waits, it is late.
    """
    tenant = house.desk.tenant
    if inbox.deliver(conn, tenant, incoming, house.library, at=at):
        return
    if procedure.case is None:
        _begin(conn, house, incoming, procedure, at=at)
        return
    row = case_of(conn, tenant, procedure.case)
    if row.status is not bpmn.Status.RUNNING or _is_past(conn, tenant, kind, procedure, at=at):
        inbox.change(conn, tenant, incoming.sender, incoming.message_id, Fate.LATE, at=at)


def _is_past(
    conn: kit.Connection,
    tenant: kit.Tenant,
    kind: LetterType,
    procedure: Procedure,
    *,
    at: datetime,
) -> bool:
    """Tell whether the time is over until which we wanted this answer."""
    if not kind.answers:
        return False
    partner = procedure.partner
    number = register.last_named(conn, tenant, partner, procedure.id, kind.answers)
    ours = register.one(conn, tenant, partner, number, "out") if number else None
    return ours is not None and ours.reply_by is not None and ours.reply_by <= at


def _begin(
    conn: kit.Connection, house: House, incoming: Incoming, procedure: Procedure, *, at: datetime
) -> None:
    tenant, sender = house.desk.tenant, incoming.sender
    for held in house.library.all_in_force(conn, tenant, on=kit.day_of(at)):
        definition = house.library.get(conn, tenant, held.hash)
        plays, element = plays_of(definition), starting.woken_by(definition, incoming.name)
        collaboration = house.known.by_hash(procedure.collaboration)
        if not element or plays is None:
            continue
        if (plays.collaboration, plays.role) != (collaboration.name, procedure.role):
            continue
        known: bpmn.Variables = {
            **incoming.variables,
            NUMBER: procedure.key,
            PARTNER: procedure.partner,
            SUBJECT: procedure.subject or None,
        }
        try:
            case = starting.begin_by(
                conn,
                tenant,
                held,
                element,
                known,
                house.library,
                actor=sender,
                business_key=procedure.key,
                at=at,
            )
        except kit.NodeError:  # a model that cannot begin: a person looks
            inbox.change(conn, tenant, sender, incoming.message_id, Fate.REFUSED, at=at)
            return
        if case is not None:
            procedures.give_case(conn, tenant, procedure, case)
            inbox.started(conn, tenant, sender, incoming.message_id, case, at=at)
        return
