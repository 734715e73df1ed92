"""Rules between rows run as SQL, and mean what the standard's own judgement means."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import get_args

import pytest
from hypothesis import HealthCheck, given, settings
from tests.store.rows import DAY, NOW, TOWN, file
from tests.store.rule_rows import STANDARD, records, rows

from renkei.kit import Connection
from renkei.standard import Entity, Rule
from renkei.standard.judgement import Breach, judge
from renkei.standard.row_rules import BeWithheldFrom, LeaveOnlyIf, Must
from renkei.store.findings import Findings
from renkei.store.group_judging import Mark, between, broken, report
from renkei.store.group_statements import Scope, group_rule
from renkei.store.merging import find_changes, stage, write_changes
from renkei.store.row_judging import held_by_columns, row_rules
from renkei.store.statements import merging

Row = Mapping[str, str]

HEAD_LINES = 3
NAMED = [
    STANDARD.entity(name)
    for name in (
        "resident",
        "household",
        "unregistered_person",
        "income",
        "foreign_resident",
        "evacuation_information",
        "health_insurance",
        "child_medical",
    )
]
RULES = STANDARD.content.rules

property_test = settings(
    max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def put(conn: Connection, entity: Entity, made: Sequence[Row]) -> None:
    """Stage rows as a load does, without judging them."""
    stage(conn, entity)
    lines = file(entity, made).getvalue().split(b"\n", 2)[2]
    with conn.cursor() as cursor, cursor.copy(merging(entity).copy) as copy:
        copy.write(lines)


def keep(conn: Connection, entity: Entity, count: int, *, at: datetime) -> None:
    """Make what is staged the records in force."""
    find_changes(conn, TOWN, entity, count)
    write_changes(conn, TOWN, entity, on=DAY, at=at)


def line_of(mark: Mark) -> int | None:
    return HEAD_LINES + mark if isinstance(mark, int) else None


def wanted(entity: Entity, made: Sequence[Row]) -> list[Breach]:
    breaches = judge(STANDARD, entity, made, on=DAY)
    return [one for one in breaches if group_rule(one.rule, entity) is not None]


def rules_between(entity: Entity) -> tuple[Rule, ...]:
    return STANDARD.rules_of(entity.name, DAY)


def counts(breaches: Sequence[Breach]) -> dict[str, int]:
    return dict(Counter(breach.rule.id for breach in breaches))


@pytest.mark.parametrize("entity", NAMED, ids=lambda entity: entity.name)
def test_a_staged_file_breaks_the_rules_the_standard_finds(
    conn: Connection, entity: Entity
) -> None:
    @property_test
    @given(made=rows(entity, wrong=("",)))
    def equal(made: list[dict[str, str]]) -> None:
        put(conn, entity, made)
        findings = Findings()
        found = between(conn, TOWN, entity, standard=STANDARD, on=DAY, scope=Scope.staged)
        report(findings, entity, found, line_of)
        of_standard = [f for f in findings.kept if f.standard]
        breaches = wanted(entity, made)
        assert {(f.rule, f.place.line, f.items) for f in of_standard} == {
            (b.rule.id, HEAD_LINES + 1 + b.row, b.items) for b in breaches
        }
        of_rules = {number: findings.counts[number] for number in counts(breaches)}
        assert of_rules == counts(breaches)
        assert findings.errors == sum(b.stops for b in breaches)

    equal()


@pytest.mark.parametrize("entity", NAMED, ids=lambda entity: entity.name)
def test_the_records_of_a_town_break_the_same_rules(conn: Connection, entity: Entity) -> None:
    @property_test
    @given(made=rows(entity))
    def equal(made: list[dict[str, str]]) -> None:
        with conn.transaction(force_rollback=True):
            put(conn, entity, made)
            keep(conn, entity, len(made), at=NOW)
            found = broken(conn, TOWN, entity, rules_between(entity), scope=Scope.held)
        assert found == counts(wanted(entity, made))

    equal()


@pytest.mark.parametrize("entity", NAMED, ids=lambda entity: entity.name)
def test_a_change_is_judged_by_the_groups_it_touches(conn: Connection, entity: Entity) -> None:
    @property_test
    @given(before=rows(entity), after=rows(entity))
    def equal(before: list[dict[str, str]], after: list[dict[str, str]]) -> None:
        with conn.transaction(force_rollback=True):
            put(conn, entity, before)
            keep(conn, entity, len(before), at=NOW)
            put(conn, entity, after)
            keep(conn, entity, len(after), at=NOW + timedelta(days=1))
            found = broken(conn, TOWN, entity, rules_between(entity), scope=Scope.touched)
        changed = [row for row in before if row not in after]
        changed += [row for row in after if row not in before]
        touched = [
            breach
            for breach in wanted(entity, after)
            if group_of(breach.rule, entity, after[breach.row])
            in {group_of(breach.rule, entity, row) for row in changed}
        ]
        assert found == counts(touched)

    equal()


def group_of(rule: Rule, entity: Entity, row: Row) -> tuple[str, ...]:
    one = group_rule(rule, entity)
    assert one is not None
    return tuple(row[name] for name in one.group)


def test_versions_are_ordered_as_numbers_and_a_gap_is_found(conn: Connection) -> None:
    entity = STANDARD.entity("evacuation_information")
    first = {item.name: "" for item in entity.items} | {"publication_id": "A"}
    made = [{**first, "publication_revision": str(n)} for n in (2, 1, *range(3, 12))]
    put(conn, entity, made)
    assert broken(conn, TOWN, entity, rules_between(entity), scope=Scope.staged) == {}
    put(conn, entity, [row for row in made if row["publication_revision"] != "9"])
    assert broken(conn, TOWN, entity, rules_between(entity), scope=Scope.staged) == {"31-R007": 2}


def test_a_file_with_a_doubled_key_is_not_asked(conn: Connection) -> None:
    entity = STANDARD.entity("household")
    put(conn, entity, [records(entity)[0]] * 2)
    assert broken(conn, TOWN, entity, rules_between(entity), scope=Scope.staged) == {}


def test_every_rule_runs_over_sets_or_is_about_giving_records_away() -> None:
    def ways(rule: Rule) -> int:
        entity = STANDARD.entity(rule.entity)
        over_rows = {one.rule.id for one in row_rules(entity, STANDARD, rule.since)}
        in_columns, between = held_by_columns(rule, entity), group_rule(rule, entity) is not None
        away = isinstance(rule.then, LeaveOnlyIf | BeWithheldFrom)
        return [in_columns, rule.id in over_rows, between, away].count(True)

    assert [rule.id for rule in RULES if ways(rule) != 1] == []


def test_every_kind_of_requirement_is_among_the_rules_tested() -> None:
    assert {type(rule.then) for rule in RULES} == set(get_args(Must))
