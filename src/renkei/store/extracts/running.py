"""Running a plan: rows from the database into a file, with flat memory and within limits.

The reading goes on under settings of its own (`SETTINGS`), so that it never slows a look-up: one
process of the server, bounded memory, no writing, an end by the clock.
"""

import hashlib
from array import array
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from uuid import uuid4

import psycopg
from psycopg.rows import RowFactory, tuple_row

from renkei import kit
from renkei.standard import Catalogue
from renkei.store.extracts.comma_separated import utf_8, windows_31j
from renkei.store.extracts.errors import ExtractTooLarge, ExtractTooManyRows, ExtractTooSlow
from renkei.store.extracts.forms import Cell, ColumnOut, Form, Heading, Opener, Written
from renkei.store.extracts.plan import Plan, titles
from renkei.store.extracts.statement import Statement, statement
from renkei.store.protection import all_protected

sql = kit.queries("renkei.store")

PIECE = 5_000  # rows in memory at once

SETTINGS: Mapping[str, str] = {
    "default_transaction_read_only": "on",
    "work_mem": "32MB",
    "max_parallel_workers_per_gather": "0",
    "jit": "off",
    "cursor_tuple_fraction": "1.0",
    "idle_in_transaction_session_timeout": "60s",
    "lock_timeout": "2s",
    "statement_timeout": "300s",
}
"""What a connection that reads for extracts is opened with."""


def opener(form: Form) -> Opener:
    """Return what writes a form."""
    # Here, not above: polars, xlsxwriter and reportlab cost a node half a second of start-up, and
    # each of them is for whoever writes its form.
    match form:
        case Form.csv:
            return utf_8
        case Form.csv_windows_31j:
            return windows_31j
        case Form.xlsx:
            from renkei.store.extracts.workbook import Workbook

            return Workbook
        case Form.parquet:
            from renkei.store.extracts.columnar import Columnar

            return Columnar
        case Form.pdf:
            from renkei.store.extracts.printed import Printed

            return Printed


@dataclass(frozen=True, slots=True)
class Limits:
    """What one extract may take: rows, bytes of the file, seconds of the database."""

    rows: int = 1_000_000
    size: int = 2 * 2**30
    seconds: float = 300.0


COUNTING = Limits(seconds=30)
"""Whoever waits at a page for a count waits no longer."""


@dataclass(frozen=True, slots=True)
class Moment:
    """The day the values are in force, what is known of them when, and the day of the run."""

    on: date
    known: datetime | None
    today: date

    @classmethod
    def of(cls, planned: Plan, today: date) -> "Moment":
        """Return the moment a query asks about, if it is run on this day."""
        return cls(planned.query.on or today, planned.query.known, today)


@dataclass(slots=True)
class Persons:
    """The register numbers in each source of a query: eight bytes a person, each one once."""

    found: dict[str, "array[int]"] = field(default_factory=dict)
    _next: dict[str, int] = field(default_factory=dict)

    def add(self, source: str, numbers: Iterator[str]) -> None:
        """Take the numbers of some rows."""
        held = self.found.setdefault(source, array("Q"))
        held.extend(int(number) for number in numbers)
        if len(held) > self._next.get(source, 200_000):
            self._thin(source)

    def of(self, sources: Sequence[str]) -> list[str]:
        """Return everyone in these sources, each once, in the order of their numbers."""
        import polars as pl

        parts = [pl.Series(self.found[s], dtype=pl.UInt64) for s in sources if s in self.found]
        if not parts:
            return []
        return [f"{number:015d}" for number in pl.concat(parts).unique().sort()]

    def _thin(self, source: str) -> None:
        import polars as pl

        numbers = pl.Series(self.found[source], dtype=pl.UInt64).unique()
        self.found[source] = array("Q", numbers)
        self._next[source] = 2 * len(numbers) + 200_000


@dataclass(frozen=True, slots=True)
class Output:
    """A file that was written, and whom it is about."""

    rows: int
    size: int
    sha256: str
    persons: Persons
    written: Written


def count(
    conn: kit.Connection,
    tenant: kit.Tenant,
    planned: Plan,
    moment: Moment,
    *,
    limits: Limits = COUNTING,
) -> int:
    """Return how many rows a plan finds, and nothing of them."""
    compiled = statement(planned)
    asked = _parameters(conn, tenant, compiled, planned.standard, moment)
    _allow(conn, limits.seconds, limits)
    try:
        row = conn.execute(compiled.count, asked).fetchone()
    except psycopg.errors.QueryCanceled as error:
        raise ExtractTooSlow(seconds=f"{limits.seconds:g}") from error
    return int(row[0]) if row else 0


def write(
    conn: kit.Connection,
    tenant: kit.Tenant,
    planned: Plan,
    path: Path,
    *,
    form: Form,
    heading: Heading,
    moment: Moment,
    limits: Limits,
    clock: Callable[[], float],
    progress: Callable[[int], None],
) -> Output:
    """Write what a plan finds to a new file; any error leaves the path to whoever cleans up.

    `clock` tells seconds that pass. The path's folder must be the file's alone: what a form needs
    beside it stands there too.
    """
    compiled = statement(planned)
    columns = columns_of(planned, heading.language)
    writer = opener(form)(path, columns, heading)
    most = min(limits.rows, writer.most_rows)
    persons, rows, deadline = Persons(), 0, clock() + limits.seconds
    try:
        for piece in _pieces(conn, tenant, planned, compiled, moment, limits, deadline, clock):
            rows += len(piece)
            _check_rows(rows, most, form)
            _gather(persons, planned, len(columns), piece)
            writer.write([_cells(row, columns) for row in piece])
            _check_size(_size(path.parent), limits)
            progress(rows)
        written = writer.close()
    except BaseException:
        writer.abort()
        raise
    size = path.stat().st_size
    _check_size(size, limits)
    with path.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    return Output(rows, size, sha256, persons, written)


def columns_of(planned: Plan, language: kit.Language) -> list[ColumnOut]:
    """Return the columns of the file, with the names of codes where they are shown."""
    columns = []
    for column, title in zip(planned.query.columns, titles(planned, language), strict=True):
        item = planned.used(column.item).item
        names = None
        if column.named and item.code_list is not None:
            known = planned.standard.code_list(item.code_list).known
            names = {value.value: value.label(language) for value in known}
        columns.append(ColumnOut(title, item, names))
    return columns


def _pieces(
    conn: kit.Connection,
    tenant: kit.Tenant,
    planned: Plan,
    compiled: Statement,
    moment: Moment,
    limits: Limits,
    deadline: float,
    clock: Callable[[], float],
) -> Iterator[list[tuple[object, ...]]]:
    """Yield the rows in pieces; each piece has what is left of the time."""
    asked = _parameters(conn, tenant, compiled, planned.standard, moment)
    factory: RowFactory[tuple[object, ...]] = tuple_row
    try:
        with conn.cursor(name=f"store_extract_{uuid4().hex}", row_factory=factory) as cursor:
            _allow(conn, deadline - clock(), limits)
            cursor.execute(compiled.rows, asked)
            while True:
                _allow(conn, deadline - clock(), limits)
                piece = cursor.fetchmany(PIECE)
                if not piece:
                    return
                yield piece
    except psycopg.errors.QueryCanceled as error:
        raise ExtractTooSlow(seconds=f"{limits.seconds:g}") from error


def _allow(conn: kit.Connection, seconds: float, limits: Limits) -> None:
    """Give the next statement the time that is left."""
    if seconds <= 0:
        raise ExtractTooSlow(seconds=f"{limits.seconds:g}")
    facts = {"name": "statement_timeout", "value": f"{max(int(seconds * 1000), 1)}ms"}
    conn.execute(sql.set_setting, facts)


def _parameters(
    conn: kit.Connection,
    tenant: kit.Tenant,
    compiled: Statement,
    standard: Catalogue,
    moment: Moment,
) -> dict[str, object]:
    withheld = all_protected(conn, tenant, on=moment.today, standard=standard)
    return {
        "tenant": tenant,
        "on": moment.on,
        "known": moment.known,
        "withheld": sorted(withheld),
        **compiled.parameters,
    }


def _gather(
    persons: Persons, planned: Plan, columns: int, piece: Sequence[tuple[object, ...]]
) -> None:
    """Keep whom the rows name; where rows were made one, each names many."""
    for place, (alias, _) in enumerate(planned.persons, columns):
        values = (row[place] for row in piece)
        if planned.query.distinct:
            values = (number for many in values if isinstance(many, list) for number in many)
        persons.add(alias, (str(number) for number in values if number is not None))


def _cells(row: tuple[object, ...], columns: Sequence[ColumnOut]) -> list[Cell]:
    cells: list[Cell] = []
    for value, column in zip(row, columns, strict=False):
        if column.names is not None and isinstance(value, str):
            cells.append(column.names.get(value, value))
        else:
            cells.append(value)  # type: ignore[arg-type]  # a column holds what its type says
    return cells


def _check_rows(rows: int, most: int, form: Form) -> None:
    if rows > most:
        raise ExtractTooManyRows(limit=most, form=form.value)


def _check_size(size: int, limits: Limits) -> None:
    if size > limits.size:
        raise ExtractTooLarge(limit=limits.size)


def _size(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.iterdir())
