"""Decisions of the law by the compiled table against one SQL point query for each, decisions/s.

The table is synthetic: rows of the shipped one under other procedures, with days of their own. The
baseline is a prepared query on one connection that looks a row up by its key, the day and the
items; conditions, years and persons it leaves out. Both are asked the same questions, permitted
and refused, and must find the same wherever the row sets no condition.
"""

import argparse
import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from functools import partial
from itertools import cycle, islice
from pathlib import Path

import msgspec
import psycopg

from bench.measure import Ratio, Result, interleaved, server
from renkei.kit import tenant
from renkei.law import Permit, ProvisionTable, Request, compiled, decide, provision_table
from renkei.standard import OwnUse, Provision

RATIO = Ratio(floor=100.0, baseline="one prepared SQL point query per decision")
A, B = tenant("131016"), tenant("131024")
DAY = date(2026, 4, 1)
MIXED = 4_000  # questions that differ
SPANS = 24
"""From so many days on rows begin and end: a table is compiled once for each span between."""

TABLE = """
CREATE TABLE bench_provision (
    procedure text, asker_kind text, asker_unit text, holder_kind text, information text,
    row text, items text[], since date, until date)
"""
INDEX = """
CREATE INDEX ON bench_provision (procedure, asker_unit, information, asker_kind, holder_kind)
"""
QUERY = """
SELECT row FROM bench_provision
 WHERE procedure = %s AND asker_kind = %s AND asker_unit = %s AND holder_kind = %s
   AND information = %s AND since <= %s AND (until IS NULL OR until >= %s) AND items @> %s
 LIMIT 1
"""
INSERT = "INSERT INTO bench_provision VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)"
Asked = Sequence[tuple[Request, date]]


def options(parser: argparse.ArgumentParser) -> None:
    """Add rows, questions and rounds."""
    parser.add_argument("--rows", type=int, default=5_000, help="of the table (default 5,000)")
    parser.add_argument("--questions", type=int, default=1_000_000, help="of a round (1,000,000)")
    parser.add_argument("--queries", type=int, default=20_000, help="of a round (default 20,000)")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--binaries", type=Path, help="PostgreSQL's programs, if not the usual")


def run(args: argparse.Namespace) -> Result:
    """Measure decisions/s, and decisions/s of one core."""
    table = synthetic(args.rows)
    asked = questions(table, MIXED)
    many = min(args.questions, 200_000) if args.quick else args.questions
    few = min(args.queries, 5_000) if args.quick else args.queries
    with (
        server(["renkei.audit"], args.binaries) as running,
        psycopg.connect(running.dsn, autocommit=True) as conn,
    ):
        fill(conn, table)
        differing = disagreements(conn, table, asked[:2_000])
        if differing:
            raise AssertionError(f"{differing} answers differ")
        measured = interleaved(
            args.rounds,
            {
                "compiled": partial(decide_all, table, asked, many),
                "query": partial(query_all, conn, asked, few),
            },
            {"server": running.pid},
        )
    compiled_rate = many / measured["compiled"].wall
    query_rate = few / measured["query"].wall
    return Result(
        compiled_rate / query_rate,
        {
            "rows": len(table.provisions),
            "decisions_per_second": round(compiled_rate),
            "decisions_per_second_and_core": round(many / measured["compiled"].cpu_of("client")),
            "queries_per_second": round(query_rate),
            "queries_per_cpu_second": round(few / measured["query"].cpu),
        },
    )


def synthetic(rows: int) -> ProvisionTable:
    """Return a table of so many rows, made from the shipped ones."""
    shipped = provision_table().provisions
    made = []
    for number in range(rows):
        row = shipped[number % len(shipped)]
        begins = DAY - timedelta(days=30 * (number % SPANS))
        ends = DAY + timedelta(days=30 * (number % SPANS)) if number % 5 == 0 else None
        procedure = f"JT{number // len(shipped):04d}{row.procedure[-10:]}"
        named = {"row": f"S-{number}", "procedure": procedure, "since": begins, "until": ends}
        made.append(msgspec.structs.replace(row, **named))
    uses = tuple(_notified(row) for row in made if "own-use" in row.conditions)
    return compiled(tuple(made), uses)


def _notified(row: Provision) -> OwnUse:
    return OwnUse(
        organisation=A,
        procedure=row.procedure,
        ordinance="条例",
        notice="届出",
        notified=row.since,
        since=row.since,
        until=None,
        provenance=row.provenance,
        source=row.source,
    )


def questions(table: ProvisionTable, number: int) -> Asked:
    """Return questions: most are permitted, of each kind of refusal there are some."""
    chance = random.Random(7)  # noqa: S311  # chance, no secret
    asked = []
    for _ in range(number):
        row = chance.choice(table.provisions)
        on = DAY + timedelta(days=chance.randrange(5))
        items = tuple(chance.sample(row.items, k=min(3, len(row.items))))
        request = Request(
            *(A, row.asker_kind, row.asker_unit, row.procedure),
            *(A if row.holder_kind == "own" else B, row.holder_kind, row.information, items),
            year=on.year if chance.random() > 0.05 else 2001,
            consent="C-1" if chance.random() > 0.05 else "",
        )
        asked.append((_spoilt(request, chance), on))
    return asked


def _spoilt(request: Request, chance: random.Random) -> Request:
    """Return a question as it is, or with one part that no row names."""
    if chance.random() > 0.2:
        return request
    return chance.choice(
        [
            replace(request, procedure="JT0"),
            replace(request, asker_unit="99"),
            replace(request, information="TM0"),
            replace(request, items=("99-1-001",)),
        ]
    )


def decide_all(table: ProvisionTable, asked: Asked, number: int) -> int:
    """Decide so many questions; return how many were permitted."""
    permitted = 0
    for _ in range(number // len(asked) or 1):
        for request, on in asked:
            if decide(request, table, on):
                permitted += 1
    return permitted


def query_all(conn: psycopg.Connection, asked: Asked, number: int) -> int:
    """Ask the database so many times; return how often there was a row."""
    return sum(query(conn, request, on) is not None for request, on in islice(cycle(asked), number))


def query(conn: psycopg.Connection, request: Request, on: date) -> str | None:
    """Ask the database for the row that names a request."""
    parties = (request.procedure, request.asker_kind, request.asker_unit, request.holder_kind)
    values = (*parties, request.information, on, on, list(request.items))
    found = conn.execute(QUERY, values, prepare=True).fetchone()
    return None if found is None else str(found[0])


def fill(conn: psycopg.Connection, table: ProvisionTable) -> None:
    """Put the rows into the database."""
    conn.execute(TABLE)
    with conn.cursor() as cursor:
        rows = [
            (
                *(row.procedure, row.asker_kind, row.asker_unit, row.holder_kind),
                *(row.information, row.row, list(row.items), row.since, row.until),
            )
            for row in table.provisions
        ]
        cursor.executemany(INSERT, rows)
    conn.execute(INDEX)
    conn.execute("ANALYZE bench_provision")


def disagreements(conn: psycopg.Connection, table: ProvisionTable, asked: Asked) -> int:
    """Count the questions about which the two differ, where the row sets no condition."""
    plain = {r.row: not (r.conditions or r.years or r.persons) for r in table.provisions}
    differing = 0
    for request, on in asked:
        row, decision = query(conn, request, on), decide(request, table, on)
        found = decision.provision if isinstance(decision, Permit) else None
        if row is None or plain[row]:
            differing += row != found
    return differing
