"""Reading the change feed and acknowledging every page against a bare SELECT, events/s.

One consumer reads page by page, each in a transaction of its own that moves the consumer on, as a
subscription is served: the events of a snapshot that changed half of the records, and those of the
first fill, which has no events of its own and half of whose records stand in the history by now.
The slower of both counts; below 20,000 events/s the benchmark fails, whatever the ratio. The floor
is that speed where the bare SELECT makes 400,000 events/s. The baseline fetches the rows of the
events' table in the order of their key in one statement, with nothing else.
"""

import argparse
import csv
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from io import BytesIO, StringIO
from pathlib import Path
from typing import BinaryIO

from bench.measure import Ratio, Result, interleaved, server
from bench.towns import Town, town
from renkei import store
from renkei.kit import Database
from renkei.standard import catalogue

RATIO = Ratio(floor=0.05, baseline="one SELECT of the same events in the order of their key")
TARGET = 20_000  # events/s to one consumer
DAY, NOW = date(2026, 4, 1), datetime(2026, 4, 1, tzinfo=UTC)


def options(parser: argparse.ArgumentParser) -> None:
    """Add size, rounds and the events of a page."""
    parser.add_argument("--rows", type=int, default=1_000_000, help="people (default 1,000,000)")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument(
        "--page", type=int, default=store.FEED_PAGE, help="events in one transaction"
    )
    parser.add_argument("--binaries", type=Path, help="PostgreSQL's programs, if not the usual")


def run(args: argparse.Namespace) -> Result:
    """Measure events per second of one consumer, for both kinds of load."""
    people = town(30_000 if args.quick else args.rows)
    with server(["renkei.store"], args.binaries) as running, Database(running.dsn) as database:
        fill, snapshot = loaded(database, people)
        feed = Feed(database, people, args.page)
        sides: dict[str, Callable[[], object]] = {
            "bare": feed.select,
            "snapshot": lambda: feed.read(store.Position(1), snapshot),
            "fill": lambda: feed.read(store.START, fill),
        }
        measured = interleaved(args.rounds, sides, {"server": running.pid})
    bare = snapshot / measured["bare"].wall
    speed = {"snapshot": snapshot / measured["snapshot"].wall, "fill": fill / measured["fill"].wall}
    slower = min(speed.values())
    assert slower >= TARGET, f"{slower:.0f} events/s are below {TARGET}"
    return Result(
        slower / bare,
        {
            "events_per_second": round(slower),
            "snapshot_events": snapshot,
            "snapshot_events_per_second": round(speed["snapshot"]),
            "fill_events": fill,
            "fill_events_per_second": round(speed["fill"]),
            "bare_events_per_second": round(bare),
            "page": args.page,
            "snapshot_cpu_seconds": round(measured["snapshot"].cpu, 2),
            "bare_cpu_seconds": round(measured["bare"].cpu, 2),
        },
    )


def loaded(database: Database, people: Town) -> tuple[int, int]:
    """Load the town, then again with every second record changed; return the events of each."""
    entity = catalogue().entity("resident")
    counts = []
    sources: list[BinaryIO | Path] = [people.resident, every_second_changed(people)]
    for number, source in enumerate(sources):
        with database.transaction(people.code) as conn:
            later = timedelta(days=number)
            on, at = DAY + later, NOW + later
            report = store.load(conn, people.code, entity, source, on=on, at=at)
            assert report.changes is not None, report.findings.counts
            counts.append(report.changes.new + report.changes.changed)
    return counts[0], counts[1]


def every_second_changed(people: Town) -> BytesIO:
    """Return the file with another history number in every second record."""
    out = StringIO()
    with people.bare.open(encoding="utf-8", newline="") as lines:
        reader, writer = csv.reader(lines), csv.writer(out, lineterminator="\n")
        writer.writerow(next(reader))
        for number, line in enumerate(reader):
            if number % 2:
                line[1] = str(int(line[1]) + 1)
            writer.writerow(line)
    return BytesIO(out.getvalue().encode())


class Feed:
    """One consumer, and the bare statement beside it."""

    def __init__(self, database: Database, people: Town, page: int) -> None:
        """Take the town that was loaded."""
        self._database = database
        self._town = people.code
        self._page = page
        self._readings = 0

    def read(self, position: store.Position, wanted: int) -> None:
        """Read that many events from a position on and acknowledge each page."""
        self._readings += 1
        name, entities = f"reading {self._readings}", ("resident",)
        with self._database.transaction(self._town) as conn:
            store.begin(conn, self._town, name, position, at=NOW, entities=entities)
        seen = 0
        while seen < wanted:
            with self._database.transaction(self._town) as conn:
                before = store.position_of(conn, self._town, name)
                assert before is not None
                limit = min(self._page, wanted - seen)
                page = store.changes_since(conn, self._town, before, limit=limit, entities=entities)
                assert page.events, f"{seen} of {wanted} events, and no more"
                assert store.advance(conn, self._town, name, before, page.after, at=NOW)
            seen += len(page.events)
        assert seen == wanted

    def select(self) -> None:
        """Fetch the events of the snapshot as they stand in their table."""
        with self._database.transaction(self._town) as conn:
            conn.execute(
                "SELECT position, number, key, kind FROM store_event"
                " WHERE tenant = %s AND position = 2 ORDER BY position, number",
                [self._town],
            ).fetchall()
