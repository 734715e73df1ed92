"""Messages of the own units to systems of other organisations, or of our own: passed on.

What `/r1/…` names that is no service of the standard is answered by a system registered behind
some node. Any method, any body: the message is entered, signed, carried to that node, and the
answer believed, entered and told. Nobody's personal data is asked for here; the law decides those
questions at another counter (`Questions`).
"""

import time
from dataclasses import replace
from datetime import datetime

from renkei import audit, exchange, federation, kit
from renkei.app.ledger import Use
from renkei.app.oversight import unit_of
from renkei.app.provider_door import LIMITS, NO_RIGHT, Passing, fields_of
from renkei.app.questions import asked
from renkei.app.rest_answers import RestAnswers
from renkei.app.running import Running
from renkei.app.site import Site, now
from renkei.app.turns import urgency
from renkei.exchange import Answer, Body, Passed, Question
from renkei.federation import Channel, Message, ModeDiffers, body_facts


class MessageDoor:
    """The way of one site's messages."""

    def __init__(
        self,
        site: Site,
        channel: Channel,
        passing: Passing,
        answers: RestAnswers,
        running: Running,
    ) -> None:
        """Take the site, the ways to peers and to own systems, and how faults are told."""
        self._site = site
        self._running = running
        self._answers = answers
        self._channel = channel
        self._providers = passing.providers
        self._ledger = passing.ledger
        self._folder = passing.folder

    async def pass_on(
        self,
        receive: exchange.Receive,
        question: Question,
        envelope: exchange.Envelope,
        call: exchange.ServiceCall,
        number: str,
    ) -> Passed | Answer:
        """Pass a message on and return its answer; its body is still to be received."""
        begun, size = time.perf_counter(), 0
        message = Message(number, question.method, envelope, call)

        def count(outcome: str, code: str = "", answer: int = 0) -> None:
            ended = asked(envelope.client, call, outcome, code)
            self._running.records.add(ended, time.perf_counter() - begun, size, answer)

        try:
            self._check(question, envelope)
            pieces = exchange.received(receive)
            with await Body.read(pieces, LIMITS, self._folder, sha512=True) as body:
                size = body.size
                tied = exchange.request_hash(question, envelope, number, body.sha512)
                told = (*fields_of(message), ("x-road-request-hash", tied))
                given = urgency(question.field("priority"))
                async with self._running.units.of(unit_of(envelope.client), given):
                    if message.holder == self._site.desk.tenant:
                        ended = await self._inside(message, question, body)
                    else:
                        ended = await self._outside(message, question, body)
        except Exception as error:
            count("failed", kit.code_of(error))
            raise
        if isinstance(ended, exchange.Fault):
            is_refusal = ended.code == NO_RIGHT
            count("refused" if is_refusal else "failed", ended.code)
            more = (*told, ("pf-refused-by", message.holder)) if is_refusal else told
            accept = question.field("accept") or ""
            return self._answers.fault(ended, accept, *more, status=403 if is_refusal else None)
        count("answered", answer=ended.body.size)
        fields = exchange.answered_fields(ended.answer.fields)
        return replace(ended, answer=Answer(ended.answer.status, (*fields, *told)))

    def _check(self, question: Question, envelope: exchange.Envelope) -> None:
        if question.method not in exchange.METHODS:
            known = ", ".join(exchange.METHODS)
            raise exchange.MethodNotPassed(method=question.method[:20], known=known)
        if envelope.subject is not None:
            raise exchange.SubjectNotPassed
        if envelope.mode != self._site.desk.mode:
            raise ModeDiffers(theirs=envelope.mode, ours=self._site.desk.mode)

    async def _outside(
        self, message: Message, question: Question, body: Body
    ) -> Passed | exchange.Fault:
        """Carry a message to the node of another organisation."""
        peer, at = self._site.desk.members.by_id(message.holder), now()
        departure = federation.depart(
            message, peer, question.fields, body, self._site.credentials, at=at
        )
        await self._enter_first(message, departure.facts(), at)
        try:
            arrival = await federation.travel(
                self._channel, departure, LIMITS, self._folder, at=now()
            )
        except kit.NodeError as error:
            await self._fail(message, error, by=peer.id)
            raise
        passed, facts = arrival.passed, arrival.facts() | {"by": peer.id}
        answer = passed.answer
        fault = exchange.read_fault(replace(answer, body=passed.body.data))
        if fault is not None:
            passed.body.close()
            is_refusal = fault.code == NO_RIGHT
            kind = audit.Kind.REFUSAL if is_refusal else audit.Kind.FAILURE
            facts |= {"reason" if is_refusal else "error": fault.code}
            await self._end(message, kind, "refused" if is_refusal else "failed", facts, passed)
            return fault
        facts["status"] = str(answer.status)
        await self._end(message, audit.Kind.ANSWER, "answered", facts, passed)
        return passed

    async def _inside(
        self, message: Message, question: Question, body: Body
    ) -> Passed | exchange.Fault:
        """Pass a message to a system of our own: the same right, the same entries, no line."""
        us = self._site.desk.tenant
        refused = self._providers.refusal(message, self._site.desk.mode)
        await self._enter_first(message, body_facts("question", body), now())
        if refused is not None:
            facts = {"reason": refused.code, "by": us}
            entry = message.entry(audit.Kind.REFUSAL, "refused", at=now(), details=facts)
            await self._ledger.enter(entry)
            return refused
        try:
            passed = await self._providers.ask(message, question.fields, body)
        except kit.NodeError as error:
            await self._fail(message, error, by=us)
            raise
        facts = body_facts("answer", passed.body) | {"status": str(passed.answer.status)}
        await self._end(message, audit.Kind.ANSWER, "answered", facts, passed)
        return passed

    async def _enter_first(self, message: Message, facts: dict[str, str], at: datetime) -> None:
        """Enter a message before it goes anywhere; its id is used from then on."""
        entry = message.entry(audit.Kind.REQUEST, "asked", at=at, details=facts)
        mark = Use(message.envelope.client.render(), message.envelope.id)
        await self._ledger.enter(entry, mark)

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
