"""Entries appended, sequenced, signed and published a second, against a hash chain row by row.

Another process appends, as the doors of a node do, while this one sequences and publishes, as its
log keeper does; the time begins when the entries are there to be appended and ends when all stand
under a published checkpoint. The same is measured again when the log has grown, and that must
reach 20,000 entries a second too: a lack of it lowers the ratio.

A row by row chain locks its last row, hashes, and commits. The baseline finds its rows again by
person, request and time, as no record of accesses does without, and is written by one or by four
at once, whichever is faster. What a bare one takes, of one writer and found by its number alone,
stands beside it.
"""

import argparse
import gc
import multiprocessing
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from multiprocessing.queues import Queue
from multiprocessing.synchronize import Semaphore
from pathlib import Path

import psycopg
from psycopg.sql import SQL, Identifier

from bench.log_entries import TENANT, append_all, entry, log_server, map_all, sequence
from bench.measure import Ratio, Result, Samples, Server, interleaved, timed
from renkei import audit, kit

RATIO = Ratio(floor=50, baseline="one row and one commit at a time, each with the last one's hash")
WANTED = 20_000  # entries a second
WRITERS = 4
PERSONS = 500_000
PREPARED = 100_000  # entries made at once while the log grows
PUBLISHING_SECONDS = 1.0
TURN_SECONDS = 0.05


def options(parser: argparse.ArgumentParser) -> None:
    """Add sizes and rounds."""
    parser.add_argument("--entries", type=int, help="a round; default 100,000, quick 10,000")
    parser.add_argument("--large", type=int, help="how far the log grows; default 10,000,000")
    parser.add_argument("--persons", type=int, default=PERSONS)
    parser.add_argument("--rows", type=int, help="of the baseline; default 1,000, quick 200")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument(
        "--slower",
        type=int,
        default=0,
        metavar="MICROSECONDS",
        help="by which each commit takes longer, of both sides, as on a slower disk (default 0)",
    )


def run(args: argparse.Namespace) -> Result:
    """Measure both at the beginning, let the log grow, and measure ours again."""
    entries = args.entries or (10_000 if args.quick else 100_000)
    large = args.large or (60_000 if args.quick else 10_000_000)
    rows = args.rows or (200 if args.quick else 1_000)
    with log_server() as (running, database, folder), kit.Database(running.dsn) as other:
        slow_down(running, args.slower)
        chain, bare = Chain(running, "chain", TABLES + INDEXES), Chain(running, "bare", TABLES)
        log = Log(running, database, folder, args.persons)
        trees = {"server": running.pid}
        sides: dict[str, Callable[[], object]] = {
            "bare": lambda: bare.append(rows),
            "chain": lambda: chain.append(rows),
            "chain_of_four": lambda: chain.append(rows, WRITERS),
            "log": log.append,
        }

        def before(side: str) -> None:
            if side == "log":
                log.prepare(entries)

        log.grow(entries)  # so that nothing measured waits for a first plan, or for the appender
        measured = interleaved(args.rounds, sides, trees, before=before)
        log.grow(large)
        grown = Samples()
        for number in range(args.rounds):
            log.prepare(entries)
            grown.rounds.append(timed(log.append, trees))
            print(f"round {number + 1} of the grown log: {grown.rounds[-1].wall:.2f} s", flush=True)
        mapped = timed(lambda: map_all(database), trees)
        with other.transaction(TENANT) as conn:
            assert audit.pending(conn, TENANT) == 0
        sizes = stored(running, log.size)
    per_second, grown_per_second = entries / measured["log"].wall, entries / grown.wall
    chains = {side: rows / measured[side].wall for side in ("bare", "chain", "chain_of_four")}
    ratio = per_second / max(chains["chain"], chains["chain_of_four"])
    return Result(
        min(ratio, RATIO.floor * min(per_second, grown_per_second) / WANTED),
        {
            **({"microseconds_slower": args.slower} if args.slower else {}),
            "times_the_chain": round(ratio, 1),
            "times_a_bare_chain": round(per_second / chains["bare"], 1),
            "entries_per_second": round(per_second),
            "entries_per_second_wanted": WANTED,
            "entries_per_cpu_second": round(entries / measured["log"].cpu),
            "others_cpus": round(measured["log"].others, 1),
            **{f"{side}_rows_per_second": round(speed) for side, speed in chains.items()},
            "entries_of_the_grown_log": log.size,
            "grown_to_small_cpu": round(grown.cpu / measured["log"].cpu, 2),
            "grown_entries_per_second": round(grown_per_second),
            "map_us_per_entry": round(mapped.cpu_total / log.size * 1e6, 1),
            **sizes,
        },
    )


def slow_down(running: Server, microseconds: int) -> None:
    """Have every commit wait before it is written, whoever commits."""
    with psycopg.connect(running.dsn, autocommit=True) as conn:
        conn.execute(f"ALTER SYSTEM SET commit_delay = {microseconds}".encode())
        conn.execute("ALTER SYSTEM SET commit_siblings = 0")
        conn.execute("SELECT pg_reload_conf()")


class Log:
    """The log of the run, and how far it is."""

    def __init__(self, running: Server, database: kit.Database, folder: Path, persons: int) -> None:
        """Start the process that appends; it is ended with this one."""
        self._database, self._folder = database, folder
        self.size = 0
        spawned = multiprocessing.get_context("spawn")
        self._numbers: Queue[tuple[int, int]] = spawned.Queue()
        self._made, self._begins = spawned.Semaphore(0), spawned.Semaphore(0)
        facts = (running.dsn, persons, self._numbers, self._made, self._begins)
        spawned.Process(target=_appender, args=facts, daemon=True).start()

    def prepare(self, number: int) -> None:
        """Have so many entries made elsewhere, which are then there to be appended."""
        start, self.size = self.size, self.size + number
        self._numbers.put((start, self.size))
        self._made.acquire()

    def append(self) -> None:
        """Have them appended elsewhere, and keep the log until all of them are published."""
        self._begins.release()
        done, published = 0, time.monotonic()
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
            self.prepare(min(PREPARED, size - self.size))
            self.append()
            if self.size % (10 * PREPARED) == 0 or self.size == size:
                print(f"grown to {self.size} in {time.monotonic() - begun:.0f} s", flush=True)


def _appender(
    dsn: str,
    persons: int,
    numbers: "Queue[tuple[int, int]]",
    made: Semaphore,
    begins: Semaphore,
) -> None:
    """Append the entries of each pair of numbers that is put into the queue."""
    with kit.Database(dsn, size=1) as database:
        while True:
            entries = [entry(number, persons) for number in range(*numbers.get())]
            gc.freeze()  # a door holds no hundred thousand entries that are looked at for waste
            made.release()
            begins.acquire()
            append_all(database, TENANT, entries)
            gc.unfreeze()


TABLES = """
CREATE TABLE {table} (i bigint PRIMARY KEY, hash bytea, entry bytea,
                      label bytea, request text, at timestamptz);
CREATE TABLE {head} (i bigint, hash bytea);
INSERT INTO {head} VALUES (0, '');
"""
INDEXES = """
CREATE INDEX ON {table} (label);
CREATE INDEX ON {table} (request);
CREATE INDEX ON {table} (at);
"""
LAST = "SELECT i, hash FROM {head} FOR UPDATE"
KEEP = "INSERT INTO {table} VALUES (%(i)s, %(hash)b, %(entry)b, %(label)b, %(request)s, %(at)s)"
MOVE = "UPDATE {head} SET i = %(i)s, hash = %(hash)b"


class Chain:
    """What a log is without a tree: every row holds the hash of the one before."""

    def __init__(self, running: Server, name: str, tables: str) -> None:
        """Make the tables."""
        self._dsn, self._number = running.dsn, 0
        names = {"table": Identifier(name), "head": Identifier(f"{name}_head")}
        self._last, self._keep, self._move = (
            SQL(text).format(**names).as_string() for text in (LAST, KEEP, MOVE)
        )
        with psycopg.connect(self._dsn) as conn:
            conn.execute(SQL(tables).format(**names))

    def append(self, rows: int, writers: int = 1) -> None:
        """Append rows, one commit each, of one writer or of some at once."""
        numbers = range(self._number, self._number + rows)
        self._number += rows
        with ThreadPoolExecutor(writers) as threads:
            list(threads.map(self._write, [numbers[first::writers] for first in range(writers)]))

    def _write(self, numbers: range) -> None:
        with psycopg.connect(self._dsn, autocommit=True) as conn:
            for number in numbers:
                one = entry(number, PERSONS)
                core = one.core()
                with conn.transaction():
                    row = conn.execute(self._last.encode()).fetchone()
                    assert row is not None
                    facts = {
                        "i": row[0] + 1,
                        "hash": sha256(bytes(row[1]) + core).digest(),
                        "entry": core,
                        "label": one.label,
                        "request": one.request,
                        "at": one.at,
                    }
                    conn.execute(self._keep.encode(), facts)
                    conn.execute(self._move.encode(), facts)


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
