"""Cases run to where they wait and kept with every event, against SpiffWorkflow saving once.

Ten script steps, then a person's task; each case is a transaction of its own that waits for the
disk, on one server for both. Ours keeps where the case stands, all of its events in their chain of
hashes and the task; SpiffWorkflow its state as JSON, once.
"""

import argparse
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from uuid import UUID

from bench import signing
from bench.beside import asked_by, python_with
from bench.measure import Ratio, Result, interleaved, server
from bench.process_memory import PERSON, STEPS, chain, feel_script, python_script
from renkei.kit import Database, Line, Tenant, timed_number
from renkei.process import bpmn, cases

RATIO = Ratio(floor=2, baseline="SpiffWorkflow, each case saved once")
TENANT = Tenant("131016")
AT = datetime(2027, 4, 1, tzinfo=UTC)
SIDE = Path(__file__).with_name("spiff_saving_side.py")


def options(parser: argparse.ArgumentParser) -> None:
    """Add sizes and rounds."""
    parser.add_argument("--cases", type=int, help="of a round and side; default 1,000, quick 200")
    parser.add_argument("--rounds", type=int, default=3)


def run(args: argparse.Namespace) -> Result:
    """Run both in turn."""
    count = args.cases or (200 if args.quick else 1_000)
    definition = bpmn.read(chain(STEPS, feel_script, last=PERSON).encode())
    with (
        server(["renkei.process"]) as running,
        Database(running.dsn) as database,
        spiff(running.dsn) as theirs,
    ):
        line, library = Line(database, TENANT), signing.library()
        with line.transaction() as conn:
            day = date(2027, 4, 1)
            held = signing.deployed(conn, TENANT, definition, since=day, at=AT)
        measured = interleaved(
            args.rounds,
            {
                "ours": lambda: begin(line, library, held, count),
                "spiff": lambda: theirs(count),
            },
            {"server": running.pid},
        )
        with line.transaction() as conn:
            [found] = cases.find(conn, TENANT, at="last", most=1)
            events = len(cases.history(conn, TENANT, found.id))
        line.close()
    ours, baseline = measured["ours"], measured["spiff"]
    return Result(
        baseline.wall / ours.wall,
        {
            "cases_per_second": round(count / ours.wall),
            "spiff_cases_per_second": round(count / baseline.wall),
            "events_a_case": events,
            "ratio_of_cpu": round(baseline.cpu / ours.cpu, 2),
        },
    )


def begin(line: Line, library: cases.Library, held: cases.Deployed, count: int) -> None:
    """Begin so many cases, each in a transaction of its own."""
    start = bpmn.Start(AT, {"x": Decimal(0)})
    for _ in range(count):
        begun = cases.Begun(UUID(timed_number()), held, held.valid_from, start, "bench")
        with line.transaction() as conn:
            cases.begin(conn, TENANT, [begun], library, at=AT)


@contextmanager
def spiff(dsn: str) -> Iterator[Callable[[int], None]]:
    """Give what runs and saves so many cases of SpiffWorkflow, in a process of its own."""
    with tempfile.TemporaryDirectory(prefix="renkei-bpmn-") as made:
        file = Path(made) / "waiting.bpmn"
        file.write_text(chain(STEPS, python_script, last=PERSON), encoding="utf-8")
        command = [str(python_with("spiff")), str(SIDE), dsn, str(file)]
        with asked_by(command, "SpiffWorkflow") as ask:
            yield ask
