"""The asker's side of an inquiry about many: one list, or a part of it, from entry to facts.

As of one question: decide and enter, travel holding nothing, enter how each ended, then tell. A
member that fails ends every person's question of the batch with an entry of the failure.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from secrets import token_bytes
from typing import TypeVar

import msgspec
from starlette.concurrency import run_in_threadpool

from renkei import audit, exchange, identity, kit
from renkei.federation import proofs
from renkei.federation.answering import NodeKeys
from renkei.federation.bulk import (
    ANSWER_BULK,
    BULK_LIMITS,
    CONVERT_BULK,
    RECEIPT_BULK,
    BulkCarried,
    BulkProvided,
    BulkReceipted,
    Stepped,
    parse_bulk_response,
)
from renkei.federation.bulk_ending import (
    IN_SET,
    Travelled,
    all_refused,
    check_size,
    in_set,
    provided_at,
    refused_at,
)
from renkei.federation.bulk_question import BulkAsked, BulkDecided, BulkOpened, open_bulk
from renkei.federation.channel import Channel, Reply, body_of
from renkei.federation.desk import Desk
from renkei.federation.errors import ReplyUnexpected
from renkei.federation.inquiry import Fact, Refused
from renkei.federation.membership import Membership
from renkei.federation.way import Told

LEAST_SECONDS, PER_SECOND = 30.0, 40
"""How long a party may take about a batch: so long, and a second for so many persons."""

_R = TypeVar("_R", Stepped, BulkReceipted, BulkProvided)


@dataclass(frozen=True, slots=True)
class BulkEnded:
    """How a list ended: each person's fact by place; of a shuffled batch the facts of the set.

    With an error, who has no fact was not answered: it ended the batch under way.
    """

    ended: Mapping[int, Fact]
    of_set: tuple[Fact, ...] = ()
    error: kit.NodeError | None = None


@dataclass(frozen=True, slots=True)
class BulkCounter:
    """Where lists are asked about: membership, keys, database and the way to the peers."""

    membership: Membership
    keys: NodeKeys
    database: kit.Database
    channel: Channel
    clock: Callable[[], datetime]
    fewest: int

    async def ask(self, asked: BulkAsked) -> BulkEnded:
        """Ask about a list and return how each question ended; every ending has its entry."""
        desk = self.membership.desk
        decided = await run_in_threadpool(self._open, desk, asked)
        ended, of_set = dict(decided.ended), list[Fact]()
        for number, opened in enumerate(decided.batches):
            try:
                travelled = await self._travel(desk, opened)
            except kit.NodeError as error:
                # What waits behind it was entered as asked, too, and is not asked any more.
                left = decided.batches[number:]
                await run_in_threadpool(self._fail, desk, left, error)
                return BulkEnded(ended, tuple(of_set), error)
            await run_in_threadpool(self._close, desk, opened, travelled)
            facts = travelled.facts
            if travelled.is_set:
                of_set += facts
                facts = in_set(opened)
            ended.update(zip(opened.places, facts, strict=True))
        return BulkEnded(ended, tuple(of_set))

    def _open(self, desk: Desk, asked: BulkAsked) -> BulkDecided:
        with self.database.transaction(desk.tenant) as conn:
            at = self.clock()
            return open_bulk(conn, desk, self.keys, asked, fewest=self.fewest, at=at)

    async def _travel(self, desk: Desk, opened: BulkOpened) -> Travelled:
        carried = await run_in_threadpool(self._blind, desk, opened)
        for converter in desk.directory.converters:
            stepped, reply = await self._call(converter, CONVERT_BULK, carried, Stepped)
            if isinstance(stepped, Refused):
                return all_refused(opened, stepped, reply)
            steps = (*carried.conversions, stepped.step)
            carried = msgspec.structs.replace(carried, conversions=steps)
        operator = desk.directory.log_operator
        carried = msgspec.structs.replace(carried, withheld=opened.withheld)
        receipted, log_reply = await self._call(operator, RECEIPT_BULK, carried, BulkReceipted)
        if isinstance(receipted, Refused):
            return all_refused(opened, receipted, log_reply)
        check_size(operator, opened, receipted.persons)
        receipts = tuple(one.receipt for one in receipted.persons)
        carried = msgspec.structs.replace(carried, receipts=receipts, on=opened.written.on)
        holder, release = kit.tenant(opened.bulk.inquiry.holder), opened.written.travels_in
        provided, reply = await self._call(
            holder, ANSWER_BULK, carried, BulkProvided, (exchange.RELEASE, release.edition.edition)
        )
        if isinstance(provided, Refused):
            return all_refused(opened, provided, reply)
        check_size(holder, opened, provided.persons)
        facts, replies, told = list[Fact](), list[Reply](), list[Told | None]()
        is_set = opened.bulk.order == "shuffled"
        for place, (promised, one) in enumerate(
            zip(receipted.persons, provided.persons, strict=True), 1
        ):
            if promised.reason:
                refused = Refused(operator, promised.reason, opened.bulk.inquiry.provision, "")
                facts.append(refused_at(opened, place, refused))
                replies.append(log_reply)
                told.append(None)
                continue
            fact, way = provided_at(opened, place, one, "" if is_set else promised.receipt, reply)
            facts.append(fact)
            replies.append(reply)
            told.append(way)
        return Travelled(tuple(facts), tuple(replies), tuple(told), is_set)

    def _blind(self, desk: Desk, opened: BulkOpened) -> BulkCarried:
        bulk = opened.bulk
        batch = identity.blind_batch(
            [(token_bytes(16), nym) for nym in opened.nyms],
            kit.tenant(bulk.inquiry.holder),
            desk.directory,
            mode=bulk.order,
            context=bulk.parties["context"],
        )
        return BulkCarried(bulk, msgspec.Raw(identity.render(batch.request)))

    async def _call(
        self,
        peer: kit.Tenant,
        path: str,
        carried: BulkCarried,
        wanted: type[_R],
        *more: tuple[str, str],
    ) -> tuple[_R | Refused, Reply]:
        inquiry = carried.bulk.inquiry
        headers = (("x-road-id", inquiry.id), ("pf-mode", inquiry.mode.value), *more)
        body = await run_in_threadpool(msgspec.json.encode, carried)
        reply = await self.channel.call(
            peer,
            "POST",
            path,
            body,
            headers,
            at=self.clock(),
            seconds=LEAST_SECONDS + carried.bulk.persons / PER_SECOND,
            most=BULK_LIMITS.body,
        )
        answer = await run_in_threadpool(parse_bulk_response, body_of(peer, reply))
        if isinstance(answer, wanted | Refused):
            return answer, reply
        raise ReplyUnexpected(peer=peer)

    def _close(self, desk: Desk, opened: BulkOpened, travelled: Travelled) -> None:
        """Enter how each person's question ended, in one statement."""
        shared = opened.bulk.facts() | dict(opened.said)
        at = self.clock()
        entries = []
        rows = zip(opened.labels, travelled.facts, travelled.replies, travelled.told, strict=True)
        of_reply = dict[int, dict[str, str]]()
        for one in travelled.replies:
            if id(one) not in of_reply:
                of_reply[id(one)] = proofs.of_reply(one)
        for place, (label, fact, reply, told) in enumerate(rows, 1):
            kind = audit.Kind.REFUSAL if fact.outcome == "refused" else audit.Kind.ANSWER
            details = {"by": fact.by, "reason": fact.reason, "receipt": fact.receipt}
            details["holder_entry"] = fact.entry
            details["record"] = exchange.encode(kit.digest(fact.record))
            details |= {} if told is None else told.facts()
            outcome: str = fact.outcome
            if travelled.is_set:
                # Which fact of the set is this person's nobody knows: none is named.
                kind, outcome, details = audit.Kind.ANSWER, IN_SET, {"by": fact.by}
            details = shared | details | of_reply[id(reply)]
            entries.append(
                opened.one(place).entry(
                    desk,
                    kind,
                    outcome,
                    at=at,
                    label=label,
                    withheld=opened.withheld,
                    details=details,
                )
            )
        with self.database.transaction(desk.tenant) as conn:
            audit.append_many(conn, desk.tenant, entries)

    def _fail(self, desk: Desk, left: Sequence[BulkOpened], error: kit.NodeError) -> None:
        said = {"error": error.code(), "by": str(error.facts.get("peer", ""))}
        at = self.clock()
        entries = [
            opened.one(place).entry(
                desk,
                audit.Kind.FAILURE,
                "failed",
                at=at,
                label=label,
                withheld=opened.withheld,
                details=opened.bulk.facts() | dict(opened.said) | said,
            )
            for opened in left
            for place, label in enumerate(opened.labels, 1)
        ]
        with self.database.transaction(desk.tenant) as conn:
            audit.append_many(conn, desk.tenant, entries)
