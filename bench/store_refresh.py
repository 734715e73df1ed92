"""A full refresh of a large town's register in one command: its memory against a tenth of it.

A town is loaded for the first time, then refreshed by a whole second snapshot (1 % changed, 0.1 %
new, 0.1 % gone), in a process of its own. The ratio is the most memory that process ever held for
the large town against the small one. The default is the size of 横浜市.
"""

import argparse
import json
import subprocess
import sys
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from bench.measure import Ratio, Result, peak_bytes, server
from bench.store_merge import changed
from bench.towns import Town, town
from renkei import store
from renkei.kit import Database, tenant
from renkei.standard import catalogue

RATIO = Ratio(
    floor=1.25, baseline="the same refresh of a tenth of the residents", higher_is_better=False
)
DAY, NOW = date(2026, 4, 1), datetime(2026, 4, 1, tzinfo=UTC)


def options(parser: argparse.ArgumentParser) -> None:
    """Add the size."""
    parser.add_argument("--rows", type=int, default=3_700_000, help="people (default 3,700,000)")
    parser.add_argument("--binaries", type=Path, help="PostgreSQL's programs, if not the usual")


def run(args: argparse.Namespace) -> Result:
    """Refresh both towns and compare the memory."""
    rows = 200_000 if args.quick else args.rows
    small, large = town(rows // 10), town(rows, "141003")
    with server(["renkei.store"], args.binaries) as running:
        few = refresh(running.dsn, small)
        many = refresh(running.dsn, large)
    return Result(
        many["peak_bytes"] / few["peak_bytes"],
        {
            "rows": large.rows,
            "peak_mib": round(many["peak_bytes"] / 2**20),
            "peak_mib_of_a_tenth": round(few["peak_bytes"] / 2**20),
            "server_peak_mib": round(many["server_peak_bytes"] / 2**20),
            "fill_seconds": round(many["fill_seconds"], 1),
            "refresh_seconds": round(many["refresh_seconds"], 1),
            "refresh_rows_per_second": round(large.rows / many["refresh_seconds"]),
        },
    )


def refresh(dsn: str, source: Town) -> dict[str, float]:
    """Load and refresh in a process of its own; return what it says."""
    files = [str(source.resident), str(changed(source.resident))]
    command = [sys.executable, "-m", "bench.store_refresh", dsn, source.code, *files]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    print(f"{source.rows} rows: {done.stdout}", end="", flush=True)
    said: dict[str, float] = json.loads(done.stdout)
    return said


def main(dsn: str, code: str, *files: str) -> None:
    """Load the files one after the other and print times and peaks."""
    resident, seconds = catalogue().entity("resident"), []
    with Database(dsn, size=1) as database:
        for number, file in enumerate(files):
            start = time.perf_counter()
            later = timedelta(days=number)
            with database.transaction(tenant(code)) as conn:
                report = store.load(
                    *(conn, tenant(code), resident, Path(file)), on=DAY + later, at=NOW + later
                )
                server_peak = peak_bytes(conn.info.backend_pid)
            assert report.outcome is store.Outcome.loaded, report.findings.counts
            seconds.append(time.perf_counter() - start)
    said = {
        "fill_seconds": seconds[0],
        "refresh_seconds": seconds[1],
        "peak_bytes": peak_bytes("self"),
        "server_peak_bytes": server_peak,
    }
    print(json.dumps(said))


if __name__ == "__main__":
    main(*sys.argv[1:])
