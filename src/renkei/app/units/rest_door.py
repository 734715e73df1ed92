"""The REST door of the own units: `/r1/…`, the X-Road® message protocol for REST.

A question is checked, asked at the counter and answered with how it ended; a notice (`POST` to a
service of the standard) is taken in and answered with a receipt. What went wrong is a fault, its
type spelled as the settings say.
"""

import logging
from dataclasses import replace

import msgspec
from starlette.routing import Route

from renkei import exchange, kit, standard
from renkei.app.disclosure.usage_door import UsageDoor
from renkei.app.hub import json_answer
from renkei.app.operations.oversight import check_unit
from renkei.app.passing.message_door import MessageDoor
from renkei.app.site import Site
from renkei.app.units.access import use_of
from renkei.app.units.metaservices import Metaservices
from renkei.app.units.notice_door import TAKEN, NoticeDoor
from renkei.app.units.questions import Questions
from renkei.app.units.rest_answers import RestAnswers
from renkei.app.units.task_door import TaskDoor, is_async
from renkei.app.units.turns import urgency
from renkei.exchange import Answer, Passed
from renkei.standard import generate

log = logging.getLogger("renkei.app")


class RestDoor:
    """The routes of one site."""

    def __init__(
        self,
        site: Site,
        questions: Questions,
        messages: MessageDoor,
        answers: RestAnswers,
        tasks: TaskDoor,
        metaservices: Metaservices,
        usage: UsageDoor,
        notices: NoticeDoor,
    ) -> None:
        """Take the site, where is asked and passed on, how is told, and who waits for nothing."""
        self._notices = notices
        self._site = site
        self._questions = questions
        self._messages = messages
        self._answers = answers
        self._tasks = tasks
        self._limits = exchange.Limits()
        self._metaservices = metaservices
        self._usage = usage
        self._of_standard = {
            (one.unit, one.service): one for one in standard.catalogue().interfaces
        }

    def routes(self) -> list[Route]:
        """Return the routes beside `/r1/`."""
        return [
            *self._metaservices.routes(),
        ]

    async def __call__(
        self, scope: exchange.Scope, receive: exchange.Receive, send: exchange.Send
    ) -> None:
        """Answer one request below `/r1/`: a web application of its own."""
        answer = await self._answer(scope, receive)
        await answer(scope, receive, send)

    async def _answer(self, scope: exchange.Scope, receive: exchange.Receive) -> Answer | Passed:
        """Ask a question or a metaservice, or pass a message on; what goes wrong is a fault."""
        detail, accept = kit.timed_number(), ""
        try:
            question = exchange.Question.received(scope, b"", self._limits)
            accept = question.field("accept") or ""
            instance = self._site.desk.members.instance
            envelope = exchange.envelope(question.fields, instance=instance)
            call = exchange.service_call(question.path, question.query)
            is_metaservice = call.service.code in exchange.metadata.METASERVICES
            is_usage = self._usage.is_meant(call.service)
            use = "" if is_metaservice else use_of(call.service)
            check_unit(self._site, envelope.client, question.field("authorization"), use)
            if (told := self._noticed(question, call)) is not None:
                self._notices.check(envelope, call)
                body = await exchange.read_body(scope, receive, self._limits)
                return await self._notice(replace(question, body=body), envelope, call, told)
            if not (is_metaservice or is_usage) and self._is_passed(question, envelope, call):
                self._questions.admit(envelope.client, call)
                return await self._messages.pass_on(receive, question, envelope, call, detail)
            body = await exchange.read_body(scope, receive, self._limits)
            question = replace(question, body=body)
            tied = exchange.request_hash(question, envelope, detail)
            more = exchange.answer_fields(
                envelope, call.service, request_id=detail, request_hash=tied
            )
            if is_metaservice:
                return await self._metaservices.answer(call, envelope.client, more)
            if is_usage:
                self._questions.admit(envelope.client, call)
                return await self._usage.answer(question, envelope, call, detail, more)
            if is_async(question.field("prefer")):
                self._questions.admit(envelope.client, call)
                return await self._tasks.accept(question, envelope, call, tied)
            given = urgency(question.field("priority"))
            fact = await self._questions.ask(envelope, call, detail, given)
            return self._answers.told(fact, accept, more)
        except kit.NodeError as error:
            return self._answers.failed(error, detail, accept)
        except Exception:
            log.exception("a question could not be answered: %s", detail)
            return self._answers.failed(kit.NodeError(), detail, accept)

    def _noticed(
        self, question: exchange.Question, call: exchange.ServiceCall
    ) -> standard.Interface | None:
        """Return the interface of the standard that a notice is sent by."""
        service = call.service
        interface = self._of_standard.get((service.provider.code, service.code))
        is_notice = question.method == "POST" and not call.path and not call.query
        return interface if is_notice and interface and generate.notices(interface) else None

    async def _notice(
        self,
        question: exchange.Question,
        envelope: exchange.Envelope,
        call: exchange.ServiceCall,
        interface: standard.Interface,
    ) -> Answer:
        """Take a notice in and give its receipt."""
        notice = generate.read_json_notice(
            interface, question.body, standard.catalogue(), message=envelope.id
        )
        given = urgency(question.field("priority"))
        text = await self._notices.take(envelope, call, interface, notice, given)
        receipt = {"message": envelope.id, "code": TAKEN, "text": text}
        return json_answer(
            202,
            msgspec.json.encode(receipt),
            ("x-road-id", envelope.id),
            ("x-road-service", call.service.render()),
        )

    def _is_passed(
        self,
        question: exchange.Question,
        envelope: exchange.Envelope,
        call: exchange.ServiceCall,
    ) -> bool:
        """Tell a message for a system from a question the law decides.

        Who names a person means a question; the standard says which services are asked so.
        """
        service = call.service
        is_ours = (service.provider.code, service.code) in self._of_standard
        if is_ours and question.method != "GET":
            raise exchange.MethodNotPassed(method=question.method[:20], known="GET")
        return not is_ours and envelope.subject is None
