"""Durable steps a second, twenty jobs a transaction, against DBOS's steps, one after the other.

Each of our steps is a job held, done and brought back, with its events in the case's chain of
hashes; each of DBOS's a step of a workflow, recorded as it records them. Both write to databases
of one server that waits for the disk. Beside it: processor time of a step of all processes. Rounds
are short and many: the pace of a shared machine changes within seconds.
"""

import argparse
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from urllib.parse import quote
from uuid import UUID

from psycopg.conninfo import conninfo_to_dict

from bench import signing
from bench.beside import asked_by, python_with
from bench.measure import Ratio, Result, interleaved, server
from renkei.kit import Database, Line, Tenant, timed_number
from renkei.process import bpmn, cases
from renkei.process.cases import waiting
from renkei.process.scenarios import bpmn as model

RATIO = Ratio(floor=20, baseline="DBOS, steps of one workflow after the other")
TENANT = Tenant("131016")
AT = datetime(2027, 4, 1, tzinfo=UTC)
DAY = date(2027, 4, 1)
SIDE = Path(__file__).with_name("dbos_side.py")
STEPS = 10
JOBS = tuple(f"t{number}" for number in range(STEPS))
MODEL = "\n".join(
    [
        "start s -> t0",
        *(f"service t{n} -> {f't{n + 1}' if n + 1 < STEPS else 'e'}" for n in range(STEPS)),
        "end e",
    ]
)


def options(parser: argparse.ArgumentParser) -> None:
    """Add sizes and rounds."""
    parser.add_argument("--cases", type=int, help="of a round; default 400, quick 100")
    parser.add_argument("--workflows", type=int, help="of a round; default 16, quick 4")
    parser.add_argument("--batch", type=int, default=20)
    parser.add_argument("--rounds", type=int, help="default 9, quick 3")


def run(args: argparse.Namespace) -> Result:
    """Run both in turn."""
    count = args.cases or (100 if args.quick else 400)
    flows = args.workflows or (4 if args.quick else 16)
    with (
        server(["renkei.process"]) as running,
        Database(running.dsn) as database,
        dbos(running.dsn) as theirs,
    ):
        library, line = signing.library(), Line(database, TENANT)

        def before(side: str) -> None:
            if side == "ours":
                begin(database, library, count)

        measured = interleaved(
            args.rounds or (3 if args.quick else 9),
            {"ours": lambda: work(line, library, args.batch), "dbos": lambda: theirs(flows)},
            {"server": running.pid},
            before=before,
        )
    ours, baseline = measured["ours"], measured["dbos"]
    steps, their_steps = count * STEPS, flows * STEPS
    return Result(
        (steps / ours.wall) / (their_steps / baseline.wall),
        {
            "batch": args.batch,
            "steps_per_second": round(steps / ours.wall),
            "dbos_steps_per_second": round(their_steps / baseline.wall),
            "cpu_us_a_step": round(ours.cpu / steps * 1e6),
            "dbos_cpu_us_a_step": round(baseline.cpu / their_steps * 1e6),
            "ratio_of_cpu": round(baseline.cpu / their_steps / (ours.cpu / steps), 1),
        },
    )


def begin(database: Database, library: cases.Library, count: int) -> None:
    """Begin so many cases, each waiting at its first job."""
    with database.transaction(TENANT) as conn:
        definition = bpmn.read(model(MODEL), "durable")
        held = signing.deployed(conn, TENANT, definition, since=DAY, at=AT)
        start = bpmn.Start(AT)
        begun = [cases.Begun(UUID(timed_number()), held, DAY, start, "bench") for _ in range(count)]
        cases.begin(conn, TENANT, begun, library, at=AT)


def work(line: Line, library: cases.Library, batch: int) -> None:
    """Do all jobs, so many a transaction."""
    while True:
        with line.transaction() as conn:
            held = waiting.hold_jobs(conn, TENANT, JOBS, at=AT, most=batch)
            done = [waiting.Done(job, {}) for job in held.jobs]
            waiting.bring_done(conn, TENANT, done, library, actor="bench", at=AT, locked=held.cases)
        if not held.jobs:
            return


@contextmanager
def dbos(dsn: str) -> Iterator[Callable[[int], None]]:
    """Give what runs so many workflows of DBOS, in a process of its own, and waits for the end."""
    facts = conninfo_to_dict(dsn)
    where = f"host={quote(str(facts['host']), safe='')}&port={facts.get('port', 5432)}"
    url = f"postgresql://{facts.get('user', 'postgres')}@/dbos_bench?{where}"
    command = [str(python_with("dbos")), str(SIDE), url]
    with asked_by(command, "DBOS") as ask:
        yield ask
