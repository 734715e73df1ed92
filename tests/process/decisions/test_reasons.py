"""Why: rules, inputs, articles and versions, as data and in words."""

from decimal import Decimal

import pytest
from tests.process.decisions.models import decision, given, literal, opened, table

from renkei import kit
from renkei.process import decisions
from renkei.process.decisions.findings import ROOM

NOTES = '<annotation name="根拠"/>'
RULES = ("< 20 => 1 # 条例第1条", ">= 18 => 2 # 条例第2条")


def asked(age, policy="FIRST"):
    logic = table({"age": "number"}, RULES, policy=policy, notes=NOTES)
    cited = logic.replace(
        "</rule></decisionTable>",
        "<extensionElements><r:article>規則第3条</r:article></extensionElements></rule></decisionTable>",
    )
    model = opened(given(age="number") + decision("it", cited, "i-age"))
    return decisions.evaluate(model, "it", {"age": Decimal(age)}, why=True)


def test_rules_that_matched_are_told_with_what_they_gave_and_whether_they_counted():
    (reason,) = asked(19).reasons
    (told,) = reason.tables
    assert [(hit.number, hit.counts, hit.gave) for hit in told.hits] == [
        (1, True, (("out", Decimal(1)),)),
        (2, False, (("out", Decimal(2)),)),
    ]
    assert told.saw == (("age", Decimal(19)),)


@pytest.mark.parametrize(
    ("age", "articles"), [(19, ("条例第1条",)), (30, ("条例第2条", "規則第3条"))]
)
def test_the_articles_are_those_of_the_rule_that_decided(age, articles):
    assert asked(age).articles == articles


@pytest.mark.parametrize(("language", "words"), [("ja", "規則1が該当"), ("en", "rule 1 matched")])
def test_the_reasons_read_in_both_languages(language, words):
    said = "\n".join(decisions.sentences(asked(5), language))
    assert words in said
    assert "条例第1条" in said


def test_the_reasons_are_data_too():
    (told,) = decisions.why_data(asked(5))
    assert (told["value"], told["given"], told["articles"]) == (1, {"age": 5}, ["条例第1条"])
    assert len(str(told["version"])) == 64


def test_a_decision_cites_its_sources_and_the_knowledge_it_calls():
    inside = (
        '<knowledgeSource id="law" name="条例" locationURI="urn:law"/>'
        '<businessKnowledgeModel id="k-f" name="f"><extensionElements><r:article>規則第9条'
        "</r:article></extensionElements><encapsulatedLogic>"
        + literal("1")
        + "</encapsulatedLogic></businessKnowledgeModel>"
    )
    rests = (
        "<question>いくらですか。</question><authorityRequirement>"
        '<requiredAuthority href="#law"/></authorityRequirement>'
    )
    model = opened(inside + decision("it", rests + literal("f()"), "k-f"))
    outcome = decisions.evaluate(model, "it", {}, why=True)
    assert outcome.articles == ("条例 (urn:law)", "規則第9条")
    assert "問い: いくらですか。" in "\n".join(decisions.sentences(outcome, "ja"))


def test_nobody_pays_for_reasons_they_do_not_ask_for():
    model = opened(decision("it", "<literalExpression><text>1</text></literalExpression>"))
    assert decisions.evaluate(model, "it", {}).reasons == ()


def test_to_ask_why_changes_no_value_however_much_a_rule_passed_over_would_cost():
    endless = "count(for i in 1..100000000 return i)"
    logic = table({"n": "number"}, ["1 => 1", f"- => {endless}"], policy="FIRST")
    model = opened(given(n="number") + decision("it", logic, "i-n"))
    plain = decisions.evaluate(model, "it", {"n": Decimal(1)})
    asked = decisions.evaluate(model, "it", {"n": Decimal(1)}, why=True)
    assert (plain.value, plain.problems) == (asked.value, asked.problems) == (Decimal(1), ())


def test_every_text_of_the_room_has_both_languages_with_the_same_facts():
    for code, texts in kit.texts_of(ROOM).items():
        assert all(texts.values()), code
        if code != "decision-text-malformed":
            names = [
                sorted(set(__import__("re").findall(r"\{(\w+)\}", t)) - {"ja", "en"})
                for t in texts.values()
            ]
            assert names[0] == names[1], code
