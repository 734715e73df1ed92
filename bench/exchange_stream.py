"""Memory of both nodes while a body of 1 GiB goes through, against a body a tenth of it.

The most memory each node's process ever held, sent up as a question and down as an answer. What is
spooled is on disk, in files without a name.
"""

import argparse
import asyncio
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import ExitStack
from pathlib import Path
from uuid import uuid4

import aiohttp

from bench.echo import echoing
from bench.exchange_pair import TARGET, Pair, pair
from bench.measure import Ratio, Result, peak_bytes
from renkei.app.demo.ecosystem import A, free_port

RATIO = Ratio(floor=1.1, baseline="a body of a tenth", higher_is_better=False)
PIECE = bytes(1 << 20)


def options(parser: argparse.ArgumentParser) -> None:
    """Add the size."""
    parser.add_argument("--mebibytes", type=int, help="default 1,024, quick 200")


def run(args: argparse.Namespace) -> Result:
    """Send a small one, then a large one, and compare the peaks."""
    size = args.mebibytes or (200 if args.quick else 1_024)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="renkei-stream-")))
        folder.chmod(0o711)
        port = free_port()
        stack.enter_context(echoing(port))
        nodes = stack.enter_context(pair(folder / "sites", f"http://127.0.0.1:{port}/"))
        asyncio.run(there_and_back(nodes, size // 10))
        small = {name: peak_bytes(pid) for name, pid in nodes.pids.items()}
        begun = time.perf_counter()
        asyncio.run(there_and_back(nodes, size))
        seconds = time.perf_counter() - begun
        large = {name: peak_bytes(pid) for name, pid in nodes.pids.items()}
        nodes.entries()
    return Result(
        max(large[name] / small[name] for name in large),
        {
            "mebibytes_each_way": size,
            "mebibytes_a_second": round(2 * size / seconds),
            **{f"peak_mib_{name}": round(peak / 2**20) for name, peak in large.items()},
            **{f"peak_mib_of_a_tenth_{name}": round(p / 2**20) for name, p in small.items()},
        },
    )


async def there_and_back(nodes: Pair, mebibytes: int) -> None:
    """Send a body up, then have one of the same size sent down."""

    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(mebibytes):
            yield PIECE

    timeout = aiohttp.ClientTimeout(total=None, sock_read=600)
    async with aiohttp.ClientSession(timeout=timeout) as session:
        url = nodes.eco.staff(A) + TARGET
        up = nodes.headers() | {"X-Road-Id": uuid4().hex, "x-size": "2"}
        async with session.put(url, data=pieces(), headers=up) as answer:
            answer.raise_for_status()
            await answer.read()
        size = mebibytes << 20
        down = nodes.headers() | {"X-Road-Id": uuid4().hex, "x-size": str(size)}
        async with session.get(url, headers=down) as answer:
            answer.raise_for_status()
            found = 0
            async for piece in answer.content.iter_any():
                found += len(piece)
        if found != size:
            raise RuntimeError(f"{found} of {size} bytes came back")
