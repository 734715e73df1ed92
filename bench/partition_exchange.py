"""Share of rounds whose books balance after a pair of sites was cut off at a random moment.

Each site runs in a network namespace of its own. A round asks from several clients, lets the
packets between two sites vanish, in one direction or both, heals it, and holds everything the
units were told against the published logs. Loss and delay need `tc netem` and are not made here.
"""

import argparse
import asyncio
import os
import random
import sys
import tempfile
import threading
import time
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

from bench.measure import BaselineMissing, Ratio, Result
from bench.namespaces import MARK, Network, lacking, network, run_apart
from renkei.app.asker import Asker, Told
from renkei.app.demo import Narrator, Stage, ask_many, prove, set_stage
from renkei.app.ecosystem import PARTS, Part
from renkei.app.scenarios import SCENARIOS, asks, shares

CUT_SECONDS = 2.0
"""How long a pair is apart."""

RATIO = Ratio(floor=1.0, baseline="all rounds (no baseline program: a share)")


def options(parser: argparse.ArgumentParser) -> None:
    """Add rounds, questions and the seed of chance."""
    parser.add_argument("--rounds", type=int, default=20, help="partitions (default 20)")
    parser.add_argument("--questions", type=int, default=200, help="per round (default 200)")
    parser.add_argument("--seed", type=int, default=1)


def run(args: argparse.Namespace) -> Result:
    """Cut, heal, balance; print a line a round."""
    if MARK not in os.environ:
        if reason := lacking():
            raise BaselineMissing(reason)
        done = run_apart("bench", ["partition_exchange", *sys.argv[2:]])
        sys.stdout.write(done.stdout)
        raise SystemExit(done.returncode)
    rounds, questions = (3, 30) if args.quick else (args.rounds, args.questions)
    chance = random.Random(args.seed)  # noqa: S311 # chance, not a secret
    narrator = Narrator("en", quiet=True)
    outcomes: Counter[str] = Counter()
    told: list[Told] = []
    balanced = 0
    with tempfile.TemporaryDirectory(prefix="renkei-cut-") as made, network(PARTS) as net:
        folder = Path(made)
        folder.chmod(0o711)
        at = datetime.now(UTC)
        staged = set_stage(
            folder / "sites", people=2_000, seed=7, at=at, narrator=narrator, places=net.places
        )
        with staged as stage:
            for number in range(1, rounds + 1):
                one, other = chance.sample(PARTS, 2)
                both = chance.random() < 0.5
                new = one_round(stage, net, (one, other), both, questions, chance.random())
                told += new
                outcomes.update(f"{one.outcome} {one.reason}".strip() for one in new)
                verdict = prove(stage, told)
                balanced += verdict.balance
                arrow = "<->" if both else "->"
                said = "balance" if verdict.balance else "; ".join(verdict.defects[:3])
                print(
                    f"round {number}: cut {one.name}{arrow}{other.name}, books {said}", flush=True
                )
    detail: dict[str, float | int | str] = {"rounds": rounds, "questions": len(told)}
    return Result(balanced / rounds, detail | dict(sorted(outcomes.items())))


def one_round(
    stage: Stage, net: Network, pair: tuple[Part, Part], both: bool, questions: int, delay: float
) -> list[Told]:
    """Ask while a pair is cut off after a delay, and return what was told."""
    wanted = asks(SCENARIOS, shares(questions), stage.cast, stage.year, Asker.new_message())
    ways = [pair, pair[::-1]] if both else [pair]

    def strike() -> None:
        time.sleep(delay)
        for way in ways:
            net.cut(*way)
        time.sleep(CUT_SECONDS)
        for way in ways:
            net.heal(*way)

    striker = threading.Thread(target=strike)
    striker.start()
    told = asyncio.run(ask_many(stage, wanted))
    striker.join()
    return told
