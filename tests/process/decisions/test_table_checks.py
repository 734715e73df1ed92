"""Checks of tables: what is said to be a gap, an overlap or hidden is one, and nothing else."""

from decimal import Decimal

import pytest
from hypothesis import given as drawn
from hypothesis import settings
from hypothesis import strategies as st
from tests.process.decisions.models import decision, given, opened, table

from renkei.process import decisions


def found(rules, types=None, **options):
    types = types or {"age": "number"}
    model = opened(given(**types) + decision("it", table(types, rules, **options)))
    return [finding for finding in decisions.check(model) if finding.code.startswith("table")]


def codes(*rules, **options):
    return [finding.code for finding in found(rules, **options)]


def test_a_whole_table_has_nothing_to_be_found():
    assert codes("< 18 => 1", "[18..65) => 2", ">= 65 => 3") == []


def test_a_gap_is_told_with_the_values_it_leaves_out():
    (gap,) = found(["< 18 => 1", "> 18 => 2"])
    assert (gap.code, gap.severity, gap.place.file) == ("table-gap", "error", "test.dmn")
    assert "age 18" in gap.text("ja")


@pytest.mark.parametrize("options", [{"policy": "COLLECT"}, {"policy": "RULE ORDER"}])
def test_where_several_rules_may_match_a_gap_is_an_alert(options):
    assert [one.severity for one in found(["< 18 => 1"], **options)] == ["alert"]


def test_a_default_closes_every_gap():
    default = "<output><defaultOutputEntry><text>0</text></defaultOutputEntry></output>"
    assert codes("< 18 => 1", outputs=default) == []


def test_an_overlap_is_told_where_only_one_may_match():
    rules = ("< 20 => 1", ">= 18 => 2")
    (overlap,) = found(rules)
    assert "[18..20)" in overlap.text("en")
    assert "1, 2" in overlap.text("en")
    assert codes(*rules, policy="FIRST") == []
    assert codes(*rules, policy="ANY") == ["table-results-differ"]
    assert codes("< 20 => 1", ">= 18 => 1", policy="ANY") == []


def test_a_rule_behind_others_is_never_used():
    rules = ("< 10 => 1", ">= 10 => 2", "[5..15] => 3")
    assert codes(*rules, policy="FIRST") == ["table-rule-hidden"]
    values = "<output><outputValues><text>3, 1, 2</text></outputValues></output>"
    assert codes(*rules, policy="PRIORITY", outputs=values) == []
    values = "<output><outputValues><text>1, 2, 3</text></outputValues></output>"
    assert codes(*rules, policy="PRIORITY", outputs=values) == ["table-rule-hidden"]


def test_a_rule_that_no_value_meets_is_told():
    assert "table-rule-never" in codes("[5..3] => 1", "- => 2", policy="FIRST")


def test_texts_truths_days_and_durations_are_checked_too():
    two = {"kind": "string", "ok": "boolean"}
    (gap,) = found(['"A" | - => 1', 'not("A") | true => 2'], two)
    assert "ok false" in gap.text("en")
    (gap,) = found(['< date("2024-10-01") => 1', '> @"2024-10-01" => 2'], {"on": "date"})
    assert "on 2024-10-01" in gap.text("en")
    assert (
        found(['< duration("P1Y") => 1', '>= duration("P12M") => 2'], {"t": "yearMonthDuration"})
        == []
    )


def test_declared_values_bound_what_can_occur():
    bounded = (
        '<itemDefinition name="tKind"><typeRef>string</typeRef><allowedValues>'
        '<text>"A", "B"</text></allowedValues></itemDefinition>'
    )
    logic = table({"kind": "tKind"}, ['"A" => 1', '"B" => 2'])
    model = opened(bounded + given(kind="tKind") + decision("it", logic, "i-kind"))
    assert decisions.check(model) == ()
    assert codes('"A" => 1', '"B" => 2', types={"kind": "string"}) == ["table-gap"]


def test_the_declared_values_of_an_input_bound_the_column_that_asks_it():
    bounded = (
        '<itemDefinition name="tAge"><typeRef>number</typeRef><allowedValues>'
        "<text>[0..150]</text></allowedValues></itemDefinition>"
    )
    logic = table({"age": "number"}, ["[0..18) => 1", "[18..150] => 2"])
    model = opened(bounded + given(age="tAge") + decision("it", logic, "i-age"))
    assert decisions.check(model) == ()


def test_cells_that_show_only_later_are_told_and_never_called_a_gap():
    assert codes("< limit => 1", "> 5 => 2", policy="FIRST") == ["table-cells-open"]


def test_a_wide_table_is_checked_in_a_moment_or_said_to_be_unchecked():
    types = {f"c{n}": "number" for n in range(12)}
    rules = [
        " | ".join(f"[{n * r}..{n * r + 50}]" for n in range(12)) + f" => {r}" for r in range(60)
    ]
    said = {finding.code for finding in found(rules, types)}
    assert said & {"table-unchecked", "table-gap"}


def test_a_long_table_is_compiled_checked_and_asked_in_a_moment():
    rules = [f"{n} => {n}" for n in range(5000)]
    model = opened(given(n="number") + decision("it", table({"n": "number"}, rules), "i-n"))
    assert decisions.value_of(model, "it", {"n": Decimal(4999)}) == Decimal(4999)
    assert "table-gap" in {finding.code for finding in decisions.check(model)}


CELLS = st.sampled_from(["-", "< 2", ">= 2", "2", "[1..3]", "(1..3)", "> 3", "not(2)", "1, 4"])


@settings(max_examples=60)
@drawn(st.lists(st.tuples(CELLS, CELLS), min_size=1, max_size=5))
def test_a_table_without_a_gap_answers_everything_and_one_with_a_gap_does_not(rules):
    lines = [f"{a} | {b} => {n}" for n, (a, b) in enumerate(rules)]
    types = {"x": "number", "y": "number"}
    logic = table(types, lines, policy="COLLECT", aggregation="COUNT")
    model = opened(given(**types) + decision("it", logic, "i-x", "i-y"))
    has_gap = any(one.code == "table-gap" for one in decisions.check(model))
    points = [Decimal(n) / 2 for n in range(12)]
    answers = [decisions.value_of(model, "it", {"x": x, "y": y}) for x in points for y in points]
    assert (None in answers) is has_gap
