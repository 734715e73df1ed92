"""Models others wrote: every version, foreign elements, and what is refused with its place."""

from decimal import Decimal

import pytest
from hypothesis import given as drawn
from hypothesis import strategies as st
from tests.process.decisions.models import (
    SPACE,
    decision,
    definitions,
    given,
    literal,
    opened,
    table,
)

from renkei import kit
from renkei.process import decisions
from renkei.process.decisions.names import DMN

WHOLE = definitions(given(n="number") + decision("it", literal("n + 1"), "i-n"))


@pytest.mark.parametrize("space", DMN)
def test_every_version_of_the_standard_is_read(space):
    model = decisions.open_model(WHOLE.replace(SPACE.encode(), space.encode()), "old.dmn")
    assert decisions.value_of(model, "it", {"n": Decimal(1)}) == Decimal(2)


def test_version_1_1_names_its_types_by_prefix():
    old = "http://www.omg.org/spec/DMN/20151101/dmn.xsd"
    data = definitions(
        given(n="feel:number") + decision("it", literal("n"), "i-n"),
        head=' xmlns:feel="http://www.omg.org/spec/FEEL/20140401"',
    ).replace(SPACE.encode(), old.encode())
    model = decisions.open_model(data, "old.dmn")
    assert decisions.evaluate(model, "it", {"n": "x"}).value is None
    assert decisions.check(model) == ()


def test_what_other_tools_add_is_passed_over_and_what_is_unknown_is_told():
    strange = '<x:shape xmlns:x="urn:x" id="1"><x:y/></x:shape><novelty id="n"/>'
    model = opened(strange + decision("it", literal("1")))
    assert decisions.value_of(model, "it", {}) == Decimal(1)
    assert [f.code for f in decisions.check(model)] == ["decision-element-unknown"]


def test_what_others_forget_or_spell_otherwise_is_taken_and_told():
    logic = '<literalExpression expressionLanguage="FEEL"><text>1</text></literalExpression>'
    empty = "<literalExpression><text/></literalExpression>"
    model = opened(f'<decision id="it">{logic}</decision>' + decision("blank", empty))
    assert decisions.value_of(model, "it", {}) == Decimal(1)
    told = [f.code for f in decisions.check(model)]
    assert told == ["decision-name-missing", "decision-text-empty"]


def test_a_model_that_declares_no_inputs_takes_what_its_tables_ask_for():
    """Some tools write tables and no input data; nothing else is known by a name then."""
    old = "https://www.omg.org/spec/DMN/20191111/MODEL/"
    logic = table({"season": "string", "guests": "integer"}, ['"Fall" | <= 8 => "Spareribs"'])
    data = definitions(decision("dish", logic)).replace(SPACE.encode(), old.encode())
    model = decisions.open_model(data, "dish.dmn")
    inputs = decisions.read_inputs('{"season": "Fall", "guests": 8}', model)
    assert decisions.value_of(model, "dish", inputs) == "Spareribs"
    assert decisions.evaluate(model, "dish", {"season": "Fall"}).value is None
    with pytest.raises(decisions.InputUnknown):
        decisions.read_inputs('{"strange": 1}', model)


REFUSED = {
    "no XML": (b"<definitions", decisions.ModelNotXml),
    "cut off": (WHOLE[:-20], decisions.ModelNotXml),
    "empty": (b"", decisions.ModelNotXml),
    "another document": (b"<html/>", decisions.ModelForeign),
    "an unknown version": (WHOLE.replace(b"20230324", b"20990101"), decisions.ModelForeign),
    "an entity": (
        b'<!DOCTYPE d [<!ENTITY e "boom">]>' + WHOLE.replace(b"n + 1", b"&e;"),
        decisions.ModelDeclares,
    ),
    "a file outside": (
        b'<!DOCTYPE d SYSTEM "file:///etc/passwd">' + WHOLE,
        decisions.ModelDeclares,
    ),
    "no name": (definitions("<decision/>"), decisions.ModelNameless),
    "an id twice": (
        definitions(decision("a", literal("1")) * 2),
        decisions.ModelNamedTwice,
    ),
    "too deep": (
        definitions("<decision name='a'>" + "<context>" * 150 + "</context>" * 150 + "</decision>"),
        decisions.ModelTooDeep,
    ),
    "deeper than the parser": (
        definitions("<context>" * 5000 + "</context>" * 5000),
        decisions.ModelTooDeep,
    ),
    "too large": (b" " * (9 * 1024 * 1024), decisions.ModelTooLarge),
    "too many elements": (definitions("<a/>" * 200_001), decisions.ModelTooLarge),
}


@pytest.mark.parametrize(("data", "error"), REFUSED.values(), ids=REFUSED)
def test_what_nobody_could_use_is_refused_by_the_name_of_its_file(data, error):
    with pytest.raises(error) as refused:
        decisions.open_model(data, "bad.dmn")
    assert "bad.dmn" in refused.value.text("ja")
    assert "bad.dmn" in refused.value.text("en")


def test_entities_that_multiply_are_never_expanded():
    bomb = b'<!DOCTYPE d [<!ENTITY a "aaaaaaaaaa">' + b"".join(
        f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">'.encode() for n in range(9)
    )
    with pytest.raises(kit.NodeError):
        decisions.open_model(bomb + b"]>" + WHOLE.replace(b"n + 1", b"&j;"), "bomb.dmn")


def test_models_that_import_each_other_are_refused():
    kind = f'importType="{SPACE}"'
    one = definitions(f'<import name="b" namespace="urn:b" {kind}/>', namespace="urn:a")
    other = definitions(f'<import name="a" namespace="urn:a" {kind}/>', namespace="urn:b")
    with pytest.raises(decisions.ModelImportCircle):
        decisions.open_model(one, "a.dmn", {"b.dmn": other})


def test_a_type_that_contains_itself_is_told_and_taken_as_any():
    inside = (
        '<itemDefinition name="t"><itemComponent name="a"><typeRef>t</typeRef>'
        "</itemComponent></itemDefinition>"
    )
    model = opened(inside + decision("it", literal("{a: 1}"), of="t"))
    assert decisions.value_of(model, "it", {}) == {"a": Decimal(1)}
    assert [f.code for f in decisions.check(model)] == ["decision-type-circular"]


def test_types_made_of_each_other_without_end_are_cut_short():
    chain = "".join(
        f'<itemDefinition name="t{n}"><typeRef>t{n + 1}</typeRef></itemDefinition>'
        for n in range(5000)
    )
    model = opened(chain + decision("it", literal("1"), of="t0"))
    assert decisions.value_of(model, "it", {}) == Decimal(1)
    assert "decision-type-circular" in {f.code for f in decisions.check(model)}


def test_boxes_as_deep_as_a_file_may_have_them_are_evaluated_or_null():
    deep = "<context><contextEntry>" * 45 + literal("1") + "</contextEntry></context>" * 45
    model = opened(decision("it", deep))
    assert decisions.value_of(model, "it", {}) == Decimal(1)
    assert decisions.check(model) == ()


def test_models_that_import_the_same_over_and_over_are_linked_once_each():
    """Each imports the next twice: way by way that would be two to the power of the chain."""
    kind = f'importType="{SPACE}"'
    files = {}
    for n in range(18):
        twice = "".join(f'<import name="{p}" namespace="urn:{n + 1}" {kind}/>' for p in "ab")
        lost = (
            '<informationRequirement><requiredDecision href="urn:17#x"/></informationRequirement>'
        )
        inside = (twice if n < 17 else "") + decision("it", lost + literal("1"))
        files[f"{n}.dmn"] = definitions(inside, namespace=f"urn:{n}")
    model = decisions.open_model(files.pop("0.dmn"), "0.dmn", files)
    assert decisions.value_of(model, "it", {}) == Decimal(1)
    assert len(model.version) == 64


def test_a_finding_names_file_line_and_element_and_what_to_do():
    model = opened("\n\n" + decision("it", literal("1"), "d-nobody"))
    (finding,) = decisions.check(model)
    assert (finding.code, finding.place.line) == ("decision-reference-missing", 3)
    assert finding.text("ja").startswith("test.dmn:3 decision it")
    assert "#d-nobody" in finding.text("en")


def test_what_is_of_java_or_another_language_is_never_run():
    java = (
        '<functionDefinition kind="Java"><formalParameter name="a"/><context/></functionDefinition>'
    )
    called = (
        f"<invocation>{java}<binding><parameter name='a'/>{literal('1')}</binding></invocation>"
    )
    script = '<literalExpression expressionLanguage="javascript"><text>1</text></literalExpression>'
    model = opened(decision("a", called) + decision("b", script))
    codes = [decisions.evaluate(model, name, {}).problems[0].code for name in ("a", "b")]
    assert codes == ["decision-function-foreign", "decision-language-unknown"]


@pytest.mark.parametrize(
    "text",
    [
        '__import__("os").system("true")',
        "().__class__.__base__",
        "item.__globals__",
        'eval("1")',
        'open("/etc/passwd")',
    ],
)
def test_no_text_reaches_python(text):
    cell = table({"n": "Any"}, [f"- => {text}"])
    model = opened(given(n="Any") + decision("it", cell, "i-n") + decision("too", literal(text)))
    assert decisions.value_of(model, "it", {"n": Decimal(1)}) is None
    assert decisions.value_of(model, "too", {}) is None


@pytest.mark.parametrize(
    "text", ["for i in 1..1000000000 return i", "sum(for i in 1..99999, j in 1..99999 return 1)"]
)
def test_a_text_that_does_not_end_is_ended(text):
    outcome = decisions.evaluate(opened(decision("it", literal(text))), "it", {})
    assert outcome.value is None
    assert outcome.problems[0].code in {"feel-steps-exhausted", "feel-size-exceeded"}


@drawn(st.integers(0, len(WHOLE) - 1), st.binary(min_size=1, max_size=3))
def test_a_damaged_file_is_refused_or_read_and_never_breaks_the_node(at, noise):
    try:
        model = decisions.open_model(WHOLE[:at] + noise + WHOLE[at + len(noise) :], "noise.dmn")
    except kit.NodeError:
        return
    decisions.check(model)


def test_a_decision_whose_parts_are_shared_without_end_is_ended():
    doubled = ", ".join(f"b{n}: [b{n - 1}, b{n - 1}]" for n in range(1, 60))
    model = opened(decision("it", literal(f"{{b0: [1], {doubled}}}.b59")))
    outcome = decisions.evaluate(model, "it", {}, why=True)
    assert outcome.value is None
    assert outcome.problems[0].code == "feel-steps-exhausted"
