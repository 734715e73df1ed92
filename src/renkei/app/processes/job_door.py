"""The jobs of cases for the own units: `POST /jobs/claim` and `POST /jobs/done`.

A service task whose job is named `15/…` is work for unit 15. The unit claims some under a lease,
does them, and brings what came of it, as often as it likes: the same again has no second effect. It
is told what the model maps into the task, and nothing else of the case.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Annotated, Any, Literal, TypeVar
from uuid import UUID

import msgspec
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from renkei import exchange, kit
from renkei.app.errors import JobNotOurs, JobsMalformed
from renkei.app.openapi.operation import (
    Content,
    DescribedRoute,
    Operation,
    Reply,
    shared_header,
)
from renkei.app.openapi.terms import DRAINING, TELLING, UNIT, UNIT_ERRORS
from renkei.app.operations.oversight import check_unit, client_field, error_response, unit_of
from renkei.app.processes.batches import whole_or_apart
from renkei.app.site import Site, now
from renkei.app.units.oauth_plan import JOBS
from renkei.process import cases, feel
from renkei.process.cases import waiting

LIMITS = exchange.Limits(body=4 * 2**20, seconds=30.0)
Asked = TypeVar("Asked")
KEPT = r"^[^\x00]*$"
Name = Annotated[str, msgspec.Meta(min_length=4, max_length=255, pattern=KEPT)]


class JobsWanted(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which jobs a unit would do now."""

    names: Annotated[tuple[Name, ...], msgspec.Meta(min_length=1, max_length=50)]
    most: Annotated[int, msgspec.Meta(ge=1, le=200)] = 20
    lease_seconds: Annotated[int, msgspec.Meta(ge=1, le=3600)] = 60


class JobTold(msgspec.Struct, frozen=True):
    """One job that is the unit's until the lease ends; `tries` counts this time too."""

    case: UUID
    wait: int
    fence: int
    name: str
    element: str
    tries: int
    until: datetime
    headers: dict[str, Any]
    variables: dict[str, Any]


class JobsTold(msgspec.Struct, frozen=True):
    """The jobs that were claimed."""

    jobs: list[JobTold]


class JobEnded(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What came of one: variables, or an error the model knows, or what went wrong."""

    case: UUID
    wait: Annotated[int, msgspec.Meta(ge=1)]
    fence: Annotated[int, msgspec.Meta(ge=1)]
    variables: dict[str, Any] = {}
    error: Annotated[str, msgspec.Meta(max_length=255, pattern=KEPT)] = ""
    trouble: Annotated[str, msgspec.Meta(max_length=1000, pattern=KEPT)] = ""


class JobsEnded(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What came of some."""

    done: Annotated[tuple[JobEnded, ...], msgspec.Meta(min_length=1, max_length=200)]


class JobOutcome(msgspec.Struct, frozen=True, omit_defaults=True):
    """What became of what was brought of one job."""

    case: UUID
    wait: int
    outcome: Literal["taken", "taken-before", "tried-again", "refused"]
    code: str = ""
    message: str = ""
    message_ja: str = ""


class JobOutcomes(msgspec.Struct, frozen=True):
    """In the order in which they were brought."""

    done: list[JobOutcome]


TOO_MUCH = (exchange.BodyTooLarge, exchange.BodyLate, exchange.BodyBroken)


def _operation(path: str, ja: str, en: str, asks: type, reply: Reply) -> Operation:
    errors = (*UNIT_ERRORS, *TOO_MUCH, JobsMalformed, JobNotOurs)
    client = (shared_header("X-Road-Client"),)
    return Operation(
        "POST", path, ja, en, (reply, DRAINING), TELLING, errors, (UNIT,), client, Content(asks)
    )


CLAIM = _operation(
    "/jobs/claim",
    "案件の処理（サービスタスク）を引き受ける",
    "A unit claims jobs of cases; each is its own until the lease ends.",
    JobsWanted,
    Reply(200, "引き受けた処理。なければ空", Content(JobsTold)),
)
DONE = _operation(
    "/jobs/done",
    "処理の結果を返す",
    "A unit brings what came of jobs; the same again has no second effect.",
    JobsEnded,
    Reply(200, "一件ごとの結果", Content(JobOutcomes)),
)


class JobDoor:
    """Both operations of one site."""

    def __init__(self, site: Site, clock: Callable[[], datetime] = now) -> None:
        """Take the site."""
        self._site, self._clock = site, clock
        self._library = cases.Library([site.signer.verifier])

    def routes(self) -> list[DescribedRoute]:
        """Return the routes of the door."""
        return [CLAIM.route(self._claim), DONE.route(self._done)]

    async def _claim(self, request: Request) -> Response:
        return await self._answer(request, self._claimed)

    async def _done(self, request: Request) -> Response:
        return await self._answer(request, self._ended)

    async def _answer(
        self, request: Request, act: Callable[[str, bytes], msgspec.Struct]
    ) -> Response:
        try:
            named = exchange.client(client_field(request.headers.get("x-road-client")))
            check_unit(self._site, named, request.headers.get("authorization"), JOBS)
            body = await exchange.read_body(request.scope, request.receive, LIMITS)
            told = await run_in_threadpool(act, unit_of(named), body)
        except kit.NodeError as error:
            return error_response(error)
        return Response(msgspec.json.encode(told), media_type="application/json")

    def _claimed(self, unit: str, body: bytes) -> JobsTold:
        wanted = _read(body, JobsWanted)
        _check_ours(unit, wanted.names)
        at, tenant = self._clock(), self._site.desk.tenant
        lease = timedelta(seconds=wanted.lease_seconds)
        with self._site.database.transaction(tenant) as conn:
            names = list(dict.fromkeys(wanted.names))
            jobs = waiting.claim_jobs(conn, tenant, names, at=at, lease=lease, most=wanted.most)
            inputs = waiting.inputs_of(conn, tenant, jobs)
        return JobsTold(
            [
                JobTold(
                    one.case,
                    one.wait,
                    one.fence or 0,
                    one.name,
                    one.element,
                    one.tries,
                    at + lease,
                    _object(one.about),
                    _object(inputs.get((one.case, one.wait), {})),
                )
                for one in jobs
            ]
        )

    def _ended(self, unit: str, body: bytes) -> JobOutcomes:
        ended, tenant = _read(body, JobsEnded), self._site.desk.tenant
        done = [_done_of(unit, number, one) for number, one in enumerate(ended.done)]
        transaction = partial(self._site.database.transaction, tenant)
        return whole_or_apart(transaction, partial(self._brought, unit, done))

    def _brought(
        self, unit: str, done: list[waiting.Done], conn: kit.Connection, *, apart: bool
    ) -> JobOutcomes:
        at, tenant = self._clock(), self._site.desk.tenant
        _check_ours(unit, waiting.names_of(conn, tenant, [one.job for one in done]))
        later = {
            number
            for number, one in enumerate(done)
            if one.trouble and waiting.retry(conn, tenant, one.job, at=at, trouble=one.trouble)
        }
        rest = [one for number, one in enumerate(done) if number not in later]
        by = f"unit:{unit}"
        taken = iter(
            waiting.bring_done(conn, tenant, rest, self._library, actor=by, at=at, apart=apart)
        )
        return JobOutcomes(
            [
                JobOutcome(one.job.case, one.job.wait, "tried-again")
                if number in later
                else _outcome(one, next(taken))
                for number, one in enumerate(done)
            ]
        )


def _read(body: bytes, kind: type[Asked]) -> Asked:
    try:
        return kit.read_json(body, kind)
    except msgspec.DecodeError as error:
        raise JobsMalformed(problem=str(error)[:200]) from None


def _check_ours(unit: str, names: Sequence[str]) -> None:
    for name in names:
        if not name.startswith(f"{unit}/"):
            raise JobNotOurs(name=name[:80], unit=unit)


def _done_of(unit: str, number: int, ended: JobEnded) -> waiting.Done:
    """Return what a unit brought as the room takes it, its values as FEEL has them."""
    if ended.error and ended.trouble:
        raise JobsMalformed(problem=f"$.done[{number}]: error, trouble")
    try:
        variables = feel.load(ended.variables, f"$.done[{number}].variables")
    except kit.NodeError as error:
        raise JobsMalformed(problem=error.text("en")) from None
    assert isinstance(variables, dict)  # noqa: S101 # an object stays one
    lease = waiting.Lease(ended.case, ended.wait, ended.fence)
    key = f"job/{unit}/{ended.case}/{ended.wait}/{ended.fence}"
    return waiting.Done(lease, variables, ended.error, ended.trouble, key)


def _outcome(done: waiting.Done, taken: cases.Taken) -> JobOutcome:
    of = done.job.case, done.job.wait
    if (refused := taken.refused) is not None:
        said = refused.code(), refused.text("en"), refused.text("ja")
        return JobOutcome(*of, "refused", *said)
    return JobOutcome(*of, "taken-before" if taken.is_again else "taken")


def _object(variables: feel.Value) -> dict[str, Any]:
    told = feel.dump(variables)
    return told if isinstance(told, dict) else {}
