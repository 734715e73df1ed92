"""The systems behind this node: whose messages they are given, and what they answer.

A message comes from another organisation's node, proven by line and signature, or from a unit of
our own. The right is looked up, the message entered, passed to the system, and the answer entered
before it leaves. A refusal is signed and entered like an answer.
"""

import logging
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Self
from urllib.parse import parse_qs

from renkei import audit, exchange, federation, kit, standard
from renkei.app.bodies.keeping import BodyKeeping
from renkei.app.errors import DescriptionDefective, ServiceReserved
from renkei.app.hub import json_answer
from renkei.app.operations.operational_records import Series
from renkei.app.operations.running import Running
from renkei.app.passing import descriptions, soap_descriptions
from renkei.app.passing.ledger import Ledger, Seen
from renkei.app.settings import Settings
from renkei.app.site import Site, now
from renkei.app.units.xroad_header import check_arrived
from renkei.exchange import Answer, Body, BodyLimits, Passed, Question
from renkei.federation import Message, ModeDiffers, ServiceUnknown, body_facts

log = logging.getLogger("renkei.app")

NO_RIGHT = "right-missing"
XML = ("content-type", "text/xml;charset=utf-8")
LIMITS = BodyLimits()


@dataclass(frozen=True, slots=True)
class Providers:
    """The registered systems of a site, and the way to them."""

    known: dict[tuple[str, str], exchange.Provider]
    line: exchange.ProviderLine

    @classmethod
    def of(cls, settings: Settings, folder: Path) -> "Providers":
        """Take what is registered; what the standard names is asked under the law alone."""
        catalogue = standard.catalogue()
        lawful = {(one.unit, one.service) for one in catalogue.interfaces}
        for unit, service in settings.services:
            if (unit, service) in lawful or service in exchange.metadata.METASERVICES:
                raise ServiceReserved(service=f"{unit}/{service}")
        return cls(dict(settings.services), exchange.ProviderLine(LIMITS, folder))

    def find(self, service: exchange.Service) -> exchange.Provider:
        """Return who answers a service here, or raise `ServiceUnknown`."""
        found = self.known.get((service.provider.code, service.code))
        if found is None:
            raise ServiceUnknown(service=f"{service.provider.code}/{service.code}"[:120])
        return found

    async def ask(self, message: Message, given: exchange.Fields, body: Body) -> Passed:
        """Pass a message to its system and return the answer, with the fields a node adds."""
        provider = self.find(message.call.service)
        if provider.wsdl:
            await check_arrived(message, given, body)
        target = provider.target(message.call)
        fields = exchange.passed_fields(given)
        if message.envelope.id_generated:
            fields = (*fields, ("x-road-id", message.envelope.id))
        fields = (*fields, ("x-road-request-id", message.number))
        passed = await self.line.ask(provider, message.method, target, fields, body)
        told = (*exchange.answered_fields(passed.answer.fields), *fields_of(message))
        return replace(passed, answer=Answer(passed.answer.status, told))

    async def described(
        self, call: exchange.ServiceCall, client: exchange.Client, method: str
    ) -> Answer:
        """Answer a metaservice about the systems of a unit: nobody's data, and no entry."""
        if method != "GET":
            raise exchange.MethodNotPassed(method=method[:20], known="GET")
        provider, name = call.service.provider, call.service.code
        if name in (exchange.metadata.GET_OPENAPI, exchange.metadata.GET_WSDL):
            code = parse_qs(call.query).get("serviceCode", [""])[-1]
            found = self.find(exchange.Service(provider, code[:80]))
            if name == exchange.metadata.GET_WSDL:
                wsdl = await soap_descriptions.read(found)
                answer = None if wsdl is None else Answer(200, (XML,), wsdl)
            else:
                described = await descriptions.read(found)
                answer = None if described is None else json_answer(200, described.json)
            if answer is None:
                raise ServiceUnknown(service=f"{provider.code}/{code}"[:120])
            return answer
        is_allowed = name == exchange.metadata.ALLOWED_METHODS
        asker = client if is_allowed else None
        methods = [
            await self._method(exchange.Service(provider, one.service), one, asker)
            for one in self.known.values()
            if one.unit == provider.code
        ]
        told = [one for one in methods if one.endpoints or not is_allowed]
        return json_answer(200, exchange.metadata.methods_json(told))

    async def _method(
        self, service: exchange.Service, provider: exchange.Provider, client: exchange.Client | None
    ) -> exchange.metadata.Method:
        """Return a system as a list tells it; in SOAP there is one endpoint."""
        if not provider.wsdl:
            return exchange.metadata.Method(service, await self._endpoints(provider, client))
        given = () if client is None else provider.endpoints(client)
        is_told = client is None or any(one.fits("POST", ()) for one in given)
        endpoints = (("POST", "/"),) if is_told else ()
        return exchange.metadata.Method(service, endpoints, exchange.metadata.SOAP)

    async def _endpoints(
        self, provider: exchange.Provider, client: exchange.Client | None
    ) -> tuple[tuple[str, str], ...]:
        """Return what a system has, or what of it a client may use."""
        if client is not None:
            return tuple(one.render() for one in provider.endpoints(client))
        try:
            found = await descriptions.read(provider)
        except DescriptionDefective as error:  # the service is there all the same
            log.warning("%s", error)
            return ()
        return () if found is None else found.endpoints

    def refusal(self, message: Message, mode: str) -> exchange.Fault | None:
        """Return why a message has no right to its service, or None if it has one."""
        if message.envelope.mode != mode:
            raise ModeDiffers(theirs=message.envelope.mode, ours=mode)
        provider = self.find(message.call.service)
        if provider.permits(message.envelope.client, message.method, message.call):
            return None
        code = f"refusal-{NO_RIGHT}"
        return exchange.Fault.refusal(
            NO_RIGHT,
            kit.say(code, "en"),
            kit.say(code, "ja"),
            detail=message.number,
            side="serverproxy",
        )


@dataclass(frozen=True, slots=True)
class Passing:
    """What both ends of a passed message share at a node."""

    providers: Providers
    ledger: Ledger
    folder: Path
    bodies: BodyKeeping

    @classmethod
    def of(cls, site: Site) -> Self:
        """Make the folder where large bodies wait; the ways open when they are first used."""
        folder = site.settings.state / "passing"
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        ledger = Ledger(site.database, site.desk.tenant)
        bodies = BodyKeeping.of(site.settings)
        return cls(Providers.of(site.settings, folder), ledger, folder, bodies)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Self]:
        """Close the ways at the end, after what is under way."""
        async with self.ledger, self.providers.line:
            yield self


def fields_of(message: Message) -> exchange.Fields:
    """Return what an answer says of the message it belongs to."""
    return (
        ("x-road-id", message.envelope.id),
        ("x-road-client", message.envelope.client.render()),
        ("x-road-service", message.call.service.render()),
        ("x-road-request-id", message.number),
    )


class ProviderDoor:
    """What other organisations' nodes pass on to the systems of one site, below `/r1/`."""

    def __init__(self, site: Site, passing: Passing, running: Running) -> None:
        """Take the site, its systems, where messages are entered, and what counts them."""
        self._site = site
        self._running = running
        self._providers = passing.providers
        self._ledger = passing.ledger
        self._folder = passing.folder
        self._bodies = passing.bodies

    async def __call__(
        self, scope: exchange.Scope, receive: exchange.Receive, send: exchange.Send
    ) -> None:
        """Answer one message; every answer is signed and bound to it."""
        question, at, begun = None, now(), time.perf_counter()
        series, sizes = None, [0, 0]
        try:
            question = Question.received(scope, b"")
            caller = federation.received(
                question,
                federation.caller_fingerprint(scope),
                members=self._site.desk.members,
                here=self._site.desk.tenant,
                at=at,
                carried=True,
            )
            self._running.drain.check()
            call = exchange.service_call(question.path, question.query)
            if call.service.code in exchange.metadata.METASERVICES:
                answer = await self._providers.described(
                    call, caller.envelope.client, question.method
                )
                passed = self._signed(_beside(answer), question)[0]
                await passed(scope, receive, send)
                return
            series = provided(call.service.provider.code, call.service.code, caller.member.id)
            pieces = exchange.received(receive)
            with await Body.read(pieces, LIMITS, self._folder) as body:
                sizes[0] = body.size
                exchange.check_digest(question.fields, body.sha256)
                async with self._running.peers.of(caller.member.id):
                    passed = await self._answer(caller, call, body, at)
            sizes[1] = passed.body.size
            if passed.answer.field("x-road-error") is not None:
                series = series._replace(outcome="refused", error=NO_RIGHT)
        except kit.NodeError as error:
            series = series and series._replace(outcome="failed", error=error.code())
            passed = self._signed(_beside(federation.fault(error)), question)[0]
        except Exception:
            log.exception("a message could not be answered")
            series = series and series._replace(outcome="failed", error=kit.NodeError.code())
            passed = self._signed(_beside(federation.fault(kit.NodeError())), question)[0]
        if series is not None:
            self._running.records.add(series, time.perf_counter() - begun, *sizes)
        await passed(scope, receive, send)

    async def _answer(
        self, caller: federation.Caller, call: exchange.ServiceCall, body: Body, at: datetime
    ) -> Passed:
        """Enter a message, pass it on, enter the answer."""
        question = caller.question
        number = federation.number_of(question)
        message = Message(number, question.method, caller.envelope, call)
        mark = Seen(caller.signature.keyid, caller.signature.nonce, caller.envelope.id)
        facts = body_facts("question", body) | caller.signature.facts("question")
        # 1. Who has no right, or asks for what is not here, ends here; entered like any other.
        try:
            if call.service.provider.organisation.code != self._site.desk.tenant:
                raise ServiceUnknown(service=call.service.render()[:120])
            refused = self._providers.refusal(message, self._site.desk.mode)
            if refused is None:
                facts |= await self._bodies.question(message, body, at)
        except kit.NodeError as error:
            entry = message.entry(
                audit.Kind.FAILURE, "failed", at=at, details=facts | {"error": error.code()}
            )
            await self._ledger.enter(entry, mark)
            raise
        if refused is not None:
            more = fields_of(message)
            answer = refused.answer("", *more, status=403)
            passed, signature = self._signed(_beside(answer), question)
            facts |= {"reason": NO_RIGHT, "by": self._site.desk.tenant}
            facts |= body_facts("answer", passed.body) | signature.facts("answer")
            entry = message.entry(audit.Kind.REFUSAL, "refused", at=at, details=facts)
            await self._ledger.enter(entry, mark)
            return passed
        # 2. Entered before it is passed on: what the system does is never without an entry.
        entry = message.entry(audit.Kind.REQUEST, "received", at=at, details=facts)
        try:
            await self._ledger.enter(entry, mark)
        except exchange.Replayed:
            self._bodies.drop(facts)
            raise
        # 3. The system's answer, or what it did wrong.
        try:
            passed = await self._providers.ask(message, question.fields, body)
            kept = await self._bodies.answer(message, passed, now())
        except kit.NodeError as error:
            entry = message.entry(
                audit.Kind.FAILURE, "failed", at=now(), details={"error": error.code()}
            )
            await self._ledger.enter(entry)
            raise
        # 4. Entered before it leaves.
        passed, signature = self._signed(passed, question)
        facts = body_facts("answer", passed.body) | signature.facts("answer") | kept
        facts["status"] = str(passed.answer.status)
        entry = message.entry(audit.Kind.PROVISION, "answered", at=now(), details=facts)
        try:
            await self._ledger.enter(entry)
        except BaseException:
            passed.body.close()
            raise
        return passed

    def _signed(
        self, passed: Passed, question: Question | None
    ) -> tuple[Passed, exchange.Signature]:
        answer, signature = federation.sign(
            passed.answer,
            question,
            self._site.credentials,
            at=now(),
            carried=passed.body.sha256,
        )
        return replace(passed, answer=answer), signature


def provided(unit: str, service: str, caller: str, outcome: str = "answered") -> Series:
    """Return what a question or message of another organisation is counted under."""
    return Series("provided", f"{unit}/{service}", caller, "", outcome)


def _beside(answer: Answer) -> Passed:
    """Return an answer of our own with its body beside it."""
    return Passed(Answer(answer.status, answer.fields), Body.of(answer.body))
