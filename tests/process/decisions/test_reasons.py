"""Why: rules, inputs, articles and versions, as data and in words."""

from decimal import Decimal

import pytest
from tests.process.decisions.models import decision, given, opened, table

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


def test_nobody_pays_for_reasons_they_do_not_ask_for():
    model = opened(decision("it", "<literalExpression><text>1</text></literalExpression>"))
    assert decisions.evaluate(model, "it", {}).reasons == ()


def test_every_text_of_the_room_has_both_languages_with_the_same_facts():
    for code, texts in kit.texts_of(ROOM).items():
        assert all(texts.values()), code
        if code != "decision-text-malformed":
            names = [
                sorted(set(__import__("re").findall(r"\{(\w+)\}", t)) - {"ja", "en"})
                for t in texts.values()
            ]
            assert names[0] == names[1], code
