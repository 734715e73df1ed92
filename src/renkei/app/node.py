"""The doors of a node: its own units ask at one, other organisations at the other."""

import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from typing import TYPE_CHECKING

import msgspec
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from renkei import exchange, federation, kit
from renkei.app.bulk.bulk_door import BulkDoor
from renkei.app.bulk.bulk_worker import BulkWorker
from renkei.app.bulk.holding import bulk_handler
from renkei.app.console import console
from renkei.app.deliveries.delivery_door import delivery_routes
from renkei.app.deliveries.notices import Notices
from renkei.app.deliveries.receiving import Receiver
from renkei.app.disclosure.feed_door import feed_routes
from renkei.app.disclosure.identifying import IdentifyingDoor
from renkei.app.disclosure.usage_door import UsageDoor
from renkei.app.disclosure.usage_elsewhere import UsageElsewhere, usage_period
from renkei.app.disclosure.viewing import ViewingDoor
from renkei.app.errors import PathUnknown
from renkei.app.hub import json_answer, reply_answer
from renkei.app.keeping.own_logs import witnessed
from renkei.app.openapi.document import members_route, openapi_route
from renkei.app.openapi.operation import DescribedRoute
from renkei.app.operations.oversight import nothing_here, oversight_routes
from renkei.app.operations.running import Running
from renkei.app.operations.watch_door import draining_response, watch_routes
from renkei.app.passing.message_door import MessageDoor
from renkei.app.passing.provider_door import Passing, provided
from renkei.app.passing.soap_passing import SoapPassing
from renkei.app.sign_in import member_issuer
from renkei.app.sign_in.staff_provider import StaffProvider
from renkei.app.site import Site, now
from renkei.app.units.journal import Journal
from renkei.app.units.metaservices import Metaservices
from renkei.app.units.notice_door import NoticeDoor
from renkei.app.units.questions import Questions
from renkei.app.units.rest_answers import RestAnswers
from renkei.app.units.rest_door import RestDoor
from renkei.app.units.soap_door import SoapDoor
from renkei.app.units.task_door import TaskDoor
from renkei.app.units.throttle import Throttle
from renkei.app.units.token_door import TokenDoor
from renkei.app.units.try_door import TryDoor
from renkei.app.units.xroad_metadata import XRoadMetadata
from renkei.app.units.xroad_soap_door import XRoadSoapDoor
from renkei.exchange import Answer
from renkei.federation import Caller, Channel, Counter, Provided, Refused

if TYPE_CHECKING:
    from renkei.app.processes.partner_door import PartnerDoor
    from renkei.app.processes.partner_post import PartnerPost

TAKING = ("/own/", "/deliveries", "/changes", "/bulk/", "/jobs/")
"""What is told at the door that the node drains; `/r1/` and SOAP say it in their own words."""


def node_handler(site: Site, running: Running) -> Callable[[Caller, datetime], Answer]:
    """Return what a node does with another organisation's message; it is counted."""
    keys = site.keys.node()
    provider = StaffProvider(site, running.codes)
    letters = _partner_door(site)
    verbs = {
        federation.ANSWER_BULK: bulk_handler(site, running),
        letters.PATH: letters.receive,
    }

    def handle(caller: Caller, at: datetime) -> Answer:
        match (caller.question.method, caller.question.path):
            case ("POST", member_issuer.TOKEN):
                return provider.to_member(caller, at)
            case ("GET", member_issuer.KEYS):
                return provider.keys()
            case ("GET", federation.USAGE_PERIOD):
                return usage_period(site, caller, at)
            case ("POST", federation.KEEP_TRANSFER):
                moved = federation.parse_transferred(caller.question.body)
                with site.database.transaction(site.desk.tenant) as conn:
                    kept = federation.keep_transfer(conn, site.desk, keys, caller, moved, at=at)
                return json_answer(200, msgspec.json.encode(kept))
            case ("POST", path) if path in verbs:
                return verbs[path](caller, at)
        if caller.question.path != federation.ANSWER:
            raise PathUnknown(path=caller.question.path[:80])
        begun, size, desk = time.perf_counter(), len(caller.question.body), site.desk
        carried = federation.parse_carried(caller.question.body)
        inquiry = carried.inquiry
        series = provided(inquiry.holder_unit, inquiry.service, caller.member.id)
        told, seen = 0, None
        try:
            if inquiry.is_own_access:
                seen = witnessed(site.settings, site.signer.verifier)
            with site.database.transaction(desk.tenant) as conn:
                response = federation.answer(
                    conn,
                    desk,
                    keys,
                    caller,
                    carried,
                    at=at,
                    witnessed=seen,
                    opening=letters.opening(at),
                )
            release = caller.envelope.release or desk.releases.own.edition.edition
            reply = reply_answer(response).with_fields((exchange.RELEASE, release))
            told = len(reply.body)
            match response:
                case Refused():
                    series = series._replace(outcome="refused", error=response.reason)
                case Provided(record=None):
                    series = series._replace(outcome="not-held")
                case _:
                    pass
        except Exception as error:
            series = series._replace(outcome="failed", error=kit.code_of(error))
            raise
        finally:
            running.records.add(series, time.perf_counter() - begun, size, told)
        return reply

    return handle


def _job_routes(site: Site) -> list[DescribedRoute]:
    """Return the routes of the jobs of cases. Only a node loads what runs processes."""
    from renkei.app.processes.job_door import JobDoor

    return JobDoor(site).routes()


def _partner_door(site: Site) -> "PartnerDoor":
    """Make what takes letters of partners. Only a node loads what runs processes."""
    from renkei.app.processes.partner_door import PartnerDoor

    return PartnerDoor(site)


def _partner_post(site: Site, channel: Channel, questions: Questions) -> "PartnerPost":
    """Make what sends letters to partners, and asks them."""
    from renkei.app.processes.partner_post import PartnerPost

    return PartnerPost(site, channel, questions)


def units_door(site: Site, channel: Channel, passing: Passing, running: Running) -> ASGIApp:
    """Return the web application of the own units.

    `/r1/…` and `/soap/…` ask other organisations, `/questions/…/steps` shows how, `/own/…` views
    our own, `/deliveries/…` takes in; at `/token` they fetch a token; `/console/` is for the staff,
    `/try/` for whoever tries a node that is not in production.
    """
    worker = BulkWorker(site, channel, running)
    journal = Journal()
    counter = Counter(site.membership, site.keys.node(), site.database, channel, now)
    throttle = Throttle(site.settings.rates, time.monotonic)
    questions = Questions(counter, journal, throttle, running)
    answers = RestAnswers(site.settings.fault_types)
    tasks = TaskDoor(site, questions, answers)
    messages = MessageDoor(site, channel, passing, answers, running)
    metaservices = Metaservices(site, channel, passing.providers)
    receiver = Receiver.of(site.settings, site.database)
    notices = NoticeDoor(Notices(site, receiver), questions)
    usage = UsageDoor(site, UsageElsewhere(site, questions, answers, channel))
    rest = RestDoor(site, questions, messages, answers, tasks, metaservices, usage, notices)
    soap = SoapDoor(site, questions, notices)
    soap_passing = SoapPassing(site, messages, questions)
    xroad = XRoadSoapDoor(site, questions, soap_passing, XRoadMetadata(site, metaservices))
    viewing = ViewingDoor(site)
    post = _partner_post(site, channel, questions)

    @asynccontextmanager
    async def working(app: Starlette) -> AsyncIterator[None]:
        async with viewing.running(app), tasks.running(), worker.running(), post.running():
            yield

    async def steps(request: Request) -> Response:
        known = request.query_params.get("after", "0")
        found, ended = await journal.after(
            request.path_params["message"], int(known) if known.isdigit() else 0
        )
        return JSONResponse({"steps": msgspec.to_builtins(found), "ended": ended})

    routes = [
        *rest.routes(),
        *tasks.routes(),
        *BulkDoor(site, questions, answers, worker).routes(),
        Route("/questions/{message}/steps", steps),
        *soap.routes(),
        *xroad.routes(),
        *feed_routes(site),
        *viewing.routes(),
        *IdentifyingDoor(site, viewing).routes(),
        *TokenDoor(site).routes(),
        *watch_routes(site, running),
        *oversight_routes(site),
        *delivery_routes(site, receiver),
        *_job_routes(site),
        *TryDoor(site, questions).routes(),
        console(site, running=running),
    ]
    others = Starlette(
        routes=[*routes, openapi_route(routes), members_route(site.settings.role)],
        lifespan=working,
        exception_handlers={404: nothing_here},
    )

    async def door(scope: Scope, receive: Receive, send: Send) -> None:
        """Take the short way for `/r1/`, where most of the traffic goes."""
        path = scope["path"] if scope["type"] == "http" else ""
        is_rest = path.startswith("/r1/")
        if running.drain.is_draining and path.startswith(TAKING):
            await draining_response()(scope, receive, send)
            return
        await (rest if is_rest else others)(scope, receive, send)

    return running.drain.counted(door)
