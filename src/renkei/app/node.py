"""The doors of a node: its own units ask at one, other organisations at the other."""

import uuid
from collections.abc import Callable
from datetime import datetime

import msgspec
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from renkei import exchange, federation, kit
from renkei.app.console import console
from renkei.app.delivery_door import delivery_routes
from renkei.app.errors import PathUnknown
from renkei.app.hub import json_answer, reply_answer
from renkei.app.journal import Journal
from renkei.app.oversight import check_unit, oversight_routes
from renkei.app.site import Site, now
from renkei.app.viewing import ViewingDoor
from renkei.exchange import Answer
from renkei.federation import Caller, Channel, Counter, Fact

STATUS: dict[str, int] = {
    "answered": 200,
    "not-held": 200,
    "refused": 403,
    "subject-unknown": 404,
    "code-not-issued": 409,
}
"""Outcome → HTTP status; what failed is a fault (docs/decisions/0008)."""


def node_handler(site: Site) -> Callable[[Caller, datetime], Answer]:
    """Return what a node does with another organisation's message."""
    keys = site.keys.node()

    def handle(caller: Caller, at: datetime) -> Answer:
        if caller.question.path != federation.ANSWER:
            raise PathUnknown(path=caller.question.path[:80])
        carried = federation.parse_carried(caller.question.body)
        with site.database.transaction(site.desk.tenant) as conn:
            return reply_answer(federation.answer(conn, site.desk, keys, caller, carried, at=at))

    return handle


def units_door(site: Site, channel: Channel) -> ASGIApp:
    """Return the web application of the own units.

    `/r1/…` asks other organisations, `/questions/…/steps` shows how, `/own/…` views our own,
    `/deliveries/…` takes in; `/console/` is for the staff.
    """
    journal = Journal()
    counter = Counter(site.desk, site.keys.node(), site.database, channel, now)
    limits = exchange.Limits()
    viewing = ViewingDoor(site)

    async def ask(request: Request) -> Answer:
        detail = str(uuid.uuid4())
        try:
            body = await exchange.read_body(request.scope, request.receive, limits)
            question = exchange.Question.received(request.scope, body, limits)
            envelope = exchange.envelope(question.fields, instance=site.desk.members.instance)
            call = exchange.service_call(question.path, question.query)
            check_unit(site, envelope.client, question.field("authorization"))
            asked = federation.Asked(envelope, call, detail)
            try:
                fact = await counter.ask(asked, lambda step: journal.tell(envelope.id, step))
            finally:
                journal.end(envelope.id)
            more = exchange.answer_fields(
                envelope,
                call.service,
                request_id=detail,
                request_hash=exchange.request_hash(question, envelope, detail),
            )
            return fact_answer(fact, request.headers.get("accept", ""), more)
        except kit.NodeError as error:
            return exchange.Fault.of(error, detail=detail).answer(request.headers.get("accept", ""))

    async def steps(request: Request) -> Response:
        known = request.query_params.get("after", "0")
        found, ended = await journal.after(
            request.path_params["message"], int(known) if known.isdigit() else 0
        )
        return JSONResponse({"steps": msgspec.to_builtins(found), "ended": ended})

    return Starlette(
        routes=[
            Route("/r1/{rest:path}", ask, methods=["GET"]),
            Route("/questions/{message}/steps", steps),
            *viewing.routes(),
            *oversight_routes(site),
            *delivery_routes(site),
            console(site),
        ],
        lifespan=viewing.running,
    )


def fact_answer(fact: Fact, accept: str, more: exchange.Fields) -> Answer:
    """Return a fact as the unit reads it; a refusal is marked as access denied besides."""
    more = (*more, ("pf-outcome", fact.outcome))
    body = msgspec.json.encode(fact)
    if fact.outcome != "refused":
        return json_answer(STATUS[fact.outcome], body, *more)
    code = f"refusal-{fact.reason}"
    fault = exchange.Fault.refusal(
        fact.reason, kit.say(code, "en"), kit.say(code, "ja"), detail=fact.inquiry
    )
    return fault.answer(
        accept, *more, ("pf-refused-by", fact.by), ("pf-provision", fact.provision), status=403
    )
