"""Live cases moved to another version, many a transaction, against one by one.

Each is tried first (the plan against where it stands), then moved, with an event in its chain and
its waits renamed; one by one it is the same, a transaction a case, as an operator without bulk
moves has to do it. Beside it: the seconds all of them take, the trial told apart.
"""

import argparse
import time
from datetime import UTC, date, datetime
from uuid import UUID, uuid4

from bench import signing
from bench.measure import Ratio, Result, interleaved, server
from renkei.kit import Database, Tenant
from renkei.process import bpmn, cases
from renkei.process.bpmn.migrating import Plan
from renkei.process.cases import migrations
from renkei.process.scenarios import bpmn as model

RATIO = Ratio(floor=3, baseline="the same cases, a transaction each")
TENANT = Tenant("131016")
AT = datetime(2027, 4, 1, tzinfo=UTC)
DAY = date(2027, 4, 1)
BATCH = 200
OLD = """
start s -> a
user a -> b
boundary late on=a timer=P7D -> l
service b -> e
user l -> e
end e
"""
NEW = OLD.replace("P7D", "P14D").replace("user a -> b", "user a -> c\nuser c -> b")


def options(parser: argparse.ArgumentParser) -> None:
    """Add sizes and rounds."""
    parser.add_argument("--cases", type=int, help="default 10,000; quick 1,000")
    parser.add_argument("--single", type=int, default=200, help="one by one, a round")
    parser.add_argument("--rounds", type=int, default=3)


def run(args: argparse.Namespace) -> Result:
    """Move all cases there and back, round after round, and some one by one in between."""
    count = args.cases or (1_000 if args.quick else 10_000)
    old, new = (bpmn.read(model(text), "moved.bpmn") for text in (OLD, NEW))
    there, back = Plan.propose(old, new), Plan.propose(new, old)
    with server(["renkei.process"]) as running, Database(running.dsn) as database:
        with database.transaction(TENANT) as conn:
            library = signing.library()
            held = [signing.deployed(conn, TENANT, one, since=DAY, at=AT) for one in (old, new)]
            start = bpmn.Start(AT, {"note": "x"})
            many, few = (
                [cases.Begun(uuid4(), held[0], DAY, start, "bench") for _ in range(number)]
                for number in (count, args.single)
            )
            for part in range(0, len(many), BATCH):
                cases.begin(conn, TENANT, many[part : part + BATCH], library, at=AT)
            cases.begin(conn, TENANT, few, library, at=AT)
        ids, single = [one.case for one in many], [one.case for one in few]
        began = time.perf_counter()
        moved(database, ids, there, BATCH, is_trial=True)
        trial = time.perf_counter() - began

        def both(of: list[UUID], batch: int) -> None:
            moved(database, of, there, batch)
            moved(database, of, back, batch)

        measured = interleaved(
            args.rounds,
            {"bulk": lambda: both(ids, BATCH), "single": lambda: both(single, 1)},
            {"server": running.pid},
        )
    bulk, one = measured["bulk"].wall / count / 2, measured["single"].wall / args.single / 2
    return Result(
        one / bulk,
        {
            "cases": count,
            "seconds_to_try_all": round(trial, 2),
            "seconds_to_move_all": round(bulk * count, 2),
            "microseconds_a_case": round(bulk * 1e6),
            "microseconds_one_by_one": round(one * 1e6),
        },
    )


def moved(
    database: Database, ids: list[UUID], plan: Plan, batch: int, *, is_trial: bool = False
) -> None:
    """Move cases, or try whether they can be, so many a transaction."""
    for part in range(0, len(ids), batch):
        with database.transaction(TENANT) as conn:
            trials = migrations.move(
                conn,
                TENANT,
                ids[part : part + batch],
                plan,
                actor="bench",
                basis="条例改正",
                at=AT,
                is_trial=is_trial,
            )
        assert len(trials) == min(batch, len(ids) - part)
        assert all(one.can for one in trials)
