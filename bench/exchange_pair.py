"""Two nodes and a system behind the second: what every benchmark of passed messages runs on.

Both nodes are the real program with a database server each, started by its command line; nothing
of the hub is needed. A client is a unit of the first organisation.
"""

import asyncio
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import aiohttp
import msgspec

from renkei import audit, federation
from renkei.app.demo.ecosystem import A, B, Ecosystem, Part, ecosystem
from renkei.app.proofs.books import Log, read_log

SERVICE = "31/echo"
UNIT = "15"
CLIENT = f"JP/MUN/{A.tenant}/{UNIT}"
PUBLISHING_SECONDS = 20.0
TARGET = f"/r1/JP/MUN/{B.tenant}/{SERVICE}"


@dataclass(slots=True)
class Tally:
    """What came of the messages of a run: status → how many, and how long each took."""

    seconds: list[float] = field(default_factory=list)
    statuses: dict[int, int] = field(default_factory=dict)
    told: list[str] = field(default_factory=list)
    """The numbers (X-Road-Request-Id) of those that were answered."""
    ended: list[float] = field(default_factory=list)

    def add(self, status: int, begun: float, number: str) -> None:
        """Count one that ends now."""
        self.ended.append(time.perf_counter())
        self.seconds.append(self.ended[-1] - begun)
        self.statuses[status] = self.statuses.get(status, 0) + 1
        if status == 200:
            self.told.append(number)

    @property
    def p95(self) -> float:
        """Return the time 95 of 100 messages took at most, in ms."""
        ranked = sorted(self.seconds)
        return ranked[int(len(ranked) * 0.95)] * 1000 if ranked else 0.0


@dataclass(frozen=True, slots=True)
class Pair:
    """The two nodes as they run."""

    eco: Ecosystem

    @property
    def pids(self) -> dict[str, int]:
        """Return the processes of both nodes; their database servers are children of them."""
        return {part.name: self.eco.processes[part.name].pid for part in (A, B)}

    def headers(self) -> dict[str, str]:
        """Return what a unit says with each message, but for its id."""
        return {
            "X-Road-Client": CLIENT,
            "Authorization": f"Bearer {self.eco.tokens[A.name][UNIT]}",
            "PF-Mode": "test",
            "Content-Type": "application/json",
        }

    def send(
        self,
        number: int,
        bodies: Callable[[int], bytes],
        *,
        clients: int = 32,
        more: Callable[[int], dict[str, str]] = lambda _: {},
    ) -> Tally:
        """Send messages from several clients at once; a node that is away is status 0."""
        return asyncio.run(self.sending(number, bodies, clients=clients, more=more))

    async def sending(
        self,
        number: int,
        bodies: Callable[[int], bytes],
        *,
        clients: int,
        more: Callable[[int], dict[str, str]],
    ) -> Tally:
        """Send them on this loop; `more` are header fields of a message by its place."""
        tally, run, places = Tally(), uuid4().hex, iter(range(number))
        url, headers = f"{self.eco.staff(A)}{TARGET}", self.headers()
        connector = aiohttp.TCPConnector(limit=clients)
        async with aiohttp.ClientSession(connector=connector) as session:

            async def client() -> None:
                for place in places:
                    begun = time.perf_counter()
                    said = headers | {"X-Road-Id": f"{run}-{place}"} | more(place)
                    try:
                        async with session.post(url, data=bodies(place), headers=said) as answer:
                            async for _ in answer.content.iter_any():
                                pass
                            status, found = answer.status, answer.headers.get("x-road-request-id")
                    except aiohttp.ClientError:
                        status, found = 0, None
                    tally.add(status, begun, found or "")

            await asyncio.gather(*(client() for _ in range(clients)))
        return tally

    def entries(self) -> dict[str, int]:
        """Return how many entries each log holds once nothing waits for its place any more."""
        return entries(self.eco, A, B)


def entries(eco: Ecosystem, *parts: Part) -> dict[str, int]:
    """Return how many entries each log holds once nothing waits for its place any more."""
    found = {}
    for part in parts:
        while (said := msgspec.json.decode(eco.oversight(part, "checkpoint")))["pending"]:
            time.sleep(0.2)
        found[part.name] = int(said["size"])
    return found


def published(eco: Ecosystem, *parts: Part) -> list[Log]:
    """Return the logs, verified, as they are published once all of it has its place."""
    text = (eco.folder / "members.json").read_bytes()
    members = federation.read_members(text, audit.Verifier.parse(eco.settings[A.name].authority))
    logs = []
    for part, size in zip(parts, entries(eco, *parts).values(), strict=True):
        member, deadline = members.by_id(part.tenant), time.monotonic() + PUBLISHING_SECONDS
        while True:
            log = read_log(member, eco.settings[part.name].state / "log")
            if log.size >= size or time.monotonic() > deadline:
                break
            time.sleep(0.2)  # the keeper publishes after it has sealed
        logs.append(log)
    return logs


@contextmanager
def pair(
    folder: Path, system: str, *, before: Callable[[Pair], None] = lambda _: None
) -> Iterator[Pair]:
    """Found two nodes, register a system behind the second, and start both.

    `before` is called while they are founded and not started.
    """
    with ecosystem(folder, at=datetime.now(UTC)) as eco:
        file = eco.file(B)
        service = f'\n[services."{SERVICE}"]\nurl = "{system}"\nrights."{CLIENT}" = ["* /**"]\n'
        file.write_text(file.read_text(encoding="utf-8") + service, encoding="utf-8")
        nodes = Pair(eco)
        before(nodes)
        eco.start(A, B)
        yield nodes
