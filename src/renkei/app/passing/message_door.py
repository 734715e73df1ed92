"""Messages of the own units to systems of other organisations, or of our own: passed on.

What `/r1/…` names that is no service of the standard is answered by a system registered behind
some node. Any method, any body: the message is entered, signed, carried to that node, and the
answer believed, entered and told. Nobody's personal data is asked for here; the law decides those
questions at another counter (`Questions`).
"""

import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from datetime import datetime

from renkei import audit, exchange, federation, kit
from renkei.app.errors import BodyNotSealed
from renkei.app.operations.oversight import unit_of
from renkei.app.operations.running import Running
from renkei.app.passing.ledger import Use
from renkei.app.passing.provider_door import LIMITS, NO_RIGHT, Passing, fields_of
from renkei.app.site import Site, now
from renkei.app.units.questions import asked
from renkei.app.units.rest_answers import RestAnswers
from renkei.app.units.turns import urgency
from renkei.exchange import Answer, Body, Passed, Question
from renkei.federation import Channel, Message, ModeDiffers, body_facts

Finish = Callable[[Passed], Awaitable[Passed]]
"""What a binding makes of a system's answer for its unit; what is wrong with it is raised."""


class MessageDoor:
    """The way of one site's messages, whichever binding brought them."""

    def __init__(
        self,
        site: Site,
        channel: Channel,
        passing: Passing,
        answers: RestAnswers,
        running: Running,
    ) -> None:
        """Take the site, the ways to peers and to own systems, how faults are told, what runs."""
        self._site = site
        self._running = running
        self._answers = answers
        self._channel = channel
        self._providers = passing.providers
        self._ledger = passing.ledger
        self._folder = passing.folder
        self._bodies = passing.bodies

    async def pass_on(
        self,
        receive: exchange.Receive,
        question: Question,
        envelope: exchange.Envelope,
        call: exchange.ServiceCall,
        number: str,
    ) -> Passed | Answer:
        """Pass on what came in REST and return its answer; its body is still to be received."""
        message = Message(number, question.method, envelope, call)
        self.check(message)
        with await self.receive(exchange.received(receive), sha512=True) as body:
            tied = exchange.request_hash(question, envelope, number, body.sha512)
            told = (*fields_of(message), ("x-road-request-hash", tied))
            given = question.fields
            ended = await self.carry(
                message, given, body, _as_it_is, priority=question.field("priority")
            )
        if isinstance(ended, exchange.Fault):
            is_refusal = ended.code == NO_RIGHT
            more = (*told, ("pf-refused-by", message.holder)) if is_refusal else told
            accept = question.field("accept") or ""
            return self._answers.fault(ended, accept, *more, status=403 if is_refusal else None)
        fields = exchange.answered_fields(ended.answer.fields)
        return replace(ended, answer=Answer(ended.answer.status, (*fields, *told)))

    def check(self, message: Message) -> None:
        """Refuse what is not passed on, before its body is read."""
        if message.method not in exchange.METHODS:
            known = ", ".join(exchange.METHODS)
            raise exchange.MethodNotPassed(method=message.method[:20], known=known)
        if message.envelope.subject is not None:
            raise exchange.SubjectNotPassed
        if message.envelope.mode != self._site.desk.mode:
            raise ModeDiffers(theirs=message.envelope.mode, ours=self._site.desk.mode)

    async def receive(self, pieces: AsyncIterator[bytes], *, sha512: bool = False) -> Body:
        """Read the body of a message, which waits here until all of it has come."""
        return await Body.read(pieces, LIMITS, self._folder, sha512=sha512)

    async def carry(
        self,
        message: Message,
        given: exchange.Fields,
        body: Body,
        finish: Finish,
        *,
        priority: str | None = None,
    ) -> Passed | exchange.Fault:
        """Carry a message to its system in its client's turn, and count it.

        Return what its unit is told, or the provider's no. `finish` sees the answer before it is
        entered: what it raises is how the message ended.
        """
        begun, client = time.perf_counter(), message.envelope.client
        is_ours = message.holder == self._site.desk.tenant
        way = self._inside if is_ours else self._outside

        def count(outcome: str, code: str = "", answer: int = 0) -> None:
            series = asked(client, message.call, outcome, code)
            self._running.records.add(series, time.perf_counter() - begun, body.size, answer)

        try:
            async with self._running.units.of(unit_of(client), urgency(priority)):
                ended = await way(message, given, body, finish)
        except Exception as error:
            count("failed", kit.code_of(error))
            raise
        if isinstance(ended, exchange.Fault):
            count("refused" if ended.code == NO_RIGHT else "failed", ended.code)
        else:
            count("answered", answer=ended.body.size)
        return ended

    async def _outside(
        self, message: Message, given: exchange.Fields, body: Body, finish: Finish
    ) -> Passed | exchange.Fault:
        """Carry a message to the node of another organisation."""
        peer, at = self._site.desk.members.by_id(message.holder), now()
        departure = federation.depart(message, peer, given, body, self._site.credentials, at=at)
        await self._enter_first(message, body, departure.facts(), at)
        try:
            arrival = await federation.travel(
                self._channel, departure, LIMITS, self._folder, at=now()
            )
        except kit.NodeError as error:
            await self._fail(message, error, by=peer.id)
            raise
        passed, facts = arrival.passed, arrival.facts() | {"by": peer.id}
        fault = arrival.fault
        if fault is not None:
            passed.body.close()
            is_refusal = fault.code == NO_RIGHT
            kind = audit.Kind.REFUSAL if is_refusal else audit.Kind.FAILURE
            facts |= {"reason" if is_refusal else "error": fault.code}
            await self._end(message, kind, "refused" if is_refusal else "failed", facts, passed)
            return fault
        return await self._finish(message, passed, facts, finish)

    async def _inside(
        self, message: Message, given: exchange.Fields, body: Body, finish: Finish
    ) -> Passed | exchange.Fault:
        """Pass a message to a system of our own: the same right, the same entries, no line."""
        us = self._site.desk.tenant
        refused = self._providers.refusal(message, self._site.desk.mode)
        await self._enter_first(message, body, body_facts("question", body), now())
        if refused is not None:
            facts = {"reason": refused.code, "by": us}
            entry = message.entry(audit.Kind.REFUSAL, "refused", at=now(), details=facts)
            await self._ledger.enter(entry)
            return refused
        try:
            passed = await self._providers.ask(message, given, body)
        except kit.NodeError as error:
            await self._fail(message, error, by=us)
            raise
        facts = body_facts("answer", passed.body)
        return await self._finish(message, passed, facts, finish)

    async def _enter_first(
        self, message: Message, body: Body, facts: dict[str, str], at: datetime
    ) -> None:
        """Enter a message before it goes anywhere; its id is used from then on.

        One that must be kept and cannot be is entered as failed; its id may be used again.
        """
        try:
            kept = await self._bodies.question(message, body, at)
        except BodyNotSealed as error:
            await self._fail(message, error, by=self._site.desk.tenant)
            raise
        entry = message.entry(audit.Kind.REQUEST, "asked", at=at, details=facts | kept)
        mark = Use(message.envelope.client.render(), message.envelope.id)
        try:
            await self._ledger.enter(entry, mark)
        except exchange.RequestIdReused:
            self._bodies.drop(kept)
            raise

    async def _finish(
        self, message: Message, passed: Passed, facts: dict[str, str], finish: Finish
    ) -> Passed:
        """Make of an answer what the unit is told, and enter it; the entry is of what came."""
        facts["status"] = str(passed.answer.status)
        try:
            facts |= await self._bodies.answer(message, passed, now())
            told = await finish(passed)
        except kit.NodeError as error:
            facts["error"] = error.code()
            await self._end(message, audit.Kind.FAILURE, "failed", facts, passed)
            passed.body.close()
            raise
        await self._end(message, audit.Kind.ANSWER, "answered", facts, told)
        return told

    async def _end(
        self,
        message: Message,
        kind: audit.Kind,
        outcome: str,
        facts: dict[str, str],
        passed: Passed,
    ) -> None:
        """Enter how a message ended, before the unit is told."""
        try:
            await self._ledger.enter(message.entry(kind, outcome, at=now(), details=facts))
        except BaseException:
            passed.body.close()
            raise

    async def _fail(self, message: Message, error: kit.NodeError, *, by: str) -> None:
        details = {"error": error.code(), "by": by}
        await self._ledger.enter(
            message.entry(audit.Kind.FAILURE, "failed", at=now(), details=details)
        )


async def _as_it_is(passed: Passed) -> Passed:
    return passed
