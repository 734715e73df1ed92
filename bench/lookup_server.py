"""The web process of the look-up benchmarks: the store's coalesced look-ups, and nothing else.

One ASGI application without a framework, served as the node serves its own doors. It reads; law and
entries are what the node's door adds, and are measured there.
"""

import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from typing import Any

import msgspec
import uvicorn

from bench.http_asking import await_port
from renkei import exchange, store
from renkei.app.demo.ecosystem import free_port
from renkei.kit import Database, Tenant, tenant
from renkei.standard import catalogue

DAY, NOW = date(2026, 4, 1), datetime(2026, 4, 1, tzinfo=UTC)
ITEMS = ("name", "birth_date", "sex", "address")  # 四情報
CONNECTIONS = 2  # to the database


class LookUps:
    """`GET /{register number}` answers with the record of a resident, as JSON."""

    def __init__(self, dsn: str, code: Tenant) -> None:
        """Take the database and whose records are served."""
        self._database = Database(dsn, size=CONNECTIONS)
        self._resident = catalogue().entity("resident")
        self._kind = (code, DAY)
        self._lookups: store.Coalescer[tuple[Tenant, date], str, store.Record] = store.Coalescer(
            self._fetch, threads=CONNECTIONS
        )
        self._encode = msgspec.json.Encoder().encode

    def _fetch(self, kind: tuple[Tenant, date], keys: Sequence[str]) -> Mapping[str, store.Record]:
        with self._database.transaction(kind[0]) as conn:
            return store.read_many(conn, kind[0], self._resident, keys, ITEMS, on=kind[1])

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            await self._live(receive, send)
            return
        key = scope["path"][1:]
        record = await self._lookups.ask(self._kind, key)
        body = b"{}"
        if record is not None:
            body = self._encode({"register_number": key, **record.values})
        head = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]
        status = 404 if record is None else 200
        await send({"type": "http.response.start", "status": status, "headers": head})
        await send({"type": "http.response.body", "body": body})

    async def _live(self, receive: Any, send: Any) -> None:
        await receive()
        with self._database:
            async with self._lookups:
                await send({"type": "lifespan.startup.complete"})
                await receive()
        await send({"type": "lifespan.shutdown.complete"})


@contextmanager
def serving(dsn: str, code: Tenant) -> Iterator[tuple[int, int]]:
    """Give the web process: its pid and its port."""
    port = free_port()
    command = [sys.executable, "-m", "bench.lookup_server", dsn, code, str(port)]
    with subprocess.Popen(command) as process:
        try:
            await_port(port, lambda: process.poll() is None)
            yield process.pid, port
        finally:
            process.terminate()


def requests(keys: Sequence[str]) -> list[bytes]:
    """Return the request for each key."""
    return [f"GET /{key} HTTP/1.1\r\nHost: x\r\n\r\n".encode() for key in keys]


def main(dsn: str, code: str, port: str) -> None:
    """Serve until the parent ends it."""
    uvicorn.run(
        LookUps(dsn, tenant(code)),
        port=int(port),
        log_level="warning",
        access_log=False,
        server_header=False,
        loop="uvloop",
        http=exchange.guarded(exchange.Limits()),
        ws="none",
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
