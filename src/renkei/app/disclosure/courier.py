"""The courier: one thread that serves the subscriptions of a site and sends what waits.

It works beside the keeper of the log. A receiver that is slow or away holds up nobody else: each
destination has its own task, and a subscription whose letters pile up is not served further until
they are taken. What is not told yet stands in the store and costs nothing.
"""

import asyncio
import logging
import random
import time
from collections import Counter
from collections.abc import Callable
from contextlib import AsyncExitStack
from datetime import date, datetime, timedelta
from typing import TypeVar

import aiohttp
import psycopg

from renkei import exchange, kit, store
from renkei.app.disclosure import subscriptions
from renkei.app.disclosure.permission import Office
from renkei.app.errors import ConsumerMoved, NatsNotSet
from renkei.app.keeping.turns import EndingThread
from renkei.exchange import NATS, Carrier, Fate, Posted, Poster, outbox

log = logging.getLogger("renkei.app")

HTTP = "http"
TURN_SECONDS = 0.2
LOOK_SECONDS = 10.0  # until a subscription is looked at though nothing was loaded
MOST_WAITING = 50  # letters of one destination; more are not written while these wait
LEASE = timedelta(seconds=60)

_T = TypeVar("_T")


class Courier(EndingThread):
    """One thread a site. What fails is tried again at the next turn; nothing is given up."""

    def __init__(
        self,
        database: kit.Database,
        office: Office,
        signing: Callable[[], exchange.SigningKey],
        clock: Callable[[], datetime],
        *,
        stream: exchange.StreamPlan | None = None,
        lease: timedelta = LEASE,
        seconds: float = exchange.POST_SECONDS,
    ) -> None:
        """Take what is needed; `start` begins. `seconds` bounds each letter, `lease` a batch.

        Without a `stream` letters that go over NATS wait; without its library this raises.
        """
        if stream is not None:
            exchange.check_stream_library()
        super().__init__("courier")
        self._database = database
        self._office = office
        self._signing = signing
        self._clock = clock
        self._stream = stream
        self._lease = lease
        self._seconds = seconds
        self._refused: dict[str, date] = {}
        self._read: dict[str, tuple[int, float]] = {}  # to the end: which load, when
        self.sent: Counter[tuple[str, Fate]] = Counter()  # by what, with which end

    def run(self) -> None:
        """Serve and post until told to finish."""
        asyncio.run(self._run())

    async def _run(self) -> None:
        tasks: set[asyncio.Task[None]] = set()
        timeout = aiohttp.ClientTimeout(total=self._seconds)
        jar = aiohttp.DummyCookieJar()
        async with AsyncExitStack() as open_things:
            session = aiohttp.ClientSession(timeout=timeout, cookie_jar=jar)
            await open_things.enter_async_context(session)
            about = self._signing, self._clock
            sender, seconds = self._office.address, self._seconds
            carriers: dict[str, Carrier] = {
                HTTP: Poster(session, *about, sender=sender, seconds=seconds)
            }
            if self._stream is not None:
                stream = exchange.stream_carrier(
                    self._stream, *about, sender=sender, seconds=seconds
                )
                open_things.push_async_callback(stream.close)
                carriers[NATS] = stream
            while not self._ending.is_set():
                started = time.monotonic()
                is_busy = await asyncio.to_thread(self._safely, self._serve_all, False)
                for claim in await asyncio.to_thread(self._safely, self._claim, []):
                    task = asyncio.create_task(self._send(carriers, claim))
                    tasks.add(task)
                    task.add_done_callback(tasks.discard)
                rest = TURN_SECONDS - (time.monotonic() - started)
                await asyncio.sleep(0 if is_busy else max(0.0, rest))
            await asyncio.gather(*tasks)

    def _safely(self, work: Callable[[], _T], otherwise: _T) -> _T:
        """Do a part of a turn; what fails is said, and tried again at the next one."""
        try:
            return work()
        except (kit.DatabaseUnreachable, psycopg.Error) as error:
            log.warning("the courier waits for the database: %s", type(error).__name__)
        except Exception:
            log.exception("subscriptions could not be served")
        self._ending.wait(TURN_SECONDS)
        return otherwise

    def _serve_all(self) -> bool:
        """Serve each subscription once that may have something; tell whether any may have more."""
        office, at = self._office, self._clock()
        with self._database.transaction(office.tenant) as conn:
            newest = store.newest_position(conn, office.tenant).load
            all_ = store.all_subscriptions(conn, office.tenant)
            waiting = {one.destination: one.waiting for one in outbox.backlog(conn, office.tenant)}
        is_busy = False
        for one in all_:
            if self._refused.get(one.name) == kit.day_of(at):
                continue  # the law of a day is asked once
            if waiting.get(one.name, 0) >= MOST_WAITING or self._has_read(one.name, newest):
                continue
            try:
                with self._database.transaction(office.tenant) as conn:
                    served = subscriptions.serve(conn, office, one, at=at)
            except ConsumerMoved:
                continue
            except kit.DatabaseUnreachable:
                raise
            except kit.NodeError as error:  # such as an interface the standard no longer has
                log.error("the subscription %s is not served today: %s", one.name, error)  # noqa: TRY400
                served = subscriptions.Served(refused=error.code())
            if served.refused:
                self._refused[one.name] = kit.day_of(at)
            elif not served.events:
                self._read[one.name] = newest, time.monotonic()
            is_busy = is_busy or bool(served.events and not served.refused)
        return is_busy

    def _has_read(self, name: str, newest: int) -> bool:
        """Tell whether a subscription was told everything, a moment ago; protections may end."""
        load, when = self._read.get(name, (-1, 0.0))
        return load == newest and time.monotonic() - when < LOOK_SECONDS

    def _claim(self) -> list[outbox.Claim]:
        at = self._clock()
        with self._database.transaction(self._office.tenant) as conn:
            return outbox.claim(
                conn, self._office.tenant, at=at, until=at + self._lease, seal=self._office.seal
            )

    async def _send(self, carriers: dict[str, Carrier], claim: outbox.Claim) -> None:
        """Send the letters of a claim in their order, up to the first that must wait."""
        by = NATS if claim.url == NATS else HTTP
        fates: list[tuple[outbox.Letter, exchange.Posted]] = []
        for letter in claim.letters:
            if self._clock() + timedelta(seconds=self._seconds) > claim.until:
                break  # the lease could end before the answer comes
            carrier = carriers.get(by)
            if carrier is None:
                posted = Posted(Fate.away, NatsNotSet.code())
            else:
                posted = await carrier.carry(claim, letter)
            self.sent[by, posted.fate] += 1
            fates.append((letter, posted))
            if posted.fate in (Fate.failed, Fate.away) or self._ending.is_set():
                break
        await asyncio.to_thread(self._safely, lambda: self._settle(claim, fates), None)

    def _settle(
        self, claim: outbox.Claim, fates: list[tuple[outbox.Letter, exchange.Posted]]
    ) -> None:
        """Write down what became of letters, all in one transaction."""
        tenant, at = self._office.tenant, self._clock()
        taken = [letter for letter, posted in fates if posted.fate is Fate.taken]
        with self._database.transaction(tenant) as conn:
            outbox.taken(conn, tenant, claim, taken)
            for letter, posted in fates:
                match posted.fate:
                    case Fate.taken:
                        pass
                    case Fate.failed if letter.failures + 1 < exchange.MOST_TRIES:
                        self._postpone(conn, claim, letter, posted, at)
                    case Fate.away:
                        self._postpone(conn, claim, letter, posted, at)
                    case Fate.failed | Fate.refused:
                        outbox.bury(conn, tenant, claim, letter, reason=posted.reason, at=at)
            outbox.release(conn, tenant, claim)

    def _postpone(
        self,
        conn: kit.Connection,
        claim: outbox.Claim,
        letter: outbox.Letter,
        posted: exchange.Posted,
        at: datetime,
    ) -> None:
        wait = exchange.wait_after(letter.tries + 1, random.random())  # noqa: S311  # no secret
        outbox.postpone(
            conn,
            self._office.tenant,
            claim,
            letter,
            until=at + wait,
            reason=posted.reason,
            reached=posted.fate is Fate.failed,
        )
