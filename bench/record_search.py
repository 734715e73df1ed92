"""A page of the access record from its indexes against going through the log, time of a page.

A log of a year: two partners with most of the exchanges and some with few, rare refusals and
failures. Every search is explained, too: none may go through the table. The entries are made by SQL
under no tree, since only reading is measured.
"""

import argparse
import statistics
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg

from bench.measure import Ratio, Result, server
from renkei import audit
from renkei.audit import Kind, Search
from renkei.kit import Database, queries, tenant

sql = queries("renkei.audit")
RATIO = Ratio(floor=50.0, baseline="the same pages without the indexes of the search")
TOWN = tenant("131016")
FIRST = datetime(2026, 1, 1, tzinfo=UTC)
INDEXES = ("at", "kind", "partner", "message", "client", "service")
FILL = """
INSERT INTO audit_entry (tenant, i, leaf, request, at, kind, outcome, partner, message,
                         client, service, withheld)
SELECT %(town)s, n, convert_to(format('{"core":%%s,"label":null,"prev":null,"seq":null}',
         jsonb_build_object('asker', %(town)s::text, 'at', '2026-01-01T00:00:00.000Z',
           'details', jsonb_build_object('message', 'm-' || n / 2, 'question', repeat('q', 43),
             'question_signature', repeat('s', 88), 'receipt', repeat('r', 300)),
           'holder', partner, 'items', '[]'::jsonb, 'kind', kind, 'mode', 'test',
           'outcome', outcome, 'procedure', 'JT99000000001501', 'provision', 'NA-074',
           'purpose', 'p', 'request', 'r-' || n / 2, 'salt', 'AAAAAAAAAAAAAAAAAAAAAA',
           'table', repeat('a', 64), 'unit', '15', 'v', 1, 'withheld', false)::text), 'UTF8'),
       'r-' || n / 2, %(first)s::timestamptz + n * interval '30 seconds',
       kind, outcome, partner, 'm-' || n / 2, 'JP/MUN/131016/' || 10 + n %% 20,
       'JP/MUN/' || partner || '/06/' || CASE WHEN n %% 9999 = 1 THEN 'rare' ELSE 'income' END,
       n %% 5000 = 0
  FROM (SELECT n,
               CASE WHEN n %% 20011 = 7 THEN 'failure' WHEN n %% 20 < 2 THEN 'refusal'
                    WHEN n %% 2 = 0 THEN 'request' ELSE 'answer' END AS kind,
               CASE WHEN n %% 20011 = 7 THEN 'failed' WHEN n %% 20 < 2 THEN 'refused'
                    WHEN n %% 2 = 0 THEN 'asked' ELSE 'answered' END AS outcome,
               CASE WHEN n %% 50021 = 3 THEN '131032' WHEN n %% 3 = 0 THEN '131041'
                    ELSE '131024' END AS partner
          FROM generate_series(0, %(rows)s - 1) AS n) AS made
"""


def options(parser: argparse.ArgumentParser) -> None:
    """Add entries and rounds."""
    parser.add_argument("--rows", type=int, default=1_000_000, help="entries (default 1,000,000)")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--binaries", type=Path, help="PostgreSQL's programs, if not the usual")


def searches(rows: int) -> dict[str, Search]:
    """Return what an auditor asks: broad and narrow, and combinations that hardly meet."""
    middle = FIRST + timedelta(seconds=15 * rows)
    week = middle + timedelta(days=7)
    return {
        "all": Search(),
        "name": Search(name=f"m-{rows // 4}"),
        "partner": Search(partner="131024"),
        "rare_partner": Search(partner="131032"),
        "failures": Search(kind=Kind.FAILURE),
        "rare_service": Search(service="JP/MUN/131024/06/rare"),
        "unit": Search(client="JP/MUN/131016/15"),
        "nobody": Search(service="JP/MUN/999999"),
        "week": Search(since=middle, until=week),
        "refused_in_week": Search(kind=Kind.REFUSAL, partner="131041", since=middle, until=week),
        "rare_meeting": Search(kind=Kind.FAILURE, partner="131032"),
        "broad_meeting": Search(kind=Kind.REFUSAL, outcome="refused", partner="131024"),
        "never": Search(kind=Kind.REFUSAL, outcome="answered"),
        "never_theirs": Search(partner="131041", service="JP/MUN/131024/06/income"),
    }


def run(args: argparse.Namespace) -> Result:
    """Measure a page of each search with and without indexes."""
    rows = 100_000 if args.quick else args.rows
    wanted = searches(rows)
    with server(["renkei.audit"], args.binaries) as running:
        with psycopg.connect(running.dsn, autocommit=True) as owner:
            owner.execute(FILL.encode(), {"town": TOWN, "first": FIRST, "rows": rows})
            owner.execute("VACUUM ANALYZE audit_entry")
        with Database(running.dsn) as database:

            def pages() -> dict[str, float]:
                return {
                    name: statistics.median(_page(database, one) for _ in range(args.rounds))
                    for name, one in wanted.items()
                }

            scanned = [name for name, one in wanted.items() if _is_scanned(database, one)]
            assert not scanned, scanned
            after = pages()
            with psycopg.connect(running.dsn, autocommit=True) as owner:
                sizes = {name: _bytes(owner, name) for name in INDEXES}
                for name in INDEXES:
                    owner.execute(f"DROP INDEX audit_entry_{name}".encode())
            before = pages()
    return Result(
        sum(before.values()) / sum(after.values()),
        {
            "rows": rows,
            **{f"ms_{name}": round(ms, 2) for name, ms in after.items()},
            "ms_sum_without": round(sum(before.values())),
            **{f"bytes_an_entry_{name}": round(size / rows, 1) for name, size in sizes.items()},
        },
    )


def _page(database: Database, wanted: Search) -> float:
    start = time.perf_counter()
    with database.transaction(TOWN) as conn:
        audit.search(conn, TOWN, wanted)
    return (time.perf_counter() - start) * 1000


def _is_scanned(database: Database, wanted: Search) -> bool:
    """Tell whether the plan of a page goes through the whole table."""
    facts = {
        "tenant": TOWN,
        "withheld": False,
        "before_at": None,
        "before": None,
        "limit": 50,
        "clients": wanted.client and [wanted.client],
        "services": wanted.service and [wanted.service],
        **{name: getattr(wanted, name) for name in wanted.__slots__},
        "kind": wanted.kind and wanted.kind.value,
    }
    with database.transaction(TOWN) as conn:
        plan = conn.execute(b"EXPLAIN " + sql.search, facts, prepare=False).fetchall()
    return any("Seq Scan" in line for (line,) in plan)


def _bytes(conn: psycopg.Connection, name: str) -> int:
    (size,) = conn.execute("SELECT pg_relation_size(%s)", [f"audit_entry_{name}"]).fetchone() or (
        0,
    )
    return int(size)
