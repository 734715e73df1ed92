"""Holding the records of an entity to the standard's rules between them, set by set.

A cheap pass counts the breaches of all rules at once; only a rule with any is asked for its lines.
A reference to a record that is not there is an アラート: the other unit may deliver later.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from typing import TypeAlias

from psycopg.sql import Composed

from renkei.kit import Connection, Tenant
from renkei.standard import Catalogue, Entity, Level, Rule
from renkei.standard.row_rules import NotMatch
from renkei.store.findings import KEPT_ALIKE, Finding, Findings, Severity, place_of
from renkei.store.group_rules import GroupRule, group_rules
from renkei.store.group_statements import (
    Scope,
    count,
    count_new,
    doubled,
    marks,
    marks_new,
)
from renkei.store.merging import set_for
from renkei.store.reference_statements import (
    Reference,
    count_missing,
    marks_missing,
    references,
)

# Each rule sorts one digest of eight bytes a row; a large register must not go to the disk.
FOR_COUNTING = {"work_mem": "128MB"}
# Sorting whole rows for the first rule alone would cost more than all rules together.
UNSORTED = {"enable_presorted_aggregate": "off"}
KNOWS_PRESORTED = 160000  # the version of the server that has this setting


Mark: TypeAlias = int | tuple[str, ...]
"""Which row of the staged file, counted from 1, or the key of a record."""


@dataclass(frozen=True, slots=True)
class Between:
    """One rule that records break together: what to say, how often, and the first of them."""

    kind: Finding
    total: int
    marks: tuple[Mark, ...]


def broken(
    conn: Connection, tenant: Tenant, entity: Entity, rules: Iterable[Rule], *, scope: Scope
) -> Mapping[str, int]:
    """Return how many breaches each rule between records has, by its number; kept rules are out.

    Errors in a file where a key stands twice are not the rules': the same record breaks them too.
    """
    asked = group_rules(rules, entity)
    together = [[one] for one in asked] if scope is Scope.touched else [asked] if asked else []
    counts: dict[str, int] = {}
    presorted = UNSORTED if conn.info.server_version >= KNOWS_PRESORTED else {}
    with set_for(conn, FOR_COUNTING | presorted):
        for some in together:
            row = conn.execute(count(some, scope), {"tenant": tenant}).fetchone() or ()
            counts |= {one.rule.id: found for one, found in zip(some, row, strict=True) if found}
        stops = any(one.rule.level is Level.error and one.rule.id in counts for one in asked)
        if stops and scope is Scope.staged and conn.execute(doubled(entity)).fetchone() == (True,):
            return {}
    return counts


def missing(
    conn: Connection, tenant: Tenant, entity: Entity, standard: Catalogue, *, scope: Scope
) -> Mapping[Reference, int]:
    """Return how many records refer to one that is not there, by reference; good ones are out."""
    counts: dict[Reference, int] = {}
    with set_for(conn, FOR_COUNTING):
        for one in references(entity, standard):
            row = conn.execute(count_missing(entity, one, scope), {"tenant": tenant}).fetchone()
            if row and row[0]:
                counts[one] = row[0]
    return counts


def between(
    conn: Connection,
    tenant: Tenant,
    entity: Entity,
    *,
    standard: Catalogue,
    on: date,
    scope: Scope,
) -> list[Between]:
    """Return what is wrong between the records of a scope, by the rules in force on a day.

    What only reminds of a namesake who was there before (再転入者の確認) is asked of new records:
    not of all records of a town at once, and in a snapshot not of those it repeats.
    """
    rules = tuple(
        rule
        for rule in standard.rules_of(entity.name, on)
        if scope is not Scope.held or not _is_reminder(rule)
    )

    def first(statement: Composed) -> tuple[Mark, ...]:
        rows = conn.execute(statement, {"tenant": tenant, "shown": KEPT_ALIKE})
        return tuple(mark if isinstance(mark, int) else tuple(mark) for (mark,) in rows)

    def marks_in(statement: Callable[[], Composed]) -> tuple[Mark, ...]:
        # What a change touched may stand in no line of its file.
        return () if scope is Scope.touched else first(statement())

    def of_new(one: GroupRule) -> int:
        row = conn.execute(count_new(one), {"tenant": tenant}).fetchone()
        return row[0] if row else 0

    counts = broken(conn, tenant, entity, rules, scope=scope)
    found = []
    for one in group_rules(rules, entity):
        if total := counts.get(one.rule.id):
            severity = Severity.error if one.rule.level is Level.error else Severity.alert
            kind = Finding(severity, one.rule.id, items=one.items, standard=one.rule)
            lines = partial(marks, one, scope)
            if scope is Scope.staged and _is_reminder(one.rule):
                total, lines = of_new(one), partial(marks_new, one)
            if total:
                found.append(Between(kind, total, marks_in(lines)))
    for other, total in missing(conn, tenant, entity, standard, scope=scope).items():
        facts = (("ja", other.to[0].ja), ("en", other.to[0].en))
        kind = Finding(Severity.alert, other.rule, facts=facts, items=other.items)
        found.append(Between(kind, total, marks_in(partial(marks_missing, entity, other, scope))))
    return found


def _is_reminder(rule: Rule) -> bool:
    return isinstance(rule.then, NotMatch) and rule.level is Level.alert


def report(
    findings: Findings,
    layout: Entity,
    found: Iterable[Between],
    line_of: Callable[[Mark], int | None],
) -> None:
    """Add what is wrong between records, the first ones with their lines in the file."""
    for one in found:
        lines = [line_of(mark) for mark in one.marks] or [None]
        shown = [replace(one.kind, place=place_of(layout, one.kind.items, line)) for line in lines]
        findings.alike(shown, one.total, in_rows=False)


def stops(found: Iterable[Between]) -> bool:
    """Tell whether anything found keeps a file out."""
    return any(one.kind.severity is Severity.error for one in found)
