"""Many look-ups that arrive together become one query; each caller gets its own row.

A web server's processor time goes into the round trip of each query, not into the row. So look-ups
of one kind (same statement, same tenant) that arrive in one turn of the event loop, or while the
query before is still running, are asked for together as `= any(…)`. This is one of the few places
that wait on others all day, hence async; the query itself is synchronous, in a thread.
"""

import asyncio
from collections.abc import Callable, Hashable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Generic, Self, TypeVar

from renkei.store.errors import LookupsFull, LookupsStopped

Kind = TypeVar("Kind", bound=Hashable)
Key = TypeVar("Key", bound=Hashable)
Row = TypeVar("Row")


class Coalescer(Generic[Kind, Key, Row]):
    """A front of one query function: `fetch(kind, keys)` returns key → row of what it found.

    `async with Coalescer(fetch) as lookups: row = await lookups.ask(kind, key)`. Belongs to one
    event loop. An error of a query reaches everyone who waited for it; who stops waiting is
    forgotten; more than `waiting` at once are refused with `LookupsFull`.
    """

    def __init__(
        self,
        fetch: Callable[[Kind, Sequence[Key]], Mapping[Key, Row]],
        *,
        threads: int = 2,
        together: int = 500,
        waiting: int = 10_000,
    ) -> None:
        """Take the query function, how many keys go together and how many callers may wait."""
        self._fetch = fetch
        self._together = together
        self._limit = waiting
        self._waiting = 0
        self._stopped = False
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="lookups")
        self._asked: dict[Kind, dict[Key, list[asyncio.Future[Row | None]]]] = {}
        self._serving: dict[Kind, asyncio.Task[None]] = {}

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def ask(self, kind: Kind, key: Key) -> Row | None:
        """Return the row of this key, or None; joins the next query of this kind."""
        if self._stopped:
            raise LookupsStopped
        if self._waiting >= self._limit:
            raise LookupsFull(limit=self._limit)
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[Row | None] = loop.create_future()
        self._asked.setdefault(kind, {}).setdefault(key, []).append(answer)
        if kind not in self._serving:
            # The task begins in the next turn: whoever asks in this one is in its first batch.
            self._serving[kind] = loop.create_task(self._serve(kind))
        self._waiting += 1
        try:
            return await answer
        finally:
            self._waiting -= 1

    async def stop(self) -> None:
        """Finish the queries that run; whoever still waits for one is told to ask again."""
        self._stopped = True
        for waiters in [w for asked in self._asked.values() for w in asked.values()]:
            _fail(waiters, LookupsStopped())
        self._asked.clear()
        await asyncio.gather(*self._serving.values())
        self._threads.shutdown()

    async def _serve(self, kind: Kind) -> None:
        """Ask for one batch after the other until nobody waits for this kind."""
        loop = asyncio.get_running_loop()
        while batch := self._next(kind):
            try:
                rows = await loop.run_in_executor(self._threads, self._fetch, kind, list(batch))
            except Exception as error:  # it belongs to those who wait
                for waiters in batch.values():
                    _fail(waiters, error)
            else:
                for key, waiters in batch.items():
                    _answer(waiters, rows.get(key))
        # No await since the last look: nobody can have asked in between.
        del self._serving[kind]

    def _next(self, kind: Kind) -> dict[Key, list[asyncio.Future[Row | None]]]:
        """Take the keys that somebody still waits for, at most as many as go together."""
        asked = self._asked.get(kind, {})
        batch: dict[Key, list[asyncio.Future[Row | None]]] = {}
        while asked and len(batch) < self._together:
            key = next(iter(asked))
            waiters = [waiter for waiter in asked.pop(key) if not waiter.done()]
            if waiters:
                batch[key] = waiters
        if not asked:
            self._asked.pop(kind, None)
        return batch


def _answer(waiters: list[asyncio.Future[Row | None]], row: Row | None) -> None:
    for waiter in waiters:
        if not waiter.done():
            waiter.set_result(row)


def _fail(waiters: list[asyncio.Future[Row | None]], error: Exception) -> None:
    for waiter in waiters:
        if not waiter.done():
            waiter.set_exception(error)
