"""Holding the records of an entity to the standard's rules between them, set by set.

A cheap pass counts the breaches of all rules at once; only a rule with any is asked for its lines.
A reference to a record that is not there is an アラート: the other unit may deliver later.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from psycopg.sql import Composed

from renkei.kit import Connection, Tenant
from renkei.standard import Catalogue, Entity, Level, Rule
from renkei.store.findings import KEPT_ALIKE, Finding, Findings, Place, Severity, place_of
from renkei.store.group_rules import group_rules
from renkei.store.group_statements import count, doubled, lines
from renkei.store.merging import set_for
from renkei.store.reference_statements import (
    Reference,
    count_missing,
    lines_missing,
    references,
)
from renkei.store.scopes import Scope

# Each rule sorts one digest of eight bytes a row; a large register must not go to the disk.
FOR_COUNTING = {"work_mem": "128MB"}
# Sorting whole rows for the first rule alone would cost more than all rules together.
UNSORTED = {"enable_presorted_aggregate": "off"}
KNOWS_PRESORTED = 160000  # the version of the server that has this setting


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


def report(
    conn: Connection,
    tenant: Tenant,
    entity: Entity,
    findings: Findings,
    *,
    standard: Catalogue,
    on: date,
    head_lines: int = 0,
    scope: Scope = Scope.staged,
) -> None:
    """Add what is wrong between the records of a scope, by the rules in force on a day.

    Of the staged file the first lines are named, `head_lines` being those before its records; of
    records there are only counts.
    """
    rules = standard.rules_of(entity.name, on)

    def places(items: Sequence[str], statement: Composed) -> list[Place]:
        if scope is not Scope.staged:
            return [place_of(entity, items)]
        found = conn.execute(statement, {"tenant": tenant, "shown": KEPT_ALIKE}).fetchall()
        return [place_of(entity, items, head_lines + line) for line, *_ in found]

    counts = broken(conn, tenant, entity, rules, scope=scope)
    for one in group_rules(rules, entity):
        if total := counts.get(one.rule.id):
            shown = [(place, one.items) for place in places(one.items, lines(one))]
            findings.breaches(one.rule, shown, total)
    for other, total in missing(conn, tenant, entity, standard, scope=scope).items():
        facts = (("ja", other.to[0].ja), ("en", other.to[0].en))
        found = [
            Finding(Severity.alert, other.rule, place, facts=facts, items=other.items)
            for place in places(other.items, lines_missing(entity, other))
        ]
        findings.alike(found, total)
