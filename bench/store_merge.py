"""Set-based merge of a snapshot with 1 % changes against row by row in Python, rows/s.

The second snapshot changes 1 % of the records, begins 0.1 % and ends 0.1 %; both sides write the
same history. Merging is measured from the staged file to the end of the commit; the whole load of
such a file (read, validate, stage, merge) is shown beside it. Row by row takes a part of the lines.
"""

import argparse
import csv
import statistics
from contextlib import ExitStack
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from pathlib import Path

import psycopg
from psycopg.sql import SQL, Composed, Identifier, Placeholder

from bench.measure import Ratio, Result, interleaved, server, timed
from bench.towns import Town, town
from renkei import store
from renkei.kit import Connection, Database
from renkei.kit.numbers import personal_check_digit, register_check_digit
from renkei.standard import Entity, ItemType, catalogue
from renkei.store.merging import find_changes, stage, write_changes
from renkei.store.statements import merging

RATIO = Ratio(floor=20.0, baseline="look up, compare and write row by row, prepared statements")
DAY, NOW = date(2026, 4, 1), datetime(2026, 4, 1, tzinfo=UTC)
HEAD = ",世帯主,"
CHANGED_EVERY, NEW_EVERY, GONE_EVERY = 100, 1000, 1000


def options(parser: argparse.ArgumentParser) -> None:
    """Add size, rounds and the part of the lines that goes row by row."""
    parser.add_argument("--rows", type=int, default=1_000_000, help="people (default 1,000,000)")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--sample", type=int, default=20_000, help="lines row by row")
    parser.add_argument("--binaries", type=Path, help="PostgreSQL's programs, if not the usual")


def run(args: argparse.Namespace) -> Result:
    """Measure rows per second of both, and of whole loads of such a file."""
    first = town(100_000 if args.quick else args.rows)
    second = Town(first.code, first.rows, changed(first.resident))
    sample = min(args.sample, 5_000) if args.quick else args.sample
    with server(["renkei.store"], args.binaries) as running, Database(running.dsn) as database:
        merge = Merging(database, [first, second])
        merge.load()  # the first fill
        loads = [timed(merge.load, {"server": running.pid}).wall for _ in range(args.rounds)]
        row_by_row = RowByRow(database, second, sample)
        with psycopg.connect(running.dsn, autocommit=True) as conn:
            conn.execute("VACUUM ANALYZE")
        measured = interleaved(
            args.rounds,
            {"rows": row_by_row.run, "merge": merge.run},
            {"server": running.pid},
            before=lambda side: merge.prepare() if side == "merge" else None,
        )
        merge.check()
    ours, rows = measured["merge"], measured["rows"]
    per_second = {"ours": first.rows / ours.wall, "baseline": row_by_row.rows / rows.wall}
    return Result(
        per_second["ours"] / per_second["baseline"],
        {
            "rows": first.rows,
            "merge_rows_per_second": round(per_second["ours"]),
            "merge_seconds": round(ours.wall, 2),
            "merge_cpu_seconds": round(ours.cpu, 2),
            "row_by_row_rows_per_second": round(per_second["baseline"]),
            "row_by_row_sample": row_by_row.rows,
            "whole_load_rows_per_second": round(first.rows / statistics.median(loads)),
        },
    )


def changed(path: Path) -> Path:
    """Return the second snapshot of a file, written beside it once; it keeps the rules of records.

    Who goes is no head of a household, and who comes is the head of a new one.
    """
    target = path.with_name("second-by-the-rules.csv")
    if target.exists():
        return target
    fresh, new = target.with_suffix(".new"), []
    with (
        path.open(encoding="utf-8", newline="") as source,
        fresh.open("w", encoding="utf-8") as out,
    ):
        records = going = 0
        for line in source:
            if not line[0].isdigit():
                out.write(line)
                continue
            records += 1
            going += records % GONE_EVERY == 1
            if going and HEAD not in line:
                going -= 1
            else:
                out.write(one_changed(line) if records % CHANGED_EVERY == 50 else line)
            if records % NEW_EVERY == 2:
                new.append(one_new(line, records))
        out.writelines(new)
    fresh.rename(target)
    return target


def one_changed(line: str) -> str:
    """Return a line with another history number, the second value of a resident."""
    number, history, rest = line.split(",", 2)
    return f"{number},{int(history) + 1 if history.isdigit() else history},{rest}"


def one_new(line: str, records: int) -> str:
    """Return the line of somebody else who lives alone, under numbers of their own."""
    body, eleven = f"{99 * 10**12 + records:014d}", f"{99 * 10**9 + records:011d}"
    number = f"{body}{register_check_digit(body)}"
    own = {
        "register_number": number,
        "household_number": number,
        "relationship": "世帯主",
        "personal_number": f"{eleven}{personal_check_digit([int(n) for n in eleven])}",
        "resident_record_code": eleven,
    }
    names = [item.name for item in catalogue().entity("resident").items]
    values = zip(names, line.rstrip("\r\n").split(","), strict=True)  # no value is quoted
    return ",".join(own.get(name, value) for name, value in values) + "\n"


class Merging:
    """Our side: the two snapshots in turn, each for a later day than the one before."""

    def __init__(self, database: Database, snapshots: list[Town]) -> None:
        """Take the snapshots in the order they are merged."""
        self.entity = catalogue().entity("resident")
        self._database = database
        self._snapshots = snapshots
        self._merged = 0
        self._open = ExitStack()
        self._conn: Connection | None = None
        self._staged = 0

    def load(self) -> None:
        """Load the next snapshot whole."""
        source, on, at = self._next()
        with self._database.transaction(source.code) as conn:
            report = store.load(conn, source.code, self.entity, source.resident, on=on, at=at)
        assert report.outcome is store.Outcome.loaded, report.findings.counts

    def prepare(self) -> None:
        """Stage the next snapshot in a transaction that `run` ends."""
        source = self._snapshots[self._merged % len(self._snapshots)]
        conn = self._conn = self._open.enter_context(self._database.transaction(source.code))
        stage(conn, self.entity)
        with source.bare.open("rb") as lines, conn.cursor() as cursor:
            lines.readline()
            with cursor.copy(merging(self.entity).copy) as copy:
                while block := lines.read(4 * 2**20):
                    copy.write(block)
            self._staged = cursor.rowcount

    def run(self) -> None:
        """Merge what is staged and commit."""
        source, on, at = self._next()
        assert self._conn is not None
        found = find_changes(self._conn, source.code, self.entity, self._staged)
        write_changes(self._conn, source.code, self.entity, on=on, at=at)
        self._open.close()
        assert found is not None
        assert found.changed > source.rows // CHANGED_EVERY - 1000, found

    def check(self) -> None:
        """Hold the invariant: no two records of a key on one day."""
        code = self._snapshots[0].code
        with self._database.transaction(code) as conn:
            assert store.overlaps(conn, code, self.entity) == 0

    def _next(self) -> tuple[Town, date, datetime]:
        source = self._snapshots[self._merged % len(self._snapshots)]
        later = timedelta(days=self._merged)
        self._merged += 1
        return source, DAY + later, NOW + later


class RowByRow:
    """The baseline: for each line look up, compare, write; rolled back, so rounds are alike."""

    def __init__(self, database: Database, source: Town, rows: int) -> None:
        """Read the lines beforehand: only the merge is compared."""
        self._database = database
        self._code = source.code
        self._entity = catalogue().entity("resident")
        with source.bare.open(encoding="utf-8", newline="") as lines:
            reader = csv.reader(lines)
            next(reader)
            self._lines = [typed(self._entity, line) for line in islice(reader, rows)]
        self.rows = len(self._lines)
        self._statements = statements(self._entity)

    def run(self) -> None:
        """Merge the lines one by one."""
        look_up, keep, update, insert = self._statements
        names = [item.name for item in self._entity.items]
        said = {"tenant": self._code, "on": DAY + timedelta(3000), "at": NOW + timedelta(3000)}
        with self._database.transaction(self._code) as conn:
            for line in self._lines:
                values = dict(zip(names, line, strict=True)) | said
                held = conn.execute(look_up, values, prepare=True).fetchone()
                if held is None:
                    conn.execute(insert, values, prepare=True)
                elif held != line:
                    conn.execute(keep, values, prepare=True)
                    conn.execute(update, values, prepare=True)
            raise psycopg.Rollback


def typed(entity: Entity, line: list[str]) -> tuple[store.Value, ...]:
    """Return a line's values as the database holds them."""

    def value(text: str, kind: ItemType) -> store.Value:
        match kind:
            case _ if not text:
                return None
            case ItemType.number:
                return int(text)
            case ItemType.date:
                return date.fromisoformat(text)
            case _:
                return text

    return tuple(value(text, item.type) for text, item in zip(line, entity.items, strict=True))


def statements(entity: Entity) -> tuple[Composed, Composed, Composed, Composed]:
    """Return look-up, history, update and insert of one row."""
    names = [item.name for item in entity.items]
    columns = SQL(", ").join(Identifier(name) for name in names)
    values = SQL(", ").join(Placeholder(name) for name in names)
    sets = SQL(", ").join(SQL("{0} = {1}").format(Identifier(n), Placeholder(n)) for n in names)
    texts = (
        SQL("SELECT {columns} FROM store_resident WHERE {key}"),
        SQL(
            "INSERT INTO store_resident_history"
            " (tenant, {columns}, valid_from, known_from, valid_to, known_to)"
            " SELECT tenant, {columns}, valid_from, known_from, %(on)s, %(at)s"
            " FROM store_resident WHERE {key}"
        ),
        SQL(
            "UPDATE store_resident SET {sets}, valid_from = %(on)s, known_from = %(at)s WHERE {key}"
        ),
        SQL(
            "INSERT INTO store_resident (tenant, {columns}, valid_from, known_from)"
            " VALUES (%(tenant)s, {values}, %(on)s, %(at)s)"
        ),
    )
    key = SQL("tenant = %(tenant)s AND register_number = %(register_number)s")
    look_up, keep, update, insert = (
        text.format(columns=columns, values=values, sets=sets, key=key) for text in texts
    )
    return look_up, keep, update, insert
