"""Look-ups beside a running extract against look-ups alone, p99; rows/s of every form beside it.

Look-ups are asked at a fixed rate, each a transaction of its own on a pool of the application. The
extract is written again and again by a process of its own, as the console has it written.
"""

import argparse
import statistics
import tempfile
import threading
import time
from datetime import UTC, date, datetime
from pathlib import Path

import psycopg

from bench.measure import Ratio, Result, server
from bench.towns import town
from renkei import store
from renkei.app.disclosure.extract_process import Job, written_apart
from renkei.kit import Database, NodeError
from renkei.standard import catalogue
from renkei.store import extracts
from renkei.store.extracts import Column, Form, Heading, Limits, Query, Source

RATIO = Ratio(
    floor=3.0, baseline="the same look-ups with no extract running", higher_is_better=False
)
DAY, NOW = date(2026, 4, 1), datetime(2026, 4, 1, tzinfo=UTC)
ITEMS = ("register_number", "name", "kana", "birth_date", "sex", "address", "processed_on")
ASKED = ("name", "address", "birth_date", "sex")


def options(parser: argparse.ArgumentParser) -> None:
    """Add size, rate and length."""
    parser.add_argument("--rows", type=int, default=900_000, help="people (default 900,000)")
    parser.add_argument("--rate", type=int, default=50, help="look-ups a second")
    parser.add_argument("--seconds", type=float, default=20.0, help="of each side of a round")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--binaries", type=Path, help="PostgreSQL's programs, if not the usual")


def run(args: argparse.Namespace) -> Result:
    """Measure both sides in turn, and the rows per second of every form."""
    people = town(50_000 if args.quick else args.rows)
    seconds, rounds = (5.0, 2) if args.quick else (args.seconds, args.rounds)
    with (
        server(["renkei.store"], args.binaries) as running,
        Database(running.dsn) as database,
        tempfile.TemporaryDirectory() as folder,
    ):
        with database.transaction(people.code) as conn:
            entity = catalogue().entity("resident")
            store.load(conn, people.code, entity, people.resident, on=DAY, at=NOW)
        with psycopg.connect(running.dsn, autocommit=True) as conn:
            conn.execute("VACUUM ANALYZE")
            found = conn.execute("SELECT register_number FROM store_resident LIMIT 10000")
            numbers = [str(number) for (number,) in found]
        extract = Extracting(running.dsn, people.code, Path(folder))
        alone, beside = [], []
        for number in range(1, rounds + 1):
            alone.append(p99(database, people.code, numbers, args.rate, seconds))
            with extract:
                beside.append(p99(database, people.code, numbers, args.rate, seconds))
            print(f"round {number}: p99 {alone[-1]:.2f} ms alone, {beside[-1]:.2f} ms beside")
        rates = {
            f"{form.value}_rows_per_second": round(extract.rate(form))
            for form in Form
            if form is not Form.pdf
        }
    ours, baseline = statistics.median(beside), statistics.median(alone)
    return Result(
        ours / baseline,
        {
            "rows": people.rows,
            "lookups_per_second": args.rate,
            "p99_ms_alone": round(baseline, 2),
            "p99_ms_beside_an_extract": round(ours, 2),
            "extracts_meanwhile": extract.done,
            **rates,
        },
    )


def p99(database: Database, code: str, numbers: list[str], rate: int, seconds: float) -> float:
    """Return the 99th percentile of look-ups asked at a rate, in ms; waiting counts."""
    entity, times = catalogue().entity("resident"), []
    begin = time.perf_counter()
    for n in range(int(rate * seconds)):
        due = begin + n / rate
        time.sleep(max(0.0, due - time.perf_counter()))
        with database.transaction(code) as conn:  # type: ignore[arg-type]  # a town's number
            key = {"register_number": numbers[n * 7919 % len(numbers)]}
            assert store.read(conn, code, entity, key, ASKED, on=DAY)  # type: ignore[arg-type]
        times.append(time.perf_counter() - due)
    return statistics.quantiles(times, n=100)[98] * 1000


class Extracting:
    """Writes the same extract again and again while it is entered."""

    def __init__(self, dsn: str, code: str, folder: Path) -> None:
        """Take the database and a folder for the files."""
        self._dsn, self._code, self._folder = dsn, code, folder
        self._end = threading.Event()
        self._thread: threading.Thread | None = None
        self._error: NodeError | None = None
        self.done = 0

    def __enter__(self) -> None:
        self._end.clear()
        self._thread = threading.Thread(target=self._again)
        self._thread.start()
        time.sleep(1.0)

    def __exit__(self, *_: object) -> None:
        self._end.set()
        if self._thread is not None:
            self._thread.join()
        if self._error is not None:
            raise self._error

    def _again(self) -> None:
        try:
            while not self._end.is_set():
                self.write(Form.csv)
                self.done += 1
        except NodeError as error:  # without an extract there is nothing to compare
            self._error = error

    def rate(self, form: Form) -> float:
        """Return the rows per second of one file of a form, from start to end of its process."""
        begin = time.perf_counter()
        return self.write(form) / (time.perf_counter() - begin)

    def write(self, form: Form) -> int:
        """Write one file and return its rows."""
        with tempfile.TemporaryDirectory(dir=self._folder) as folder:
            job = Job(
                dsn=self._dsn,
                overlays=(),
                tenant=self._code,  # type: ignore[arg-type]
                path=str(Path(folder) / f"a{form.suffix}"),
                query=Query(
                    leading=Source(entity="resident"),
                    columns=tuple(Column(item=f"resident.{item}") for item in ITEMS),
                ),
                form=form,
                heading=Heading("bench", "A市", "bench", NOW, DAY, "bench", "ja"),
                today=DAY,
                limits=Limits(rows=extracts.Limits().rows),
            )
            return written_apart(job).rows
