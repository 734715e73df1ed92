"""A small system behind the simulated partner: it says what came, and that it is synthetic."""

import hashlib
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from starlette.requests import Request
from starlette.responses import JSONResponse

from renkei import exchange
from renkei.app.demo.ecosystem import free_port

KEPT = 4096
"""How many bytes of a body are said back; of all of it the digest."""


async def echo(scope: exchange.Scope, receive: exchange.Receive, send: exchange.Send) -> None:
    """Answer any message with what came: method, path, query, headers, body."""
    if scope["type"] != "http":
        return
    request = Request(scope, receive)
    digest, size, head = hashlib.sha256(), 0, b""
    async for piece in request.stream():
        digest.update(piece)
        size += len(piece)
        head = (head + piece)[:KEPT]
    told = {
        "synthetic": True,
        "method": request.method,
        "path": request.url.path,
        "query": request.url.query,
        "headers": dict(request.headers),
        "size": size,
        "sha256": digest.hexdigest(),
        "body": head.decode(errors="replace"),
    }
    await JSONResponse(told)(scope, receive, send)


@contextmanager
def echo_system() -> Iterator[str]:
    """Run the system at a free port of the loopback; return its address."""
    port = free_port()
    config = uvicorn.Config(echo, "127.0.0.1", port, log_config=None, lifespan="off")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started and thread.is_alive():
        time.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join()
