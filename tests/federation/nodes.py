"""B with two nodes: real doors on one database, and what a network does to one of them."""

import asyncio
import socket
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Self, TypeVar

import msgspec
from starlette.types import ASGIApp
from tests.exchange.serving import serving
from tests.federation.site import LIMITS, A, B, clock, hello, listed, membership, row

from renkei import exchange
from renkei.app.demo.ecosystem import free_port
from renkei.exchange import Answer
from renkei.federation.channel import Channel
from renkei.federation.door import Caller, Handle, door
from renkei.federation.listener import server_config
from renkei.federation.member import Member, Node
from renkei.federation.members import Members
from renkei.federation.tls import Credentials
from renkei.kit import Database

T = TypeVar("T")
FIRST, SECOND = 0, 1


@dataclass
class Two:
    """A, and B with two nodes; what each of them heard, in order."""

    a: Credentials
    shown: tuple[Credentials, Credentials]
    ports: tuple[int, int]
    database: Database | None = None
    heard: tuple[list[str], list[str]] = field(default_factory=lambda: ([], []))

    @classmethod
    def create(cls, folder: Path, database: Database | None = None, *, own: bool = False) -> Self:
        """Make everybody's keys; `own` gives the second node a certificate of its own."""
        a, b = (Credentials.create(folder / n, n, at=clock()) for n in (A, B))
        other = Credentials.create(folder / "own", B, at=clock()) if own else b
        second = Credentials(B, other.certificate, b.signing, other.tls_file)
        return cls(a, (b, second), (free_port(), free_port()), database)

    @property
    def row(self) -> Member:
        """Return B's row, with both nodes."""
        first, second = self.shown
        certificates = (
            ()
            if second is first or second.certificate == first.certificate
            else (second.certificate,)
        )
        node = Node(url=f"https://127.0.0.1:{self.ports[1]}", certificates=certificates)
        return msgspec.structs.replace(row(first, self.ports[0]), nodes=(node,))

    @property
    def members(self) -> Members:
        """Return the list everybody goes by."""
        return listed(row(self.a), self.row)

    def handle(self, which: int, seconds: float = 0.0) -> Handle:
        """Return what a node does: it marks a question where both of B's nodes do, and answers."""

        def heard(caller: Caller, at: datetime) -> Answer:
            if self.database is not None:
                with self.database.transaction(B) as conn:
                    mark = caller.signature
                    exchange.first_time(conn, B, mark, request_id=caller.envelope.id, at=at)
            self.heard[which].append(caller.envelope.id)
            time.sleep(seconds)
            return hello(caller, at)

        return heard

    def door(self, which: int, handle: Handle) -> ASGIApp:
        """Return the door of one node."""
        ours = membership(self.shown[which], self.members)
        return door(handle, membership=ours, clock=clock, limits=LIMITS)

    @contextmanager
    def open(self, which: int, app: ASGIApp | None = None, seconds: float = 0.0) -> Iterator[None]:
        """Serve one node, or another application in its place."""
        app = app or self.door(which, self.handle(which, seconds))
        ours = membership(self.shown[which], self.members)
        with serving(server_config(app, "127.0.0.1", self.ports[which], membership=ours)):
            yield

    @contextmanager
    def both(self, *, slow: float = 0.0) -> Iterator[None]:
        """Serve both, the first one as slow as this."""
        with ExitStack() as stack:
            stack.enter_context(self.open(FIRST, seconds=slow))
            stack.enter_context(self.open(SECOND))
            yield

    def converse(
        self,
        talk: Callable[[Channel], Awaitable[T]],
        *,
        seconds: float = 5.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> T:
        """Let A talk on a channel of its own."""

        async def conversation() -> T:
            ours = membership(self.a, self.members)
            async with Channel(ours, seconds=seconds, clock=clock, chance=lambda: 1.0) as channel:
                return await talk(channel)

        return asyncio.run(conversation())


@contextmanager
def unanswering(port: int) -> Iterator[None]:
    """Listen without ever accepting, the queue full: who connects hears nothing at all."""
    with ExitStack() as stack:
        listener = stack.enter_context(socket.create_server(("127.0.0.1", port), backlog=0))
        for _ in range(4):
            filler = stack.enter_context(socket.socket())
            filler.setblocking(False)
            filler.connect_ex(listener.getsockname())
        yield
