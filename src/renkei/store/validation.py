"""Judging blocks of lines with the standard's own patterns, column by column.

The standard says how a value is written (`renkei.standard.rules`); here its patterns and checks run
over whole columns. A clean block costs one pass; only a block with a defect is looked at closer, to
say where. Nothing here touches the database.
"""

import csv
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from difflib import get_close_matches

import polars as pl

from renkei.standard import Catalogue, Entity, Item, Rule
from renkei.store.columns import ALERTS, Column, column_of
from renkei.store.findings import KEPT_ALIKE, Finding, Findings, Place, Severity, place_of, shape
from renkei.store.row_judging import RowRule, broken, cited, row_rules
from renkei.store.snapshot import Block, Verdict, report_wrong_encoding

QUOTED = r'"(?:[^"]|"")*"'  # RFC 4180; a value never holds a line break
HOLE = "\x00"  # stands for a quoted value while lines are measured; lines with NUL are out by then
LOOSE_HOLE = f"[^,]{HOLE}|{HOLE}[^,]"  # a quoted value must fill its field


@dataclass(frozen=True, slots=True)
class Rows:
    """The whole lines of a block as columns of text, and the line each row stands on."""

    frame: pl.DataFrame
    lines: Sequence[int]


class Validator:
    """Judges the header and the blocks of one file of one entity, for the day it states."""

    def __init__(self, entity: Entity, standard: Catalogue, on: date, findings: Findings) -> None:
        """Make the rules of every item; what is found goes to the given findings."""
        self._findings = findings
        self._entity = entity
        self._standard = standard
        self._items = entity.items
        self._names = [item.name for item in entity.items]
        self._columns = [
            column_of(number, item, standard, on) for number, item in enumerate(entity.items, 1)
        ]
        self._rules = row_rules(entity, standard, on)
        self._filled, self._written = cited(standard.rules_of(entity.name, on), entity)
        self._counts = [column.suspect.sum().alias(column.item.name) for column in self._columns]
        self._counts += [one.suspect.sum().alias(one.rule.id) for one in self._rules]

    def judge_header(self, header: str, line: int) -> None:
        """Find what keeps the header from naming the entity's items in their order."""
        wanted = [item.ja for item in self._items]
        found = _names(header)
        errors = self._findings.errors
        for number, name in enumerate(found, 1):
            if name not in wanted:
                self._findings.error(
                    "column-unknown", Place(line, number, _misspelt(name, wanted)), shape(name)
                )
            elif found.index(name) != number - 1:
                self._findings.error("column-twice", Place(line, number, name))
        for number, name in enumerate(wanted, 1):
            if name not in found:
                self._findings.error("column-missing", Place(line, number, name))
        if errors == self._findings.errors and found != wanted:
            number = next(n for n, name in enumerate(wanted) if name != found[n])
            place = Place(line, number + 1, wanted[number])
            self._findings.error("columns-out-of-order", place, found=found[number])

    def judge(self, block: Block) -> Verdict:
        """Find what is wrong in a block.

        Wrong values leave it whole, so that duplicates are found beside them; a line that is no
        row of the table does not.
        """
        if self._holds_bad_bytes(block):
            return Verdict.broken
        rows = self._fast_rows(block)
        if rows is not None:
            self._judge_values(rows)
            return Verdict.whole
        if report_wrong_encoding(block, self._findings):
            return Verdict.unreadable
        rows, broken = self._careful_rows(block)
        self._judge_values(rows)
        return Verdict.broken if broken else Verdict.whole

    def _holds_bad_bytes(self, block: Block) -> bool:
        """Find the bytes that no line may hold; CR LF has become LF before."""
        found = False
        for byte, rule in ((b"\0", "nul"), (b"\r", "carriage-return")):
            if byte in block.text:
                lines = enumerate(block.text.split(b"\n"), block.first_line)
                numbers = [number for number, line in lines if byte in line]
                self._findings.many(
                    Severity.error, rule, [(Place(n), None) for n in numbers], len(numbers)
                )
                found = True
        return found

    def _fast_rows(self, block: Block) -> Rows | None:
        """Read a block without quotes whose lines all have the right length; None otherwise.

        Polars refuses a line with more than its columns and fills up one with fewer; so the last
        column tells, or the commas, which then are as many as the lines need.
        """
        if b'"' in block.text:
            return None
        try:
            frame = self._read(block.text, quote=None)
        except pl.exceptions.PolarsError:
            return None
        if frame[self._names[-1]].null_count():
            commas = block.text.count(b",")
            if commas != block.lines * (len(self._names) - 1):
                return None
        return Rows(frame, range(block.first_line, block.first_line + block.lines))

    def _careful_rows(self, block: Block) -> tuple[Rows, int]:
        """Read a block line by line: report the broken lines and count them, return the others."""
        bare = pl.col("text").str.replace_all(QUOTED, HOLE)
        quotes = bare.str.contains('"', literal=True) | bare.str.contains(LOOSE_HOLE)
        columns = bare.str.count_matches(",", literal=True) + 1
        lines = (
            pl.DataFrame({"text": block.text.decode().split("\n")[:-1]})
            .with_row_index("line", block.first_line)
            .with_columns(quotes=quotes, columns=columns)
            .with_columns(count=~pl.col("quotes") & (pl.col("columns") != len(self._names)))
        )
        self._report_quotes(lines.filter("quotes"))
        self._report_counts(lines.filter("count"))
        good = lines.filter(~pl.col("quotes") & ~pl.col("count"))
        text = "".join(f"{line}\n" for line in good["text"]).encode()
        frame = self._read(text, quote='"').with_columns(pl.all().replace("", None))
        return Rows(frame, good["line"].to_list()), lines.height - good.height

    def _report_quotes(self, lines: pl.DataFrame) -> None:
        places = [(Place(line), None) for line in lines["line"].head(KEPT_ALIKE)]
        self._findings.many(Severity.error, "quote-broken", places, lines.height)

    def _report_counts(self, lines: pl.DataFrame) -> None:
        for line, columns in lines.select("line", "columns").iter_rows():
            facts = {"found": columns, "wanted": len(self._names)}
            self._findings.error("column-count", Place(line), **facts)

    def _read(self, text: bytes, quote: str | None) -> pl.DataFrame:
        """Read lines as columns of text; an empty field is null."""
        schema = dict.fromkeys(self._names, pl.String)
        if not text:
            return pl.DataFrame(schema=schema)
        return pl.read_csv(text, has_header=False, schema=schema, quote_char=quote)

    def _judge_values(self, rows: Rows) -> None:
        """Find wrong values: one pass for everything, then a closer look at what is suspect."""
        counts = rows.frame.select(self._counts).row(0, named=True)
        suspects = {one.item.name: one for one in self._columns if counts[one.item.name]}
        for column in suspects.values():
            self._look_closer(column, rows)
        for one in self._rules:
            if counts[one.rule.id]:
                wrong = [suspects[name].error for name in one.compared & suspects.keys()]
                self._look_closer_by_rule(one, rows, pl.any_horizontal(False, *wrong))

    def _look_closer(self, column: Column, rows: Rows) -> None:
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
            alerts = rule in ALERTS
            kind = Finding(
                Severity.alert if alerts else Severity.error,
                str(rule),
                facts=_limit(column.item),
                items=(name,),
                standard=None if alerts else self._cited(str(rule), name),
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

    def _cited(self, rule: str, item: str) -> Rule | None:
        return (self._filled if rule == "required" else self._written).get(item)

    def _look_closer_by_rule(self, one: RowRule, rows: Rows, wrong: pl.Expr) -> None:
        found = list(broken(one, self._entity, self._standard, rows.frame, wrong))
        shown = [
            (place_of(self._entity, row.items, rows.lines[row.row]), row.items)
            for row in found[:KEPT_ALIKE]
        ]
        self._findings.breaches(one.rule, shown, len(found))


def _limit(item: Item) -> tuple[tuple[str, int], ...]:
    return () if item.digits is None else (("digits", item.digits),)


def _names(header: str) -> list[str]:
    try:
        return next(csv.reader([header], strict=True), [])
    except csv.Error:
        return header.split(",")


def _misspelt(name: str, wanted: list[str]) -> str | None:
    """Return a name that is nearly an item's; without a header it would be somebody's value."""
    return name if get_close_matches(name, wanted, n=1) else None
