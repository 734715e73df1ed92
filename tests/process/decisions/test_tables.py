"""Decision tables: every hit policy, defaults, declared values, and cells only evaluation shows."""

from decimal import Decimal

import pytest
from tests.process.decisions.models import decision, given, opened, table

from renkei.process import decisions

AGES = ("< 18 => 1", ">= 18 => 2", ">= 65 => 3")


def asked(rules, age, *, given_as="number", **options):
    logic = table({"age": given_as}, rules, **options)
    model = opened(given(age=given_as) + decision("it", logic, "i-age"))
    return decisions.evaluate(model, "it", {"age": age}, why=True)


def codes(outcome):
    return [problem.code for problem in outcome.problems]


def test_one_rule_alone_decides():
    assert asked(AGES, Decimal(17)).value == Decimal(1)
    assert asked(AGES, Decimal(18)).value == Decimal(2)


def test_two_rules_at_once_are_a_problem_that_names_both():
    outcome = asked(AGES, Decimal(70))
    assert (outcome.value, codes(outcome)) == (None, ["decision-several-rules"])
    assert "2, 3" in outcome.problems[0].text("ja")


@pytest.mark.parametrize(
    ("policy", "aggregation", "wanted"),
    [
        ("FIRST", "", Decimal(2)),
        ("RULE ORDER", "", [Decimal(2), Decimal(3)]),
        ("COLLECT", "", [Decimal(2), Decimal(3)]),
        ("COLLECT", "SUM", Decimal(5)),
        ("COLLECT", "MIN", Decimal(2)),
        ("COLLECT", "MAX", Decimal(3)),
        ("COLLECT", "COUNT", Decimal(2)),
    ],
)
def test_each_hit_policy_makes_its_own_of_two_rules(policy, aggregation, wanted):
    assert asked(AGES, Decimal(70), policy=policy, aggregation=aggregation).value == wanted


def test_any_takes_results_that_agree_and_refuses_those_that_differ():
    assert asked((">= 1 => 1.0", ">= 2 => 1"), Decimal(3), policy="ANY").value == Decimal(1)
    differing = asked((">= 1 => 1", ">= 2 => 2"), Decimal(3), policy="ANY")
    assert (differing.value, codes(differing)) == (None, ["decision-results-differ"])


PRIORITIES = '<output name="out"><outputValues><text>"deny", "allow"</text></outputValues></output>'


def test_priority_and_output_order_follow_the_declared_values():
    rules = ('>= 1 => "allow"', '>= 2 => "deny"')
    assert asked(rules, Decimal(3), policy="PRIORITY", outputs=PRIORITIES).value == "deny"
    ordered = asked(rules, Decimal(3), policy="OUTPUT ORDER", outputs=PRIORITIES)
    assert ordered.value == ["deny", "allow"]


def test_a_result_outside_the_declared_values_is_null_with_a_reason():
    outcome = asked(('- => "perhaps"',), Decimal(3), outputs=PRIORITIES)
    assert (outcome.value, codes(outcome)) == (None, ["decision-value-not-allowed"])


def test_without_a_rule_the_default_answers_and_without_a_default_nobody():
    default = '<output name="out"><defaultOutputEntry><text>0</text></defaultOutputEntry></output>'
    assert asked(("< 18 => 1",), Decimal(18), outputs=default).value == Decimal(0)
    outcome = asked(("< 18 => 1",), Decimal(18))
    assert (outcome.value, codes(outcome)) == (None, ["decision-no-rule"])


def test_several_outputs_make_a_context():
    outputs = '<output name="amount"/><output name="kind"/>'
    assert asked(('- => 5 | "x"',), Decimal(1), outputs=outputs).value == {
        "amount": Decimal(5),
        "kind": "x",
    }


def test_an_input_that_is_not_allowed_decides_nothing():
    allowed = (
        '<decisionTable><input label="n"><inputExpression typeRef="number"><text>age</text>'
        "</inputExpression><inputValues><text>[0..120]</text></inputValues></input>"
        "<output/><rule><inputEntry><text>&lt; 200</text></inputEntry>"
        "<outputEntry><text>1</text></outputEntry></rule></decisionTable>"
    )
    model = opened(given(age="number") + decision("it", allowed, "i-age"))
    assert decisions.value_of(model, "it", {"age": Decimal(120)}) == Decimal(1)
    outcome = decisions.evaluate(model, "it", {"age": Decimal(130)})
    assert (outcome.value, "decision-input-not-allowed" in codes(outcome)) == (None, True)


def test_cells_that_are_computed_and_cells_that_are_written_decide_together():
    rules = ("< limit => 1", "limit => 2", "> 100 => 3", "(20..100] => 4")
    logic = table({"age": "number"}, rules)
    model = opened(given(age="number", limit="number") + decision("it", logic, "i-age", "i-limit"))
    limit = {"limit": Decimal(20)}
    found = [
        decisions.value_of(model, "it", {"age": Decimal(n), **limit}) for n in (19, 20, 50, 101)
    ]
    assert found == [Decimal(1), Decimal(2), Decimal(4), Decimal(3)]


@pytest.mark.parametrize("cell", ["1", "< 5", "[1..3]", "not(7)", "1, 2", "null", "-", "? + 1 = 2"])
@pytest.mark.parametrize("value", [Decimal(1), Decimal(7), "a", True, None, [Decimal(1)]])
def test_the_quick_way_through_a_column_decides_as_the_cell_itself_does(cell, value):
    """The same cell beside a computed one, which keeps the column from being cut into pieces."""
    other = '"x"' if cell != "1" else "99"
    quick = asked((f"{cell} => 1",), value, given_as="Any", policy="COLLECT")
    slow = asked(
        (f"{cell} => 1", f"? = {other} and false => 2", '"y" => 3'),
        value,
        given_as="Any",
        policy="COLLECT",
    )
    assert (quick.value or []) == (slow.value or [])
