"""What it takes to claim and fire due timers while a million others wait, against a thousand.

Both towns stand in one database, in turn: the same number of timers is due in each, all of cases
begun by the engine itself; the others wait for a day far away.
"""

import argparse
import statistics
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import psycopg

from bench import signing
from bench.measure import Ratio, Result, interleaved, server
from renkei.kit import Database, Tenant
from renkei.process import bpmn, cases
from renkei.process.cases import waiting
from renkei.process.scenarios import bpmn as model

RATIO = Ratio(floor=1.5, baseline="the same with a thousand timers waiting", higher_is_better=False)
MANY, FEW = Tenant("131016"), Tenant("131024")
AT = datetime(2027, 4, 1, tzinfo=UTC)
MODEL = """
start s -> t
catch t timer="= duration(after)" -> e
end e
"""
PART = 2_000
BATCH = 50


def options(parser: argparse.ArgumentParser) -> None:
    """Add sizes and rounds."""
    parser.add_argument("--waiting", type=int, help="default 1,000,000; quick 20,000")
    parser.add_argument("--due", type=int, default=1_000, help="a round")
    parser.add_argument("--rounds", type=int, default=5)


def run(args: argparse.Namespace) -> Result:
    """Fill both towns, then let timers come due in turn."""
    waits = args.waiting or (20_000 if args.quick else 1_000_000)
    with server(["renkei.process"]) as running, Database(running.dsn) as database:
        library = signing.library()
        begin(database, library, FEW, 1_000, after="P900D")
        begin(database, library, MANY, waits, after="P900D")
        for tenant in (MANY, FEW):
            begin(database, library, tenant, args.due * (args.rounds + 1), after="P1D")
        with psycopg.connect(running.dsn, autocommit=True) as conn:
            conn.execute("VACUUM ANALYZE")
        later = AT + timedelta(days=2)
        for tenant in (MANY, FEW):
            fire(database, library, tenant, later, args.due)
        sides = {
            "many": lambda: fire(database, library, MANY, later, args.due),
            "few": lambda: fire(database, library, FEW, later, args.due),
        }
        measured = interleaved(args.rounds, sides, {"server": running.pid})
    many, few = (measured[side].cpu / args.due for side in ("many", "few"))
    return Result(
        statistics.median(
            a.cpu_total / b.cpu_total
            for a, b in zip(measured["many"].rounds, measured["few"].rounds, strict=True)
        ),
        {
            "waiting": waits,
            "us_a_timer": round(many * 1e6),
            "us_a_timer_few": round(few * 1e6),
            "timers_per_cpu_second": round(1 / many),
        },
    )


def begin(
    database: Database, library: cases.Library, tenant: Tenant, count: int, *, after: str
) -> None:
    """Begin so many cases that wait for a timer."""
    definition = bpmn.read(model(MODEL), "timers")
    for start in range(0, count, PART):
        with database.transaction(tenant) as conn:
            held = signing.deployed(conn, tenant, definition, since=date(2027, 4, 1), at=AT)
            command = bpmn.Start(AT, {"after": after})
            begun = [
                cases.Begun(uuid4(), held, held.valid_from, command, "bench")
                for _ in range(min(PART, count - start))
            ]
            cases.begin(conn, tenant, begun, library, at=AT)
        if start and start % 100_000 == 0:
            print(f"{start} wait", flush=True)


def fire(
    database: Database, library: cases.Library, tenant: Tenant, at: datetime, count: int
) -> None:
    """Let so many timers come, some each transaction."""
    done = 0
    while done < count:
        with database.transaction(tenant) as conn:
            taken = waiting.fire_due(conn, tenant, library, at=at, most=BATCH)
        assert taken, "no timer is due"
        done += len(taken)
