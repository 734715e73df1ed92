"""Entries appended, sequenced, signed and published a second, against a hash chain row by row.

Another process appends, as the doors of a node do, while this one sequences and publishes, as its
log keeper does; the time ends when all stands under a published checkpoint. The same is measured
again when the log has grown. A row by row chain locks its last row, hashes, and commits.
"""

import argparse
import multiprocessing
import time
from collections.abc import Callable
from hashlib import sha256
from multiprocessing.queues import Queue
from pathlib import Path

import psycopg

from bench.log_entries import TENANT, append, entry, log_server, map_all, sequence
from bench.measure import Ratio, Result, Samples, Server, interleaved, timed
from renkei import audit, kit

RATIO = Ratio(floor=50, baseline="one row and one commit at a time, each with the last one's hash")
PUBLISHING_SECONDS = 1.0
TURN_SECONDS = 0.05


def options(parser: argparse.ArgumentParser) -> None:
    """Add sizes and rounds."""
    parser.add_argument("--entries", type=int, help="a round; default 100,000, quick 10,000")
    parser.add_argument("--large", type=int, help="how far the log grows; default 10,000,000")
    parser.add_argument("--persons", type=int, default=500_000)
    parser.add_argument("--rows", type=int, help="of the baseline; default 1,000, quick 200")
    parser.add_argument("--rounds", type=int, default=3)


def run(args: argparse.Namespace) -> Result:
    """Measure both at the beginning, let the log grow, and measure ours again."""
    entries = args.entries or (10_000 if args.quick else 100_000)
    large = args.large or (60_000 if args.quick else 10_000_000)
    rows = args.rows or (200 if args.quick else 1_000)
    with log_server() as (running, database, folder), kit.Database(running.dsn) as other:
        chain = Chain(running)
        log = Log(running, database, folder, args.persons)
        trees = {"server": running.pid}
        sides: dict[str, Callable[[], object]] = {
            "chain": lambda: chain.append(rows),
            "log": lambda: log.append(entries),
        }
        log.append(entries)  # so that nothing measured waits for a first plan, or for the appender
        measured = interleaved(args.rounds, sides, trees)
        log.grow(large)
        grown = Samples()
        for number in range(args.rounds):
            grown.rounds.append(timed(lambda: log.append(entries), trees))
            print(f"round {number + 1} of the grown log: {grown.rounds[-1].wall:.2f} s", flush=True)
        mapped = timed(lambda: map_all(database), trees)
        with other.transaction(TENANT) as conn:
            assert audit.pending(conn, TENANT) == 0
        sizes = stored(running, log.size)
    per_second = entries / measured["log"].wall
    return Result(
        per_second / (rows / measured["chain"].wall),
        {
            "entries_per_second": round(per_second),
            "entries_per_cpu_second": round(entries / measured["log"].cpu),
            "others_cpus": round(measured["log"].others, 1),
            "chain_rows_per_second": round(rows / measured["chain"].wall),
            "entries_of_the_grown_log": log.size,
            "grown_to_small_cpu": round(grown.cpu / measured["log"].cpu, 2),
            "grown_entries_per_second": round(entries / grown.wall),
            "map_us_per_entry": round(mapped.cpu_total / log.size * 1e6, 1),
            **sizes,
        },
    )


class Log:
    """The log of the run, and how far it is."""

    def __init__(self, running: Server, database: kit.Database, folder: Path, persons: int) -> None:
        """Start the process that appends; it is ended with this one."""
        self._database, self._folder = database, folder
        self.size = 0
        spawned = multiprocessing.get_context("spawn")
        self._numbers: Queue[tuple[int, int]] = spawned.Queue()
        facts = (running.dsn, persons, self._numbers)
        spawned.Process(target=_appender, args=facts, daemon=True).start()

    def append(self, number: int) -> None:
        """Have so many appended elsewhere, and keep the log until all of them are published."""
        start, self.size = self.size, self.size + number
        self._numbers.put((start, self.size))
        done, published = start, time.monotonic()
        while done < self.size:
            time.sleep(TURN_SECONDS)
            done = sequence(self._database) or done
            if time.monotonic() - published > PUBLISHING_SECONDS or done == self.size:
                with self._database.transaction(TENANT) as conn:
                    audit.publish(conn, TENANT, self._folder)
                published = time.monotonic()

    def grow(self, size: int) -> None:
        """Let the log grow to a size, in the same way."""
        begun = time.monotonic()
        while self.size < size:
            self.append(min(1_000_000, size - self.size))
            print(f"grown to {self.size} in {time.monotonic() - begun:.0f} s", flush=True)


def _appender(dsn: str, persons: int, numbers: "Queue[tuple[int, int]]") -> None:
    """Append the entries of each pair of numbers that is put into the queue."""
    with kit.Database(dsn, size=1) as database:
        while True:
            start, end = numbers.get()
            append(database, TENANT, start, end, persons)


class Chain:
    """What a log is without a tree: every row holds the hash of the one before."""

    def __init__(self, running: Server) -> None:
        self._dsn = running.dsn
        with psycopg.connect(self._dsn) as conn:
            conn.execute("CREATE TABLE chain (i bigint PRIMARY KEY, entry bytea, hash bytea)")
            conn.execute("CREATE TABLE head (i bigint, hash bytea)")
            conn.execute("INSERT INTO head VALUES (0, '')")

    def append(self, rows: int) -> None:
        """Append rows, one commit each."""
        with psycopg.connect(self._dsn, autocommit=True) as conn:
            for number in range(rows):
                core = entry(number, rows).core()
                with conn.transaction():
                    row = conn.execute("SELECT i, hash FROM head FOR UPDATE").fetchone()
                    assert row is not None
                    hashed = sha256(bytes(row[1]) + core).digest()
                    facts = {"i": row[0] + 1, "entry": core, "hash": hashed}
                    conn.execute("INSERT INTO chain VALUES (%(i)s, %(entry)b, %(hash)b)", facts)
                    conn.execute("UPDATE head SET i = %(i)s, hash = %(hash)b", facts)


def stored(running: Server, entries: int) -> dict[str, float]:
    """Return the bytes an entry takes in the database, by what they are."""
    query = "SELECT pg_total_relation_size(%(name)s), pg_relation_size(%(name)s)"
    found: dict[str, float] = {}
    with psycopg.connect(running.dsn) as conn:
        for name in ("audit_entry", "audit_tile", "audit_map_tile", "audit_head"):
            row = conn.execute(query, {"name": name}).fetchone()
            assert row is not None
            found[f"{name}_bytes"] = round(row[0] / entries, 1)
            if name == "audit_entry":
                found["of_that_without_indexes"] = round(row[1] / entries, 1)
        row = conn.execute(
            "SELECT avg(octet_length(leaf)) FROM audit_entry WHERE i < 1000"
        ).fetchone()
        assert row is not None
        found["leaf_bytes"] = round(float(row[0]), 1)
    return found
