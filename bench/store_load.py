r"""Load, validate and first fill of a file against `psql \copy` of it, rows/s.

The baseline copies the file into a table without index, key or check. The loader's memory is that
of a fresh process for each size, and must be the same within a tenth for 100,000 people and all.
"""

import argparse
import json
import shutil
import subprocess
import sys
import time
from datetime import UTC, date, datetime
from pathlib import Path

import psycopg
from psycopg.sql import SQL, Identifier

from bench.measure import BaselineMissing, Ratio, Result, Server, interleaved, peak_bytes, server
from bench.towns import Town, town
from renkei import store
from renkei.kit import Database, tenant
from renkei.standard import catalogue

RATIO = Ratio(floor=0.35, baseline="psql \\copy of the same file into a bare table")
SMALL = 100_000
DAY, NOW = date(2026, 4, 1), datetime(2026, 4, 1, tzinfo=UTC)


def options(parser: argparse.ArgumentParser) -> None:
    """Add size and rounds."""
    parser.add_argument("--rows", type=int, default=1_000_000, help="people (default 1,000,000)")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--binaries", type=Path, help="PostgreSQL's programs, if not the usual")


def run(args: argparse.Namespace) -> Result:
    """Measure rows per second of both, and the loader's memory at two sizes."""
    large = town(SMALL if args.quick else args.rows)
    with server(["renkei.store"], args.binaries) as running:
        baseline = Copying(running, large)
        with Database(running.dsn) as database:
            load(database, large)  # untimed: programs and plans are read once
            measured = interleaved(
                args.rounds,
                {"copy": baseline.run, "load": lambda: load(database, large)},
                {"server": running.pid},
                before=lambda _: empty(running.dsn),
            )
        memory = {}
        for one in (town(SMALL // 4 if args.quick else SMALL), large):
            empty(running.dsn)
            memory[one.rows] = peak_of_fresh_process(running.dsn, one)
    copy, ours = measured["copy"], measured["load"]
    (few, small_peak), (many, large_peak) = memory.items()
    return Result(
        copy.wall / ours.wall,
        {
            "rows": large.rows,
            "load_rows_per_second": round(large.rows / ours.wall),
            "copy_rows_per_second": round(large.rows / copy.wall),
            "load_cpu_seconds": round(ours.cpu, 2),
            "load_cpu_seconds_server": round(ours.cpu_of("server"), 2),
            "copy_cpu_seconds": round(copy.cpu, 2),
            "cpus_busy_with_others": round(ours.others, 1),
            f"peak_mib_at_{few}": round(small_peak / 2**20),
            f"peak_mib_at_{many}": round(large_peak / 2**20),
            "memory_growth": round(large_peak / small_peak, 3),
        },
    )


class Copying:
    """The baseline: `psql` copies the file into a table of text columns."""

    def __init__(self, running: Server, source: Town) -> None:
        """Make the table; refuse where there is no psql."""
        beside = running.programs / "psql"
        found = str(beside) if beside.exists() else shutil.which("psql")
        if found is None:
            raise BaselineMissing("no psql beside the server's programs nor in the path")
        columns = [item.name for item in catalogue().entity("resident").items]
        with psycopg.connect(running.dsn, autocommit=True) as conn:
            text = SQL(", ").join(SQL("{} text").format(Identifier(name)) for name in columns)
            conn.execute(SQL("CREATE TABLE bench_copy ({})").format(text))
        self._command = [found, running.dsn, "--quiet", "--no-psqlrc"]
        self._command += ["-c", f"\\copy bench_copy from '{source.bare}' csv header"]

    def run(self) -> None:
        """Copy the file once."""
        subprocess.run(self._command, check=True)


def empty(dsn: str) -> None:
    """Empty all tables and write everything out, so that each round starts alike."""
    tables = "bench_copy, store_resident, store_resident_history, store_event, store_load"
    with psycopg.connect(dsn, autocommit=True) as conn:
        conn.execute(f"TRUNCATE {tables}")
        conn.execute("CHECKPOINT")


def load(database: Database, source: Town) -> None:
    """Load the town in one transaction, as an operator would."""
    resident = catalogue().entity("resident")
    with database.transaction(source.code) as conn:
        report = store.load(conn, source.code, resident, source.resident, on=DAY, at=NOW)
    assert report.changes == store.Changes(source.rows, 0, 0, 0), report.findings.counts


def peak_of_fresh_process(dsn: str, source: Town) -> int:
    """Load in a process of its own and return the most memory it ever held, in bytes."""
    command = [sys.executable, "-m", "bench.store_load", dsn, source.code, str(source.rows)]
    done = subprocess.run(
        [*command, str(source.resident)], stdout=subprocess.PIPE, text=True, check=True
    )
    said = json.loads(done.stdout)
    print(f"fresh process, {source.rows} rows: {said}", flush=True)
    return int(said["peak_bytes"])


def main(dsn: str, code: str, rows: str, path: str) -> None:
    """Load one file and print the time and the peak memory of this process."""
    with Database(dsn, size=1) as database:
        start = time.perf_counter()
        load(database, Town(tenant(code), int(rows), Path(path)))
        seconds = time.perf_counter() - start
    print(json.dumps({"seconds": round(seconds, 2), "peak_bytes": peak_bytes("self")}))


if __name__ == "__main__":
    main(*sys.argv[1:])
