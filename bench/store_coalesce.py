"""Coalesced look-ups over HTTP against one query per request, look-ups per server CPU-second.

One Starlette application answers both ways, in a process of its own; N clients keep their
connections and ask one after the other for records of a town. The processor time of the
application and of the database both count. The baseline does for each request what the other way
does for a batch: one transaction that names its tenant and asks once, on an asynchronous pool.
`bare` is shown beside it: connections that serve one tenant only, so that a request is one query
and one round trip.
"""

import argparse
import asyncio
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path

import msgspec
import psycopg
import uvicorn
from psycopg_pool import AsyncConnectionPool
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bench.measure import Ratio, Result, interleaved, server
from bench.towns import town
from renkei import store
from renkei.kit import Database, Tenant, queries, tenant
from renkei.standard import catalogue
from renkei.store.statements import record_on_day

sql = queries("renkei.kit")

RATIO = Ratio(floor=3.0, baseline="one transaction and query per request, asynchronous pool")
DAY, NOW = date(2026, 4, 1), datetime(2026, 4, 1, tzinfo=UTC)
ITEMS = ("name", "kana", "birth_date", "sex", "postal_code", "address", "notified_on", "protected")
WAYS = ("single", "bare", "coalesced")
CONNECTIONS = 2  # of each way to the database


def options(parser: argparse.ArgumentParser) -> None:
    """Add people, clients, requests and rounds."""
    parser.add_argument("--rows", type=int, default=100_000, help="people (default 100,000)")
    parser.add_argument("--clients", type=int, default=64, help="at once (default 64)")
    parser.add_argument("--requests", type=int, default=30_000, help="a round and side")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--binaries", type=Path, help="PostgreSQL's programs, if not the usual")


def run(args: argparse.Namespace) -> Result:
    """Measure look-ups per CPU-second of application and database."""
    source = town(25_000 if args.quick else args.rows)
    requests = min(args.requests, 3_000) if args.quick else args.requests
    with server(["renkei.store"], args.binaries) as running:
        with Database(running.dsn, size=1) as database, database.transaction(source.code) as conn:
            resident = catalogue().entity("resident")
            store.load(conn, source.code, resident, source.resident, on=DAY, at=NOW)
            keys = [number for number, _ in store.persons(conn, source.code)]
        with psycopg.connect(running.dsn, autocommit=True) as conn:
            conn.execute("VACUUM ANALYZE")
        with application(running.dsn, source.code) as (pid, socket):
            asked = random.Random(1).choices(keys, k=requests)  # noqa: S311  # chance, no secret
            for way in WAYS:
                ask(socket, way, asked[:500], args.clients)
            measured = interleaved(
                args.rounds,
                {way: partial(ask, socket, way, asked, args.clients) for way in WAYS},
                {"server": running.pid, "application": pid},
            )
    per_cpu = {
        way: requests / (samples.cpu_of("application") + samples.cpu_of("server"))
        for way, samples in measured.items()
    }
    return Result(
        per_cpu["coalesced"] / per_cpu["single"],
        {
            "clients": args.clients,
            "coalesced_per_cpu_second": round(per_cpu["coalesced"]),
            "single_per_cpu_second": round(per_cpu["single"]),
            "bare_per_cpu_second": round(per_cpu["bare"]),
            "ratio_to_bare": round(per_cpu["coalesced"] / per_cpu["bare"], 2),
            "coalesced_per_second": round(requests / measured["coalesced"].wall),
            "single_per_second": round(requests / measured["single"].wall),
        },
    )


@contextmanager
def application(dsn: str, code: Tenant) -> Iterator[tuple[int, Path]]:
    """Give the application in a process of its own: its pid and its socket."""
    with tempfile.TemporaryDirectory(prefix="renkei-bench-") as folder:
        socket = Path(folder) / "http"
        command = [sys.executable, "-m", "bench.store_coalesce", dsn, code, str(socket)]
        with subprocess.Popen(command) as process:
            try:
                while not socket.exists():
                    assert process.poll() is None
                    time.sleep(0.05)
                yield process.pid, socket
            finally:
                process.terminate()


def ask(socket: Path, way: str, keys: Sequence[str], clients: int) -> None:
    """Ask for all keys, each client one after the other on its own connection."""

    async def client(mine: Sequence[str]) -> None:
        reader, writer = await asyncio.open_unix_connection(str(socket))
        for key in mine:
            writer.write(f"GET /{way}/{key} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
            head = await reader.readuntil(b"\r\n\r\n")
            assert head.startswith(b"HTTP/1.1 200"), head
            length = int(head.lower().split(b"content-length: ", 1)[1].split(b"\r\n", 1)[0])
            body = await reader.readexactly(length)
            assert key.encode() in body
        writer.close()
        await writer.wait_closed()

    async def everyone() -> None:
        await asyncio.gather(*(client(keys[n::clients]) for n in range(clients)))

    asyncio.run(everyone())


def app(dsn: str, code: Tenant) -> Starlette:
    """Make the application with its two ways."""
    resident = catalogue().entity("resident")
    database = Database(dsn, size=CONNECTIONS)
    statement = record_on_day(resident, ITEMS)

    async def configure(conn: psycopg.AsyncConnection) -> None:
        await conn.execute("SELECT set_config('renkei.tenant', %s, false)", [code])

    role = {"options": "-c role=renkei_application"}
    bare_role = {**role, "autocommit": True}
    size = 4 * CONNECTIONS
    single_pool = AsyncConnectionPool(dsn, min_size=size, open=False, kwargs=role)
    bare_pool = AsyncConnectionPool(
        dsn, min_size=size, open=False, kwargs=bare_role, configure=configure
    )

    def fetch(kind: tuple[Tenant, date], keys: Sequence[str]) -> Mapping[str, store.Record]:
        with database.transaction(kind[0]) as conn:
            return store.read_many(conn, kind[0], resident, keys, ITEMS, on=kind[1])

    lookups = store.Coalescer(fetch, threads=CONNECTIONS)

    def answer(key: str, values: Mapping[str, store.Value]) -> Response:
        body = msgspec.json.encode({"register_number": key, **values})
        return Response(body, media_type="application/json")

    async def coalesced(request: Request) -> Response:
        key = request.path_params["key"]
        record = await lookups.ask((code, DAY), key)
        return Response(status_code=404) if record is None else answer(key, record.values)

    async def single(request: Request) -> Response:
        key = request.path_params["key"]
        async with single_pool.connection() as conn:
            await conn.execute(sql.set_tenant, {"tenant": code}, prepare=True)
            return await one(conn, key)

    async def bare(request: Request) -> Response:
        key = request.path_params["key"]
        async with bare_pool.connection() as conn:
            return await one(conn, key)

    async def one(conn: psycopg.AsyncConnection[tuple[store.Value, ...]], key: str) -> Response:
        wanted = {"tenant": code, "on": DAY, "known": None, "register_number": key}
        found = await (await conn.execute(statement, wanted, prepare=True)).fetchone()
        if found is None:
            return Response(status_code=404)
        return answer(key, dict(zip(ITEMS, found[2:], strict=True)))

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        with database:
            async with single_pool, bare_pool, lookups:
                yield

    ways = zip(WAYS, (single, bare, coalesced), strict=True)
    routes = [Route(f"/{way}/{{key}}", endpoint) for way, endpoint in ways]
    return Starlette(routes=routes, lifespan=lifespan)


def main(dsn: str, code: str, socket: str) -> None:
    """Serve until the parent ends it."""
    uvicorn.run(app(dsn, tenant(code)), uds=socket, log_level="warning", access_log=False)


if __name__ == "__main__":
    main(*sys.argv[1:])
