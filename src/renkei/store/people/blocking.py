"""Which records are compared at all: those that share a key. Not every record with every other.

Each key alone would miss some errors; together they miss a pair only where nearly all about it is
wrong. A pair that shares several keys is given once, with the first of them, so nothing has to be
remembered: memory depends on the largest piece, not on how many pairs there are.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import polars as pl

MOST_ALIKE = 1000
"""Records with one key, at most: what more people share says nothing (an institution's address)."""

PIECE = 4_000_000
"""Pairs made at once, before the ones that were given already go."""

_DAY = pl.min_horizontal("month", "day") * 100 + pl.max_horizontal("month", "day")  # swapped or not

CERTAIN = ("personal", "record_code", "card")

KEYS: Mapping[str, tuple[pl.Expr, ...]] = {
    **{name: (pl.col(name),) for name in CERTAIN},
    "born-and-given-read": (pl.col("year"), _DAY, pl.col("given_read")),
    "born-and-given": (pl.col("year"), _DAY, pl.col("given")),
    "born-and-surname": (pl.col("year"), _DAY, pl.col("surname_read")),
    "born-and-place": (pl.col("year"), _DAY, pl.col("place")),
    "read-and-year": (pl.col("surname_read"), pl.col("given_read"), pl.col("year")),
    "read-and-day": (pl.col("surname_read"), pl.col("given_read"), _DAY),
    "read-and-area": (pl.col("surname_read"), pl.col("given_read"), pl.col("area")),
    "written-and-year": (pl.col("surname"), pl.col("given"), pl.col("year")),
    "given-and-place": (pl.col("given_read"), pl.col("place")),
}
"""The keys of persons by name; a record that lacks a part of a key does not have that key."""

BODY_KEYS: Mapping[str, tuple[pl.Expr, ...]] = {
    "corporate": (pl.col("corporate"),),
    "body-read": (pl.col("given_read"),),
    "body-written": (pl.col("given"),),
    "body-place": (pl.col("place"),),
}
"""The keys of bodies."""


@dataclass(frozen=True, slots=True)
class Blocks:
    """The keys of all records of one kind, hashed; and how many were too common to be used."""

    keys: pl.DataFrame
    too_common: int


def blocks(records: pl.DataFrame, keys: Mapping[str, tuple[pl.Expr, ...]]) -> Blocks:
    """Hash the keys of records; a key that more than `MOST_ALIKE` share counts as none."""
    hashed = records.select(
        pl.when(pl.all_horizontal(part.is_not_null() for part in parts))
        .then(pl.struct(part.alias(str(n)) for n, part in enumerate(parts)).hash())
        .alias(name)
        for name, parts in keys.items()
    )
    rare, dropped = [], 0
    for name in keys:
        column = hashed.get_column(name)
        alike = hashed.select(pl.len().over(name)).to_series()
        common = (alike > MOST_ALIKE) & column.is_not_null()
        dropped += column.filter(common).n_unique() if common.any() else 0
        single = alike == 1
        rare.append(pl.select(pl.when(~common & ~single).then(column).alias(name)).to_series())
    return Blocks(pl.DataFrame(rare), dropped)


def pairs(found: Blocks, touched: pl.Series | None = None) -> Iterator[pl.DataFrame]:
    """Yield pairs of row numbers (`one` < `other`), each once; of touched rows only, if given."""
    keys = found.keys
    rows = pl.int_range(keys.height, dtype=pl.UInt32, eager=True).alias("row")
    for number, name in enumerate(keys.columns):
        column = keys.get_column(name)
        table = pl.DataFrame({"key": column, "row": rows}).drop_nulls("key")
        if touched is not None:
            wanted = column.filter(touched).drop_nulls().unique()
            table = table.filter(pl.col("key").is_in(wanted.implode()))
        earlier = keys.columns[:number]
        for piece in _pieces(table.sort("key", "row")):
            both = piece.join(piece, on="key", suffix="_other").filter(
                pl.col("row") < pl.col("row_other")
            )
            if touched is not None:
                one, other = (touched.gather(both[c]) for c in ("row", "row_other"))
                both = both.filter(one | other)
            yield _first_time(both, keys.select(earlier)).select(
                pl.col("row").alias("one"), pl.col("row_other").alias("other")
            )


def _pieces(table: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """Cut rows sorted by key where a key ends, each piece small enough to be joined at once."""
    sizes = table.group_by("key", maintain_order=True).len()
    squares = (sizes["len"].cast(pl.UInt64) ** 2).cum_sum()
    pieces = sizes.with_columns((squares // PIECE).alias("piece"))
    start = 0
    for length in pieces.group_by("piece", maintain_order=True).agg(pl.col("len").sum())["len"]:
        yield table.slice(start, length)
        start += length


def _first_time(both: pl.DataFrame, earlier: pl.DataFrame) -> pl.DataFrame:
    """Leave out the pairs that share an earlier key too."""
    if not earlier.width or both.is_empty():
        return both
    shared = [
        earlier[name]
        .gather(both["row"])
        .eq(earlier[name].gather(both["row_other"]))
        .fill_null(False)
        for name in earlier.columns
    ]
    again = pl.DataFrame({str(n): one for n, one in enumerate(shared)})
    return both.filter(~again.select(pl.any_horizontal(pl.all())).to_series())
