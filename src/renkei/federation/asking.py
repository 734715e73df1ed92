"""The asker's side: one question from its arrival at the edge to the fact that ends it.

A question outlives a transaction, so this is the one place in the rooms that opens them: first
decide and enter; then travel, holding nothing; at last enter how it ended, and only then tell.
What a crash leaves behind is an entry without an end, never an answer without an entry.
"""

import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

import msgspec
from starlette.concurrency import run_in_threadpool

from renkei import audit, exchange, identity, kit
from renkei.federation import proofs
from renkei.federation.answering import NodeKeys
from renkei.federation.channel import Channel, Reply, body_of
from renkei.federation.desk import Desk
from renkei.federation.errors import ReleaseDiffers, ReplyUnexpected
from renkei.federation.inquiry import (
    Carried,
    Disclosed,
    Done,
    Fact,
    OwnAccess,
    Provided,
    Receipted,
    Refused,
    parse_response,
    render,
)
from renkei.federation.membership import Membership
from renkei.federation.own_access import proven
from renkei.federation.question import Asked, Opened, Written, open_question
from renkei.federation.way import Record, Told, Way
from renkei.standard import DefinitionUnknown
from renkei.standard.mediation import Loss

_R = TypeVar("_R", Done, Receipted, Provided, Disclosed)

CONVERT, RECEIPT, ANSWER = "/hub/convert", "/hub/receipt", "/inquiries"


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a question as it happens: what, by whom, how many ms after it came in."""

    name: str
    party: str
    ms: float


@dataclass(slots=True)
class Teller:
    """Who is told the steps, and since when the clock of this question runs."""

    tell: Callable[[Step], None]
    started: float = field(default_factory=time.monotonic)

    def __call__(self, name: str, party: str) -> None:
        """Tell one step."""
        self.tell(Step(name, party, (time.monotonic() - self.started) * 1000))


@dataclass(frozen=True, slots=True)
class Ended:
    """How a question ended, and the reply whose word it is, with both signatures."""

    fact: Fact
    reply: Reply
    told: Told | None = None


@dataclass(frozen=True, slots=True)
class Counter:
    """Where an organisation's units ask: its membership, keys, database, the way to its peers.

    A question goes by one desk from beginning to end, whatever list comes into force meanwhile.
    """

    membership: Membership
    keys: NodeKeys
    database: kit.Database
    channel: Channel
    clock: Callable[[], datetime]

    async def ask(self, asked: Asked, tell: Callable[[Step], None]) -> Fact:
        """Ask one question and return how it ended; every ending but an error has its entry."""
        teller, desk = Teller(tell), self.membership.desk
        teller("received", desk.tenant)
        # 1. Decide and enter. What must not travel ends here.
        opened = await run_in_threadpool(self._open, desk, asked)
        if isinstance(opened, Fact):
            teller("refused" if opened.outcome == "refused" else "ended", desk.tenant)
            return opened
        teller("permitted", desk.tenant)
        # 2. Travel. A peer that fails ends the question with an entry of the failure.
        try:
            ended = await self._travel(desk, opened, teller)
        except kit.NodeError as error:
            await run_in_threadpool(self._fail, desk, opened, error)
            teller("failed", str(error.facts.get("peer", desk.tenant)))
            raise
        # 3. Enter how it ended, then tell.
        await run_in_threadpool(self._close, desk, opened, ended)
        fact = ended.fact
        teller("refused" if fact.outcome == "refused" else "finished", desk.tenant)
        return fact

    def _open(self, desk: Desk, asked: Asked) -> Opened | Fact:
        at = self.clock()
        with self.database.transaction(desk.tenant) as conn:
            return open_question(conn, desk, self.keys, asked, at=at)

    async def _travel(self, desk: Desk, opened: Opened, teller: Teller) -> Ended:
        inquiry = opened.inquiry
        question = await run_in_threadpool(self._blind, desk, opened)
        teller("blinded", desk.tenant)
        carried = Carried(inquiry, question)  # nobody is told more than it needs (RK-46.3)
        for converter in desk.directory.converters:
            done, reply = await self._call(converter, CONVERT, carried, Done)
            if isinstance(done, Refused):
                return Ended(self._refused(opened, done), reply)
            carried = Carried(inquiry, done.question)
            teller("converted", converter)
        operator = desk.directory.log_operator
        carried = Carried(inquiry, carried.question, withheld=opened.withheld)
        receipted, reply = await self._call(operator, RECEIPT, carried, Receipted)
        if isinstance(receipted, Refused):
            return Ended(self._refused(opened, receipted), reply)
        teller("receipted", operator)
        on, opens = opened.written.on, opened.written.opens
        carried = msgspec.structs.replace(carried, receipt=receipted.receipt, on=on, opens=opens)
        holder, release = kit.tenant(inquiry.holder), opened.written.travels_in.edition.edition
        written_in = exchange.RELEASE, release
        if inquiry.is_own_access:
            disclosed, reply = await self._call(holder, ANSWER, carried, Disclosed, written_in)
            if isinstance(disclosed, Refused):
                return Ended(self._refused(opened, disclosed, receipted.receipt), reply)
            teller("provided", inquiry.holder)
            receipt = receipted.receipt
            return await run_in_threadpool(_disclosed, opened, disclosed, receipt, reply)
        provided, reply = await self._call(holder, ANSWER, carried, Provided, written_in)
        if isinstance(provided, Refused):
            return Ended(self._refused(opened, provided, receipted.receipt), reply)
        told = told_of(opened.written, provided.record, provided.losses, reply)
        teller("provided", inquiry.holder)
        fact = Fact(
            inquiry.id,
            "not-held" if told.record is None else "answered",
            by=inquiry.holder,
            provision=inquiry.provision,
            table=inquiry.table,
            record=told.record,
            receipt=receipted.receipt,
            entry=provided.entry,
            release=opened.written.asked_in.edition.edition,
            losses=told.losses,
        )
        return Ended(fact, reply, told)

    def _blind(self, desk: Desk, opened: Opened) -> msgspec.Raw:
        inquiry = opened.inquiry
        holder = kit.tenant(inquiry.holder)
        directory = desk.directory
        question = identity.blind(opened.nym, holder, directory, context=inquiry.context)
        return msgspec.Raw(identity.render(question))

    async def _call(
        self,
        peer: kit.Tenant,
        path: str,
        carried: Carried,
        wanted: type[_R],
        *more: tuple[str, str],
    ) -> tuple[_R | Refused, Reply]:
        inquiry = carried.inquiry
        headers = (("x-road-id", inquiry.id), ("pf-mode", inquiry.mode.value), *more)
        body = render(carried)
        reply = await self.channel.call(peer, "POST", path, body, headers, at=self.clock())
        answer = parse_response(body_of(peer, reply))
        if isinstance(answer, wanted | Refused):
            return answer, reply
        raise ReplyUnexpected(peer=peer)

    def _refused(self, opened: Opened, refusal: Refused, receipt: str = "") -> Fact:
        return Fact(
            opened.inquiry.id,
            "refused",
            by=refusal.by,
            reason=refusal.reason,
            provision=refusal.provision,
            table=refusal.table,
            receipt=receipt,
            release=opened.written.asked_in.edition.edition,
        )

    def _close(self, desk: Desk, opened: Opened, ended: Ended) -> None:
        fact = ended.fact
        kind = audit.Kind.REFUSAL if fact.outcome == "refused" else audit.Kind.ANSWER
        details = {"by": fact.by, "reason": fact.reason, "receipt": fact.receipt}
        told = fact.bundle if isinstance(fact, OwnAccess) else kit.canonical(fact.record)
        record = exchange.encode(hashlib.sha256(told).digest())
        details |= {"holder_entry": fact.entry, "record": record}
        details |= {} if ended.told is None else ended.told.facts()
        details |= proofs.of_reply(ended.reply)
        self._enter(desk, opened, kind, fact.outcome, details)

    def _fail(self, desk: Desk, opened: Opened, error: kit.NodeError) -> None:
        details = {"error": error.code(), "by": str(error.facts.get("peer", ""))}
        self._enter(desk, opened, audit.Kind.FAILURE, "failed", details)

    def _enter(
        self, desk: Desk, opened: Opened, kind: audit.Kind, outcome: str, details: dict[str, str]
    ) -> None:
        at, tenant = self.clock(), desk.tenant
        entry = opened.written.entry(
            desk,
            kind,
            outcome,
            at=at,
            label=opened.label,
            withheld=opened.withheld,
            details=details,
        )
        with self.database.transaction(tenant) as conn:
            audit.append(conn, tenant, entry)


def _disclosed(opened: Opened, disclosed: Disclosed, receipt: str, reply: Reply) -> Ended:
    """Return how a question for an access record ended, once the bundle has proven itself."""
    inquiry, bundle = opened.inquiry, bytes(disclosed.bundle)
    fact = OwnAccess(
        inquiry.id,
        "answered",
        by=inquiry.holder,
        provision=inquiry.provision,
        table=inquiry.table,
        receipt=receipt,
        entry=disclosed.entry,
        release=opened.written.asked_in.edition.edition,
        bundle=bundle,
        entries=proven(reply.peer, bundle),
    )
    return Ended(fact, reply)


def told_of(
    written: Written, record: Record | None, losses: tuple[Loss, ...], reply: Reply
) -> Told:
    """Return what the holder provided as the unit asked for it, or raise where it cannot be."""
    inquiry, peer = written.inquiry, reply.peer.id
    ours, theirs = written.travels_in.edition.edition, reply.answer.field(exchange.RELEASE) or ""
    if theirs != ours:
        raise ReleaseDiffers(peer=peer, theirs=theirs[:64] or "-", ours=ours)
    way = Way(written.travels_in, written.asked_in, inquiry.holder_unit, inquiry.service)
    try:
        return way.told(record, before=losses)
    except DefinitionUnknown:
        raise ReplyUnexpected(peer=peer) from None
