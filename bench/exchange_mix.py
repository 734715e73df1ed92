"""Exchanges a second in the sizes of real traffic, against the pace asked for: 300 a second.

Answers of 2 kB (30 %), 10 kB (60 %), 100 kB (9 %), 2 MB (0.9 %) and 10 MB (0.1 %), 32 clients, two
nodes with their databases on this machine's processors, the clients and the system beside them. The
detail tells the time 95 of 100 took at most, whether any record is lost, and the lowest rate of a
second in which a log was sealed against the median of all seconds.
"""

import argparse
import random
import statistics
import tempfile
import time
from collections import Counter
from contextlib import ExitStack
from pathlib import Path

from bench.echo import echoing
from bench.exchange_pair import pair
from bench.measure import Ratio, Result
from renkei.app.demo.ecosystem import free_port

PACE, P95_MS = 300, 250
RATIO = Ratio(floor=1.0, baseline=f"{PACE} exchanges a second")
MIX = ((300, 2_000), (600, 10_000), (90, 100_000), (9, 2_000_000), (1, 10_000_000))
"""How many of a thousand have which size."""


def options(parser: argparse.ArgumentParser) -> None:
    """Add how many exchanges, clients, and the seed of the order."""
    parser.add_argument("--exchanges", type=int, help="default 60,000, quick 4,000")
    parser.add_argument("--clients", type=int, default=32)
    parser.add_argument("--seed", type=int, default=7)


def run(args: argparse.Namespace) -> Result:
    """Send them and count."""
    number = args.exchanges or (4_000 if args.quick else 60_000)
    sizes = [size for share, size in MIX for _ in range(share)]
    chance = random.Random(args.seed)  # noqa: S311 # an order, not a secret
    order = [size for _ in range(number // 1000 + 1) for size in chance.sample(sizes, 1000)]
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="renkei-mix-")))
        folder.chmod(0o711)
        port = free_port()
        stack.enter_context(echoing(port))
        nodes = stack.enter_context(pair(folder / "sites", f"http://127.0.0.1:{port}/"))
        nodes.send(200, lambda _: b"{}")
        before = nodes.entries()
        begun = time.perf_counter()
        tally = nodes.send(
            number,
            lambda _: b'{"want": "an answer"}',
            clients=args.clients,
            more=lambda place: {"x-size": str(order[place])},
        )
        seconds = time.perf_counter() - begun
        after = nodes.entries()
    ended = Counter(int(at - begun) for at in tally.ended)
    whole = [ended[second] for second in range(1, int(seconds) - 1)]
    told = tally.statuses.get(200, 0)
    lost = sum(2 * number - (after[name] - before[name]) for name in after)
    return Result(
        told / seconds / PACE,
        {
            "exchanges": number,
            "answered": told,
            "exchanges_a_second": round(told / seconds),
            "p95_ms": round(tally.p95),
            "p95_ms_wanted": P95_MS,
            "records_lost": lost,
            "mean_bytes": round(statistics.mean(order[:number])),
            "lowest_second_to_median": round(min(whole) / statistics.median(whole), 2),
        },
    )
