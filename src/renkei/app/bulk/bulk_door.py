"""The door of inquiries about many persons (一括照会), for the own units.

    POST /bulk/{instance/class/member/unit/service…}?items=…&order=ordered    the list as the body
    202  {"number": "…", "state": "accepted", "persons": 10000, "answered": 0, …}
    GET  /bulk/{number}           how far it is: 202 while it is asked about, 200 once it is over
    GET  /bulk/{number}/answer    the answer as JSON, or as CSV where `Accept` names it

What is asked is said by the headers of one question, without those that name a person.
"""

import re
import uuid
from datetime import datetime
from urllib.parse import parse_qs

import msgspec
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request

from renkei import exchange, federation, identity, kit
from renkei.app.bulk import intake
from renkei.app.bulk.bulk_answer import Answers
from renkei.app.bulk.bulk_list import MOST_BYTES, read_list
from renkei.app.bulk.bulk_worker import BulkWorker
from renkei.app.bulk.kept_bulk import KeptBulk
from renkei.app.bulk.operations import ASK, FETCH, ORDERS, PROGRESS, BulkProgress
from renkei.app.errors import (
    BulkUnanswered,
    ParameterMalformed,
    TaskUnknown,
)
from renkei.app.hub import json_answer
from renkei.app.openapi.operation import (
    DescribedRoute,
)
from renkei.app.operations.oversight import check_unit, client_field
from renkei.app.site import Site, now
from renkei.app.units.access import use_of
from renkei.app.units.oauth_plan import TASKS
from renkei.app.units.questions import Questions
from renkei.app.units.rest_answers import RestAnswers
from renkei.app.units.task_door import expiry
from renkei.exchange import Answer, bulks

LIMITS = exchange.Limits(body=MOST_BYTES, seconds=60.0)
NAMING = ("PF-Subject", "PF-Consent", "PF-Relation")
"""What names one person: it stands in the list."""


class BulkDoor:
    """The routes of one site."""

    def __init__(
        self, site: Site, questions: Questions, answers: RestAnswers, worker: BulkWorker
    ) -> None:
        """Take the site, who is let in, how is told, and who works."""
        self._site = site
        self._questions = questions
        self._answers = answers
        self._worker = worker
        self._seal = site.keys.node().seal

    def routes(self) -> list[DescribedRoute]:
        """Return the routes."""
        return [
            ASK.route(self.ask),
            FETCH.route(self.fetch),
            PROGRESS.route(self.progress),
        ]

    async def ask(self, request: Request) -> Answer:
        """Take a list and tell its number."""
        try:
            question = exchange.Question.received(request.scope, b"", exchange.Limits())
            instance = self._site.desk.members.instance
            envelope = exchange.envelope(question.fields, instance=instance)
            path = f"/r1/{question.path.removeprefix('/bulk/')}"
            call = exchange.service_call(path, question.query)
            token = question.field("authorization")
            check_unit(self._site, envelope.client, token, use_of(call.service))
            for name in NAMING:
                if question.field(name.lower()) is not None:
                    raise exchange.HeaderUnknown(name=name.lower())
            self._questions.admit(envelope.client, call)
            body = await exchange.read_body(request.scope, request.receive, LIMITS)
            kept = KeptBulk(envelope.fields(), path, question.query, order_of(question.query))
            at = now()
            until = expiry(question.field("pf-expires"), at, name="PF-Expires")
            media = question.field("content-type") or ""
            state = await run_in_threadpool(self._take, kept, body, media, at, until)
            self._worker.wake()
            more = (("x-road-id", envelope.id), ("location", f"/bulk/{state.number}"))
            return json_answer(202, msgspec.json.encode(state), *more)
        except kit.NodeError as error:
            return self._failed(request, error)

    async def progress(self, request: Request) -> Answer:
        """Tell how far an inquiry is."""
        try:
            state = await self._state(request)
            is_over = state.is_over(now())
            body = msgspec.json.encode(progress_of(state))
            more = () if is_over else (("retry-after", "1"),)
            return json_answer(200 if is_over else 202, body, *more)
        except kit.NodeError as error:
            return self._failed(request, error)

    async def fetch(self, request: Request) -> Answer:
        """Return the answer of an inquiry that is over."""
        try:
            state = await self._state(request)
            if not state.is_over(now()):
                raise BulkUnanswered(answered=state.answered, persons=state.persons)
            wants_csv = "text/csv" in request.headers.get("accept", "")
            return await run_in_threadpool(self._told, state, wants_csv=wants_csv)
        except kit.NodeError as error:
            return self._failed(request, error)

    def _take(
        self, kept: KeptBulk, body: bytes, media: str, at: datetime, until: datetime
    ) -> BulkProgress:
        plan, desk = self._site.settings.bulk, self._site.desk
        people = read_list(body, media, most=plan.most)
        with self._site.database.transaction(desk.tenant) as conn:
            accepted = intake.take(
                conn, desk, plan, kept, people, at=at, expires_at=until, seal=self._seal
            )
        number, since = str(accepted.number), accepted.accepted_at
        return BulkProgress(number, "accepted", len(people), 0, since, accepted.expires_at)

    async def _state(self, request: Request) -> bulks.BulkState:
        question = exchange.Question.received(request.scope, b"")
        client = exchange.client(client_field(question.field("x-road-client")))
        check_unit(self._site, client, question.field("authorization"), TASKS)
        text = request.path_params["number"]
        if not re.fullmatch(r"[0-9a-f-]{36}", text):
            raise TaskUnknown(number=text[:40])
        found = await run_in_threadpool(self._find, uuid.UUID(text), client)
        if found is None:
            raise TaskUnknown(number=text)
        return found

    def _find(self, number: uuid.UUID, client: exchange.Client) -> bulks.BulkState | None:
        tenant = self._site.desk.tenant
        with self._site.database.transaction(tenant) as conn:
            return next(iter(bulks.states(conn, tenant, number=number, client=client)), None)

    def _told(self, state: bulks.BulkState, *, wants_csv: bool) -> Answer:
        answers = read_answers(self._site.database, self._site.desk.tenant, state, self._seal)
        if not wants_csv:
            return json_answer(200, answers.as_json())
        body = answers.as_csv(self._site.desk.releases.own)
        return Answer(200, (("content-type", "text/csv; charset=utf-8"),), body)

    def _failed(self, request: Request, error: kit.NodeError) -> Answer:
        accept = request.headers.get("accept", "")
        return self._answers.failed(error, str(uuid.uuid4()), accept)


def order_of(query: str) -> federation.Order:
    """Return the order that a target asks for, or refuse another one."""
    order = parse_qs(query).get("order", ["ordered"])[-1]
    for one in ORDERS:
        if one == order:
            return kit.read_value(one, federation.Order)  # type: ignore[no-any-return] # a Literal is no type to mypy
    raise ParameterMalformed(name="order", wanted=", ".join(ORDERS))


def progress_of(state: bulks.BulkState) -> BulkProgress:
    """Return what is told of how an inquiry stands."""
    said = "ended" if state.is_whole else "accepted"
    if not state.is_whole and state.is_over(now()):
        said = "expired"
    return BulkProgress(
        str(state.number),
        said,
        state.persons,
        state.answered,
        state.accepted_at,
        state.expires_at,
    )


def read_answers(
    database: kit.Database, tenant: kit.Tenant, state: bulks.BulkState, seal: identity.Seal
) -> Answers:
    """Read what is kept of an inquiry."""
    with database.transaction(tenant) as conn:
        question, parts = bulks.kept(conn, tenant, state.number, seal=seal)
    return Answers(state, KeptBulk.decoded(question), parts)
