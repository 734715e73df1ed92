"""Coalesced look-ups over HTTP against `pgbench -S`, per CPU-second of who serves.

One web process answers many connections with the four basic items of residents, read by the store's
coalesced look-ups; the processor time of that process and of PostgreSQL count, that of who asks
over HTTP does not. The baseline is `pgbench -S` with prepared statements on the same server: one
row by its key. There pgbench is what speaks to PostgreSQL, as the web process does here, so its
time counts as well; `ratio_postgresql_alone` leaves it out. `lawful` is the node's own door: every
look-up decided by law, entered, sequenced and published.
"""

import argparse
import json
import random
import re
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

import psycopg

from bench.http_asking import ask_all
from bench.lookup_server import DAY, NOW, requests, serving
from bench.measure import Ratio, Result, Server, interleaved, server
from bench.towns import town
from renkei import store
from renkei.app.demo.ecosystem import A, Ecosystem, ecosystem
from renkei.kit import Database
from renkei.standard import catalogue

RATIO = Ratio(floor=0.30, baseline="pgbench -S -M prepared, CPU-seconds of pgbench and PostgreSQL")
ROOMS = ["renkei.audit", "renkei.identity", "renkei.store", "renkei.exchange"]
PROCEDURE, UNIT = "JT99000000001502", "15"
SCALE = 10  # a million accounts
SESSIONS = 16  # of pgbench, each a connection to the database


def options(parser: argparse.ArgumentParser) -> None:
    """Add people, clients, requests and rounds."""
    parser.add_argument("--rows", type=int, default=100_000, help="people (default 100,000)")
    parser.add_argument("--clients", type=int, default=64, help="connections (default 64)")
    parser.add_argument("--requests", type=int, default=60_000, help="a round")
    parser.add_argument("--seconds", type=int, default=8, help="of pgbench a round")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--binaries", type=Path, help="PostgreSQL's programs, if not the usual")


def run(args: argparse.Namespace) -> Result:
    """Measure look-ups per CPU-second of the web process and the database."""
    source = town(25_000 if args.quick else args.rows, A.tenant)
    number = min(args.requests, 9_000) if args.quick else args.requests
    seconds = min(args.seconds, 2) if args.quick else args.seconds
    with server(ROOMS, args.binaries) as running:
        with Database(running.dsn, size=1) as database, database.transaction(source.code) as conn:
            resident = catalogue().entity("resident")
            store.load(conn, source.code, resident, source.resident, on=DAY, at=NOW)
            keys = [number for number, _ in store.persons(conn, source.code)]
        asked = random.Random(1).choices(keys, k=number)  # noqa: S311  # chance, no secret
        bench = PgBench(running, seconds)
        with psycopg.connect(running.dsn, autocommit=True) as conn:
            conn.execute("VACUUM ANALYZE")
        with serving(running.dsn, source.code) as (pid, port):
            said = requests(asked)
            ask_all(port, said[:500], args.clients)
            measured = interleaved(
                args.rounds,
                {"pgbench": bench.run, "ours": lambda: ask_all(port, said, args.clients)},
                {"server": running.pid, "web": pid},
            )
        lawful = lawfully(running, asked[: number // 10], args.clients, args.rounds)
    ours, base = measured["ours"], measured["pgbench"]
    per_cpu = number / (ours.cpu_of("server") + ours.cpu_of("web"))
    transactions = sum(bench.transactions) / len(bench.transactions)
    base_per_cpu = transactions / (base.cpu_of("server") + base.cpu_of("client"))
    alone = transactions / base.cpu_of("server")
    return Result(
        per_cpu / base_per_cpu,
        {
            "clients": args.clients,
            "look_ups_per_cpu_second": round(per_cpu),
            "pgbench_per_cpu_second": round(base_per_cpu),
            "ratio_postgresql_alone": round(per_cpu / alone, 3),
            "look_ups_per_second": round(number / ours.wall),
            "lawful_per_cpu_second": round(lawful),
            "ratio_lawful": round(lawful / base_per_cpu, 3),
            "cpus_busy_with_others": round(max(ours.others, base.others), 1),
        },
    )


class PgBench:
    """`pgbench -S` on a database of accounts of its own, and what it did in each round."""

    def __init__(self, running: Server, seconds: int) -> None:
        """Fill the accounts."""
        program = str(running.programs / "pgbench")
        asked = ["-S", "-n", "-M", "prepared", "-c", str(SESSIONS), "-j", "1", "-T", str(seconds)]
        self._command = [program, *asked, running.dsn]
        self.transactions: list[int] = []
        filling = [program, "-i", "-q", "-s", str(SCALE), running.dsn]
        subprocess.run(filling, check=True, capture_output=True)

    def run(self) -> None:
        """Ask for so many seconds."""
        done = subprocess.run(self._command, check=True, capture_output=True, text=True)
        found = re.search(r"actually processed: (\d+)", done.stdout)
        assert found, done.stdout
        self.transactions.append(int(found[1]))


def lawfully(running: Server, keys: Sequence[str], clients: int, rounds: int) -> float:
    """Return look-ups per CPU-second at the door of a node that serves this database."""
    with (
        tempfile.TemporaryDirectory(prefix="renkei-bench-") as made,
        ecosystem(Path(made) / "sites", at=NOW, database=running.dsn) as eco,
    ):
        eco.start(A)
        said = [lawful_request(eco, key) for key in keys]
        port = eco.settings[A.name].staff_door.port
        ask_all(port, said[:200], clients)
        trees = {"server": running.pid, "node": eco.processes[A.name].pid}
        sides = {"lawful": lambda: ask_all(port, said, clients)}
        measured = interleaved(rounds, sides, trees)["lawful"]
    return len(keys) / (measured.cpu_of("server") + measured.cpu_of("node"))


def lawful_request(eco: Ecosystem, key: str) -> bytes:
    """Return the request of a unit for one person."""
    items = ["name", "birth_date", "sex", "address"]
    body = json.dumps({"by": "register_number", "value": key, "items": items}).encode()
    head = (
        "POST /own/01/person_search/look-up HTTP/1.1\r\nHost: x\r\n"
        f"X-Road-Client: JP/MUN/{A.tenant}/{UNIT}\r\n"
        f"Authorization: Bearer {eco.tokens[A.name][UNIT]}\r\n"
        f"PF-Procedure: {PROCEDURE}\r\nPF-Mode: {eco.settings[A.name].mode}\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body
