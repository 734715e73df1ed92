"""A loop beside the doors that does what waits in the database, several at once."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterable
from contextlib import asynccontextmanager, suppress

from renkei.app.operations.drain import Drain

Work = Coroutine[object, object, None]


class WorkLoop:
    """It takes work while there is room, and looks again when some ends, or at its pace."""

    def __init__(
        self,
        take: Callable[[int], Awaitable[Iterable[Work]]],
        *,
        at_once: int,
        seconds: float,
        drain: Drain,
        patience: Callable[[], float],
    ) -> None:
        """Take what claims at most so much work, and how long its end waits for what is under way.

        Work that fails has said so itself. None is taken while the site drains.
        """
        self._take, self._at_once, self._seconds = take, at_once, seconds
        self._drain, self._patience = drain, patience
        self._ending, self._news = asyncio.Event(), asyncio.Event()

    def wake(self) -> None:
        """Say that something came."""
        self._news.set()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Work as long as the site runs; at its end what is under way comes to its end."""
        worker = asyncio.create_task(self._work())
        try:
            yield
        finally:
            self._ending.set()
            self._news.set()
            await worker

    async def _work(self) -> None:
        under_way: set[asyncio.Task[None]] = set()
        while not self._ending.is_set():
            self._news.clear()
            free = 0 if self._drain.is_draining else self._at_once - len(under_way)
            for begun in await self._take(free) if free else ():
                doing = asyncio.create_task(begun)
                under_way.add(doing)
                doing.add_done_callback(under_way.discard)
                doing.add_done_callback(lambda _: self._news.set())
            with suppress(TimeoutError):
                async with asyncio.timeout(self._seconds):
                    await self._news.wait()
        if under_way:
            _, late = await asyncio.wait(under_way, timeout=self._patience())
            for one in late:
                one.cancel()
            await asyncio.gather(*late, return_exceptions=True)
