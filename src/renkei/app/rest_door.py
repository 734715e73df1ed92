"""The REST door of the own units: `/r1/…`, the X-Road® message protocol for REST.

A question is checked, asked at the counter and answered with how it ended. What went wrong is a
fault, its type spelled as the settings say.
"""

import uuid

import msgspec
from starlette.requests import Request
from starlette.routing import Route

from renkei import exchange, federation, kit
from renkei.app.hub import json_answer
from renkei.app.journal import Journal
from renkei.app.metaservices import Metaservices
from renkei.app.oversight import check_unit
from renkei.app.site import Site
from renkei.exchange import Answer
from renkei.federation import Counter, Fact

STATUS: dict[str, int] = {
    "answered": 200,
    "not-held": 200,
    "refused": 403,
    "subject-unknown": 404,
    "code-not-issued": 409,
}
"""Outcome → HTTP status; what failed is a fault (docs/decisions/0008)."""


class RestDoor:
    """The routes of one site."""

    def __init__(self, site: Site, counter: Counter, journal: Journal) -> None:
        """Take the site, where questions are asked, and who is told their steps."""
        self._site = site
        self._counter = counter
        self._journal = journal
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
            more = exchange.answer_fields(
                envelope,
                call.service,
                request_id=detail,
                request_hash=exchange.request_hash(question, envelope, detail),
            )
            if call.service.code in exchange.metadata.METASERVICES:
                return self._metaservices.answer(call, envelope.client, more)
            asked = federation.Asked(envelope, call, detail)
            fact = await self._journal.follow(self._counter, asked)
            return self._told(fact, accept, more)
        except kit.NodeError as error:
            return self._spelt(exchange.Fault.of(error, detail=detail)).answer(accept)

    def _spelt(self, fault: exchange.Fault) -> exchange.Fault:
        old = self._site.settings.fault_types == "7.7"
        return fault.spelt_as_before() if old else fault

    def _told(self, fact: Fact, accept: str, more: exchange.Fields) -> Answer:
        """Return a fact as the unit reads it; a refusal is marked as access denied besides."""
        more = (*more, ("pf-outcome", fact.outcome))
        body = msgspec.json.encode(fact)
        if fact.outcome != "refused":
            return json_answer(STATUS[fact.outcome], body, *more)
        code = f"refusal-{fact.reason}"
        fault = exchange.Fault.refusal(
            fact.reason, kit.say(code, "en"), kit.say(code, "ja"), detail=fact.inquiry
        )
        more = (*more, ("pf-refused-by", fact.by), ("pf-provision", fact.provision))
        return self._spelt(fault).answer(accept, *more, status=403)
