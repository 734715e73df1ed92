"""Checks of a decision table before it decides: gaps, overlaps, rules that never come to it.

What is said is certain: a cell that shows only when it is evaluated counts as accepting everything
where a gap is looked for, and as unknown where two rules are compared.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations, islice

from renkei.kit import Language
from renkei.process import feel
from renkei.process.decisions.cells import cell
from renkei.process.decisions.columns import ANYTHING, Cell, Column, column
from renkei.process.decisions.coverage import (
    Region,
    TooManyRegions,
    Walk,
    certain,
    reach,
    shared,
)
from renkei.process.decisions.findings import Finding, Severity
from renkei.process.decisions.model import InputClause, Rule, TableBox
from renkei.process.decisions.regions import region_text
from renkei.process.decisions.shapes import Shape, Shapes
from renkei.process.feel import Value

MOST = 10  # findings of a kind that are told of one table
PAIRS = 500_000  # pairs of rules that are compared
RULES = 2_000  # of a table whose rules are asked whether others always decide before


@dataclass(frozen=True, slots=True)
class Checked:
    """A table seen as columns of pieces; columns that accept everything are left out."""

    table: TableBox
    columns: tuple[Column, ...]
    labels: tuple[str, ...]
    is_whole: bool

    def said(self, region: Region) -> dict[str, object]:
        """Return a region in both languages."""
        languages: tuple[Language, Language] = ("ja", "en")
        return {one: region_text(region, self.columns, self.labels, one) for one in languages}


def check_table(
    table: TableBox, shapes: Shapes, named: Mapping[str, Shape] | None = None
) -> tuple[Finding, ...]:
    """Return what is wrong in a table; what cannot be checked is told too.

    `named` are the types of names a column may ask for: what they allow bounds the column.
    """
    if not table.rules or not table.inputs:
        return (Finding("table-empty", table.place, "alert"),)
    checked = _columns(table, shapes, named or {})
    found: list[Finding] = []
    if not checked.is_whole:
        found.append(Finding("table-cells-open", table.place, "alert"))
    for look in (_never, _gaps, _overlaps, _hidden):
        try:
            found += look(checked)
        except TooManyRegions:
            found.append(Finding("table-unchecked", table.place, "alert"))
            break
    return tuple(found)


def _columns(table: TableBox, shapes: Shapes, named: Mapping[str, Shape]) -> Checked:
    columns, labels, is_whole = [], [], True
    for at, clause in enumerate(table.inputs):
        cells = [cell(rule.conditions[at].text) for rule in table.rules]
        if all(one == ANYTHING for one in cells):
            continue
        shape = _asked(clause, shapes, named)
        found = column(cells, _allowed(clause, shape))
        is_whole &= found is not None and all(one is not None for one in cells)
        if found is not None:
            columns.append(found)
            labels.append(clause.label)
    return Checked(table, tuple(columns), tuple(labels), is_whole)


def _asked(clause: InputClause, shapes: Shapes, named: Mapping[str, Shape]) -> Shape:
    """Return the type of what a column asks for: its own, else that of the name or path it is."""
    own = shapes.named(clause.expression.type_ref)
    if own.allowed is not None:
        return own
    first, *path = (part.strip() for part in clause.expression.text.split("."))
    found = named.get(first)
    for part in path:
        found = (found and found.parts and found.parts.get(part)) or None
    return own if found is None else found


def _allowed(clause: InputClause, shape: Shape) -> Cell:
    """Return what may occur in a column: its own declared values, else those of its type."""
    text = clause.values or shape.allowed
    return None if text is None else cell(text.text)


def _never(checked: Checked) -> Iterator[Finding]:
    """Yield the rules with a cell that accepts no value that can occur."""
    for at, rule in enumerate(checked.table.rules):
        if checked.columns and reach(checked.columns, at) is None:
            yield Finding("table-rule-never", rule.place, facts={"rule": rule.number})


def _gaps(checked: Checked) -> Iterator[Finding]:
    """Yield the regions no rule accepts, unless a default answers there."""
    table = checked.table
    if any(clause.default is not None for clause in table.outputs) or not checked.columns:
        return
    severity: Severity = "error" if table.policy in ("U", "A", "P", "F") else "alert"
    every = (1 << len(table.rules)) - 1
    for region in islice(Walk(checked.columns).gaps(every), MOST):
        yield Finding("table-gap", table.place, severity, checked.said(region))


def _overlaps(checked: Checked) -> Iterator[Finding]:
    """Yield pairs of rules that match at once where only one may, or with differing results."""
    table = checked.table
    if table.policy not in ("U", "A"):
        return
    pairs = islice(combinations(range(len(table.rules)), 2), PAIRS)
    told = 0
    for one, other in pairs:
        first, second = table.rules[one], table.rules[other]
        if table.policy == "A" and _same_results(first, second):
            continue
        region = shared(checked.columns, one, other)
        if region is None or not checked.columns:
            continue
        code = "table-overlap" if table.policy == "U" else "table-results-differ"
        facts = {"rules": f"{first.number}, {second.number}", **checked.said(region)}
        yield Finding(code, second.place, facts=facts)
        told += 1
        if told == MOST:
            return


def _same_results(one: Rule, other: Rule) -> bool:
    texts = [[" ".join(cell.text.split()) for cell in rule.results] for rule in (one, other)]
    return texts[0] == texts[1]


def _hidden(checked: Checked) -> Iterator[Finding]:
    """Yield the rules that others always decide before: earlier ones, or those of more priority."""
    table = checked.table
    if table.policy not in ("F", "P") or not checked.columns:
        return
    if len(table.rules) > RULES:
        raise TooManyRegions
    known = certain(checked.columns, range(len(table.rules)))
    ranks = _ranks(table)
    walk = Walk(checked.columns)
    for at, rule in enumerate(table.rules):
        if table.policy == "F":
            before = (1 << at) - 1
        elif ranks is None:
            return
        else:
            before = sum(1 << one for one, rank in enumerate(ranks) if rank < ranks[at])
        region = reach(checked.columns, at)
        if region is None or not before & known:
            continue
        if next(walk.gaps(before & known, region), None) is None:
            yield Finding("table-rule-hidden", rule.place, facts={"rule": rule.number})


def _ranks(table: TableBox) -> list[tuple[int, ...]] | None:
    """Return the priority of every rule's results, if all are literals of declared values."""
    orders: list[list[Value]] = []
    for clause in table.outputs:
        values = None if clause.values is None else _literal(f"[{clause.values.text}]")
        orders.append(values if isinstance(values, list) else [])
    found = []
    for rule in table.rules:
        rank = []
        for result, order in zip(rule.results, orders, strict=True):
            value = _literal(result.text)
            if order and value not in order:
                return None
            rank.append(order.index(value) if order else 0)
        found.append(tuple(rank))
    return found


def _literal(text: str) -> Value:
    """Return the value of a text without names, or null."""
    try:
        return feel.expression(text).value({})
    except feel.FeelSyntaxError:
        return None
