"""What every format gives: pieces of complete rows, as columns of text."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import polars as pl


@dataclass(frozen=True, slots=True)
class Rows:
    """Whole rows as columns of text, in the standard's order, and the line each stands on.

    A missing value is null. `flawed` are positions of rows that hold an error already reported:
    they are not judged any further, but their key may still be read.
    """

    frame: pl.DataFrame
    lines: Sequence[int]
    flawed: tuple[int, ...] = ()

    def only(self, positions: Sequence[int]) -> "Rows":
        """Return the rows at these positions, which are in order."""
        lines = [self.lines[position] for position in positions]
        return Rows(self.frame[list(positions)], lines)

    def without(self, positions: Collection[int]) -> "Rows":
        """Return the other rows, none of which is flawed."""
        left_out = frozenset(positions)
        return self.only([n for n in range(self.frame.height) if n not in left_out])

    def csv(self) -> bytes:
        """Return the rows as the database takes them: UTF-8 CSV, empty for no value."""
        return self.frame.write_csv(include_header=False, null_value="").encode()


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a file: its rows, and how many records in it are no rows at all.

    `text` is the file's own text where it is the CSV of exactly these rows.
    """

    rows: Rows
    text: bytes | None = None
    unnamed: int = 0


class Records(Protocol):
    """The records of one delivered file while it is read."""

    organisation: str | None
    """The code of the organisation the file says it comes from, once the first piece is read."""

    records: int
    """How many records were read so far, whether they are rows or not."""

    def pieces(self) -> Iterator[Piece | None]:
        """Yield the file piece by piece; None where it cannot be read on, which ends it."""
        ...


def frame_of(names: Sequence[str], columns: Iterable[Sequence[str | None]]) -> pl.DataFrame:
    """Return columns of text as a frame; an empty text is no value."""
    series = [
        pl.Series(name, values, pl.String) for name, values in zip(names, columns, strict=True)
    ]
    return pl.DataFrame(series).with_columns(pl.all().replace("", None))
