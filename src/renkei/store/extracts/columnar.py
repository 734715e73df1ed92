"""Parquet: typed columns in row groups, for whoever goes on counting."""

from collections.abc import Sequence
from pathlib import Path

import polars as pl

from renkei.standard import Item, ItemType
from renkei.store.extracts.forms import ColumnOut, Heading, Rows, Written

GROUP = 50_000  # rows of a row group
TYPES: dict[ItemType, pl.DataType] = {
    ItemType.number: pl.Int64(),
    ItemType.date: pl.Date(),
    ItemType.datetime: pl.Datetime("us"),
}


class Columnar:
    """Writes Parquet: a part for each row group beside the file, then one file of the parts."""

    most_rows = 10_000_000

    def __init__(self, path: Path, columns: Sequence[ColumnOut], heading: Heading) -> None:
        """Begin with no rows."""
        self._path = path
        self._metadata = dict(heading.lines())
        self._schema = {
            column.title: pl.String() if column.names is not None else type_of(column.item)
            for column in columns
        }
        self._rows: list[Sequence[object]] = []
        self._parts: list[Path] = []

    def write(self, rows: Rows) -> None:
        """Take the next rows."""
        self._rows.extend(rows)
        while len(self._rows) >= GROUP:
            self._keep(GROUP)

    def close(self) -> Written:
        """Join the parts."""
        if self._rows or not self._parts:
            self._keep(len(self._rows))
        pl.scan_parquet(self._parts).sink_parquet(
            self._path, row_group_size=GROUP, compression="zstd", metadata=self._metadata
        )
        for part in self._parts:
            part.unlink()
        return Written()

    def abort(self) -> None:
        """Let go of the parts; they stand in the folder that goes."""

    def _keep(self, count: int) -> None:
        frame = pl.DataFrame(self._rows[:count], schema=self._schema, orient="row")
        del self._rows[:count]
        part = self._path.with_name(f"part-{len(self._parts):06d}.parquet")
        frame.write_parquet(part, compression="zstd")
        self._parts.append(part)


def type_of(item: Item) -> pl.DataType:
    """Return the type of an item's column."""
    if item.type is ItemType.decimal:
        decimals = item.decimals or 0
        return pl.Decimal((item.digits or 0) + decimals, decimals)
    return TYPES.get(item.type, pl.String())
