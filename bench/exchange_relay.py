"""Processor time of a signed, logged exchange of 1 KiB between two nodes, against nginx alone.

An exchange: a unit's POST through its node (entered, signed) over mutual TLS to the other node
(verified, entered) to the system behind it and back (entered, signed; verified, entered). Counted
are both nodes, their database servers and the sequencing of their logs. The relay is two nginx in
a row with mutual TLS: no signature, an access log only. Both end at the same system, which says
what it is told. A third side shows what the libraries alone take (`bench.bare_hops`).
"""

import argparse
import asyncio
import tempfile
from contextlib import ExitStack
from pathlib import Path

import aiohttp

from bench.bare_hops import bare_hops
from bench.echo import echoing
from bench.exchange_pair import pair
from bench.measure import BaselineMissing, Ratio, Result, interleaved
from bench.relay import Relay
from renkei.app.demo.ecosystem import free_port

RATIO = Ratio(floor=10, baseline="two-hop nginx mTLS relay", higher_is_better=False)
BODY = b'{"x":"' + b"x" * 1016 + b'"}'
CLIENTS = 32


def options(parser: argparse.ArgumentParser) -> None:
    """Add how many exchanges and rounds."""
    parser.add_argument("--exchanges", type=int, help="a round; default 4,000, quick 1,000")
    parser.add_argument("--rounds", type=int, default=3)


def run(args: argparse.Namespace) -> Result:
    """Measure both in turn."""
    if not Relay.available():
        raise BaselineMissing("nginx is not installed (Debian: nginx-light)")
    number = args.exchanges or (1_000 if args.quick else 4_000)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="renkei-relay-")))
        folder.chmod(0o711)
        ports = (free_port(), free_port(), free_port())
        system = stack.enter_context(echoing(ports[2]))
        relay = stack.enter_context(Relay(folder, ports=ports))
        bare_ports = (free_port(), free_port())
        bare = stack.enter_context(bare_hops(folder, bare_ports, f"http://127.0.0.1:{ports[2]}/"))
        nodes = stack.enter_context(pair(folder / "sites", f"http://127.0.0.1:{ports[2]}/"))
        tally = nodes.send(200, lambda _: BODY)
        if set(tally.statuses) != {200}:
            raise RuntimeError(f"not answered: {tally.statuses}")
        before = nodes.entries()
        trees = nodes.pids | {"system": system}
        trees |= bare
        trees |= {f"nginx{n}": pid for n, pid in enumerate(relay.pids)}

        def exchange() -> None:
            nodes.send(number, lambda _: BODY, clients=CLIENTS)
            nodes.entries()  # until all has its place in the log

        sides = {
            "relay": lambda: asyncio.run(post(relay.url, number)),
            "bare": lambda: asyncio.run(post(f"http://127.0.0.1:{bare_ports[0]}/", number)),
            "exchange": exchange,
        }
        measured = interleaved(args.rounds, sides, trees)
        after = nodes.entries()
    exchanges = number * args.rounds
    hops = ("nginx0", "nginx1", "system")
    relayed = sum(measured["relay"].cpu_of(name) for name in hops) / number
    hopped = sum(measured["bare"].cpu_of(name) for name in (*bare, "system")) / number
    exchanged = sum(measured["exchange"].cpu_of(name) for name in ("a", "b", "system")) / number
    return Result(
        exchanged / relayed,
        {
            "exchange_ms": round(exchanged * 1000, 3),
            "relay_ms": round(relayed * 1000, 3),
            "bare_ms": round(hopped * 1000, 3),
            "bare_to_relay": round(hopped / relayed, 2),
            "exchanges_a_second": round(number / measured["exchange"].wall),
            "entries_an_exchange_a": round((after["a"] - before["a"]) / exchanges, 2),
            "entries_an_exchange_b": round((after["b"] - before["b"]) / exchanges, 2),
        },
    )


async def post(url: str, number: int) -> None:
    """Send the same bodies through the relay from as many clients."""
    places = iter(range(number))
    headers = {"Content-Type": "application/json"}
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=CLIENTS)) as session:

        async def client() -> None:
            for _ in places:
                async with session.post(url, data=BODY, headers=headers) as answer:
                    await answer.read()

        await asyncio.gather(*(client() for _ in range(CLIENTS)))
