"""Judging rows with the standard's own patterns, column by column.

The standard says how a value is written (`renkei.standard.rules`); here its patterns and checks run
over whole columns. A clean piece costs one pass; only one with a defect is looked at closer, to say
where. Nothing here touches the database.
"""

from collections.abc import Collection, Iterator
from datetime import date
from functools import reduce
from operator import or_

import polars as pl

from renkei.standard import Catalogue, Entity, Item
from renkei.store.columns import ALERTS, Column, column_of
from renkei.store.findings import KEPT_ALIKE, Findings, Place, Severity
from renkei.store.formats.pieces import Rows


class Validator:
    """Judges the rows of one file of one entity, for the day it states."""

    def __init__(self, entity: Entity, standard: Catalogue, on: date, findings: Findings) -> None:
        """Make the rules of every item; what is found goes to the given findings."""
        self._findings = findings
        self._columns = [
            column_of(number, item, standard, on) for number, item in enumerate(entity.items, 1)
        ]
        self._counts = [column.suspect.sum().alias(column.item.name) for column in self._columns]
        key = [column for column in self._columns if column.item.name in entity.key]
        self._key = list(entity.key)
        self._bad_key = reduce(or_, [c.wrong | pl.col(c.item.name).is_null() for c in key])

    def judge(self, rows: Rows) -> list[int]:
        """Find what is wrong in rows, and return the positions of those that hold an error."""
        if not rows.flawed:
            return sorted(self._judge(rows))
        flawed = frozenset(rows.flawed)
        sound = [position for position in range(rows.frame.height) if position not in flawed]
        return sorted(flawed | {sound[position] for position in self._judge(rows.only(sound))})

    def keys(self, rows: Rows, positions: Collection[int]) -> pl.DataFrame:
        """Return the keys of the rows at these positions, where every item of the key is right."""
        frame = rows.frame[list(positions)]
        return frame.filter(~self._bad_key).select(self._key)

    def _judge(self, rows: Rows) -> set[int]:
        """Find wrong values: one pass for all columns, then a closer look at those with any."""
        counts = rows.frame.select(self._counts).row(0)
        wrong: set[int] = set()
        for column, count in zip(self._columns, counts, strict=True):
            if count:
                wrong.update(self._look_closer(column, rows))
        return wrong

    def _look_closer(self, column: Column, rows: Rows) -> Iterator[int]:
        """Report the wrong values of a column, and yield the rows in which they are errors."""
        value = pl.col(column.item.name)
        wrong = (
            rows.frame.lazy()
            .with_row_index("row")
            .filter(column.suspect)
            .filter(column.wrong)
            .select("row", value.alias("value"), column.rule.alias("rule"))
            .collect()
        )
        for (rule,), group in wrong.group_by("rule", maintain_order=True):
            shown = group.select("row", "value").head(KEPT_ALIKE).iter_rows()
            places = [
                (Place(rows.lines[row], column.number, column.item.ja), text) for row, text in shown
            ]
            severity = Severity.alert if rule in ALERTS else Severity.error
            self._findings.many(severity, str(rule), places, group.height, **_limit(column.item))
            if severity is Severity.error:
                yield from group["row"]


def _limit(item: Item) -> dict[str, int]:
    return {} if item.digits is None else {"digits": item.digits}
