"""What cases want of other organisations: questions asked and letters sent, outside a transaction.

Each under a lease and a fence, several at once, few to one partner: one that is down delays only
its own. Whoever is away is tried again, later each time; the case waits meanwhile and can stop.
"""

import logging
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import psycopg
from starlette.concurrency import run_in_threadpool

from renkei import federation, kit
from renkei.app.errors import NodeBusy, NodeDraining, QuestionsTooMany
from renkei.app.operations.work_loop import Work, WorkLoop
from renkei.app.processes.inquiry_steps import Step, ended
from renkei.app.processes.partner_door import PartnerDoor
from renkei.app.site import Site, now
from renkei.app.units.questions import Questions
from renkei.process import cases, partners
from renkei.process.bpmn.elements.send_task import LETTER
from renkei.process.bpmn.elements.service_task import INQUIRY
from renkei.process.cases import waiting
from renkei.process.cases.waiting import Done, Job, Lease

log = logging.getLogger("renkei.app")

AT_ONCE, OF_ONE = 16, 4
"""So many are under way at once, and so many of them with one partner."""
LEASE = timedelta(minutes=2)  # several times what a call may take
TURN_SECONDS = 1.0
TIDYING = timedelta(seconds=10)
"""How often cases begin by letters that came before their definition, and procedures go."""
SOON, FIRST, LONGEST = timedelta(seconds=2), timedelta(seconds=2), timedelta(hours=1)
MOST_BEGUN = 50
ASKING_AGAIN = timedelta(hours=1)
MOST_TRIES = 6
"""So often what fails for another reason than that somebody is away; then a person looks."""
AWAY = (
    federation.PeerUnreachable,
    federation.PeerSilent,
    federation.PeerBrokeOff,
    federation.MembersExpired,
    kit.DatabaseUnreachable,
    NodeBusy,
    NodeDraining,
    QuestionsTooMany,
)
"""What may be otherwise in a while."""
ASKING = "inquiry"
"""The actor under which a case hears what came of its question."""


class PartnerPost:
    """One loop a node, beside its doors. Several nodes of an organisation share the work."""

    def __init__(self, site: Site, channel: federation.Channel, questions: Questions) -> None:
        """Take the site, the way to peers, and where questions are asked."""
        self._site, self._channel, self._questions = site, channel, questions
        self._door = PartnerDoor(site)
        self._loop = WorkLoop(
            self._take,
            at_once=AT_ONCE,
            seconds=TURN_SECONDS,
            drain=questions.running.drain,
            patience=LEASE.total_seconds,
        )
        self._with = Counter[str]()
        self._tidied = datetime.min.replace(tzinfo=UTC)

    def running(self) -> AbstractAsyncContextManager[None]:
        """Work as long as the site runs; what is under way at its end comes to its end."""
        return self._loop.running()

    async def _take(self, most: int) -> list[Work]:
        again = await run_in_threadpool(self._tidy)
        jobs = await run_in_threadpool(self._claim, most)
        return [*map(self._look, again), *map(self._do, jobs)]

    def _tidy(self) -> list[tuple[str, str, bytes]]:
        """Begin what could not begin before, and forget procedures whose time is over.

        Return the letters of which the partner is to be asked how they stand.
        """
        at, house = now(), self._door.house
        if at - self._tidied < TIDYING:
            return []
        self._tidied, tenant = at, house.desk.tenant
        try:
            with self._site.database.transaction(tenant) as conn:
                partners.procedures.forget(conn, tenant, at=at)
                partners.settling.begin_waiting(conn, house, at=at, most=MOST_BEGUN)
                before = at - ASKING_AGAIN
                return partners.register.to_ask(conn, tenant, at=at, before=before, most=OF_ONE)
        except (kit.DatabaseUnreachable, psycopg.Error) as error:
            log.warning("letters wait for the database: %s", type(error).__name__)
        except Exception:
            log.exception("letters could not be brought to cases")
        return []

    async def _look(self, letter: tuple[str, str, bytes]) -> None:
        """Ask how a letter stands that was taken: it is sent again, and has its effect once."""
        partner, id_, body = letter
        try:
            reply = await self._called(kit.tenant(partner), id_, body)
            receipt = partners.parse_receipt(federation.body_of(kit.tenant(partner), reply))
            await run_in_threadpool(self._note, partner, receipt)
        except kit.NodeError as error:  # another time
            log.info("it is not known how a letter stands: %s", error.code())
        except Exception:
            log.exception("it could not be asked how a letter stands")

    def _note(self, partner: str, receipt: partners.Receipt) -> None:
        tenant = self._site.desk.tenant
        with self._site.database.transaction(tenant) as conn:
            partners.register.answered(conn, tenant, partner, receipt, at=now())

    async def _called(self, partner: kit.Tenant, id_: str, body: bytes) -> federation.Reply:
        headers = (("x-road-id", id_), ("pf-mode", self._site.desk.mode))
        return await self._channel.call(partner, "POST", partners.PATH, body, headers, at=now())

    def _claim(self, most: int) -> list[Job]:
        tenant, at = self._site.desk.tenant, now()
        try:
            with self._site.database.transaction(tenant) as conn:
                names = [LETTER, INQUIRY]
                return waiting.claim_jobs(conn, tenant, names, at=at, lease=LEASE, most=most)
        except (kit.DatabaseUnreachable, psycopg.Error) as error:
            log.warning("letters wait for the database: %s", type(error).__name__)
        except Exception:
            log.exception("letters could not be claimed")
        return []

    async def _do(self, job: Job) -> None:
        """Do one job and bring what came of it; nothing here ends the loop."""
        try:
            with self._questions.running.drain.counting():
                trouble = await self._tried(job)
            if trouble is not None:
                await run_in_threadpool(self._fail, job, trouble)
        except Exception:  # its lease ends, and it is tried again
            log.exception("a case could not be told what came of a letter or a question")

    async def _tried(self, job: Job) -> kit.NodeError | None:
        """Try one job; return what was wrong."""
        try:
            await (self._send(job) if job.name == LETTER else self._ask(job))
        except kit.NodeError as error:
            return error
        except Exception:
            log.exception("what a case wants of a partner could not be done")
            return kit.NodeError()
        return None

    # Letters --------------------------------------------------------------------------------------

    async def _send(self, job: Job) -> None:
        ready = await run_in_threadpool(self._write, job)
        if ready is None:
            return
        async with self._few(ready.partner) as is_free:
            if not is_free:
                await run_in_threadpool(self._leave, job, now() + SOON, "")
                return
            reply = await self._called(ready.partner, ready.id, ready.body)
        receipt = partners.parse_receipt(federation.body_of(ready.partner, reply))
        await run_in_threadpool(self._hear, ready, receipt, reply)

    @asynccontextmanager
    async def _few(self, partner: str) -> AsyncIterator[bool]:
        """Count what is under way with a partner; say whether it is not too much."""
        is_free = self._with[partner] < OF_ONE
        self._with[partner] += 1
        try:
            yield is_free
        finally:
            self._with[partner] -= 1

    def _write(self, job: Job) -> partners.Ready | None:
        """Write a letter; where it cannot be written its case is told."""
        house, at = self._door.house, now()
        try:
            with self._site.database.transaction(house.desk.tenant) as conn:
                return partners.write(conn, house, job, at=at)
        except partners.Unwritten as no:
            with self._site.database.transaction(house.desk.tenant) as conn:
                done = partners.refusal(conn, house, job, no.reason, no.about)
                self._bring(conn, house, done, partners.ACTOR)
        return None

    def _hear(
        self, ready: partners.Ready, receipt: partners.Receipt, reply: federation.Reply
    ) -> None:
        house = self._door.house
        with self._site.database.transaction(house.desk.tenant) as conn:
            taken = partners.hear(conn, house, ready, receipt, reply, at=now())
            self._leave_if_refused(conn, house, taken, ready.job)

    # Questions ------------------------------------------------------------------------------------

    async def _ask(self, job: Job) -> None:
        desk = self._site.desk
        step = await run_in_threadpool(self._step, job)
        envelope, call = step.envelope(desk), step.call(desk)
        opens = bool(step.get("to"))
        fact = await self._questions.ask(envelope, call, str(uuid4()), opens=opens)
        await run_in_threadpool(self._end, step, fact)

    def _step(self, job: Job) -> Step:
        house = self._door.house
        with self._site.database.transaction(house.desk.tenant) as conn:
            return Step.of(conn, house, job)

    def _end(self, step: Step, fact: federation.Fact) -> None:
        house = self._door.house
        with self._site.database.transaction(house.desk.tenant) as conn:
            self._bring(conn, house, ended(conn, house, step, fact, at=now()), ASKING)

    # What came of it ------------------------------------------------------------------------------

    def _bring(self, conn: kit.Connection, house: partners.House, done: Done, actor: str) -> None:
        tenant, at = house.desk.tenant, now()
        [taken] = waiting.bring_done(conn, tenant, [done], house.library, actor=actor, at=at)
        self._leave_if_refused(conn, house, taken, done.job)

    def _leave_if_refused(
        self, conn: kit.Connection, house: partners.House, taken: cases.Taken, job: Lease
    ) -> None:
        """Leave a job for a while whose case cannot take now what came of it."""
        if taken.refused is not None:
            trouble, until = taken.refused.text("ja"), now() + LONGEST
            waiting.postpone(conn, house.desk.tenant, job, until=until, trouble=trouble)

    def _fail(self, job: Job, error: kit.NodeError) -> None:
        """Leave a job for a while, longer each time; or let its case have an incident.

        Who is away is tried again without end, what is wrong on this side of the line not once,
        anything else a few times.
        """
        is_ours = error.status < kit.NodeError.status
        most = MOST_TRIES if not is_ours else 0
        if isinstance(error, AWAY) or job.tries < most:
            pause = waiting.pause_of(job.tries, first=FIRST, longest=LONGEST)
            self._leave(job, now() + pause, error.text("ja"))
            return
        house, is_letter = self._door.house, job.name == LETTER
        code = "letter-refused" if is_letter else "inquiry-failed"
        with self._site.database.transaction(house.desk.tenant) as conn:
            done = Done(job, {}, trouble=error.text("ja"), code=code)
            self._bring(conn, house, done, partners.ACTOR if is_letter else ASKING)

    def _leave(self, job: Job, until: datetime, trouble: str) -> None:
        tenant = self._site.desk.tenant
        with self._site.database.transaction(tenant) as conn:
            waiting.postpone(conn, tenant, job, until=until, trouble=trouble)
