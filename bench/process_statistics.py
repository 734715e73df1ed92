"""What the statistics of a process cost by cases, against reading their histories one by one.

A hundred thousand cases of twenty events each, copies of a few that the engine ran; the database
reckons steps, times and ways of all of them, and a reader takes some histories and does the same.
"""

import argparse
import statistics as middle
import time
from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

import psycopg

from bench.measure import Ratio, Result, server
from renkei import audit
from renkei.kit import Database, Tenant
from renkei.process import bpmn, cases
from renkei.process.bpmn import Happened
from renkei.process.cases.passages import report
from renkei.process.cases.variants import folded
from renkei.process.scenarios import bpmn as model

RATIO = Ratio(floor=5.0, baseline="reading the histories of the cases one by one")
A = Tenant("131016")
SIGNER = audit.Signer.from_seed("bench.example/131016", bytes(32))
AT = datetime(2027, 4, 1, tzinfo=UTC)
TASKS = 8
MODEL = "\n".join(
    [
        "start s -> t0",
        *(f"user t{n} -> t{n + 1}" for n in range(TASKS)),
        f'xor t{TASKS} -> t0 if "again", e',
        "end e",
    ]
)
READ = 500
"""Cases that are read one by one."""


def options(parser: argparse.ArgumentParser) -> None:
    """Add sizes and rounds."""
    parser.add_argument("--cases", type=int, help="default 100,000; quick 5,000")
    parser.add_argument("--rounds", type=int, default=3)


def run(args: argparse.Namespace) -> Result:
    """Fill a town, reckon by the database and by hand."""
    many = args.cases or (5_000 if args.quick else 100_000)
    with server(["renkei.process"]) as running, Database(running.dsn) as database:
        definition = bpmn.read(model(MODEL), "m")
        ids = fill(database, running.dsn, definition, many)
        whole, one = list[float](), list[float]()
        events = 0
        for _ in range(args.rounds):
            whole.append(reckoned(database, definition))
            start = time.perf_counter()
            events = by_hand(database, ids[:READ])
            one.append((time.perf_counter() - start) / READ)
    seconds = middle.median(whole)
    return Result(
        middle.median(one) * many / seconds,
        {"cases": many, "events": many * events // READ, "seconds": round(seconds, 2)},
    )


def reckoned(database: Database, definition: bpmn.Definition) -> float:
    """Let the database reckon; return how long it takes."""
    start = time.perf_counter()
    with database.transaction(A) as conn:
        found = report(conn, A, [definition], since=AT, until=AT + timedelta(days=999), at=AT)
    assert found.variants, "nothing was reckoned"
    return time.perf_counter() - start


def by_hand(database: Database, ids: list[UUID]) -> int:
    """Read histories one by one, and reckon times and ways of them; return how many events."""
    events, times, ways = 0, defaultdict[str, list[float]](list), defaultdict[object, int](int)
    with database.transaction(A) as conn:
        for id_ in ids:
            begun, path = dict[int, datetime](), list[str]()
            for past in cases.history(conn, A, id_):
                events += 1
                if past.event.kind is Happened.ENTERED:
                    begun[past.event.place] = past.at
                elif past.event.kind is Happened.COMPLETED:
                    path.append(past.event.element)
                    if past.event.place in begun:
                        spent = past.at - begun[past.event.place]
                        times[past.event.element].append(spent.total_seconds())
            ways[folded(path)] += 1
    for seconds in times.values():
        middle.median(seconds)
    return events


def fill(database: Database, dsn: str, definition: bpmn.Definition, many: int) -> list[UUID]:
    """Let the engine run a few cases, and copy them; return the numbers of all."""
    library = cases.Library([SIGNER.verifier])
    patterns = [run_one(database, library, definition, turns) for turns in (1, 1, 1, 2)]
    with psycopg.connect(dsn) as conn:
        conn.execute("SET session_replication_role = replica")
        for number, pattern in enumerate(patterns):
            copies = many // len(patterns) + (number < many % len(patterns)) - 1
            conn.execute(
                "CREATE TEMP TABLE copies AS SELECT gen_random_uuid() AS new,"
                " n * interval '1 minute' AS later FROM generate_series(1, %s) AS n",
                [copies],
            )
            conn.execute(
                "INSERT INTO process_case SELECT tenant, new, definition, process, business_key,"
                " applied_on, status, state, variables, seq, head, before_move,"
                " started_at + later, ended_at + later FROM process_case, copies WHERE id = %s",
                [pattern],
            )
            conn.execute(
                "INSERT INTO process_history SELECT tenant, new, first, events, actor, basis,"
                " at + later, hash FROM copies, process_history WHERE case_id = %s",
                [pattern],
            )
            conn.execute("DROP TABLE copies")
        found = conn.execute("SELECT id FROM process_case ORDER BY id").fetchall()
        conn.commit()
        conn.autocommit = True
        conn.execute("VACUUM ANALYZE")
    return [id_ for (id_,) in found]


def run_one(
    database: Database, library: cases.Library, definition: bpmn.Definition, turns: int
) -> UUID:
    """Run a case to its end, an hour a task."""
    id_, at = uuid4(), AT
    with database.transaction(A) as conn:
        kept = cases.deploy(
            conn, A, definition, valid_from=date(2027, 4, 1), by="bench", signer=SIGNER, at=AT
        )
        one = cases.Begun(id_, kept, date(2027, 4, 1), bpmn.Start(at, {}), "bench")
        cases.begin(conn, A, [one], library, at=at)
        for turn in range(TASKS * turns):
            at += timedelta(hours=1)
            [wait] = cases.case_of(conn, A, id_).case.waits
            told: bpmn.Variables = {"again": turn < TASKS * (turns - 1)}
            given = cases.Given(id_, bpmn.Bring(at, wait, told), "bench")
            cases.take(conn, A, given, library, at=at)
    return id_
