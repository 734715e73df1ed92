"""What a file is made of: columns, a heading, rows in batches; and the forms it may take."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Protocol, TypeAlias

from renkei import kit
from renkei.standard import Item

Cell: TypeAlias = str | int | Decimal | date | datetime | None
Rows: TypeAlias = Sequence[Sequence[Cell]]


class Form(StrEnum):
    """The formats of an extract."""

    csv = "csv"
    csv_windows_31j = "csv-windows-31j"
    xlsx = "xlsx"
    parquet = "parquet"
    pdf = "pdf"

    @property
    def suffix(self) -> str:
        """Return how the name of a file of this form ends."""
        return ".csv" if self in {Form.csv, Form.csv_windows_31j} else f".{self.value}"


@dataclass(frozen=True, slots=True)
class Heading:
    """What stands on the file: which extract, who took it, when, what for, values of which day."""

    name: str
    town: str
    by: str
    at: datetime
    on: date
    purpose: str
    language: kit.Language

    def lines(self) -> list[tuple[str, str]]:
        """Return the facts with their labels."""
        facts = (
            ("extract", self.name),
            ("organisation", self.town),
            ("by", self.by),
            ("at", self.at.strftime("%Y-%m-%d %H:%M")),
            ("on", self.on.isoformat()),
            ("purpose", self.purpose),
        )
        return [(kit.say(f"extract-heading-{code}", self.language), text) for code, text in facts]


@dataclass(frozen=True, slots=True)
class ColumnOut:
    """One column of the file: its title, the item it shows, the names of its codes if shown."""

    title: str
    item: Item
    names: dict[str, str] | None = None


@dataclass(frozen=True, slots=True)
class MissingLetter:
    """A character the form cannot hold: 〓 stands in its place, first in this row of the file."""

    character: str
    count: int
    row: int


@dataclass(frozen=True, slots=True)
class Written:
    """What did not go through as it was.

    `marked` counts the cells led by an apostrophe, lest a spreadsheet runs them as a formula.
    """

    missing: tuple[MissingLetter, ...] = ()
    marked: int = 0


class Writer(Protocol):
    """Writes one file; everything it needs on the disk stands in the folder it was given."""

    most_rows: int

    def write(self, rows: Rows) -> None:
        """Take the next rows."""

    def close(self) -> Written:
        """Finish the file."""

    def abort(self) -> None:
        """Let go of the file, finished or not."""


class Opener(Protocol):
    """Begins a file of a form."""

    def __call__(self, path: Path, columns: Sequence[ColumnOut], heading: Heading) -> Writer:
        """Return a writer to this path."""


def plain(value: Cell) -> str:
    """Return a value as the CSV layout writes it.

    >>> plain(Decimal("1.50")), plain(None)
    ('1.5', '')
    """
    match value:
        case None:
            return ""
        case str():
            return value
        case datetime() | date():
            return value.isoformat()
        case Decimal():
            return f"{value.normalize():f}"
        case _:
            return str(value)
