"""The REST door of the own units: `/r1/…`, the X-Road® message protocol for REST.

A question is checked, asked at the counter and answered with how it ended. What went wrong is a
fault, its type spelled as the settings say.
"""

import uuid

from starlette.requests import Request
from starlette.routing import Route

from renkei import exchange, kit
from renkei.app.metaservices import Metaservices
from renkei.app.oversight import check_unit
from renkei.app.questions import Questions
from renkei.app.rest_answers import RestAnswers
from renkei.app.site import Site
from renkei.app.task_door import TaskDoor, is_async
from renkei.exchange import Answer


class RestDoor:
    """The routes of one site."""

    def __init__(
        self,
        site: Site,
        questions: Questions,
        answers: RestAnswers,
        tasks: TaskDoor,
    ) -> None:
        """Take the site, where questions are asked, how they are told, and who waits for none."""
        self._site = site
        self._questions = questions
        self._answers = answers
        self._tasks = tasks
        self._limits = exchange.Limits()
        self._metaservices = Metaservices(site)

    def routes(self) -> list[Route]:
        """Return the routes."""
        return [
            Route("/r1/{rest:path}", self.ask, methods=["GET"]),
            *self._metaservices.routes(),
        ]

    async def ask(self, request: Request) -> Answer:
        """Ask a question, or a metaservice; everything that goes wrong is a fault."""
        detail, accept = str(uuid.uuid4()), request.headers.get("accept", "")
        try:
            body = await exchange.read_body(request.scope, request.receive, self._limits)
            question = exchange.Question.received(request.scope, body, self._limits)
            instance = self._site.desk.members.instance
            envelope = exchange.envelope(question.fields, instance=instance)
            call = exchange.service_call(question.path, question.query)
            check_unit(self._site, envelope.client, question.field("authorization"))
            tied = exchange.request_hash(question, envelope, detail)
            more = exchange.answer_fields(
                envelope, call.service, request_id=detail, request_hash=tied
            )
            if call.service.code in exchange.metadata.METASERVICES:
                return self._metaservices.answer(call, envelope.client, more)
            if is_async(question.field("prefer")):
                self._questions.throttle.enter(envelope.client, call)
                return await self._tasks.accept(question, envelope, call, tied)
            fact = await self._questions.ask(envelope, call, detail)
            return self._answers.told(fact, accept, more)
        except kit.NodeError as error:
            return self._answers.failed(error, detail, accept)
