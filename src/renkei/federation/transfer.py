"""Codes of an organisation that another succeeds (合併), carried into the successor's, in batches.

No personal number is needed, and no converter learns more than how many. The members list says who
succeeds whom; the log operator admits every person before the successor opens one. Two
predecessors' codes of one person become one code: so it finds who stood in both registers.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from secrets import token_bytes
from typing import TypedDict

import msgspec

from renkei import audit, exchange, identity, kit
from renkei.federation.answering import NodeKeys, check_receipt
from renkei.federation.channel import Channel, body_of
from renkei.federation.desk import Desk
from renkei.federation.door import Caller
from renkei.federation.errors import InquiryMalformed, ReplyUnexpected, SuccessorUnknown
from renkei.federation.hub import MERGE_DELAY_SECONDS, LogKeys
from renkei.federation.inquiry import parsed
from renkei.federation.issuing import entry_of_batch

CONVERT_TRANSFER, RECEIPT_TRANSFER = "/hub/convert-transfer", "/hub/receipt-transfer"
KEEP_TRANSFER = "/transfers"
STEP = 2000
"""Persons in one message: a megabyte with every step, and seconds of a converter."""


class Parties(TypedDict):
    """What the identity room must be told about a transfer."""

    asker: kit.Tenant
    provider: kit.Tenant
    context: bytes


class TransferHeader(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a transfer says about itself; its digest is the context of every proof."""

    id: str
    predecessor: str
    successor: str
    at: datetime

    @property
    def parties(self) -> Parties:
        """Return whom the batch must be from and to, and what its proofs are bound to."""
        return Parties(
            asker=kit.tenant(self.predecessor),
            provider=kit.tenant(self.successor),
            context=kit.digest(msgspec.to_builtins(self)),
        )


class Transferred(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A transfer on its way. `people` are for the successor's eyes: its own numbers, in order.

    `refused` are places in the batch whose persons the log operator does not admit: then there is
    no receipt, and the predecessor sends the others anew.
    """

    header: TransferHeader
    batch: msgspec.Raw
    receipt: str = ""
    people: tuple[str, ...] = ()
    refused: tuple[int, ...] = ()


class TransferKept(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the successor says: whom it kept, and who has the code of another of its people."""

    kept: int
    shared: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Moved:
    """What became of our codes: how many the successor kept, whom it has twice, and who is refused.

    The refused are ours: dead or not enrolled, so nobody may ask about them.
    """

    kept: int
    shared: tuple[tuple[str, str], ...]
    refused: tuple[str, ...]


def parse_transferred(body: bytes) -> Transferred:
    """Parse a transfer on its way."""
    return parsed(body, Transferred)


def convert_transfer(
    conn: kit.Connection,
    desk: Desk,
    keys: identity.ConverterKeys,
    caller: Caller,
    moved: Transferred,
    *,
    at: datetime,
) -> Transferred:
    """Convert a batch from predecessor to successor; a converter's part."""
    given, header = _expect(conn, desk, caller, moved, at), moved.header
    batch = identity.convert_batch(given, keys, desk.directory, **header.parties)
    audit.append(conn, desk.tenant, _entry(desk, header, len(batch.request.c1), at))
    return msgspec.structs.replace(moved, batch=msgspec.Raw(identity.render(batch)))


def receipt_transfer(
    conn: kit.Connection,
    desk: Desk,
    keys: LogKeys,
    caller: Caller,
    moved: Transferred,
    *,
    at: datetime,
) -> Transferred:
    """Admit every person and sign for all, or name the places of those who are not admitted."""
    given, header = _expect(conn, desk, caller, moved, at), moved.header
    verified = identity.verify_batch(given, desk.directory, **header.parties)
    persons = identity.admit_each(conn, desk.tenant, verified, *keys.opening)
    unfit = [n for n, one in enumerate(persons) if one is None or one.closed_at is not None]
    if unfit:
        audit.append(conn, desk.tenant, _entry(desk, header, len(unfit), at, outcome="refused"))
        return msgspec.structs.replace(moved, refused=tuple(unfit))
    entry = _entry(desk, header, len(persons), at)
    promise = audit.append(conn, desk.tenant, entry)
    line = audit.Receipt(
        keys.signer.name, promise, entry.at, MERGE_DELAY_SECONDS, verified.digest
    ).sign(keys.signer)
    return msgspec.structs.replace(moved, receipt=line)


def keep_transfer(
    conn: kit.Connection,
    desk: Desk,
    keys: NodeKeys,
    caller: Caller,
    moved: Transferred,
    *,
    at: datetime,
) -> TransferKept:
    """Verify, open and keep the codes under our own numbers; the successor's part."""
    given, header = _expect(conn, desk, caller, moved, at), moved.header
    if header.successor != desk.tenant:
        raise SuccessorUnknown(successor=desk.tenant, predecessor=header.predecessor)
    verified = identity.verify_batch(given, desk.directory, **header.parties)
    check_receipt(desk, moved.receipt, verified.digest, at)
    nyms = identity.open_batch(verified, *keys.opening)
    if len(moved.people) != len(nyms) or verified.batch.request.mode != "ordered":
        raise InquiryMalformed(defect="people")
    named = list(zip(moved.people, nyms, strict=True))
    shared = identity.keep_codes(conn, desk.tenant, named, seal=keys.seal)
    audit.append(conn, desk.tenant, _entry(desk, header, len(nyms), at))
    return TransferKept(
        len(nyms) - len(shared), tuple((each.person, each.kept_as) for each in shared)
    )


async def transfer(
    desk: Desk,
    keys: NodeKeys,
    database: kit.Database,
    channel: Channel,
    successor: kit.Tenant,
    people: Sequence[tuple[str, str]],
    *,
    clock: Callable[[], datetime],
    progress: Callable[[int], None],
) -> Moved:
    """Carry our codes of people (our number, the successor's) over; again is no harm.

    Whom the log operator does not admit is left out and named; all others go.
    """
    kept, shared, refused = 0, list[tuple[str, str]](), list[str]()
    waiting, done = iter(people), 0
    while some := dict(islice(waiting, STEP)):
        with database.transaction(desk.tenant) as conn:
            codes = identity.codes_of(conn, desk.tenant, some, seal=keys.seal)
        for kv in sorted({nym.kv for nym in codes.values()}):
            named = [(ours, nym) for ours, nym in codes.items() if nym.kv == kv]
            while named:
                header = TransferHeader(
                    exchange.new_id(desk.members.instance), desk.tenant, successor, clock()
                )
                moved = await _admitted(desk, channel, header, [nym for _, nym in named], clock)
                if unfit := set(moved.refused):
                    refused += [ours for n, (ours, _) in enumerate(named) if n in unfit]
                    named = [one for n, one in enumerate(named) if n not in unfit]
                    continue
                told = await _kept(desk, channel, moved, [some[ours] for ours, _ in named], clock)
                with database.transaction(desk.tenant) as conn:
                    audit.append(conn, desk.tenant, _entry(desk, header, len(named), clock()))
                kept += told.kept
                shared += told.shared
                break
        done += len(some)
        progress(done)
    return Moved(kept, tuple(shared), tuple(refused))


async def _admitted(
    desk: Desk,
    channel: Channel,
    header: TransferHeader,
    nyms: Sequence[identity.Nym],
    clock: Callable[[], datetime],
) -> Transferred:
    """Take one batch through converters and log operator, who admits all or names whom it does not.

    Each place it names is one of this batch, so the next one is shorter.
    """
    batch = identity.blind_batch(
        [(token_bytes(16), nym) for nym in nyms],
        kit.tenant(header.successor),
        desk.directory,
        mode="ordered",
        context=header.parties["context"],
    )
    moved = Transferred(header, msgspec.Raw(identity.render(batch)))
    headers = (("pf-mode", desk.mode),)
    operator = desk.directory.log_operator
    stations = [(each, CONVERT_TRANSFER) for each in desk.directory.converters]
    for peer, path in (*stations, (operator, RECEIPT_TRANSFER)):
        body = msgspec.json.encode(moved)
        reply = await channel.call(peer, "POST", path, body, headers, at=clock())
        moved = parse_transferred(body_of(peer, reply))
        if moved.refused and peer != operator:
            raise ReplyUnexpected(peer=peer)
    if not all(0 <= place < len(nyms) for place in moved.refused):
        raise ReplyUnexpected(peer=operator)
    return moved


async def _kept(
    desk: Desk,
    channel: Channel,
    moved: Transferred,
    people: Sequence[str],
    clock: Callable[[], datetime],
) -> TransferKept:
    """Hand an admitted batch to the successor, with its own numbers of the people."""
    successor = kit.tenant(moved.header.successor)
    body = msgspec.json.encode(msgspec.structs.replace(moved, people=tuple(people)))
    headers = (("pf-mode", desk.mode),)
    reply = await channel.call(successor, "POST", KEEP_TRANSFER, body, headers, at=clock())
    return parsed(body_of(successor, reply), TransferKept)


def _expect(
    conn: kit.Connection, desk: Desk, caller: Caller, moved: Transferred, at: datetime
) -> identity.Batch:
    """Refuse whoever is not the predecessor, and a successor the members list does not name.

    What it returns is the batch, of codes that are in use.
    """
    header = moved.header
    desk.expect(caller.member, kind="organisation")
    exchange.first_time(conn, desk.tenant, caller.signature, request_id=header.id, at=at)
    named = desk.members.by_id(header.successor).succeeds
    if caller.member.id != header.predecessor or header.predecessor not in named:
        raise SuccessorUnknown(successor=header.successor, predecessor=header.predecessor)
    batch = identity.parse(bytes(moved.batch), identity.Batch)
    desk.expect_in_use(batch.request.asker, batch.request.provider, at=at)
    return batch


def _entry(
    desk: Desk, header: TransferHeader, count: int, at: datetime, *, outcome: str = "transferred"
) -> audit.Entry:
    more = {"successor": header.successor}
    return entry_of_batch(
        desk, header.predecessor, header.id, count, at, outcome=outcome, more=more
    )
