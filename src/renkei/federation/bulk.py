"""The inquiry about many persons (一括照会) as it travels, and what each party answers.

One inquiry says what is asked of all of them, one batch whom it is about, without a name. Each
person has an inquiry of their own in it, `id.1` to `id.n`: what is entered, promised and answered
is theirs. In a *shuffled* batch the number behind the dot says nothing of who it is: at each
party it counts that party's own order.
"""

from datetime import datetime
from typing import Annotated, Literal, TypeVar

import msgspec

from renkei import exchange, identity, kit, law, store
from renkei.federation.desk import Desk
from renkei.federation.door import Caller
from renkei.federation.errors import BulkDiffers, InquiryMalformed
from renkei.federation.inquiry import MOST_LOSSES, Aside, Inquiry, Parties, Refused, parsed
from renkei.standard.mediation import Loss

CONVERT_BULK, RECEIPT_BULK = "/hub/convert-bulk", "/hub/receipt-bulk"
ANSWER_BULK = "/bulk-inquiries"
BULK_PATHS = (CONVERT_BULK, RECEIPT_BULK, ANSWER_BULK)
BULK_LIMITS = exchange.Limits(body=128 << 20, seconds=60.0)
"""What 65,535 persons weigh with two steps in secret orders, and their receipts."""
FEWEST = 20
"""Persons in a shuffled batch, at least: a set of one hides nobody."""

Order = Literal["ordered", "shuffled"]


class Bulk(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is asked about many persons; its digest is the context of every proof.

    `number` is that of the whole inquiry, of which this batch is perhaps a part. All persons have
    one relation, and a consent or none: what the law looks at is the same of each.
    """

    inquiry: Inquiry
    number: Annotated[str, msgspec.Meta(min_length=1, max_length=100)]
    order: Order
    persons: Annotated[int, msgspec.Meta(ge=1, le=identity.BATCH)]

    @property
    def parties(self) -> Parties:
        """Return whom every proof must be about, and what it is bound to."""
        return Parties(
            asker=kit.tenant(self.inquiry.asker),
            provider=kit.tenant(self.inquiry.holder),
            context=kit.digest(msgspec.to_builtins(self)),
        )

    def person(self, place: int) -> Inquiry:
        """Return the inquiry of one person, by the place from 1."""
        return msgspec.structs.replace(self.inquiry, id=f"{self.inquiry.id}.{place}")

    def facts(self) -> dict[str, str]:
        """Return what every entry about it says: that it was one of so many."""
        return {"bulk": self.number, "order": self.order, "persons": str(self.persons)}

    def check(self) -> None:
        """Refuse what cannot be of many persons that the law treats alike.

        An access record is asked for by the person it is about: never of many.
        """
        if self.inquiry.is_own_access:
            raise InquiryMalformed(defect="service")
        if self.inquiry.consent and self.order == "shuffled":
            raise InquiryMalformed(defect="consent")


class BulkCarried(Aside, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What the asker carries from party to party; the receipts come last, for the holder.

    `request` and `conversions` are a batch. A party returns its own step alone, so nobody on the
    way has a hand on what came before. A place without a receipt has an empty text.
    """

    bulk: Bulk
    request: msgspec.Raw
    conversions: tuple[msgspec.Raw, ...] = ()
    receipts: tuple[str, ...] = ()

    def opened(self) -> identity.Batch:
        """Return the batch; whoever uses it says whose it must be."""
        chain = {"request": self.request, "conversions": self.conversions}
        return identity.parse(msgspec.json.encode(chain), identity.Batch)


class Stepped(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="stepped"):
    """A converter's yes: the step it adds."""

    step: msgspec.Raw


class ReceiptedPerson(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Of one place: the promise of the person's entry, or why there is none."""

    receipt: str = ""
    reason: str = ""


class BulkReceipted(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="bulk-receipted"):
    """The log operator's answer, place by place in its own column's order."""

    persons: tuple[ReceiptedPerson, ...]


class ProvidedPerson(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Of one place: the values, or None where nothing is held; or the reason of a refusal."""

    record: dict[str, store.Plain] | None = None
    entry: str = ""
    reason: str = ""
    losses: Annotated[tuple[Loss, ...], msgspec.Meta(max_length=MOST_LOSSES)] = ()


class BulkProvided(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="bulk-provided"):
    """The holder's answer, place by place in its own column's order."""

    persons: tuple[ProvidedPerson, ...]


BulkResponse = Stepped | BulkReceipted | BulkProvided | Refused

_R = TypeVar("_R", Stepped, BulkReceipted, BulkProvided)


class _Time(msgspec.Struct):
    """The time of an inquiry as it is spelled."""

    at: str


class _Head(msgspec.Struct):
    """Of a bulk, its inquiry's time."""

    inquiry: _Time


class _Timed(msgspec.Struct):
    """What is carried, but for all that is not the time."""

    bulk: _Head


def parse_bulk(body: bytes) -> BulkCarried:
    """Parse what the asker brings, or say where it is malformed; a time has one spelling."""
    carried = parsed(body, BulkCarried)
    at = parsed(body, _Timed).bulk.inquiry.at
    if not at.endswith("Z") or at != msgspec.to_builtins(carried.bulk.inquiry.at):
        raise InquiryMalformed(defect="at")
    carried.bulk.check()
    return carried


def parse_bulk_response(body: bytes) -> BulkResponse:
    """Parse what a party answered."""
    return parsed(body, BulkResponse)  # type: ignore[arg-type] # a union is no type to mypy


def expected(
    conn: kit.Connection, desk: Desk, caller: Caller, carried: BulkCarried, *, at: datetime
) -> identity.Batch:
    """Return the batch of a caller who may bring it, for the first time, of the size it says."""
    bulk = carried.bulk
    desk.expect(caller.member, kind="organisation", inquiry=bulk.inquiry)
    exchange.first_time(conn, desk.tenant, caller.signature, request_id=bulk.inquiry.id, at=at)
    # One receipt, one answer: what was brought once is not brought again under a new signature.
    asker = desk.members.address(bulk.inquiry.asker)
    exchange.first_use(conn, desk.tenant, asker, bulk.inquiry.id[:255], at=at)
    batch = carried.opened()
    if batch.request.mode != bulk.order or len(batch.request.c1) != bulk.persons:
        raise BulkDiffers(
            order=batch.request.mode,
            persons=len(batch.request.c1),
            said=f"{bulk.order} {bulk.persons}",
        )
    desk.expect_in_use(batch.request.asker, batch.request.provider, at=at)
    return batch


def decide(desk: Desk, bulk: Bulk, *, fewest: int, at: datetime) -> law.Permit | Refused:
    """Decide for all of them; a set that is too small to hide anybody is refused besides."""
    if bulk.order == "shuffled" and bulk.persons < fewest:
        return desk.refuse(bulk.inquiry, "set-too-small")
    return desk.decide(bulk.inquiry, kit.day_of(at))
