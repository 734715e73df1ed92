"""What the hub does with an inquiry about many: one conversion of all, one entry and receipt each.

Every verb decides again and leaves its entries, yes or no, in the caller's transaction.
"""

from collections.abc import Iterator
from datetime import datetime

import msgspec

from renkei import audit, identity, kit
from renkei.federation.bulk import (
    BulkCarried,
    BulkReceipted,
    ReceiptedPerson,
    Stepped,
    decide,
    expected,
)
from renkei.federation.desk import Desk, facts
from renkei.federation.door import Caller
from renkei.federation.hub import MERGE_DELAY_SECONDS, LogKeys
from renkei.federation.inquiry import Refused


def convert_bulk(
    conn: kit.Connection,
    desk: Desk,
    keys: identity.ConverterKeys,
    caller: Caller,
    carried: BulkCarried,
    *,
    fewest: int,
    at: datetime,
) -> Stepped | Refused:
    """Convert both columns of a batch, provably, and enter that it was done for so many."""
    bulk = carried.bulk
    carried.expect_no_more()
    batch = expected(conn, desk, caller, carried, at=at)
    decision = decide(desk, bulk, fewest=fewest, at=at)
    if isinstance(decision, Refused):
        details = bulk.facts() | facts(decision)
        entry = bulk.inquiry.entry(audit.Kind.REFUSAL, "refused", at=at, details=details)
        audit.append(conn, desk.tenant, entry)
        return decision
    converted = identity.convert_batch(batch, keys, desk.directory, **bulk.parties)
    entry = bulk.inquiry.entry(audit.Kind.CONVERSION, "converted", at=at, details=bulk.facts())
    audit.append(conn, desk.tenant, entry)
    return Stepped(msgspec.Raw(identity.render(converted.conversions[-1])))


def receipt_bulk(
    conn: kit.Connection,
    desk: Desk,
    keys: LogKeys,
    caller: Caller,
    carried: BulkCarried,
    *,
    fewest: int,
    at: datetime,
) -> BulkReceipted | Refused:
    """Enter each person's inquiry into the person's chain and promise so, place by place.

    In order, who is not enrolled or is closed is refused alone. In a secret order nobody could
    tell whose answer must be left out: then the whole set is refused.
    """
    bulk = carried.bulk
    carried.expect_no_more("withheld")
    batch = expected(conn, desk, caller, carried, at=at)
    decision = decide(desk, bulk, fewest=fewest, at=at)
    verified = identity.verify_batch(batch, desk.directory, **bulk.parties)
    people = identity.admit_each(conn, desk.tenant, verified, *keys.opening)
    lacks = [_lack(one, at) for one in people]
    if bulk.order == "shuffled" and any(lacks) and not isinstance(decision, Refused):
        decision = desk.refuse(bulk.inquiry, "set-incomplete")
    refused = decision if isinstance(decision, Refused) else None
    entries = list(_entries(desk, carried, people, lacks, refused, at))
    promises = audit.append_many(conn, desk.tenant, entries)
    if refused is not None:
        return refused
    name = keys.signer.name
    return BulkReceipted(
        tuple(
            ReceiptedPerson(reason=lack)
            if lack
            else ReceiptedPerson(
                audit.Receipt(
                    name, promise, entry.at, MERGE_DELAY_SECONDS, verified.item(place)
                ).sign(keys.signer)
            )
            for place, (entry, promise, lack) in enumerate(
                zip(entries, promises, lacks, strict=True), 1
            )
        )
    )


def _lack(admitted: identity.Admitted | None, at: datetime) -> str:
    """Return why nothing may be asked about a person, if so."""
    if admitted is None:
        return "handle-unknown"
    is_closed = admitted.closed_at is not None and admitted.closed_at <= at
    return "code-closed" if is_closed else ""


def _entries(
    desk: Desk,
    carried: BulkCarried,
    people: list[identity.Admitted | None],
    lacks: list[str],
    refused: Refused | None,
    at: datetime,
) -> Iterator[audit.Entry]:
    """Yield the entry of each place: a request or a refusal; of who is unknown, under no person."""
    bulk = carried.bulk
    year, said = kit.day_of(at).year, bulk.facts()
    for place, (one, lack) in enumerate(zip(people, lacks, strict=True), 1):
        no = refused or (desk.refuse(bulk.inquiry, lack) if lack else None)
        kind = audit.Kind.REQUEST if no is None else audit.Kind.REFUSAL
        yield bulk.person(place).entry(
            kind,
            "receipted" if no is None else "refused",
            at=at,
            label=None
            if one is None
            else identity.Chain.of_handle(one.nym).mark(year, withheld=carried.withheld),
            withheld=carried.withheld,
            details=said | ({} if no is None else facts(no)),
        )
