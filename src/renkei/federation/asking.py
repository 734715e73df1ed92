"""The asker's side: one question from its arrival at the edge to the fact that ends it.

A question outlives a transaction, so this is the one place in the rooms that opens them: first
decide and enter; then travel, holding nothing; at last enter how it ended, and only then tell.
What a crash leaves behind is an entry without an end, never an answer without an entry.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar
from urllib.parse import parse_qs

import msgspec
from starlette.concurrency import run_in_threadpool

from renkei import audit, exchange, identity, kit, law, standard, store
from renkei.federation.answering import NodeKeys
from renkei.federation.channel import Channel, body_of
from renkei.federation.desk import Desk, facts
from renkei.federation.errors import (
    InquiryIncomplete,
    ModeDiffers,
    ReplyUnexpected,
    ServiceUnknown,
)
from renkei.federation.inquiry import (
    Carried,
    Done,
    Fact,
    Inquiry,
    Outcome,
    Provided,
    Receipted,
    Refused,
    parse_response,
    render,
)

_R = TypeVar("_R", Done, Receipted, Provided)

CONVERT, RECEIPT, ANSWER = "/hub/convert", "/hub/receipt", "/inquiries"


@dataclass(frozen=True, slots=True)
class Asked:
    """What came in at the edge: the envelope, the service called, and our number for it."""

    envelope: exchange.Envelope
    call: exchange.ServiceCall
    id: str


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
class _Opened:
    """A question that may travel: what is asked, and the asker's own code for the person."""

    inquiry: Inquiry
    nym: identity.Nym
    label: bytes


@dataclass(frozen=True, slots=True)
class Counter:
    """Where an organisation's units ask: its desk, keys, database and the way to its peers."""

    desk: Desk
    keys: NodeKeys
    database: kit.Database
    channel: Channel
    clock: Callable[[], datetime]

    async def ask(self, asked: Asked, tell: Callable[[Step], None]) -> Fact:
        """Ask one question and return how it ended; every ending but an error has its entry."""
        teller = Teller(tell)
        teller("received", self.desk.tenant)
        # 1. Decide and enter. What must not travel ends here.
        opened = await run_in_threadpool(self._open, asked)
        if isinstance(opened, Fact):
            teller("refused" if opened.outcome == "refused" else "ended", self.desk.tenant)
            return opened
        teller("permitted", self.desk.tenant)
        # 2. Travel. A peer that fails ends the question with an entry of the failure.
        try:
            fact = await self._travel(opened, teller)
        except kit.NodeError as error:
            await run_in_threadpool(self._fail, opened, error)
            teller("failed", str(error.facts.get("peer", self.desk.tenant)))
            raise
        # 3. Enter how it ended, then tell.
        await run_in_threadpool(self._close, opened, fact)
        teller("refused" if fact.outcome == "refused" else "finished", self.desk.tenant)
        return fact

    def _open(self, asked: Asked) -> _Opened | Fact:
        at = self.clock()
        with self.database.transaction(self.desk.tenant) as conn:
            return open_question(conn, self.desk, self.keys, asked, at=at)

    async def _travel(self, opened: _Opened, teller: Teller) -> Fact:
        inquiry = opened.inquiry
        question = await run_in_threadpool(self._blind, opened)
        teller("blinded", self.desk.tenant)
        carried = Carried(inquiry, question)
        for converter in self.desk.directory.converters:
            reply = await self._call(converter, CONVERT, carried, Done)
            if isinstance(reply, Refused):
                return self._refused(inquiry, reply)
            carried = Carried(inquiry, reply.question)
            teller("converted", converter)
        operator = self.desk.directory.log_operator
        receipted = await self._call(operator, RECEIPT, carried, Receipted)
        if isinstance(receipted, Refused):
            return self._refused(inquiry, receipted)
        teller("receipted", operator)
        carried = Carried(inquiry, carried.question, receipted.receipt)
        provided = await self._call(kit.tenant(inquiry.holder), ANSWER, carried, Provided)
        if isinstance(provided, Refused):
            return self._refused(inquiry, provided, receipted.receipt)
        teller("provided", inquiry.holder)
        return Fact(
            inquiry.id,
            "not-held" if provided.record is None else "answered",
            by=inquiry.holder,
            provision=inquiry.provision,
            table=inquiry.table,
            record=provided.record,
            receipt=receipted.receipt,
            entry=provided.entry,
        )

    def _blind(self, opened: _Opened) -> msgspec.Raw:
        inquiry = opened.inquiry
        holder = kit.tenant(inquiry.holder)
        directory = self.desk.directory
        question = identity.blind(opened.nym, holder, directory, context=inquiry.context)
        return msgspec.Raw(identity.render(question))

    async def _call(
        self, peer: kit.Tenant, path: str, carried: Carried, wanted: type[_R]
    ) -> _R | Refused:
        headers = (("x-road-id", carried.inquiry.message), ("pf-mode", carried.inquiry.mode.value))
        body = render(carried)
        reply = await self.channel.call(peer, "POST", path, body, headers, at=self.clock())
        answer = parse_response(body_of(peer, reply))
        if isinstance(answer, wanted | Refused):
            return answer
        raise ReplyUnexpected(peer=peer)

    def _refused(self, inquiry: Inquiry, refusal: Refused, receipt: str = "") -> Fact:
        return Fact(
            inquiry.id,
            "refused",
            by=refusal.by,
            reason=refusal.reason,
            provision=refusal.provision,
            table=refusal.table,
            receipt=receipt,
        )

    def _close(self, opened: _Opened, fact: Fact) -> None:
        kind = audit.Kind.REFUSAL if fact.outcome == "refused" else audit.Kind.ANSWER
        details = {"by": fact.by, "reason": fact.reason, "receipt": fact.receipt}
        details |= {"holder_entry": fact.entry, "record": exchange.encode(kit.digest(fact.record))}
        self._enter(opened, kind, fact.outcome, details)

    def _fail(self, opened: _Opened, error: kit.NodeError) -> None:
        details = {"error": error.code(), "by": str(error.facts.get("peer", ""))}
        self._enter(opened, audit.Kind.FAILURE, "failed", details)

    def _enter(
        self, opened: _Opened, kind: audit.Kind, outcome: str, details: dict[str, str]
    ) -> None:
        at = self.clock()
        entry = opened.inquiry.entry(kind, outcome, at=at, label=opened.label, details=details)
        with self.database.transaction(self.desk.tenant) as conn:
            audit.append(conn, self.desk.tenant, entry)


def open_question(
    conn: kit.Connection, desk: Desk, keys: NodeKeys, asked: Asked, *, at: datetime
) -> _Opened | Fact:
    """Decide a question and enter it: it may travel, or it ends here with a fact."""
    envelope = asked.envelope
    # 1. One message id of a client has one effect.
    exchange.first_use(conn, desk.tenant, envelope.client, envelope.id, at=at)
    inquiry = _inquiry(desk, asked, at)
    # 2. Whose question it is here: our own number, and the code the registrar issued for it.
    number = envelope.subject or ""
    person = store.find_person(conn, desk.tenant, number, on=inquiry.on)
    nym = identity.code_of(conn, desk.tenant, number, seal=keys.seal)
    withheld = person is not None and person.protected
    inquiry = msgspec.structs.replace(inquiry, withheld=withheld)
    mark = identity.sealed_label if withheld else identity.label
    label = None if nym is None else mark(kit.day_of(at).year, nym)

    def end(outcome: Outcome, refusal: Refused | None = None) -> Fact:
        details = {} if refusal is None else facts(refusal)
        entry = inquiry.entry(audit.Kind.REFUSAL, outcome, at=at, label=label, details=details)
        audit.append(conn, desk.tenant, entry)
        return Fact(
            inquiry.id,
            outcome,
            by=desk.tenant,
            reason="" if refusal is None else refusal.reason,
            provision=inquiry.provision,
            table=inquiry.table,
        )

    # 3. The law, before anything else is told.
    with kit.metered("law"):
        decision = law.decide(inquiry.request(desk.members), desk.provisions, kit.day_of(at))
    inquiry = msgspec.structs.replace(inquiry, provision=decision.provision)
    match decision:
        case law.Refusal():
            reason = decision.reason.value
            return end("refused", Refused(desk.tenant, reason, decision.provision, decision.table))
        case law.Permit():
            pass
    if person is None:
        return end("subject-unknown")
    if nym is None or label is None:
        return end("code-not-issued")
    # 4. It may travel: entered before it does.
    audit.append(conn, desk.tenant, inquiry.entry(audit.Kind.REQUEST, "asked", at=at, label=label))
    return _Opened(inquiry, nym, label)


def _inquiry(desk: Desk, asked: Asked, at: datetime) -> Inquiry:
    """Return what is asked, complete but for the provision; the standard names each part."""
    envelope, provider = asked.envelope, asked.call.service.provider
    if envelope.mode != desk.mode:
        raise ModeDiffers(theirs=envelope.mode, ours=desk.mode)
    for name, value in (("PF-Procedure", envelope.procedure), ("PF-Subject", envelope.subject)):
        if not value:
            raise InquiryIncomplete(name=name)
    catalogue = standard.catalogue()
    try:
        service = catalogue.interface(provider.code, asked.call.service.code)
    except standard.DefinitionUnknown as error:
        raise ServiceUnknown(service=f"{provider.code}/{asked.call.service.code}") from error
    entity = catalogue.entity(service.entity)
    named = {item.name: item.id for item in entity.items}
    wanted = parse_qs(asked.call.query).get("items", [",".join(service.items)])[-1].split(",")
    for name in wanted:
        if name not in named:
            raise store.ItemNotInEntity(entity=entity.name, item=name[:48])
    holder = desk.members.by_id(provider.organisation.code)
    return Inquiry(
        id=asked.id,
        message=envelope.id,
        mode=envelope.mode,
        asker=desk.tenant,
        asker_unit=_unit(envelope.client),
        holder=holder.id,
        holder_unit=provider.code,
        service=service.service,
        procedure=envelope.procedure or "",
        information=service.information.code,
        items=tuple(named[name] for name in wanted),
        year=_year(asked, service),
        purpose=envelope.purpose or "",
        consent=envelope.consent or "",
        withheld=False,
        provision="",
        table=desk.provisions.version,
        on=envelope.on or kit.day_of(at),
        at=at,
    )


def _unit(client: exchange.Client) -> str:
    """Return the number of the unit that asks; an organisation as such has none."""
    match client:
        case exchange.Subsystem():
            return client.code
        case exchange.Member():
            return ""


def _year(asked: Asked, service: standard.Interface) -> int | None:
    """Return the year that the path asks for, where the service has one."""
    segments = [segment for segment in asked.call.segments() if segment]
    if len(segments) != len(service.parameters):
        raise InquiryIncomplete(name=f"/{service.path}")
    if not service.parameters:
        return None
    (year,) = segments
    if not (year.isascii() and year.isdigit() and len(year) == 4):
        raise InquiryIncomplete(name=f"/{service.path}")
    return int(year)
