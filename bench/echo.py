"""A system that says what it is told: what stands behind nodes and relays in the benchmarks.

Run as `python -m bench.echo HOST PORT [FILE]`: uvicorn with uvloop, one process. A request with the
header `x-size` is answered with that many bytes, any other one with its own body. Into the file it
writes the message ids it is given, before it answers.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from subprocess import Popen
from time import monotonic, sleep
from typing import IO
from urllib.request import urlopen

import uvicorn

from renkei.exchange import Receive, Scope, Send

PIECE = bytes(1 << 20)
MOST = 20 << 20
"""Bytes that are said again; of a longer body only its length is."""

_book: IO[bytes] | None = None


async def echo(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer one request."""
    if scope["type"] != "http":
        return
    said = dict(scope["headers"])
    size = int(said[b"x-size"]) if b"x-size" in said else None
    body, more = bytearray(), True
    while more:
        message = await receive()
        more = message.get("more_body", False)
        if size is None and len(body) < MOST:
            body += message.get("body", b"")
    if _book is not None:
        _book.write(said.get(b"x-road-id", b"") + b"\n")
    length = len(body) if size is None else size
    head = [(b"content-type", b"application/json"), (b"content-length", str(length).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": head})
    if size is not None:
        for start in range(0, size, len(PIECE)):
            piece = PIECE[: size - start]
            await send({"type": "http.response.body", "body": piece, "more_body": True})
    await send({"type": "http.response.body", "body": bytes(body)})


@contextmanager
def echoing(port: int, book: Path | None = None, *, host: str = "127.0.0.1") -> Iterator[int]:
    """Run it on a port; give its process number."""
    here = Path(__file__).parent.parent
    words = [host, str(port), *([] if book is None else [str(book)])]
    process = Popen([sys.executable, "-m", "bench.echo", *words], cwd=here)
    try:
        deadline = monotonic() + 20
        while monotonic() < deadline:
            with suppress(OSError), urlopen(f"http://{host}:{port}/", timeout=2):
                break
            sleep(0.05)
        yield process.pid
    finally:
        process.terminate()
        process.wait(10)


if __name__ == "__main__":
    if len(sys.argv) > 3:
        _book = Path(sys.argv[3]).open("ab", buffering=0)  # noqa: SIM115 # until the end
    uvicorn.run(
        echo,
        host=sys.argv[1],
        port=int(sys.argv[2]),
        log_level="warning",
        loop="uvloop",
        http="httptools",
        access_log=False,
        timeout_keep_alive=75,  # longer than nodes keep a line: only they close an idle one
    )
