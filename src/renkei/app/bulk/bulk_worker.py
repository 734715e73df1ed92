"""The work on inquiries about many: one part at a time, under a lease that is held while it lasts.

A member that is away is asked again later, each time by inquiries of their own; what a part was
answered is kept before the next one begins. A node that dies is followed by its next start, or by
another node of the organisation, once its lease has run out.
"""

import asyncio
import logging
import random
import time
from contextlib import AbstractAsyncContextManager, suppress
from dataclasses import replace
from datetime import timedelta

import psycopg
from starlette.concurrency import run_in_threadpool

from renkei import exchange, kit
from renkei.app.bulk.kept_bulk import KeptAnswers, KeptBulk, decode_people
from renkei.app.operations.running import Running
from renkei.app.operations.work_loop import Work, WorkLoop
from renkei.app.site import Site, now
from renkei.app.units.questions import asked as counted_as
from renkei.app.units.task_door import AWAY
from renkei.exchange import bulks
from renkei.federation import BulkCounter, BulkEnded, Channel

log = logging.getLogger("renkei.app")

LEASE = timedelta(seconds=20)
RENEW_SECONDS = 5.0
TURN_SECONDS = 0.5


class BulkWorker:
    """The worker of one site."""

    def __init__(self, site: Site, channel: Channel, running: Running) -> None:
        """Take the site, the way to the peers, and whether it ends."""
        self._site = site
        self._running = running
        self._seal = site.keys.node().seal
        self._counter = BulkCounter(
            site.membership,
            site.keys.node(),
            site.database,
            channel,
            now,
            site.settings.bulk.fewest,
        )
        self._loop = WorkLoop(
            self._take, at_once=1, seconds=TURN_SECONDS, drain=running.drain, patience=lambda: 0
        )

    def wake(self) -> None:
        """Say that something came."""
        self._loop.wake()

    def running(self) -> AbstractAsyncContextManager[None]:
        """Work as long as the site runs; what is under way at its end is done by the next start."""
        return self._loop.running()

    async def _take(self, _: int) -> list[Work]:
        part = await run_in_threadpool(self._claim)
        return [] if part is None else [self._do(part)]

    def _claim(self) -> bulks.BulkPart | None:
        tenant, at = self._site.desk.tenant, now()
        try:
            with self._site.database.transaction(tenant) as conn:
                return bulks.claim(conn, tenant, at=at, until=at + LEASE, seal=self._seal)
        except (kit.DatabaseUnreachable, psycopg.Error) as error:
            log.warning("lists wait for the database: %s", type(error).__name__)
        except Exception:
            log.exception("a list could not be claimed")
        return None

    async def _do(self, part: bulks.BulkPart) -> None:
        """Ask about a part and keep what came of it, no faster than the settings let it go."""
        begun = time.monotonic()
        holding = asyncio.create_task(self._hold(part))
        try:
            with self._running.drain.counting():
                answer = await self._ask(part)
                await run_in_threadpool(self._keep, part, answer)
        except Exception:  # its lease ends, and it is tried again
            log.exception("a list could not be worked on")
        finally:
            holding.cancel()
        rest = part.persons / self._site.settings.bulk.rate - (time.monotonic() - begun)
        if rest > 0:
            await asyncio.sleep(rest)

    async def _hold(self, part: bulks.BulkPart) -> None:
        """Hold the lease as long as this goes on."""
        while True:
            await asyncio.sleep(RENEW_SECONDS)
            with suppress(kit.NodeError, psycopg.Error):  # the next time, perhaps
                await run_in_threadpool(self._renew, part)

    def _renew(self, part: bulks.BulkPart) -> None:
        with self._site.database.transaction(self._site.desk.tenant) as conn:
            bulks.renew(conn, self._site.desk.tenant, part, until=now() + LEASE)

    async def _ask(self, part: bulks.BulkPart) -> KeptAnswers | timedelta:
        """Return how a part ended, or after how long it should be asked about again."""
        kept, people = KeptBulk.decoded(part.question), decode_people(part.content)
        begun, instance = time.monotonic(), self._site.desk.members.instance
        try:
            since, number = part.accepted_at, str(part.number)
            asked = kept.asked(people, number, instance=instance, handed_at=since)
            if part.tries > 1:
                asked = replace(asked, envelope=exchange.again(asked.envelope, part.tries))
            ended = await self._counter.ask(asked)
        except kit.NodeError as refused:
            ended = BulkEnded({}, error=refused)
        error = ended.error
        code = "" if error is None else error.code()
        call, client = exchange.service_call(kept.path, kept.query), exchange.client(part.client)
        counted = counted_as(client, call, "failed" if code else "answered", code)
        self._running.records.add(counted, time.monotonic() - begun)
        if isinstance(error, AWAY):
            return exchange.wait_after(part.tries, random.random())  # noqa: S311  # no secret
        if error is not None:
            log.warning("a part of a list failed: %s", code)
        return KeptAnswers(dict(ended.ended), ended.of_set, code)

    def _keep(self, part: bulks.BulkPart, answer: KeptAnswers | timedelta) -> None:
        tenant, at = self._site.desk.tenant, now()
        with self._site.database.transaction(tenant) as conn:
            if isinstance(answer, timedelta):
                bulks.postpone(conn, tenant, part, not_before=at + answer)
            else:
                bulks.end(conn, tenant, part, answer.encoded(), at=at, seal=self._seal)
