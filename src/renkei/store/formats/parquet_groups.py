"""Parquet: columns by the English names of items, typed or text, read some rows at a time.

Such a file is read from its end, so it is first set aside, which needs room on the disk; what is
hashed is then also what is read. A number, a day, a time and a flag may be typed; anything else is
text, for a typed code has lost its leading zeros. The line of a row is its number.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO

import polars as pl

from renkei.standard import Entity, Item, ItemType
from renkei.store.errors import NoRoomAside
from renkei.store.findings import Findings, Place, shape
from renkei.store.formats.misspelling import misspelt
from renkei.store.formats.parquet_layout import Group, Layout, layout
from renkei.store.formats.pieces import Piece, Rows
from renkei.store.formats.thrift import Malformed
from renkei.store.snapshot import Limits, Source

ORGANISATION = "renkei:organisation"
ROWS = 16 * 1024  # of one piece
DAYS = frozenset({ItemType.date, ItemType.uncertain_date})
WHOLE = frozenset({ItemType.number, ItemType.decimal, ItemType.year})


class ParquetGroups:
    """The records of a Parquet file."""

    def __init__(self, entity: Entity, source: Source, findings: Findings, limits: Limits) -> None:
        """Take the bytes of a file of an entity; findings are added to the given ones."""
        self.organisation: str | None = None
        self.records = 0
        self._items = entity.items
        self._source = source
        self._findings = findings
        self._limits = limits

    def pieces(self) -> Iterator[Piece | None]:
        """Yield the rows, some thousand at a time."""
        with _aside() as file:
            try:
                while piece := self._source.read():
                    file.write(piece)
                file.flush()
            except OSError as error:
                raise NoRoomAside(reason=error.strerror or "") from error
            found = None if self._source.is_over else self._layout(file)
            if found is None:
                yield None
                return
            self.organisation = found.notes.get(ORGANISATION)
            try:
                yield from self._rows(Path(file.name), found)
            except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError):
                # Their texts may quote values.
                self._findings.error("parquet-broken", Place(line=self.records + 1))
                yield None

    def _layout(self, file: IO[bytes]) -> Layout | None:
        """Return what the file says of itself, if it is true and within the limits."""
        limits = self._limits
        try:
            found = layout(file, self._source.bytes_read)
        except Malformed:
            self._findings.error("parquet-broken")
            return None
        if found.rows > limits.records:
            self._findings.error("too-many-records", limit=limits.records)
            return None
        if any(_is_too_large(group, limits) for group in found.groups):
            self._findings.error(
                "group-too-large", rows=limits.group_rows, bytes=limits.group_bytes
            )
            return None
        return found

    def _rows(self, path: Path, found: Layout) -> Iterator[Piece | None]:
        scan = pl.scan_parquet(
            path, glob=False, hive_partitioning=False, low_memory=True, use_statistics=False
        )
        if not self._judge_columns(scan.collect_schema()):
            yield None
            return
        texts = scan.select(_text(item, scan.collect_schema()[item.name]) for item in self._items)
        for first in range(0, found.rows, ROWS):
            frame = texts.slice(first, ROWS).collect().with_columns(pl.all().replace("", None))
            self.records += frame.height
            yield Piece(Rows(frame, range(first + 1, first + 1 + frame.height)))

    def _judge_columns(self, columns: pl.Schema) -> bool:
        """Find what keeps the columns from holding the entity's items."""
        errors, names = self._findings.errors, tuple(item.name for item in self._items)
        for name in columns:
            if name not in names:
                place = Place(item=misspelt(name, names))
                self._findings.error("column-unknown", place, shape(name))
        for number, item in enumerate(self._items, 1):
            place = Place(None, number, item.ja)
            if item.name not in columns:
                self._findings.error("column-missing", place)
            elif not _fits(item, columns[item.name]):
                self._findings.error("column-type", place, found=str(columns[item.name])[:30])
        return errors == self._findings.errors


def _is_too_large(group: Group, limits: Limits) -> bool:
    most = (limits.group_rows, limits.group_bytes, limits.page_bytes)
    return any(a > b for a, b in zip((group.rows, group.size, group.page), most, strict=True))


@contextmanager
def _aside() -> Iterator[IO[bytes]]:
    """Give a file that only we can read, gone afterwards."""
    with NamedTemporaryFile(prefix="renkei-", suffix=".parquet") as file:
        yield file


def _fits(item: Item, kind: pl.DataType) -> bool:
    """Tell whether a column of this type can hold the item without loss."""
    if kind in (pl.String, pl.Categorical, pl.Enum, pl.Null):
        return True
    if kind.is_integer():
        return item.type in WHOLE
    if kind == pl.Decimal:
        return item.type is ItemType.decimal
    if kind == pl.Date:
        return item.type in DAYS
    if kind == pl.Boolean:
        return item.type is ItemType.flag
    return isinstance(kind, pl.Datetime) and not kind.time_zone and item.type is ItemType.datetime


def _text(item: Item, kind: pl.DataType) -> pl.Expr:
    """Return the values of a column as they are written in CSV."""
    value = pl.col(item.name)
    if kind == pl.Date:
        return value.dt.to_string("%Y-%m-%d")
    if kind == pl.Datetime:
        return value.dt.to_string("%Y-%m-%dT%H:%M:%S%.f")  # a fraction shows, and is refused
    if kind == pl.Boolean:
        return value.cast(pl.Int8).cast(pl.String)
    if kind == pl.Decimal:
        return value.cast(pl.String).str.replace(r"(\.\d*?)0+$", "$1").str.replace(r"\.$", "")
    return value.cast(pl.String)
