"""Questions a unit does not wait for (非同期): `Prefer: respond-async` at `/r1/…`.

    202  {"number": "…", "state": "accepted", …}      Location: /tasks/{number}
    GET /tasks/{number}       202 while it waits, then the answer itself, 410 where it expired

The node asks on its own, a few at once, by `Priority` (RFC 9218) and in turn of its units. What a
peer that is away could not answer is asked again until `PF-Expires`, each time as an inquiry of its
own. Who has an address in the settings (`callbacks`) is told by a signed letter besides.
"""

import logging
import random
import uuid
from contextlib import AbstractAsyncContextManager
from datetime import datetime, timedelta

import msgspec
import psycopg
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request

from renkei import exchange, federation, kit
from renkei.app.errors import ParameterMalformed, QuestionsTooMany, TaskExpired, TaskUnknown
from renkei.app.hub import json_answer
from renkei.app.openapi.operation import (
    Content,
    DescribedRoute,
    Named,
    Operation,
    Parameter,
    Reply,
    shared_header,
)
from renkei.app.openapi.terms import UNIT, UNIT_ERRORS
from renkei.app.operations.oversight import check_unit, client_field, unit_of
from renkei.app.operations.work_loop import Work, WorkLoop
from renkei.app.site import Site, now
from renkei.app.units.kept_question import KeptAnswer, KeptQuestion
from renkei.app.units.oauth_plan import TASKS
from renkei.app.units.questions import Questions
from renkei.app.units.rest_answers import FAULT, RestAnswers
from renkei.app.units.turns import urgency
from renkei.exchange import Answer, outbox, tasks

log = logging.getLogger("renkei.app")

AT_ONCE = 4
LEASE = timedelta(seconds=60)  # several times what a question may take
TURN_SECONDS = 0.5
USUAL_LIFE, LONGEST_LIFE = timedelta(days=1), timedelta(days=30)
AWAY = (
    federation.PeerUnreachable,
    federation.PeerSilent,
    federation.PeerBrokeOff,
    federation.MembersExpired,
    kit.DatabaseUnreachable,
)
"""What may be otherwise in a while: the question is asked again."""


class TaskState(msgspec.Struct, frozen=True):
    """What a unit is told of a task that has no answer yet."""

    number: str
    state: str
    accepted_at: datetime
    expires_at: datetime


ANSWER = Content(
    Named(
        "TaskAnswer", {"type": "object", "description": "その照会への回答（getOpenAPI が記述する）"}
    )
)
FETCH = Operation(
    "GET",
    "/tasks/{number}",
    "待たない照会の回答",
    "The very answer a question would have had that nobody waited for, or how it stands.",
    (
        Reply(202, "まだ回答がない（Retry-Afterの秒数の後に取りに来る）", Content(TaskState)),
        Reply(200, "回答、または該当なし", ANSWER),
        *(Reply(status, "回答しない。照会の回答と同じ", ANSWER) for status in (400, 403, 409, 500)),
    ),
    FAULT,
    (*UNIT_ERRORS, TaskExpired, TaskUnknown),
    (UNIT,),
    (
        Parameter("number", "path", "処理通番", {"type": "string", "format": "uuid"}),
        shared_header("X-Road-Client"),
    ),
)


def is_async(prefer: str | None) -> bool:
    """Tell whether a field Prefer (RFC 7240) asks not to be waited for.

    >>> is_async("respond-async, wait=5"), is_async("return=minimal"), is_async(None)
    (True, False, False)
    """
    parts = (part.strip().lower() for part in (prefer or "").replace(";", ",").split(","))
    return "respond-async" in parts


class TaskDoor:
    """The tasks of one site: they are accepted, worked on and fetched."""

    def __init__(self, site: Site, questions: Questions, answers: RestAnswers) -> None:
        """Take the site, where questions are asked, and how they are told."""
        self._site = site
        self._questions = questions
        self._answers = answers
        self._seal = site.keys.node().seal
        self._loop = WorkLoop(
            self._take,
            at_once=AT_ONCE,
            seconds=TURN_SECONDS,
            drain=questions.running.drain,
            patience=self._patience,
        )

    def routes(self) -> list[DescribedRoute]:
        """Return the route a unit polls."""
        return [FETCH.route(self.fetch)]

    async def accept(
        self,
        question: exchange.Question,
        envelope: exchange.Envelope,
        call: exchange.ServiceCall,
        request_hash: str,
    ) -> Answer:
        """Take a question and tell its number; the same message again has the same one."""
        at = now()
        accept = question.field("accept") or ""
        kept = KeptQuestion(envelope.fields(), question.path, question.query, accept, request_hash)
        accepted = await run_in_threadpool(
            self._accept,
            envelope,
            kept,
            at,
            expiry(question.field("pf-expires"), at, name="PF-Expires"),
            urgency(question.field("priority")),
        )
        self._loop.wake()
        number = str(accepted.number)
        state = TaskState(number, "accepted", accepted.accepted_at, accepted.expires_at)
        return json_answer(
            202,
            msgspec.json.encode(state),
            ("x-road-id", envelope.id),
            ("x-road-service", call.service.render()),
            ("location", f"/tasks/{number}"),
            ("preference-applied", "respond-async"),
        )

    async def fetch(self, request: Request) -> Answer:
        """Return the answer of a task, or how it stands."""
        try:
            question = exchange.Question.received(request.scope, b"")
            client = exchange.client(client_field(question.field("x-road-client")))
            check_unit(self._site, client, question.field("authorization"), TASKS)
            number = _number(request.path_params["number"])
            found = await run_in_threadpool(self._find, client, number)
            if found is None:
                raise TaskUnknown(number=str(number))
            if found.answer is not None:
                return KeptAnswer.decoded(found.answer).answer()
            if found.expires_at <= now():
                raise TaskExpired(number=str(number))
            state = TaskState(str(number), "accepted", found.accepted_at, found.expires_at)
            return json_answer(202, msgspec.json.encode(state), ("retry-after", "1"))
        except kit.NodeError as error:
            detail, accept = str(uuid.uuid4()), request.headers.get("accept", "")
            return self._answers.failed(error, detail, accept)

    def running(self) -> AbstractAsyncContextManager[None]:
        """Work as long as the site runs; at its end what is under way comes to its end."""
        return self._loop.running()

    def _accept(
        self,
        envelope: exchange.Envelope,
        kept: KeptQuestion,
        at: datetime,
        expires_at: datetime,
        priority: int,
    ) -> tasks.Accepted:
        with self._site.database.transaction(self._site.desk.tenant) as conn:
            return tasks.accept(
                conn,
                self._site.desk.tenant,
                envelope.client,
                envelope.id,
                kept.encoded(),
                at=at,
                expires_at=expires_at,
                seal=self._seal,
                priority=priority,
                same=kept.same(),
            )

    def _find(self, client: exchange.Client, number: uuid.UUID) -> tasks.TaskState | None:
        tenant = self._site.desk.tenant
        with self._site.database.transaction(tenant) as conn:
            return tasks.find(conn, tenant, client, number, seal=self._seal)

    async def _take(self, most: int) -> list[Work]:
        return [self._do(task) for task in await run_in_threadpool(self._claim, most)]

    def _patience(self) -> float:
        """Whoever has waited for them once waits no more: what is left the next start does."""
        return 0 if self._questions.running.drain.is_draining else LEASE.total_seconds()

    def _claim(self, most: int) -> list[tasks.Task]:
        tenant, at = self._site.desk.tenant, now()
        try:
            with self._site.database.transaction(tenant) as conn:
                return tasks.claim(
                    conn, tenant, at=at, until=at + LEASE, most=most, seal=self._seal
                )
        except (kit.DatabaseUnreachable, psycopg.Error) as error:
            log.warning("tasks wait for the database: %s", type(error).__name__)
        except Exception:
            log.exception("tasks could not be claimed")
        return []

    async def _do(self, task: tasks.Task) -> None:
        """Ask the question of a task and keep what came of it; nothing here ends the worker."""
        try:
            with self._questions.running.drain.counting():
                answer = await self._ask(task)
                await run_in_threadpool(self._keep, task, answer)
        except Exception:  # its lease ends, and it is tried again
            log.exception("a task could not be worked on")

    async def _ask(self, task: tasks.Task) -> Answer | timedelta:
        """Return the answer of a question, or after how long it should be asked again."""
        kept = KeptQuestion.decoded(task.question)
        detail = str(uuid.uuid4())
        try:
            envelope = exchange.envelope(kept.fields, instance=self._site.desk.members.instance)
            call = exchange.service_call(kept.path, kept.query)
            more = exchange.answer_fields(
                envelope, call.service, request_id=detail, request_hash=kept.request_hash
            )
            if task.tries > 1:  # the message was perhaps used already
                envelope = exchange.again(envelope, task.tries)
            # Nobody was told of a file that it is one too many.
            ask = self._questions.ask if kept.binding == "file" else self._questions.follow
            fact = await ask(envelope, call, detail, handed_at=task.accepted_at)
            return self._answers.told(fact, kept.accept, more)
        except AWAY:
            return exchange.wait_after(task.tries, random.random())  # noqa: S311  # no secret
        except QuestionsTooMany as error:
            return timedelta(seconds=int(error.facts["seconds"]))
        except kit.NodeError as error:
            return self._answers.failed(error, detail, kept.accept)

    def _keep(self, task: tasks.Task, answer: Answer | timedelta) -> None:
        tenant, at = self._site.desk.tenant, now()
        with self._site.database.transaction(tenant) as conn:
            if isinstance(answer, timedelta):
                tasks.postpone(conn, tenant, task, not_before=at + answer)
                return
            told = KeptAnswer.of(answer).encoded()
            is_ours = tasks.end(conn, tenant, task, told, at=at, seal=self._seal)
            if is_ours and KeptQuestion.decoded(task.question).binding == "rest":
                self._call_back(conn, task, answer, at)

    def _call_back(
        self, conn: kit.Connection, task: tasks.Task, answer: Answer, at: datetime
    ) -> None:
        """Put a letter with the answer for a unit that has an address for it."""
        unit = unit_of(exchange.client(task.client))
        url = self._site.settings.callbacks.get(unit)
        if url is None:
            return
        tenant, name = self._site.desk.tenant, f"callback/{unit}"
        body = msgspec.json.encode(
            {
                "number": str(task.number),
                "status": answer.status,
                "headers": dict(answer.fields),
                "answer": answer.body.decode(),
            }
        )
        outbox.register(conn, tenant, name, url)
        letter = outbox.Letter(str(task.number), body)
        outbox.put(conn, tenant, name, [letter], at=at, seal=self._seal)


def _number(text: str) -> uuid.UUID:
    try:
        return uuid.UUID(text)
    except ValueError:
        raise TaskUnknown(number=text[:40]) from None


def expiry(text: str | None, at: datetime, *, name: str) -> datetime:
    """Return until when a question nobody waits for may be asked; `name` says where it stood."""
    if text is None:
        return at + USUAL_LIFE
    try:
        until = datetime.fromisoformat(text)
    except ValueError:
        until = None
    if until is None or until.tzinfo is None or not at < until <= at + LONGEST_LIFE:
        raise ParameterMalformed(name=name, wanted=f"RFC 3339, ≤ {LONGEST_LIFE.days} d")
    return until
