"""Share of rounds whose books balance: a line between nodes fails while messages flow.

Three nodes and a relay run in a network namespace each, and units of each node send to the other
two; the third is reached through the relay alone. A round strikes a line, in one direction or both:
silence, loss, refusal, a narrow line, a slow one; or it kills the relay. What goes other ways must
go on, units must be told nothing but the faults of a line, and once it is healed every way must
answer. Then everything told, given and carried is held against the four published logs.
"""

import argparse
import asyncio
import os
import random
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import aiohttp

from bench.exchange_triangle import LEGS, NODES, RELAYED, WAYS, Sent, Triangle, legs, triangle
from bench.measure import BaselineMissing, Ratio, Result
from bench.namespaces import MARK, Network, lacking, network, run_apart
from bench.network_faults import FAULTS, Fault, Strike, Way
from renkei.app.demo.ecosystem import P

PAUSED, UNREACHABLE = "peer-paused", "peer-unreachable"
LINE_FAULTS = frozenset({UNREACHABLE, "peer-silent", "peer-broke-off", PAUSED})
"""What a unit may be told while a line fails."""

KILLED = "killed"
KINDS = (*FAULTS, KILLED)

CLIENTS = 2
BEFORE, AFTER = 0.7, 0.7
"""Seconds of quiet before a strike, which say how long a message takes, and after it."""

RETRANSMISSION = 0.2
"""Seconds: TCP sends a lost packet again after this much at least. So late is struck."""

PATIENCE = 75.0
"""Seconds after which a peer that was spared is asked again: the longest pause, and a probe."""

TRIES = 3
"""How often a round that struck no message is made again."""

RATIO = Ratio(floor=1.0, baseline="all rounds (no baseline program: a share)")


def options(parser: argparse.ArgumentParser) -> None:
    """Add rounds, the length of a fault, the kinds, and the seed of chance."""
    parser.add_argument("--rounds", type=int, help="faults; default 40, quick one of each kind")
    parser.add_argument("--seconds", type=float, help="of each fault; default 5, quick 2")
    parser.add_argument("--faults", nargs="+", choices=KINDS, default=list(KINDS))
    parser.add_argument("--seed", type=int, default=1)


def run(args: argparse.Namespace) -> Result:
    """Strike, heal, balance; print a line a round."""
    if MARK not in os.environ:
        if reason := lacking():
            raise BaselineMissing(reason)
        raise SystemExit(run_apart("bench", ["partition_exchange", *sys.argv[2:]]))
    rounds = args.rounds or (len(args.faults) if args.quick else 40)
    seconds = args.seconds or (2.0 if args.quick else 5.0)
    chance = random.Random(args.seed)  # noqa: S311 # chance, not a secret
    balanced = struck = 0
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="renkei-cut-")))
        folder.chmod(0o711)
        net = stack.enter_context(network(NODES))
        binaries = os.environ.get("RENKEI_TEST_BINARIES", "")
        nodes = stack.enter_context(triangle(folder, net, binaries=binaries))
        asyncio.run(each_way(nodes))  # connections stand, as they do on any day
        for number in range(1, rounds + 1):
            name = args.faults[(number - 1) % len(args.faults)]
            for _ in range(TRIES):
                one = Round.of(nodes, net, name, seconds, chance)
                if one.struck:
                    break
            defects = [*one.defects(), *nodes.defects()]
            balanced += not defects
            struck += len(one.struck)
            print(
                f"round {number}: {one.line()}; {'; '.join(defects[:3]) or 'balance'}", flush=True
            )
        unwell = nodes.unwell()
    for said in unwell:
        print(f"not well afterwards: {said}", flush=True)
    told = Counter(one.code or "answered" for one in nodes.sent)
    relayed = sum(one.is_answered and one.way in RELAYED for one in nodes.sent)
    detail = {"rounds": rounds, "messages": len(nodes.sent), "struck": struck, "relayed": relayed}
    ratio = 0.0 if unwell else balanced / rounds
    return Result(ratio, detail | dict(sorted(told.items())))


@dataclass(frozen=True, slots=True)
class Round:
    """One fault: which lines it struck, when, what was told meanwhile, what every way said after.

    Lines are struck in the directions named; what is on its way over them is struck in either.
    """

    lines: tuple[Way, ...]
    strike: Strike
    begun: float
    ended: float
    sent: list[Sent]
    after: list[Sent]

    @classmethod
    def of(
        cls, nodes: Triangle, net: Network, name: str, seconds: float, chance: random.Random
    ) -> "Round":
        """Make it."""
        fault: Fault = nodes.killed if name == KILLED else FAULTS[name]
        lines = AT_RELAY if name == KILLED else chosen(chance, is_call=name == "refused")
        count = len(nodes.sent)

        def hit() -> tuple[Strike, float, float]:
            with fault(net, lines, chance) as strike:
                begun = time.perf_counter()
                time.sleep(seconds)
                ended = time.perf_counter()
            return strike, begun, ended

        async def flow() -> tuple[Strike, float, float]:
            ending = asyncio.Event()
            async with aiohttp.ClientSession() as session, asyncio.TaskGroup() as group:
                for way in WAYS * CLIENTS:
                    group.create_task(nodes.keep_sending(session, way, ending))
                try:
                    await asyncio.sleep(BEFORE)
                    found = await asyncio.to_thread(hit)
                    await asyncio.sleep(AFTER)
                finally:
                    ending.set()
            return found

        strike, begun, ended = asyncio.run(flow())
        sent = nodes.sent[count:]
        return cls(lines, strike, begun, ended, sent, asyncio.run(each_way(nodes)))

    @property
    def meanwhile(self) -> list[Sent]:
        """Return the messages that were under way during the fault."""
        return [one for one in self.sent if one.begun < self.ended and one.ended > self.begun]

    def is_over(self, way: Way) -> bool:
        """Tell whether a message that goes this way goes over a line that was struck."""
        struck = {frozenset(line) for line in self.lines}
        return any(frozenset(leg) in struck for leg in legs(way))

    def over(self, sent: Sequence[Sent]) -> list[Sent]:
        """Return the messages that go over a line that was struck."""
        return [one for one in sent if self.is_over(one.way)]

    @property
    def struck(self) -> list[Sent]:
        """Return the messages that the fault met: failed, or late by a retransmission."""
        before = [one.ended - one.begun for one in self.over(self.sent) if one.ended < self.begun]
        late = (statistics.median(before) if before else 0.0) + RETRANSMISSION
        return [
            one
            for one in self.over(self.meanwhile)
            if self.strike.hits and (not one.is_answered or one.ended - one.begun > late)
        ]

    def others(self) -> dict[Way, list[Sent]]:
        """Return the messages of the ways that were not struck."""
        ways = [way for way in WAYS if not self.is_over(way)]
        return {way: [one for one in self.meanwhile if one.way == way] for way in ways}

    def defects(self) -> list[str]:
        """Return what must not be."""
        found = [] if self.struck else ["no message was struck"]
        for (asker, provider), sent in self.others().items():
            if not all(one.is_answered for one in sent) or not sent:
                answered = sum(one.is_answered for one in sent)
                way = f"{asker.name}->{provider.name}"
                found.append(f"{way} answered {answered} of {len(sent)} beside the fault")
        strange = {one.code for one in self.sent if not one.is_answered} - LINE_FAULTS
        found += [f"a unit was told {code}" for code in sorted(strange)]
        return found + [
            f"{one.way[0].name}->{one.way[1].name} not answered afterwards: {one.code}"
            for one in self.after
            if not one.is_answered
        ]

    def line(self) -> str:
        """Say it in a line."""
        lines = " ".join(f"{one.name}->{other.name}" for one, other in self.lines)
        failed = Counter(sent.code for sent in self.struck if not sent.is_answered)
        told = ", ".join(f"{count} {code}" for code, count in sorted(failed.items()))
        beside = sum(len(sent) for sent in self.others().values())
        return (
            f"{lines} {self.strike.said}, {self.strike.hits} {self.strike.of}, "
            f"{len(self.struck)} of {len(self.over(self.meanwhile))} messages struck "
            f"({told or 'none failed'}), {beside} answered beside"
        )


AT_RELAY = tuple(leg for leg in LEGS if P in leg)


def chosen(chance: random.Random, *, is_call: bool) -> tuple[Way, ...]:
    """Choose a line and the directions in which it is struck; of a call, always that direction."""
    one, other = chance.choice(LEGS)
    ways = ((one, other), (other, one))
    if chance.random() < 0.5:
        return ways
    return ways[:1] if is_call or chance.random() < 0.5 else ways[1:]


def is_spared(sent: Sent) -> bool:
    """Tell whether a peer may only be spared: behind a relay that spares it, it is unreachable."""
    return sent.code == PAUSED or (sent.way in RELAYED and sent.code == UNREACHABLE)


async def each_way(nodes: Triangle) -> list[Sent]:
    """Send one message on every way, again while its peer is spared."""
    deadline = time.perf_counter() + PATIENCE
    async with aiohttp.ClientSession() as session:

        async def ask(way: Way) -> Sent:
            while is_spared(sent := await nodes.send(session, way)):
                if time.perf_counter() > deadline:
                    break
                await asyncio.sleep(RETRANSMISSION)
            return sent

        return list(await asyncio.gather(*(ask(way) for way in WAYS)))
