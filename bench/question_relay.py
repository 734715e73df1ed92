"""Processor time of one full question, by part, against a two-hop nginx mTLS relay of its payload.

One question: both nodes, both converters, the log operator and their five databases together. The
relay moves the same bytes over two hops and does nothing else; where nginx is absent, this
benchmark says so.
"""

import argparse
import asyncio
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

import aiohttp
import msgspec

from bench.measure import BaselineMissing, Ratio, Result, interleaved
from bench.relay import Relay
from renkei.app.demo.asker import Asker
from renkei.app.demo.demonstration import Narrator, Stage, ask_many, set_stage
from renkei.app.demo.ecosystem import H1, H2, A, B, Ecosystem, L
from renkei.app.demo.scenarios import SCENARIOS, one

RATIO = Ratio(floor=500, baseline="two-hop nginx mTLS relay", higher_is_better=False)
PARTIES = (A, B, H1, H2, L)
PARTS_OF_TIME = ("law", "codes", "proofs", "signatures", "log")
WARM_UP = 20


def options(parser: argparse.ArgumentParser) -> None:
    """Add the number of questions and rounds."""
    parser.add_argument("--questions", type=int, default=300, help="per round (default 300)")
    parser.add_argument("--rounds", type=int, default=3)


def run(args: argparse.Namespace) -> Result:
    """Measure processor seconds of all servers per question and per relayed request."""
    if not Relay.available():
        raise BaselineMissing("nginx is not installed (Debian: nginx-light)")
    os.environ["RENKEI_METER"] = "1"  # the sites inherit it
    questions = 40 if args.quick else args.questions
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="renkei-relay-")))
        folder.chmod(0o711)
        stage = stack.enter_context(
            set_stage(
                folder / "sites",
                people=1_000,
                seed=7,
                at=datetime.now(UTC),
                narrator=Narrator("en", quiet=True),
            )
        )
        ask(stage, WARM_UP)
        size = payload(stage)
        ports = (Stage.port(0), Stage.port(0), Stage.port(0))
        relay = stack.enter_context(Relay(folder, ports=ports, answer="x" * size))
        trees = {part.name: stage.ecosystem.processes[part.name].pid for part in PARTIES}
        trees |= {f"nginx{n}": pid for n, pid in enumerate(relay.pids)}
        before = meters(stage.ecosystem)
        sides: dict[str, Callable[[], object]] = {
            "relay": lambda: send(relay.url, questions * 10),
            "question": lambda: ask(stage, questions),
        }
        measured = interleaved(args.rounds, sides, trees)
        after = meters(stage.ecosystem)
    asked = questions * args.rounds
    per_question = sum(measured["question"].cpu_of(part.name) for part in PARTIES) / questions
    nginx = [f"nginx{n}" for n in range(3)]
    per_relay = sum(measured["relay"].cpu_of(name) for name in nginx) / (questions * 10)
    detail: dict[str, float | int | str] = {
        "question_ms": round(per_question * 1000, 2),
        "relay_ms": round(per_relay * 1000, 4),
        "payload_bytes": size,
    }
    spent = {name: (after[name] - before[name]) / asked * 1000 for name in after}
    detail |= {f"{name}_ms": round(spent[name], 3) for name in PARTS_OF_TIME}
    detail["http_ms"] = round(spent["process"] - sum(spent[n] for n in PARTS_OF_TIME), 2)
    detail["database_ms"] = round(per_question * 1000 - spent["process"], 2)
    return Result(per_question / per_relay, detail)


def ask(stage: Stage, count: int) -> None:
    """Ask questions that are all answered, from several clients."""
    questions = (
        one(SCENARIOS[0], stage.cast, n, stage.year, Asker.new_message()) for n in range(count)
    )
    told = asyncio.run(ask_many(stage, questions))
    wrong = [one_told for one_told in told if one_told.outcome != "answered"]
    if wrong:
        raise RuntimeError(f"not answered: {wrong[0]}")


def payload(stage: Stage) -> int:
    """Return the size of an answer to a unit: what the relay moves."""
    question = one(SCENARIOS[0], stage.cast, 0, stage.year, Asker.new_message())
    (told,) = asyncio.run(ask_many(stage, [question]))
    return len(msgspec.json.encode(told))


def meters(eco: Ecosystem) -> dict[str, float]:
    """Return processor seconds by part, summed over all parties."""
    total: dict[str, float] = {}
    for part in PARTIES:
        found = msgspec.json.decode(eco.oversight(part, "meter"), type=dict[str, float])
        for name, seconds in found.items():
            total[name] = total.get(name, 0.0) + seconds
    return {name: total.get(name, 0.0) for name in (*PARTS_OF_TIME, "database", "process")}


def send(url: str, count: int) -> None:
    """Send requests through the relay over kept connections."""

    async def run() -> None:
        waiting: Iterator[int] = iter(range(count))
        async with aiohttp.ClientSession() as session:

            async def client() -> None:
                for _ in waiting:
                    async with session.get(url) as answer:
                        await answer.read()

            await asyncio.gather(*(client() for _ in range(4)))

    asyncio.run(run())
