"""Boxed expressions, knowledge, services, imports, types: each as the standard has it."""

from decimal import Decimal

import pytest
from tests.process.decisions.models import decision, definitions, given, literal, opened

from renkei.process import decisions


def value(logic, *needs, more="", of="Any", **inputs):
    model = opened(more + decision("it", logic, *needs, of=of))
    return decisions.value_of(model, "it", inputs)


def part(name, text):
    return f"<{name}>{literal(text)}</{name}>"


ENTRY = '<contextEntry><variable name="{}"/>{}</contextEntry>'
LAST = "<contextEntry>{}</contextEntry>"


@pytest.mark.parametrize(
    ("logic", "wanted"),
    [
        (literal("1 + 2"), Decimal(3)),
        (f"<list>{literal('1')}{literal('2')}</list>", [Decimal(1), Decimal(2)]),
        (
            (
                '<relation><column name="a"/><column name="b"/><row>'
                f"{literal('1')}{literal('2')}</row></relation>"
            ),
            [{"a": Decimal(1), "b": Decimal(2)}],
        ),
        (
            "<context>"
            + ENTRY.format("a b", literal("1"))
            + LAST.format(literal("a b + 1"))
            + "</context>",
            Decimal(2),
        ),
        (
            "<conditional>"
            + part("if", "1 > 2")
            + part("then", "1")
            + part("else", "2")
            + "</conditional>",
            Decimal(2),
        ),
        (
            "<filter>" + part("in", "[1,2,3]") + part("match", "item > 2") + "</filter>",
            [Decimal(3)],
        ),
        (
            "<filter>" + part("in", "[{a: 1}, {a: 2}]") + part("match", "a = 2") + "</filter>",
            [{"a": Decimal(2)}],
        ),
        (
            '<for iteratorVariable="x">' + part("in", "[1,2]") + part("return", "x * 2") + "</for>",
            [Decimal(2), Decimal(4)],
        ),
        (
            '<for iteratorVariable="x">'
            + part("in", "[1,2,3]")
            + part("return", "count(partial) + x")
            + "</for>",
            [Decimal(1), Decimal(3), Decimal(5)],
        ),
        (
            '<for iteratorVariable="x">' + part("in", "[1..3]") + part("return", "x") + "</for>",
            [Decimal(1), Decimal(2), Decimal(3)],
        ),
        (
            '<some iteratorVariable="x">'
            + part("in", "[1,2]")
            + part("satisfies", "x = 2")
            + "</some>",
            True,
        ),
        (
            '<every iteratorVariable="x">'
            + part("in", "[1,2]")
            + part("satisfies", "x = 2")
            + "</every>",
            False,
        ),
        (
            '<every iteratorVariable="x">'
            + part("in", "[1,2]")
            + part("satisfies", "x")
            + "</every>",
            None,
        ),
        (
            "<conditional>"
            + part("if", "5")
            + part("then", "1")
            + part("else", "2")
            + "</conditional>",
            None,
        ),
    ],
)
def test_a_box_has_the_value_of_its_kind(logic, wanted):
    assert value(logic) == wanted


KNOWLEDGE = (
    '<businessKnowledgeModel id="k-double" name="double"><variable name="double"/>'
    "<encapsulatedLogic>"
    '<formalParameter name="n" typeRef="number"/>' + literal("n * 2") + "</encapsulatedLogic>"
    "</businessKnowledgeModel>"
)


def test_knowledge_is_called_in_a_text_and_by_an_invocation():
    argument = f"<binding><parameter name='n'/>{literal('4')}</binding>"
    invocation = f"<invocation>{literal('double')}{argument}</invocation>"
    assert value(literal("double(3)"), "k-double", more=KNOWLEDGE) == Decimal(6)
    assert value(invocation, "k-double", more=KNOWLEDGE) == Decimal(8)


def test_an_argument_of_another_type_is_a_problem_with_its_place():
    model = opened(KNOWLEDGE + decision("it", literal('double("x")'), "k-double"))
    outcome = decisions.evaluate(model, "it", {})
    assert (outcome.value, len(outcome.problems)) == (None, 1)
    assert "decision it" in outcome.problems[0].text("ja")


def test_knowledge_may_call_itself_but_not_for_ever():
    logic = (
        '<businessKnowledgeModel id="k-f" name="f"><encapsulatedLogic>'
        '<formalParameter name="n" typeRef="number"/>{}</encapsulatedLogic>'
        "</businessKnowledgeModel>"
    )
    counted = logic.format(literal("if n = 0 then 0 else 1 + f(n - 1)"))
    assert value(literal("f(5)"), "k-f", more=counted) == Decimal(5)
    endless = opened(logic.format(literal("f(n + 1)")) + decision("it", literal("f(0)"), "k-f"))
    outcome = decisions.evaluate(endless, "it", {})
    assert (outcome.value, outcome.problems[0].code) == (None, "feel-depth-exceeded")


def test_each_decision_is_made_once_however_many_need_it():
    from_one = decision("base", literal("1")) + decision("a", literal("base"), "d-base")
    more = from_one + decision("b", literal("base"), "d-base")
    model = opened(more + decision("it", literal("a + b"), "d-a", "d-b"))
    outcome = decisions.evaluate(model, "it", {}, why=True)
    assert [reason.name for reason in outcome.reasons] == ["base", "a", "b", "it"]


def test_a_long_chain_of_decisions_is_no_deep_recursion():
    chain = [decision("n0", literal("0"))]
    chain += [decision(f"n{i}", literal(f"n{i - 1} + 1"), f"d-n{i - 1}") for i in range(1, 3000)]
    assert decisions.value_of(opened("".join(chain)), "n2999", {}) == Decimal(2999)


def test_decisions_that_need_each_other_end_with_a_problem():
    model = opened(decision("a", literal("b"), "d-b") + decision("b", literal("a"), "d-a"))
    outcome = decisions.evaluate(model, "a", {})
    assert (outcome.value, outcome.problems[0].code) == (None, "decision-circle")


SERVICE = (
    '<decisionService id="k-s" name="s"><variable name="s"/><outputDecision href="#d-out"/>'
    '<inputDecision href="#d-middle"/><inputData href="#i-n"/></decisionService>'
)


def test_a_service_knows_its_arguments_and_nothing_else():
    more = given(n="number") + decision("middle", literal("100"))
    more += decision("out", literal("middle + n"), "d-middle", "i-n") + SERVICE
    model = opened(more + decision("it", literal("s(1, 2)"), "k-s"))
    inputs = {"n": Decimal(5), "middle": Decimal(7)}
    assert decisions.value_of(model, "it", inputs) == Decimal(3)
    assert decisions.value_of(model, "out", inputs) == Decimal(105)
    assert decisions.value_of(model, "s", inputs) == Decimal(12)


TYPES = (
    '<itemDefinition name="tAge"><typeRef>number</typeRef><allowedValues><text>[0..150]</text>'
    '</allowedValues></itemDefinition><itemDefinition name="tAges" isCollection="true">'
    "<typeRef>tAge</typeRef><typeConstraint><text>count(?) &lt; 3</text></typeConstraint>"
    '</itemDefinition><itemDefinition name="tPerson"><itemComponent name="age">'
    "<typeRef>tAge</typeRef>"
    "</itemComponent></itemDefinition>"
)


@pytest.mark.parametrize(
    ("of", "text", "is_taken"),
    [
        ("tAge", "150", True),
        ("tAge", "151", False),
        ("tAge", "[7]", True),
        ("tAges", "[1, 2]", True),
        ("tAges", "[1, 200]", False),
        ("tAges", "[1, 2, 3]", False),
        ("tPerson", "{age: 3, name: 1}", True),
        ("tPerson", "{age: 300}", False),
        ("tPerson", "{}", False),
    ],
)
def test_a_value_is_handed_over_to_its_declared_type_or_is_null(of, text, is_taken):
    assert (value(literal(text), more=TYPES, of=of) is not None) is is_taken


def test_another_model_is_imported_by_its_namespace():
    other = definitions(TYPES + KNOWLEDGE.replace("#", "#"), namespace="urn:other")
    knowledge = (
        '<knowledgeRequirement><requiredKnowledge href="urn:other#k-double"/>'
        "</knowledgeRequirement>"
    )
    importing = '<import name="lib" namespace="urn:other" importType="https://www.omg.org/spec/DMN/20230324/MODEL/"/>'
    inside = importing + decision("it", knowledge + literal("lib.double(4)"), of="lib.tAge")
    model = decisions.open_model(definitions(inside), "test.dmn", {"other.dmn": other})
    assert decisions.value_of(model, "it", {}) == Decimal(8)
    with pytest.raises(decisions.ModelImportMissing) as missing:
        decisions.open_model(definitions(inside), "test.dmn", {})
    assert missing.value.facts["namespace"] == "urn:other"


def test_a_text_that_is_no_feel_spoils_its_own_decision_alone():
    model = opened(decision("bad", literal("1 +")) + decision("good", literal("1")))
    assert decisions.value_of(model, "good", {}) == Decimal(1)
    outcome = decisions.evaluate(model, "bad", {})
    assert (outcome.value, outcome.problems[0].code) == (None, "decision-text-malformed")
