"""Three nodes and a relay: a system behind each node, and units that send to the other two.

Every node is the real program with a database server of its own, in a network namespace of its
own. C takes calls of the relay alone, so what A and B send to it goes through there, sealed. The
hub stands in the list and is not started: a message that is passed on is about nobody.
"""

import asyncio
import subprocess
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import permutations
from pathlib import Path
from uuid import uuid4

import aiohttp
import msgspec

from bench.echo import echoing
from bench.exchange_pair import SERVICE, UNIT, published
from bench.namespaces import OURS, Network
from bench.network_faults import Strike, Way, knocked, walled
from renkei.app.demo.ecosystem import PARTS, A, B, C, Ecosystem, P, Part, ecosystem, free_port
from renkei.app.proofs.books import Log, passed_defects
from renkei.app.proofs.passages import passage_defects

BEHIND = replace(C, via=P.tenant)
SITES = (A, B, BEHIND)
NODES = (*SITES, P)
"""Who stands in a namespace: the sites that have units, and the relay, which has none."""
WAYS = tuple(permutations(SITES, 2))
RELAYED = tuple(way for way in WAYS if way[1] == BEHIND)
BODY = msgspec.json.encode({"x": "x" * 8_000})
PAUSE = 0.05
"""Seconds until a unit that was told a fault sends its next message."""


def legs(way: Way) -> tuple[Way, ...]:
    """Return the calls of one node to another that bring a message its way."""
    asker, provider = way
    return ((asker, P), (P, provider)) if way in RELAYED else (way,)


LEGS = tuple(dict.fromkeys(leg for way in WAYS for leg in legs(way)))


@dataclass(frozen=True, slots=True)
class Sent:
    """One message: its way and id, its times, and what the unit was told."""

    way: Way
    message: str
    begun: float
    ended: float
    status: int
    code: str
    number: str

    @property
    def is_answered(self) -> bool:
        """Tell whether the system's answer came back."""
        return self.status == 200


@dataclass(frozen=True, slots=True)
class Triangle:
    """The nodes as they run, everything their units were told, and when the relay was killed."""

    eco: Ecosystem
    book: Path
    net: Network
    sent: list[Sent] = field(default_factory=list)
    outages: list[datetime] = field(default_factory=list)

    @contextmanager
    def killed(self, *_: object) -> Iterator[Strike]:
        """Kill the relay as a power cut would, and start it again at the end: a `Fault`."""
        self.eco.kill(P)
        self.outages.append(datetime.now(UTC))
        try:
            yield Strike("killed", 1, "kill")
        finally:
            self.eco.start(P)

    async def keep_sending(
        self, session: aiohttp.ClientSession, way: Way, ending: asyncio.Event
    ) -> None:
        """Send one message after the other until told to end."""
        while not ending.is_set():
            sent = await self.send(session, way)
            if not sent.is_answered:
                await asyncio.sleep(PAUSE)

    async def send(self, session: aiohttp.ClientSession, way: Way) -> Sent:
        """Send one message."""
        asker, provider = way
        message, begun = f"{asker.name}-{provider.name}-{uuid4().hex}", time.perf_counter()
        url = f"{self.eco.staff(asker)}/r1/JP/MUN/{provider.tenant}/{SERVICE}"
        head = {
            "X-Road-Client": f"JP/MUN/{asker.tenant}/{UNIT}",
            "X-Road-Id": message,
            "Authorization": f"Bearer {self.eco.tokens[asker.name][UNIT]}",
            "PF-Mode": "test",
            "Content-Type": "application/json",
        }
        status, code, number = 0, "no-answer", ""
        try:
            async with session.post(url, data=BODY, headers=head) as answer:
                body = await answer.read()
                status, number = answer.status, answer.headers.get("x-road-request-id", "")
                code = "" if status == 200 else str(msgspec.json.decode(body)["code"])
        except aiohttp.ClientError as error:
            code = f"no-answer {type(error).__name__}"
        sent = Sent(way, message, begun, time.perf_counter(), status, code, number)
        self.sent.append(sent)
        return sent

    def defects(self) -> list[str]:
        """Hold all that was told, given and carried against the logs of the nodes."""
        logs = dict(zip(NODES, published(self.eco, *NODES), strict=True))
        given = Counter(self.book.read_text(encoding="ascii").split())
        found: list[str] = []
        for asker, provider in WAYS:
            sent = [one for one in self.sent if one.way == (asker, provider)]
            told = [one.number for one in sent if one.is_answered]
            begin = f"{asker.name}-{provider.name}-"
            theirs = {id_: count for id_, count in given.items() if id_.startswith(begin)}
            found += passed_defects(logs[asker], logs[provider], told, theirs)
            found += _untold(logs[asker], sent)
            if (asker, provider) in RELAYED:
                sides = logs[asker], logs[provider]
                found += passage_defects(logs[P], *sides, outages=self.outages)
        if packets := knocked(self.net, BEHIND):
            found.append(f"{packets} packets knocked at {BEHIND.name} past its relay")
        return found

    def unwell(self) -> list[str]:
        """Return what the doctor finds at each node about the others, where it is not good."""
        with ThreadPoolExecutor() as pool:
            return [found for founds in pool.map(self._unwell, NODES) for found in founds]

    def _unwell(self, part: Part) -> list[str]:
        command = [*self.eco.command(part, "doctor"), "--json"]  # the hub is away: exit 2
        said = msgspec.json.decode(subprocess.run(command, capture_output=True).stdout)
        found = []
        for other in NODES:
            checks = [one for one in said["checks"] if other.tenant in one["text"]]
            peers = [one for one in checks if one["code"].startswith("peer-")]
            if other != part and [one["code"] for one in peers] != ["peer-good"]:
                found.append(f"{part.name} of {other.name}: {peers}")
        return found


def _untold(asker: Log, sent: Sequence[Sent]) -> Iterator[str]:
    """Yield which fault a unit was told and its node has not entered as it was told."""
    entered = {
        (entry.details["message"], entry.details["error"])
        for entries in asker.entries.values()
        for entry in entries
        if entry.outcome == "failed"
    }
    for one in sent:
        if not one.is_answered and (one.message, one.code) not in entered:
            yield f"{one.message}: told {one.code}, and not entered at {asker.tenant}"


@contextmanager
def triangle(folder: Path, net: Network, *, binaries: str = "") -> Iterator[Triangle]:
    """Found the nodes, register the system behind each but the relay, and start all four."""
    with ExitStack() as stack:
        book, port = folder / "given", free_port()
        stack.enter_context(echoing(port, book, host=OURS))
        eco = stack.enter_context(
            ecosystem(
                folder / "sites",
                at=datetime.now(UTC),
                binaries=binaries,
                parts=(*PARTS, *(part for part in NODES if part not in PARTS)),
                places=net.places,
            )
        )
        for part in SITES:
            clients = [f"JP/MUN/{other.tenant}/{UNIT}" for other in SITES if other != part]
            rights = "".join(f'rights."{client}" = ["* /**"]\n' for client in clients)
            service = f'\n[services."{SERVICE}"]\nurl = "http://{OURS}:{port}/"\n{rights}'
            file = eco.file(part)
            file.write_text(file.read_text(encoding="utf-8") + service, encoding="utf-8")
        walled(net, BEHIND, [part for part in SITES if part != BEHIND])
        eco.start(*NODES)
        yield Triangle(eco, book, net)
