"""Processor time of an exchange over logs of a million exchanges, against logs of ten thousand.

The logs are filled with entries as exchanges leave them, by the program's own verbs, and sealed;
then both nodes exchange over them. The small and the large pair run side by side.
"""

import argparse
import tempfile
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack
from datetime import UTC, datetime
from functools import partial
from hashlib import sha256
from itertools import islice
from pathlib import Path
from uuid import UUID

from bench.echo import echoing
from bench.exchange_pair import CLIENT, TARGET, Pair, pair
from bench.measure import Ratio, Result, interleaved
from renkei import audit, exchange, federation
from renkei.app.demo.ecosystem import A, B, Part, free_port
from renkei.app.site import open_site

RATIO = Ratio(floor=1.2, baseline="the same over logs of ten thousand", higher_is_better=False)
BODY = b'{"x":"' + b"x" * 1016 + b'"}'
BATCH = 2_000


def options(parser: argparse.ArgumentParser) -> None:
    """Add the sizes of the logs, and how many exchanges a round."""
    parser.add_argument("--small", type=int, help="exchanges; default 10,000, quick 1,000")
    parser.add_argument("--large", type=int, help="exchanges; default 1,000,000, quick 50,000")
    parser.add_argument("--exchanges", type=int, help="a round; default 3,000, quick 700")
    parser.add_argument("--rounds", type=int, default=3)


def run(args: argparse.Namespace) -> Result:
    """Fill both pairs' logs, then measure them in turn."""
    small = args.small or (1_000 if args.quick else 10_000)
    large = args.large or (50_000 if args.quick else 1_000_000)
    number = args.exchanges or (700 if args.quick else 3_000)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="renkei-growth-")))
        folder.chmod(0o711)
        port = free_port()
        stack.enter_context(echoing(port))
        pairs = {
            name: stack.enter_context(grown(folder / name, port, size))
            for name, size in (("small", small), ("large", large))
        }
        trees = {f"{n}-{p}": pid for n, one in pairs.items() for p, pid in one.pids.items()}

        def work(nodes: Pair) -> None:
            nodes.send(number, lambda _: BODY)
            nodes.entries()

        for one in pairs.values():
            work(one)
        sides = {name: partial(work, nodes) for name, nodes in pairs.items()}
        measured = interleaved(args.rounds, sides, trees)
        sizes = pairs["large"].entries()
    cpu = {n: sum(measured[n].cpu_of(f"{n}-{p.name}") for p in (A, B)) for n in pairs}
    return Result(
        cpu["large"] / cpu["small"],
        {
            "small_exchanges": small,
            "large_exchanges": large,
            "entries_of_the_large_log": sizes[A.name],
            "small_ms": round(cpu["small"] / number * 1000, 3),
            "large_ms": round(cpu["large"] / number * 1000, 3),
        },
    )


def grown(folder: Path, port: int, size: int) -> AbstractContextManager[Pair]:
    """Give two nodes whose logs hold so many exchanges."""

    def fill(nodes: Pair) -> None:
        for part, outcomes in ((A, ("asked", "answered")), (B, ("received", "answered"))):
            fill_log(nodes, part, size, outcomes)

    return pair(folder, f"http://127.0.0.1:{port}/", before=fill)


def fill_log(nodes: Pair, part: Part, size: int, outcomes: tuple[str, str]) -> None:
    """Put the entries of so many exchanges into a site's log and seal them."""
    settings = nodes.eco.settings[part.name]
    with open_site(settings) as site:
        waiting = iter(range(size))
        while numbers := list(islice(waiting, BATCH // 2)):
            with site.database.transaction(site.desk.tenant) as conn:
                entries = (one for n in numbers for one in both(n, outcomes))
                audit.append_many(conn, site.desk.tenant, entries)
                audit.sequence(conn, site.desk.tenant, site.signer, at=datetime.now(UTC))
        with site.database.transaction(site.desk.tenant) as conn:
            conn.execute("ANALYZE audit_entry")
            audit.publish(conn, site.desk.tenant, site.tiles)


def both(number: int, outcomes: tuple[str, str]) -> Iterator[audit.Entry]:
    """Return the two entries a side keeps of an exchange."""
    envelope = exchange.envelope(
        (("x-road-client", CLIENT), ("x-road-id", f"old-{number}"), ("pf-mode", "test")),
        instance="JP",
    )
    message = federation.Message(
        str(UUID(int=number)), "POST", envelope, exchange.service_call(TARGET)
    )
    digest = sha256(str(number).encode()).digest()
    facts = {f"question{part}": exchange.encode(digest) for part in ("", "_body", "_key")}
    facts["question_signature"] = exchange.encode(digest + digest)
    at = datetime.now(UTC)
    first, last = outcomes
    yield message.entry(audit.Kind.REQUEST, first, at=at, details=facts)
    yield message.entry(audit.Kind.ANSWER, last, at=at, details=facts | {"status": "200"})
