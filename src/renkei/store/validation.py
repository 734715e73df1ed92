"""Judging rows with the standard's own patterns, column by column.

The standard says how a value is written (`renkei.standard.rules`); here its patterns and checks run
over whole columns. A clean piece costs one pass; only one with a defect is looked at closer, to say
where. Nothing here touches the database.
"""

from collections.abc import Collection, Iterator
from dataclasses import replace
from datetime import date
from functools import reduce
from operator import or_

import polars as pl

from renkei.standard import Catalogue, Entity, Item, Level, Rule
from renkei.store.columns import ALERTS, Column, column_of
from renkei.store.findings import KEPT_ALIKE, Finding, Findings, Place, Severity, place_of, shape
from renkei.store.formats.pieces import Rows
from renkei.store.row_judging import RowRule, broken, cited, row_rules


class Validator:
    """Judges the rows of one file of one entity, for the day it states."""

    def __init__(self, entity: Entity, standard: Catalogue, on: date, findings: Findings) -> None:
        """Make the rules of every item; what is found goes to the given findings."""
        self._findings = findings
        self._entity = entity
        self._standard = standard
        self._columns = [
            column_of(number, item, standard, on) for number, item in enumerate(entity.items, 1)
        ]
        self._rules = row_rules(entity, standard, on)
        self._filled, self._written = cited(standard.rules_of(entity.name, on), entity)
        self._counts = [column.suspect.sum().alias(column.item.name) for column in self._columns]
        self._counts += [one.suspect.sum().alias(one.rule.id) for one in self._rules]
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
        """Find wrong values: one pass for everything, then a closer look at what is suspect."""
        counts = rows.frame.select(self._counts).row(0, named=True)
        suspects = {one.item.name: one for one in self._columns if counts[one.item.name]}
        bad: set[int] = set()
        for column in suspects.values():
            bad.update(self._look_closer(column, rows))
        for one in self._rules:
            if counts[one.rule.id]:
                wrong = [suspects[name].error for name in one.compared & suspects.keys()]
                bad.update(self._look_closer_by_rule(one, rows, pl.any_horizontal(False, *wrong)))
        return bad

    def _look_closer(self, column: Column, rows: Rows) -> Iterator[int]:
        """Report the wrong values of a column, and yield the rows in which they are errors."""
        name = column.item.name
        wrong = (
            rows.frame.lazy()
            .with_row_index("row")
            .filter(column.suspect)
            .filter(column.wrong)
            .select("row", pl.col(name).alias("value"), column.rule.alias("rule"))
            .collect()
        )
        for (rule,), group in wrong.group_by("rule", maintain_order=True):
            is_alert = rule in ALERTS
            kind = Finding(
                Severity.alert if is_alert else Severity.error,
                str(rule),
                facts=_limit(column.item),
                items=(name,),
                standard=None if is_alert else self._cited(str(rule), name),
            )
            shown = group.select("row", "value").head(KEPT_ALIKE).iter_rows()
            found = [
                replace(
                    kind,
                    place=Place(rows.lines[row], column.number, column.item.ja),
                    shape=None if text is None else shape(text),
                )
                for row, text in shown
            ]
            self._findings.alike(found, group.height)
            if not is_alert:
                yield from group["row"]

    def _cited(self, rule: str, item: str) -> Rule | None:
        return (self._filled if rule == "required" else self._written).get(item)

    def _look_closer_by_rule(self, one: RowRule, rows: Rows, wrong: pl.Expr) -> Iterator[int]:
        """Report the rows that break a rule, and yield them if that is an error."""
        found = list(broken(one, self._entity, self._standard, rows.frame, wrong))
        shown = [
            (place_of(self._entity, row.items, rows.lines[row.row]), row.items)
            for row in found[:KEPT_ALIKE]
        ]
        self._findings.breaches(one.rule, shown, len(found))
        if one.rule.level is Level.error:
            yield from (row.row for row in found)


def _limit(item: Item) -> tuple[tuple[str, int], ...]:
    return () if item.digits is None else (("digits", item.digits),)
