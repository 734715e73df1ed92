"""Inputs as JSON: read by the declared types, exact to the digit, and refused by their names."""

from decimal import Decimal

import pytest
from tests.process.decisions.models import decision, given, literal, opened

from renkei.process import decisions, feel

MODEL = opened(
    given(n="number", on="date", span="dayTimeDuration", text="string", any="Any")
    + decision("it", literal("n"), "i-n")
)


def test_a_text_is_what_the_model_says_it_is():
    found = decisions.read_inputs(
        '{"on": "2024-02-29", "span": "P1DT2H", "text": "2024-02-29"}', MODEL
    )
    assert (str(found["on"]), type(found["on"]), found["text"]) == (
        "2024-02-29",
        feel.Date,
        "2024-02-29",
    )
    assert str(found["span"]) == "P1DT2H"


def test_numbers_keep_every_digit_that_was_written():
    found = decisions.read_inputs('{"n": 12345678901234567890.12345}', MODEL)
    assert found["n"] == Decimal("12345678901234567890.12345")


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("[]", decisions.InputsMalformed),
        ("{", decisions.InputsMalformed),
        ('{"strange": 1}', decisions.InputUnknown),
        ('{"on": "2023-02-29"}', decisions.InputUnfit),
        ('{"span": "P1Y"}', decisions.InputUnfit),
        ('{"any": ' + "[" * 60 + "]" * 60 + "}", decisions.InputUnfit),
        ('{"any": ' + "[" * 100_000, decisions.InputsMalformed),
    ],
)
def test_what_cannot_be_read_is_refused(text, error):
    with pytest.raises(error):
        decisions.read_inputs(text, MODEL)


def test_an_input_of_another_type_is_null_with_a_reason():
    outcome = decisions.evaluate(MODEL, "it", {"n": "five"})
    assert (outcome.value, outcome.problems[0].code) == (None, "decision-type-differs")
    missing = decisions.evaluate(MODEL, "it", {})
    assert missing.problems[0].code == "decision-input-missing"


def test_who_asks_for_a_decision_that_is_none_is_told_which_there_are():
    with pytest.raises(decisions.DecisionUnknown) as refused:
        decisions.evaluate(MODEL, "nothing", {})
    assert "it" in refused.value.text("ja")


def test_values_that_json_has_not_are_shown_as_they_are_written():
    texts = {"a": "function(x) x", "b": "[1..5)", "c": 'date("2024-01-01")', "d": "0.1"}
    model = opened("".join(decision(name, literal(text)) for name, text in texts.items()))
    found = [decisions.plain(decisions.value_of(model, name, {})) for name in texts]
    assert found == ["function(x)", "[1..5)", "2024-01-01", "0.1"]


def test_a_service_takes_decisions_as_inputs():
    service = (
        '<decisionService id="s" name="s"><outputDecision href="#d-out"/>'
        '<inputDecision href="#d-middle"/></decisionService>'
    )
    inside = decision("middle", literal("1"), of="number")
    model = opened(inside + decision("out", literal("middle + 1"), "d-middle") + service)
    inputs = decisions.read_inputs('{"middle": 5}', model)
    assert decisions.value_of(model, "s", inputs) == Decimal(6)
