"""Turns (順番): how many questions are under way at once, and who is next when more come.

Up to the limit everybody goes at once, at the price of one addition. Beyond it each client has a
queue of its own: urgent ones first (`Priority`, RFC 9218), of one urgency the clients in turn, so
that one who asks much waits for itself alone. A queue is bounded, and nobody waits for long.
"""

import asyncio
import re
from collections import OrderedDict, deque
from types import TracebackType

from renkei.app.errors import NodeBusy

USUAL = 3
WAIT_SECONDS = 10.0
RETRY_SECONDS = 2

_URGENCY = re.compile(r"(?:^|[,;\s])u=([0-7])(?:$|[,;\s])", re.ASCII)


def urgency(text: str | None) -> int:
    """Return the urgency of a field Priority; what says none is usual.

    >>> urgency("u=0"), urgency("i, u=5"), urgency("u=9"), urgency(None)
    (0, 5, 3, 3)
    """
    found = _URGENCY.search(text or "")
    return int(found[1]) if found else USUAL


class Turns:
    """The turns of one door. Of one event loop."""

    def __init__(self, most: int, each: int, seconds: float = WAIT_SECONDS) -> None:
        """Take how many may be under way, how many of a client may wait, and for how long."""
        self._most = most
        self._each = each
        self._seconds = seconds
        self.under_way = 0
        self.waiting = 0
        self._queues: list[OrderedDict[str, deque[asyncio.Future[None]]]] = [
            OrderedDict() for _ in range(8)
        ]
        self._of_client: dict[str, int] = {}

    def of(self, client: str, urgency: int = USUAL) -> "Turn":
        """Return the turn of a client: `async with turns.of(client): …`."""
        return Turn(self, client, urgency)

    async def enter(self, client: str, urgency: int) -> None:
        """Return when it is this client's turn, or raise `NodeBusy`; `leave` must follow."""
        if self.under_way < self._most and not self.waiting:
            self.under_way += 1
            return
        if self._of_client.get(client, 0) >= self._each:
            raise NodeBusy(seconds=RETRY_SECONDS)
        await self._wait(client, urgency)

    def leave(self) -> None:
        """End a turn: the place goes to who is next, or is free."""
        following = self._next()
        if following is None:
            self.under_way -= 1
        else:
            self.waiting -= 1
            following.set_result(None)

    async def _wait(self, client: str, urgency: int) -> None:
        loop = asyncio.get_running_loop()
        turn: asyncio.Future[None] = loop.create_future()
        self._queues[urgency].setdefault(client, deque()).append(turn)
        self._of_client[client] = self._of_client.get(client, 0) + 1
        self.waiting += 1
        clock = loop.call_later(self._seconds, self._late, turn)
        try:
            await turn
        except BaseException:
            if turn.done() and not turn.cancelled() and turn.exception() is None:
                self.leave()  # called off as its turn came
            else:
                self.waiting -= 1
            raise
        finally:
            clock.cancel()
            self._of_client[client] -= 1
            if not self._of_client[client]:
                del self._of_client[client]

    @staticmethod
    def _late(turn: asyncio.Future[None]) -> None:
        if not turn.done():
            turn.set_exception(NodeBusy(seconds=RETRY_SECONDS))

    def _next(self) -> asyncio.Future[None] | None:
        """Return who is next: the most urgent, of those the clients in turn."""
        for clients in self._queues:
            while clients:
                client, queue = clients.popitem(last=False)
                while queue:
                    turn = queue.popleft()
                    if turn.done():  # it gave up meanwhile
                        continue
                    if queue:
                        clients[client] = queue  # behind the others
                    return turn
        return None


class Turn:
    """One turn, as a context."""

    __slots__ = ("_client", "_turns", "_urgency")

    def __init__(self, turns: Turns, client: str, urgency: int) -> None:
        """Take whose turn it is."""
        self._turns = turns
        self._client = client
        self._urgency = urgency

    async def __aenter__(self) -> None:
        await self._turns.enter(self._client, self._urgency)

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._turns.leave()
