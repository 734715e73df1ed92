"""The holder's side: decide again, demand the receipt, open the code, read, enter, answer.

Nobody's number comes in and nobody's name goes out: the code is opened to our own number for the
person, and the answer goes back under the inquiry alone.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from renkei import audit, exchange, identity, kit, law, store
from renkei.federation import proofs
from renkei.federation.desk import Desk, facts
from renkei.federation.door import Caller
from renkei.federation.errors import ReceiptLate
from renkei.federation.inquiry import Carried, Disclosed, Inquiry, Provided, Refused
from renkei.federation.own_access import disclose
from renkei.federation.way import Way

RECEIPT_MINUTES = 10
"""How old a receipt may be when it is shown."""


Opening = Callable[[kit.Connection, Inquiry, str], None]
"""Who is told that a procedure begins by an inquiry, about whom by our own number."""


@dataclass(frozen=True, slots=True)
class NodeKeys:
    """An organisation's keys: one opens the codes sent to it, one seals its own at rest."""

    decryption: identity.DecryptionKey
    seal: identity.Seal
    former: tuple[identity.DecryptionKey, ...] = ()

    @property
    def opening(self) -> tuple[identity.DecryptionKey, ...]:
        """Return every key that opens: the newest, and those that others may still send to."""
        return (self.decryption, *self.former)


def answer(
    conn: kit.Connection,
    desk: Desk,
    keys: NodeKeys,
    caller: Caller,
    carried: Carried,
    *,
    at: datetime,
    witnessed: audit.Witnessed | None = None,
    opening: Opening | None = None,
) -> Provided | Disclosed | Refused:
    """Answer one inquiry, or refuse it; either way one entry stands in the same transaction.

    `witnessed` goes into what a portal is told of the person's access record. `opening` hears of
    the procedure that begins by it, also where a person must answer because no machine does.
    """
    inquiry = carried.inquiry
    asked_in = desk.releases.named(caller.envelope.release, kit.day_of(at))
    # 1. Who asks, and whether this very message was seen before.
    desk.expect(caller.member, kind="organisation", inquiry=inquiry)
    exchange.first_time(conn, desk.tenant, caller.signature, request_id=inquiry.id, at=at)
    # 2. Every proof, and the log operator's promise bound to exactly these proofs.
    question = carried.opened()
    desk.expect_in_use(question.request.asker, question.request.provider, at=at)
    verified = identity.verify(question, desk.directory, **inquiry.parties)
    check_receipt(desk, carried.receipt, verified.digest, at)
    nym = identity.opened(verified, *keys.opening)
    # 3. Decide again, by our own copy of the table of the release it is written in.
    decision = desk.decide(inquiry, kit.day_of(at))
    if desk.table_of(asked_in).version != inquiry.table:
        decision = desk.refuse(inquiry, "table-differs")
    history = identity.history_of_code(conn, desk.tenant, nym, seal=keys.seal)
    if isinstance(decision, Refused):
        return _refuse(conn, desk, caller, carried, history, decision, at)
    if inquiry.is_own_access:
        details = _details(desk, caller, carried)
        return disclose(conn, desk, inquiry, history, details=details, witnessed=witnessed, at=at)
    way = Way(desk.releases.own, asked_in, inquiry.holder_unit, inquiry.service)
    way.check(inquiry.items)
    # 4. Whose code it is here; under a protection measure no machine answers.
    number = identity.person_of(conn, desk.tenant, nym)
    person = None
    if number is not None:
        # Protected today: whatever day the values are asked for.
        person = store.find_person(conn, desk.tenant, number, on=kit.day_of(at))
        if carried.opens and opening is not None:
            opening(conn, inquiry, number)
    if person is not None and person.protected:
        refusal = desk.refuse(inquiry, "automatic-answer-withheld")
        return _refuse(conn, desk, caller, carried, history, refusal, at, withheld=True)
    # 5. Read against the permit, enter, answer.
    on = carried.on or kit.day_of(at)
    record = None if number is None else _read(conn, desk, decision, inquiry, number, on=on)
    told = way.told(record, caller.member.characters)
    outcome = "not-held" if record is None else "answered"
    entry = inquiry.entry(
        audit.Kind.PROVISION,
        outcome,
        at=at,
        label=_label(history, at, withheld=carried.withheld),
        withheld=carried.withheld,
        details=_details(desk, caller, carried) | told.facts(),
    )
    promise = audit.append(conn, desk.tenant, entry)
    return Provided(told.record, exchange.encode(promise), told.losses)


def check_receipt(desk: Desk, line: str, transcript: bytes, at: datetime) -> None:
    """Believe the log operator's promise of these very codes, made a moment ago; raise else."""
    operator = desk.members.of_kind("log")[0]
    trusted = [audit.Verifier.parse(operator.log_key)]
    receipt = audit.Receipt.open(line, trusted, transcript=transcript)
    if abs(at - receipt.at) > timedelta(minutes=RECEIPT_MINUTES):
        raise ReceiptLate(minutes=RECEIPT_MINUTES)


def _read(
    conn: kit.Connection,
    desk: Desk,
    permit: law.Permit,
    inquiry: Inquiry,
    number: str,
    *,
    on: date,
) -> dict[str, store.Plain] | None:
    known = desk.releases.own
    service = known.shared_interface(inquiry.holder_unit, inquiry.service)
    entity = known.entity(service.entity)
    key = {entity.key[0]: number}
    if inquiry.year is not None:
        key[service.parameters[0].item] = str(inquiry.year)
    return store.held(conn, desk.tenant, permit, entity, key, on=on)


def _refuse(
    conn: kit.Connection,
    desk: Desk,
    caller: Caller,
    carried: Carried,
    history: identity.History,
    refusal: Refused,
    at: datetime,
    *,
    withheld: bool = False,
) -> Refused:
    withheld = withheld or carried.withheld
    entry = carried.inquiry.entry(
        audit.Kind.REFUSAL,
        "refused",
        at=at,
        label=_label(history, at, withheld=withheld),
        withheld=withheld,
        details=_details(desk, caller, carried) | facts(refusal),
    )
    audit.append(conn, desk.tenant, entry)
    return refusal


def _details(desk: Desk, caller: Caller, carried: Carried) -> dict[str, str]:
    receipt = {"receipt": carried.receipt}
    return desk.addresses(carried.inquiry) | proofs.of_caller(caller) | receipt


def _label(history: identity.History, at: datetime, *, withheld: bool) -> bytes:
    """Return the mark of the person's chain; what either side withholds goes to the sealed one."""
    chain = history.current
    return chain.mark(kit.day_of(at).year, withheld=withheld)
