"""The orderly end (停止準備): nothing new is taken, what is under way ends, then the process does.

`/ready` says so first, so that whoever shares out the traffic sends it elsewhere.
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from starlette.types import ASGIApp, Receive, Scope, Send

from renkei.app.errors import NodeDraining

RETRY_SECONDS = 5
WATCHING = ("/health", "/ready", "/metrics", "/questions/", "/oversight/")
"""Paths that only look: they are answered to the end and nobody waits for them."""


class Drain:
    """Whether one process ends, and how much is under way in it. Of one event loop."""

    def __init__(self) -> None:
        """Begin open."""
        self.is_draining = False
        self.under_way = 0
        self._ended = asyncio.Event()

    def begin(self) -> None:
        """Take nothing new from now on."""
        self.is_draining = True
        if not self.under_way:
            self._ended.set()

    def check(self) -> None:
        """Raise `NodeDraining` where nothing new is taken."""
        if self.is_draining:
            raise NodeDraining(seconds=RETRY_SECONDS)

    @contextmanager
    def counting(self) -> Iterator[None]:
        """Count something as under way."""
        self.under_way += 1
        try:
            yield
        finally:
            self.under_way -= 1
            if self.is_draining and not self.under_way:
                self._ended.set()

    async def ended(self, seconds: float) -> bool:
        """Wait until nothing is under way, for some seconds at most; tell whether it came to that.

        Between two looks something may have come that is answered with a refusal: look again.
        """
        try:
            async with asyncio.timeout(seconds):
                while self.under_way:
                    self._ended.clear()
                    await self._ended.wait()
        except TimeoutError:
            return False
        return True

    def counted(self, app: ASGIApp) -> ASGIApp:
        """Return a door whose requests are counted, but for those that only watch."""

        async def door(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] != "http" or scope["path"].startswith(WATCHING):
                await app(scope, receive, send)
                return
            with self.counting():
                await app(scope, receive, send)

        return door
