"""The 99th percentile of paced look-ups while a merge runs, against the same without one.

One web process answers look-ups over HTTP at a steady pace; each is due at its time, and its wait
counts from there. In the rounds with a merge another process takes in snapshots with 1 % changes,
one after the other, and gives way as the command `renkei load` does: it and the server process that
works for it have a lower priority. The medians of the rounds' percentiles are compared.
"""

import argparse
import random
import signal
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import psycopg

from bench.http_asking import ask_all, ask_paced
from bench.lookup_server import DAY, NOW, requests, serving
from bench.measure import Ratio, Result, busy_seconds, server, wait_for_quiet
from bench.store_merge import changed
from bench.towns import town
from renkei import store
from renkei.kit import Database, give_way, tenant
from renkei.standard import catalogue

RATIO = Ratio(floor=3.0, baseline="the same pace without a merge", higher_is_better=False)


def options(parser: argparse.ArgumentParser) -> None:
    """Add people, pace, seconds and rounds."""
    parser.add_argument("--rows", type=int, default=1_000_000, help="people (default 1,000,000)")
    parser.add_argument("--per-second", type=int, default=1000, help="look-ups (default 1,000)")
    parser.add_argument("--seconds", type=int, default=20, help="a round and side")
    parser.add_argument("--clients", type=int, default=32, help="connections (default 32)")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--binaries", type=Path, help="PostgreSQL's programs, if not the usual")


def run(args: argparse.Namespace) -> Result:
    """Measure both sides in turn."""
    source = town(100_000 if args.quick else args.rows)
    seconds = min(args.seconds, 4) if args.quick else args.seconds
    second = changed(source.resident)
    with server(["renkei.store"], args.binaries) as running:
        with Database(running.dsn, size=1) as database, database.transaction(source.code) as conn:
            resident = catalogue().entity("resident")
            store.load(conn, source.code, resident, source.resident, on=DAY, at=NOW)
            keys = [number for number, _ in store.persons(conn, source.code)]
        with psycopg.connect(running.dsn, autocommit=True) as conn:
            conn.execute("VACUUM ANALYZE")
        chance = random.Random(1)  # noqa: S311  # no secret
        asked = chance.choices(keys, k=args.per_second * seconds)
        said = requests(asked)
        took: dict[str, list[float]] = {"alone": [], "merging": []}
        merged = 0
        with serving(running.dsn, source.code) as (_, port):
            ask_all(port, requests(keys[:: max(1, len(keys) // 20_000)]), args.clients)
            for number in range(1, args.rounds + 1):
                for side, p99s in took.items():
                    wait_for_quiet()
                    busy, start = busy_seconds(), time.monotonic()
                    files = [second, source.resident] if side == "merging" else []
                    with loading(running.dsn, source.code, files) as loads:
                        times = ask_paced(port, said, args.per_second, args.clients)
                        merged += loads()
                    p99s.append(percentile(times, 99))
                    cpus = (busy_seconds() - busy) / (time.monotonic() - start)
                    told = " ".join(f"p{p} {percentile(times, p) * 1000:.2f}" for p in (50, 99))
                    print(f"round {number} {side}: ms {told}, cpus busy {cpus:.1f}", flush=True)
    p99 = {side: statistics.median(p99s) for side, p99s in took.items()}
    return Result(
        p99["merging"] / p99["alone"],
        {
            "rows": source.rows,
            "per_second": args.per_second,
            "p99_ms_merging": round(p99["merging"] * 1000, 2),
            "p99_ms_alone": round(p99["alone"] * 1000, 2),
            "loads_meanwhile": merged,
        },
    )


def percentile(times: Sequence[float], percent: int) -> float:
    """Return the time that so many percent of the look-ups took at most."""
    return sorted(times)[min(len(times) - 1, len(times) * percent // 100)]


@contextmanager
def loading(dsn: str, code: str, files: Sequence[Path]) -> Iterator[Callable[[], int]]:
    """Take the files in, in turn, in another process until the block ends; count what it did."""
    if not files:
        yield lambda: 0
        return
    command = [sys.executable, "-m", "bench.store_latency", dsn, code, *map(str, files)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()  # it has begun
        done: list[bytes] = []

        def end() -> int:
            process.send_signal(signal.SIGTERM)
            done.extend(process.stdout.readlines() if process.stdout else [])
            return len(done)

        yield end
        process.terminate()


def main(dsn: str, code: str, *files: str) -> None:
    """Load until told to stop: each file for a later day, so that it merges again and again."""
    stopped = False

    def stop(*_: object) -> None:
        nonlocal stopped
        stopped = True

    signal.signal(signal.SIGTERM, stop)
    resident, town_code = catalogue().entity("resident"), tenant(code)
    with Database(dsn, size=1) as database:
        number = 0
        print("begun", flush=True)
        while not stopped:
            with database.transaction(town_code) as conn:
                give_way(conn)
                last = conn.execute("SELECT max(states_on), max(loaded_at) FROM store_load")
                on, at = last.fetchone() or (DAY, NOW)
                path = Path(files[number % len(files)])
                report = store.load(
                    conn,
                    town_code,
                    resident,
                    path,
                    on=on + timedelta(days=1),
                    at=at + timedelta(days=1),
                )
            assert report.outcome is store.Outcome.loaded, report.outcome
            number += 1
            print("loaded", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
