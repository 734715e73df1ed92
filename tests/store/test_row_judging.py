"""Rules about single rows run over columns, and mean what the standard's own judgement means."""

from collections.abc import Mapping, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.store.rows import DAY
from tests.store.rule_rows import STANDARD, rows

from renkei.standard import Entity, Rule
from renkei.standard.judgement import Breach, judge
from renkei.standard.row_rules import BeInOrder, NumberVersions
from renkei.standard.rules import is_valid
from renkei.store.findings import Finding, Findings, Severity
from renkei.store.formats.pieces import Rows, frame_of
from renkei.store.group_rules import group_rule
from renkei.store.row_judging import held_by_columns
from renkei.store.validation import Validator

Row = Mapping[str, str]

RULED = [entity for entity in STANDARD.entities if STANDARD.rules_of(entity.name, DAY)]
NAMED = [STANDARD.entity(n) for n in ("resident", "household", "unregistered_person", "income")]
FIRST_LINE = 5


def found(entity: Entity, made: Sequence[Row]) -> list[Finding]:
    """Return what a load finds in the lines of some rows."""
    names = [item.name for item in entity.items]
    frame = frame_of(names, ([row[name] for row in made] for name in names))
    findings = Findings()
    lines = range(FIRST_LINE, FIRST_LINE + len(made))
    Validator(entity, STANDARD, DAY, findings).judge(Rows(frame, lines))
    return findings.kept


def wanted(entity: Entity, made: Sequence[Row]) -> list[Breach]:
    """Return the breaches of rules about single rows that compare no wrong value."""
    return [
        breach
        for breach in judge(STANDARD, entity, made, on=DAY)
        if group_rule(breach.rule, entity) is None
        and not (compared(breach.rule, entity) & wrong(entity, made[breach.row]))
    ]


def compared(rule: Rule, entity: Entity) -> set[str]:
    match rule.then:
        case BeInOrder(items=items):
            return set(items)
        case NumberVersions(item=item):
            return {item}
        case _:
            return set()


def wrong(entity: Entity, row: Row) -> set[str]:
    return {item.name for item in entity.items if not is_valid(item, row[item.name], STANDARD)}


def hold(entity: Entity, made: Sequence[Row]) -> None:
    """Assert that a load finds what the standard finds: same rules, same rows, same items."""
    findings, breaches = found(entity, made), wanted(entity, made)
    by_rule = {
        (f.rule, f.place.line, f.items, f.severity) for f in findings if f.standard and not f.cites
    }
    assert by_rule == {
        (b.rule.id, FIRST_LINE + b.row, b.items, Severity(b.rule.level.value))
        for b in breaches
        if not held_by_columns(b.rule, entity)
    }
    in_column = {(f.place.line, f.items) for f in findings if f.severity is Severity.error}
    held = [b for b in breaches if held_by_columns(b.rule, entity)]
    assert {(FIRST_LINE + b.row, (name,)) for b in held for name in b.items} <= in_column
    cited = {(f.cites, f.place.line, f.items[0]) for f in findings if f.cites}
    assert cited <= {(b.rule.id, FIRST_LINE + b.row, name) for b in held for name in b.items}


@pytest.mark.parametrize("entity", NAMED, ids=lambda entity: entity.name)
def test_a_load_finds_the_rows_and_items_the_standard_finds(entity: Entity) -> None:
    @settings(max_examples=60, deadline=None)
    @given(made=rows(entity))
    def equal(made: list[dict[str, str]]) -> None:
        hold(entity, made)

    equal()


@settings(max_examples=150)
@given(data=st.data(), entity=st.sampled_from(RULED))
def test_so_it_does_for_every_entity_and_beside_wrong_values(
    data: st.DataObject, entity: Entity
) -> None:
    hold(entity, data.draw(rows(entity, wrong=("", "x", "2020-1-5", "01"))))


def test_an_empty_value_beside_a_wrong_one_of_its_column_does_not_hide_what_is_compared() -> None:
    entity = STANDARD.entity("supplement_address")
    right = {item.name: "" for item in entity.items} | {
        "family_register_number": "000633836443",
        "member_number": "1",
        "serial_number": "1",
        "supplement_source": "9",
        "supplement_recorded_on": "2024-11-20",
    }
    falls = right | {"notice_received_on": "2024-11-20", "supplement_recorded_on": "2017-04-07"}
    hold(entity, [right | {"address_since": "x"}, falls])
    assert "30-R003" in {finding.rule for finding in found(entity, [right, falls])}
