"""A page of a list from the listing against going through the records, time of a page.

Lists by reading, address and birth of a town whose listing is up to date, and of the same town
before it was: then a list goes through the records. Making the listing is timed beside it.
"""

import argparse
import statistics
import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import psycopg

from bench.measure import Ratio, Result, server, timed
from bench.towns import town
from renkei import store
from renkei.kit import Database
from renkei.standard import catalogue

RATIO = Ratio(floor=20.0, baseline="the same pages before the listing is there")
DAY, NOW = date(2026, 4, 1), datetime(2026, 4, 1, tzinfo=UTC)
ITEMS = ("name", "kana", "address")
PAGES: dict[str, store.Selection] = {
    "reading": store.Begins("kana", "サトウ"),
    "address": store.Begins("address_code", "13101001"),
    "birth": store.Between("birth_date", date(1980, 1, 1), date(1980, 12, 31)),
}


def options(parser: argparse.ArgumentParser) -> None:
    """Add people and rounds."""
    parser.add_argument("--rows", type=int, default=1_000_000, help="people (default 1,000,000)")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--binaries", type=Path, help="PostgreSQL's programs, if not the usual")


def run(args: argparse.Namespace) -> Result:
    """Measure pages of 100 before and after; the whole is the sum of the pages' medians."""
    source = town(100_000 if args.quick else args.rows)
    resident = catalogue().entity("resident")
    with server(["renkei.store"], args.binaries) as running, Database(running.dsn) as database:

        def in_town(work: Callable[[psycopg.Connection], object]) -> object:
            with database.transaction(source.code) as conn:
                return work(conn)

        def page(selection: store.Selection) -> tuple[float, bool]:
            start = time.perf_counter()
            with database.transaction(source.code) as conn:
                found = store.list_records(conn, source.code, resident, selection, ITEMS, on=DAY)
            assert found.records
            return time.perf_counter() - start, found.indexed

        def pages(*, indexed: bool) -> dict[str, float]:
            medians = {}
            for name, selection in PAGES.items():
                taken = [page(selection) for _ in range(args.rounds)]
                assert {was for _, was in taken} == {indexed}
                medians[name] = statistics.median(seconds for seconds, _ in taken) * 1000
            return medians

        def make_listing() -> None:
            while in_town(lambda conn: store.index_lists(conn, source.code, resident)):
                pass

        in_town(
            lambda conn: store.load(conn, source.code, resident, source.resident, on=DAY, at=NOW)
        )
        before = pages(indexed=False)
        making = timed(make_listing, {"server": running.pid})
        after = pages(indexed=True)
        with psycopg.connect(running.dsn) as conn:
            size = "SELECT pg_total_relation_size('store_listing') FROM store_listing LIMIT 1"
            (bytes_held,) = conn.execute(size).fetchone() or (0,)
            (rows,) = conn.execute("SELECT count(*) FROM store_listing").fetchone() or (0,)
    return Result(
        sum(before.values()) / sum(after.values()),
        {
            "rows": source.rows,
            **{f"ms_{name}": round(after[name], 1) for name in PAGES},
            **{f"ms_{name}_without": round(before[name]) for name in PAGES},
            "listing_seconds": round(making.wall, 1),
            "listing_cpu_seconds": round(making.cpu_total, 1),
            "listing_rows": rows,
            "listing_bytes_a_row": round(bytes_held / max(rows, 1)),
        },
    )
