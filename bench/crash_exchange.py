"""Share of kills after which the books of passed messages balance: `kill -9` at random, under load.

Each round sends messages from several clients, kills one of four processes (two nodes, two database
servers) somewhere in between, starts it again, and holds everything the units were told, and
everything the system was given, against both published logs: what was answered is entered at both
sides with equal digests, no message reached the system twice or without an entry, all proofs hold.
"""

import argparse
import random
import tempfile
import time
from collections import Counter
from contextlib import ExitStack
from pathlib import Path

from bench.echo import echoing
from bench.exchange_pair import Pair, pair, published
from bench.measure import Ratio, Result
from bench.striking import Strike
from renkei.app.demo.ecosystem import A, B, free_port
from renkei.app.proofs.books import passed_defects

RATIO = Ratio(floor=1.0, baseline="all rounds (no baseline program: a share)")
LONGEST_DELAY = 3.0


def options(parser: argparse.ArgumentParser) -> None:
    """Add kills, messages and the seed of chance."""
    parser.add_argument("--rounds", type=int, help="kills; default 200, quick 4")
    parser.add_argument("--messages", type=int, help="per round; default 300, quick 150")
    parser.add_argument("--seed", type=int, default=1)


def run(args: argparse.Namespace) -> Result:
    """Kill, restart, balance; print a line a round."""
    rounds = args.rounds or (4 if args.quick else 200)
    messages = args.messages or (150 if args.quick else 300)
    chance = random.Random(args.seed)  # noqa: S311 # chance, not a secret
    statuses: Counter[int] = Counter()
    told: list[str] = []
    balanced, delay = 0, 1.0
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="renkei-crash-")))
        folder.chmod(0o711)
        book = folder / "given"
        port = free_port()
        stack.enter_context(echoing(port, book))
        nodes = stack.enter_context(pair(folder / "sites", f"http://127.0.0.1:{port}/"))
        for number in range(1, rounds + 1):
            strike, begun = Strike.drawn(chance, (A, B)), time.monotonic()
            with strike.during(nodes.eco, chance.random() * delay, (A, B)):
                tally = nodes.send(messages, lambda _: b'{"x": 1}', clients=8)
            delay = min(time.monotonic() - begun, LONGEST_DELAY)
            statuses.update(tally.statuses)
            told += tally.told
            defects = books(nodes, told, book)
            balanced += not defects
            said = "; ".join(defects[:3]) or "balance"
            answered = tally.statuses.get(200, 0)
            print(
                f"round {number}: killed {strike.name}, answered {answered}, books {said}",
                flush=True,
            )
    detail = {"rounds": rounds, "answered": len(told), "messages": sum(statuses.values())}
    return Result(balanced / rounds, detail)


def books(nodes: Pair, told: list[str], book: Path) -> list[str]:
    """Return what does not balance."""
    asker, provider = published(nodes.eco, A, B)
    given = Counter(book.read_text(encoding="ascii").split())
    return passed_defects(asker, provider, told, given)
