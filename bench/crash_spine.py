"""Share of rounds whose books balance after `kill -9` of one process at a random moment.

Each round asks questions from several clients, kills one of the twelve processes (six sites, six
database servers) somewhere in between, starts it again, and holds everything the units were told
against the published logs: every answer has its entries at both sides, its receipt was kept, and
all proofs hold. The folder is made anew; nothing is simulated but the people.
"""

import argparse
import asyncio
import random
import tempfile
import time
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

from bench.measure import Ratio, Result
from bench.striking import Strike
from renkei.app.demo.asker import Asker, Told
from renkei.app.demo.demonstration import Narrator, ask_many, prove, set_stage
from renkei.app.demo.ecosystem import PARTS
from renkei.app.demo.scenarios import SCENARIOS, asks, shares

LONGEST_DELAY = 6.0
"""Seconds in which the kill falls at most: while the questions are being asked."""

RATIO = Ratio(floor=1.0, baseline="all rounds (no baseline program: a share)")


def options(parser: argparse.ArgumentParser) -> None:
    """Add rounds, questions and the seed of chance."""
    parser.add_argument("--rounds", type=int, default=50, help="kills (default 50)")
    parser.add_argument("--questions", type=int, default=200, help="per round (default 200)")
    parser.add_argument("--people", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)


def run(args: argparse.Namespace) -> Result:
    """Kill, restart, balance; print a line a round."""
    rounds, questions = (3, 30) if args.quick else (args.rounds, args.questions)
    people = 2_000 if args.quick else args.people
    chance = random.Random(args.seed)  # noqa: S311 # chance, not a secret
    narrator = Narrator("en", quiet=True)
    outcomes: Counter[str] = Counter()
    told: list[Told] = []
    balanced = 0
    with tempfile.TemporaryDirectory(prefix="renkei-crash-") as made:
        folder = Path(made)
        folder.chmod(0o711)
        at = datetime.now(UTC)
        with set_stage(folder / "sites", people=people, seed=7, at=at, narrator=narrator) as stage:
            seconds = 1.0
            for number in range(1, rounds + 1):
                strike, begun = Strike.drawn(chance, PARTS), time.monotonic()
                prefix = Asker.new_message()
                wanted = asks(SCENARIOS, shares(questions), stage.cast, stage.year, prefix)
                with strike.during(stage.ecosystem, chance.random() * seconds, PARTS):
                    new = asyncio.run(ask_many(stage, wanted))
                seconds = min(time.monotonic() - begun, LONGEST_DELAY)
                told += new
                outcomes.update(one.outcome for one in new)
                verdict = prove(stage, told)
                balanced += verdict.balance
                said = "balance" if verdict.balance else "; ".join(verdict.defects[:3])
                print(
                    f"round {number}: killed {strike.name}, told {len(new)}, books {said}",
                    flush=True,
                )
    detail: dict[str, float | int | str] = {"rounds": rounds, "questions": len(told)}
    return Result(balanced / rounds, detail | dict(sorted(outcomes.items())))
