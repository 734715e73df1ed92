"""The tables of a book: tab-separated, a header, dates, FEEL literals; every defect by its line."""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from renkei.kit import NodeError
from renkei.process import feel
from renkei.process.decisions.errors import BookMalformed, ModelUnreadable
from renkei.process.decisions.showing import plain
from renkei.process.feel import Value

ROWS = 100_000
BYTES = 8 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Period:
    """Days from one to another, both included; without an end it goes on."""

    since: date
    until: date | None = None

    def holds(self, day: date) -> bool:
        """Tell whether a day lies in the period."""
        return self.since <= day and (self.until is None or day <= self.until)

    def overlaps(self, other: "Period") -> bool:
        """Tell whether some day lies in both."""
        ends_before = self.until is not None and self.until < other.since
        begins_after = other.until is not None and other.until < self.since
        return not (ends_before or begins_after)

    def __str__(self) -> str:
        """Return both days; an open end is left out."""
        return f"{self.since} – {self.until or ''}".rstrip()


@dataclass(frozen=True, slots=True)
class Amount:
    """An amount or a limit with the days it holds; `key` tells apart those of one name."""

    name: str
    key: Value
    period: Period
    value: Value
    unit: str
    article: str
    provenance: str

    def as_data(self) -> dict[str, object]:
        """Return the amount for programs."""
        return {
            "name": self.name,
            "key": plain(self.key),
            "value": plain(self.value),
            "unit": self.unit,
            "since": self.period.since.isoformat(),
            "until": self.period.until.isoformat() if self.period.until else None,
            "article": self.article,
            "provenance": self.provenance,
        }


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a table, with its place."""

    file: str
    line: int
    cells: dict[str, str]

    def cell(self, column: str) -> str:
        """Return the text of a column."""
        return self.cells[column].strip()

    def wrong(self, defect: str) -> BookMalformed:
        """Return the refusal of this row."""
        return BookMalformed(file=self.file, line=self.line, defect=defect)

    def period(self) -> Period:
        """Return the days between the columns `since` and `until`."""
        try:
            since = date.fromisoformat(self.cell("since"))
            until = date.fromisoformat(self.cell("until")) if self.cell("until") else None
        except ValueError:
            raise self.wrong(f"since, until: {self.cell('since')}, {self.cell('until')}") from None
        if until is not None and until < since:
            raise self.wrong(f"since > until: {since} > {until}")
        return Period(since, until)

    def literal(self, column: str) -> Value:
        """Return the value of a column, which is a literal of FEEL."""
        text = self.cell(column)
        try:
            read = feel.expression(text).evaluate({})
        except NodeError:
            raise self.wrong(f"{column}: {text}") from None
        if read.value is None or read.problems:
            raise self.wrong(f"{column}: {text}")
        return read.value


def read_rows(path: Path, columns: Sequence[str]) -> Iterator[Row]:
    """Yield the rows of a table that has these columns, in any order."""
    try:
        data = path.read_bytes()
        text = data.decode("utf-8-sig")
    except OSError as error:
        raise ModelUnreadable(file=str(path), reason=error.strerror or "") from error
    except UnicodeDecodeError:
        raise BookMalformed(file=path.name, line=1, defect="UTF-8") from None
    if len(data) > BYTES:
        raise BookMalformed(file=path.name, line=1, defect=f"{len(data)} > {BYTES}")
    reader = csv.DictReader(text.splitlines(), delimiter="\t", quoting=csv.QUOTE_NONE)
    found = reader.fieldnames or ()
    if missing := [name for name in columns if name not in found]:
        raise BookMalformed(file=path.name, line=1, defect=", ".join(missing))
    for line, cells in enumerate(reader, 2):
        if line > ROWS:
            raise BookMalformed(file=path.name, line=line, defect=f"> {ROWS}")
        yield Row(path.name, line, {name: cells[name] or "" for name in columns})
