"""The holder's side of an inquiry about many: each person is looked at, read and entered singly.

What is read and entered goes in few statements. One person whom no machine may answer about, or
whose receipt does not hold, keeps no other from the answer.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from renkei import audit, exchange, identity, kit, law, store
from renkei.federation import proofs
from renkei.federation.answering import RECEIPT_MINUTES, NodeKeys
from renkei.federation.bulk import (
    Bulk,
    BulkCarried,
    BulkProvided,
    ProvidedPerson,
    decide,
    expected,
)
from renkei.federation.desk import Desk, facts
from renkei.federation.door import Caller
from renkei.federation.errors import BulkReceiptsDiffer, ReceiptLate
from renkei.federation.inquiry import Inquiry, Refused
from renkei.federation.way import Told, Way


@dataclass(frozen=True, slots=True)
class Seen:
    """One place at the holder: the person's chain, our number, the receipt, why it is refused.

    `withheld` where the asker's entries are. Without a receipt nobody was looked at: no chain.
    """

    chain: identity.Chain | None
    number: str | None
    receipt: str
    reason: str
    withheld: bool

    def label(self, at: datetime) -> bytes | None:
        """Return the mark of the person's chain."""
        if self.chain is None:
            return None
        return self.chain.mark(kit.day_of(at).year, withheld=self.is_sealed)

    @property
    def is_sealed(self) -> bool:
        """Tell whether the entry is withheld by either side."""
        return self.withheld or self.reason == "automatic-answer-withheld"


def answer_bulk(
    conn: kit.Connection,
    desk: Desk,
    keys: NodeKeys,
    caller: Caller,
    carried: BulkCarried,
    *,
    fewest: int,
    at: datetime,
) -> BulkProvided | Refused:
    """Answer about each person, or refuse all of them; each has an entry in this transaction."""
    bulk = carried.bulk
    carried.expect_no_more("withheld", "on")
    asked_in = desk.releases.named(caller.envelope.release, kit.day_of(at))
    # 1. Who asks, once, and for how many; every proof, and the operator's promise of each person.
    batch = expected(conn, desk, caller, carried, at=at)
    verified = identity.verify_batch(batch, desk.directory, **bulk.parties)
    receipts = _receipts(desk, carried, verified, at)
    nyms = identity.open_batch(verified, *keys.opening)
    # Who has no receipt is not looked up.
    promised = [nym for nym, receipt in zip(nyms, receipts, strict=True) if receipt]
    people = dict(zip(promised, identity.people_of(conn, desk.tenant, promised), strict=True))
    chains = identity.chains_of_codes(conn, desk.tenant, people, seal=keys.seal)
    # 2. Decide again, by our own copy of the table of the release it is written in.
    decision = decide(desk, bulk, fewest=fewest, at=at)
    if desk.table_of(asked_in).version != bulk.inquiry.table:
        decision = desk.refuse(bulk.inquiry, "table-differs")
    elif bulk.order == "shuffled" and not all(receipts) and isinstance(decision, law.Permit):
        decision = desk.refuse(bulk.inquiry, "receipt-missing")
    if isinstance(decision, Refused):
        seen = [
            Seen(
                chains.get(nym),
                None,
                receipt,
                "" if receipt else "receipt-missing",
                carried.withheld,
            )
            for nym, receipt in zip(nyms, receipts, strict=True)
        ]
        _enter(conn, desk, caller, carried, seen, [None] * len(seen), decision, at)
        return decision
    way = Way(desk.releases.own, asked_in, bulk.inquiry.holder_unit, bulk.inquiry.service)
    way.check(bulk.inquiry.items)
    # 3. Whose codes they are here; under a protection measure no machine answers.
    seen = _seen(conn, desk, carried, nyms, receipts, people, chains, at)
    # 4. Read against the permit, enter, answer.
    numbers = [one.number for one in seen if one.number is not None and not one.reason]
    on = carried.on or kit.day_of(at)
    records = _read(conn, desk, decision, bulk.inquiry, numbers, on=on)
    told = [
        None if one.reason else way.told(records.get(one.number or ""), caller.member.characters)
        for one in seen
    ]
    promises = _enter(conn, desk, caller, carried, seen, told, None, at)
    return BulkProvided(
        tuple(
            ProvidedPerson(reason=one.reason)
            if said is None
            else ProvidedPerson(said.record, exchange.encode(promise), losses=said.losses)
            for one, said, promise in zip(seen, told, promises, strict=True)
        )
    )


def _receipts(
    desk: Desk, carried: BulkCarried, verified: identity.VerifiedBatch, at: datetime
) -> list[str]:
    """Return each place's receipt, empty where there is none that was made for this very place."""
    if len(carried.receipts) != carried.bulk.persons:
        raise BulkReceiptsDiffer(found=len(carried.receipts), persons=carried.bulk.persons)
    trusted = [audit.Verifier.parse(desk.members.of_kind("log")[0].log_key)]
    found: list[str] = []
    for place, line in enumerate(carried.receipts, 1):
        try:
            receipt = audit.Receipt.open(line, trusted, transcript=verified.item(place))
        except (audit.ReceiptInvalid, audit.KeyUnknown):
            found.append("")
            continue
        if abs(at - receipt.at) > timedelta(minutes=RECEIPT_MINUTES):
            raise ReceiptLate(minutes=RECEIPT_MINUTES)
        found.append(line)
    return found


def _seen(
    conn: kit.Connection,
    desk: Desk,
    carried: BulkCarried,
    nyms: Sequence[identity.Nym],
    receipts: Sequence[str],
    people: Mapping[identity.Nym, str | None],
    chains: Mapping[identity.Nym, identity.Chain],
    at: datetime,
) -> list[Seen]:
    """Return whom each place is about; who has no receipt has no chain."""
    numbers = [number for number in people.values() if number is not None]
    # Protected today: whatever day the values are asked for.
    known = store.find_people(conn, desk.tenant, numbers, on=kit.day_of(at))
    seen = []
    for nym, receipt in zip(nyms, receipts, strict=True):
        number = people.get(nym)
        person = None if number is None else known.get(number)
        is_protected = person is not None and person.protected
        reason = "automatic-answer-withheld" if is_protected else ""
        reason = reason if receipt else "receipt-missing"
        seen.append(Seen(chains.get(nym), number, receipt, reason, carried.withheld))
    return seen


def _read(
    conn: kit.Connection,
    desk: Desk,
    permit: law.Permit,
    inquiry: Inquiry,
    numbers: Sequence[str],
    *,
    on: date,
) -> dict[str, dict[str, store.Plain]]:
    known = desk.releases.own
    service = known.shared_interface(inquiry.holder_unit, inquiry.service)
    entity = known.entity(service.entity)
    rest = {} if inquiry.year is None else {service.parameters[0].item: str(inquiry.year)}
    return store.held_of_many(conn, desk.tenant, permit, entity, numbers, on=on, rest=rest)


def _enter(
    conn: kit.Connection,
    desk: Desk,
    caller: Caller,
    carried: BulkCarried,
    seen: Sequence[Seen],
    told: Sequence[Told | None],
    refused: Refused | None,
    at: datetime,
) -> list[audit.Promise]:
    """Enter each person's provision or refusal, in one statement."""
    bulk: Bulk = carried.bulk
    shared = desk.addresses(bulk.inquiry) | proofs.of_caller(caller) | bulk.facts()
    entries = []
    for place, (one, said) in enumerate(zip(seen, told, strict=True), 1):
        inquiry = bulk.person(place)
        no = refused or (desk.refuse(inquiry, one.reason) if one.reason else None)
        outcome = "refused" if no else "not-held"
        if said is not None and said.record is not None:
            outcome = "answered"
        more = facts(no) if no else {}
        entries.append(
            inquiry.entry(
                audit.Kind.PROVISION if no is None else audit.Kind.REFUSAL,
                outcome,
                at=at,
                label=one.label(at),
                withheld=one.is_sealed,
                details=shared
                | {"receipt": one.receipt}
                | more
                | ({} if said is None else said.facts()),
            )
        )
    return audit.append_many(conn, desk.tenant, entries)
