"""What an official's lists cost with a hundred thousand tasks open, against a thousand.

Both towns stand in one database, in turn: tasks of two hundred groups, of which the official is in
five, with as many due days. A look is the page of the morning: mine, the second looks, my groups',
the reminders, and what is counted.
"""

import argparse
import statistics
from datetime import UTC, date, datetime
from uuid import uuid4

import psycopg

from bench import signing
from bench.measure import Ratio, Result, interleaved, server
from renkei.kit import Database, Tenant
from renkei.process import bpmn, cases, tasks
from renkei.process.scenarios import bpmn as model
from renkei.process.tasks import Doer, Look

RATIO = Ratio(floor=1.5, baseline="the same with a thousand tasks open", higher_is_better=False)
MANY, FEW = Tenant("131016"), Tenant("131024")
AT = datetime(2027, 4, 1, tzinfo=UTC)
MODEL = """
start s -> t
user t group="= group" due="= duration(after)" -> e
end e
"""
GROUPS, MINE = 200, 5
DOER = Doer("staff:1002", frozenset(f"group {n}" for n in range(MINE)))
PART = 2_000
LOOKS = 50


def options(parser: argparse.ArgumentParser) -> None:
    """Add sizes and rounds."""
    parser.add_argument("--open", type=int, help="default 100,000; quick 5,000")
    parser.add_argument("--rounds", type=int, default=5)


def run(args: argparse.Namespace) -> Result:
    """Fill both towns, then look in turn."""
    many_tasks = args.open or (5_000 if args.quick else 100_000)
    with server(["renkei.process"]) as running, Database(running.dsn) as database:
        begin(database, MANY, many_tasks)
        begin(database, FEW, 1_000)
        with psycopg.connect(running.dsn, autocommit=True) as conn:
            conn.execute("VACUUM ANALYZE")
        sides = {
            "many": lambda: look(database, MANY),
            "few": lambda: look(database, FEW),
        }
        for tenant in (MANY, FEW):
            look(database, tenant)
        measured = interleaved(args.rounds, sides, {"server": running.pid})
    many, few = (measured[side].cpu / LOOKS for side in ("many", "few"))
    return Result(
        statistics.median(
            a.cpu_total / b.cpu_total
            for a, b in zip(measured["many"].rounds, measured["few"].rounds, strict=True)
        ),
        {
            "open": many_tasks,
            "us_a_look": round(many * 1e6),
            "us_a_look_few": round(few * 1e6),
        },
    )


def begin(database: Database, tenant: Tenant, count: int) -> None:
    """Begin cases, each with a task of one of the groups, due in up to a hundred days."""
    library, day = signing.library(), date(2027, 4, 1)
    definition = bpmn.read(model(MODEL), "lists.bpmn")
    with database.transaction(tenant) as conn:
        kept = signing.deployed(conn, tenant, definition, since=day, at=AT)
    for first in range(0, count, PART):
        with database.transaction(tenant) as conn:
            begun = [
                cases.Begun(
                    uuid4(),
                    kept,
                    day,
                    bpmn.Start(AT, {"group": f"group {n % GROUPS}", "after": f"P{n % 101}D"}),
                    "bench",
                )
                for n in range(first, min(first + PART, count))
            ]
            cases.begin(conn, tenant, begun, library, at=AT)


def look(database: Database, tenant: Tenant) -> None:
    """Open the page of the morning some times."""
    for _ in range(LOOKS):
        with database.transaction(tenant) as conn:
            for one in (Look.MINE, Look.SECOND, Look.GROUPS, Look.TOLD):
                tasks.tasks(conn, tenant, one, DOER, most=10)
            tasks.counts(conn, tenant, DOER, on=date(2027, 4, 1))
