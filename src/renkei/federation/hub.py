"""What the hub does with an inquiry: each converter converts, blind; the log operator receipts.

Every verb decides again and leaves an entry, yes or no, in the caller's transaction.
"""

from dataclasses import dataclass
from datetime import datetime

import msgspec

from renkei import audit, exchange, identity, kit
from renkei.federation.desk import Desk, facts
from renkei.federation.door import Caller
from renkei.federation.inquiry import Carried, Done, Receipted, Refused

MERGE_DELAY_SECONDS = 60
"""Within this time the entry stands in the log: what a receipt promises."""


@dataclass(frozen=True, slots=True)
class LogKeys:
    """The log operator's keys: one opens audit legs, one signs receipts and checkpoints."""

    decryption: identity.DecryptionKey
    signer: audit.Signer
    former: tuple[identity.DecryptionKey, ...] = ()

    @property
    def opening(self) -> tuple[identity.DecryptionKey, ...]:
        """Return every key that opens: the newest, and those that others may still send to."""
        return (self.decryption, *self.former)


def convert(
    conn: kit.Connection,
    desk: Desk,
    keys: identity.ConverterKeys,
    caller: Caller,
    carried: Carried,
    *,
    at: datetime,
) -> Done | Refused:
    """Convert both legs of a question to the holder's and the log operator's domain, provably."""
    inquiry = carried.inquiry
    carried.expect_no_more()
    desk.expect(caller.member, kind="organisation", inquiry=inquiry)
    exchange.first_time(conn, desk.tenant, caller.signature, request_id=inquiry.id, at=at)
    question = carried.opened()
    desk.expect_in_use(question.request.asker, question.request.provider, at=at)
    decision = desk.decide(inquiry, kit.day_of(at))
    if isinstance(decision, Refused):
        refusal = inquiry.entry(audit.Kind.REFUSAL, "refused", at=at, details=facts(decision))
        audit.append(conn, desk.tenant, refusal)
        return decision
    converted = identity.convert(question, keys, desk.directory, **inquiry.parties)
    entry = inquiry.entry(audit.Kind.CONVERSION, "converted", at=at)
    audit.append(conn, desk.tenant, entry)
    return Done(msgspec.Raw(identity.render(converted)))


def receipt(
    conn: kit.Connection,
    desk: Desk,
    keys: LogKeys,
    caller: Caller,
    carried: Carried,
    *,
    at: datetime,
) -> Receipted | Refused:
    """Enter the inquiry into the person's chain and promise so; no holder answers without it.

    A question whose audit leg opens to nobody enrolled was not made from one issued code: it is
    refused, and the refusal is entered under no person.
    """
    inquiry = carried.inquiry
    carried.expect_no_more("withheld")
    desk.expect(caller.member, kind="organisation", inquiry=inquiry)
    exchange.first_time(conn, desk.tenant, caller.signature, request_id=inquiry.id, at=at)
    question = carried.opened()
    desk.expect_in_use(question.request.asker, question.request.provider, at=at)
    decision = desk.decide(inquiry, kit.day_of(at))
    verified = identity.verify(question, desk.directory, **inquiry.parties)
    nym = None
    try:
        admitted = identity.admit(conn, desk.tenant, verified, *keys.opening)
    except identity.HandleUnknown:
        decision = desk.refuse(inquiry, "handle-unknown")
    else:
        nym = admitted.nym
        if admitted.closed_at is not None and admitted.closed_at <= at:
            decision = desk.refuse(inquiry, "code-closed")
    label = None
    if nym is not None:
        chain = identity.Chain.of_handle(nym)
        label = chain.mark(kit.day_of(at).year, withheld=carried.withheld)
    if isinstance(decision, Refused):
        refusal = inquiry.entry(
            audit.Kind.REFUSAL,
            "refused",
            at=at,
            label=label,
            withheld=carried.withheld,
            details=facts(decision),
        )
        audit.append(conn, desk.tenant, refusal)
        return decision
    entry = inquiry.entry(
        audit.Kind.REQUEST, "receipted", at=at, label=label, withheld=carried.withheld
    )
    promise = audit.append(conn, desk.tenant, entry)
    line = audit.Receipt(
        keys.signer.name, promise, entry.at, MERGE_DELAY_SECONDS, verified.digest
    ).sign(keys.signer)
    return Receipted(line)
