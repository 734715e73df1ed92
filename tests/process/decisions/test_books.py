"""Books: the model and the amounts of the day, what they cite, and what is refused."""

from datetime import date
from decimal import Decimal
from importlib.resources import files

import pytest
from hypothesis import given as drawn
from hypothesis import settings
from hypothesis import strategies as st
from tests.process.decisions.models import SPACE, decision, definitions, given, literal

from renkei.process import decisions, feel
from renkei.process.feel.domain import DOMAIN

MODELS = "since\tuntil\tfile\tarticle\tprovenance\tnote\n"
AMOUNTS = "name\tkey\tsince\tuntil\tvalue\tunit\tarticle\tprovenance\n"
FIRST = "2020-04-01\t2024-09-30\told.dmn\tact A\tproposed\t\n"
SECOND = "2024-10-01\t\tnew.dmn\tact B\tproposed\t\n"


def written(folder, models=FIRST + SECOND, amounts=""):
    for name, text in (("old", "rate * 1"), ("new", "rate * 2")):
        inside = given(rate="number") + decision("it", literal(text), "i-rate")
        (folder / f"{name}.dmn").write_bytes(definitions(inside))
    (folder / "models.tsv").write_text(MODELS + models, encoding="utf-8")
    if amounts:
        (folder / "amounts.tsv").write_text(AMOUNTS + amounts, encoding="utf-8")
    return folder


RATES = (
    "rate\t\t2020-04-01\t2022-03-31\t3\tyen\tact R\tproposed\n"
    "rate\t\t2022-04-01\t\t5\tyen\tact R\tproposed\n"
)


@pytest.mark.parametrize(
    ("day", "wanted"),
    [
        ("2020-04-01", 3),
        ("2022-03-31", 3),
        ("2022-04-01", 5),
        ("2024-09-30", 5),
        ("2024-10-01", 10),
    ],
)
def test_the_model_and_the_amounts_of_the_day_answer(tmp_path, day, wanted):
    book = decisions.open_book(written(tmp_path, amounts=RATES))
    answer = book.evaluate("it", {}, on=date.fromisoformat(day))
    assert answer.outcome.value == Decimal(wanted)


def test_before_the_first_day_nobody_answers(tmp_path):
    book = decisions.open_book(written(tmp_path))
    with pytest.raises(decisions.NothingInForce):
        book.on(date(2020, 3, 31))


def test_an_amount_of_the_day_cannot_be_given_otherwise(tmp_path):
    book = decisions.open_book(written(tmp_path, amounts=RATES))
    with pytest.raises(decisions.InputFixed):
        book.evaluate("it", {"rate": Decimal(99)}, on=date(2024, 10, 1))


@pytest.mark.parametrize(
    ("models", "amounts", "line"),
    [
        (FIRST + SECOND.replace("2024-10-01", "2024-09-30"), "", 3),
        (FIRST.replace("2024-09-30", "2019-09-30"), "", 2),
        (FIRST.replace("2020-04-01", "yesterday"), "", 2),
        (FIRST.replace("old.dmn", "../old.dmn"), "", 2),
        (FIRST.replace("proposed", "certain"), "", 2),
        ("", "", 1),
        (FIRST, RATES.replace("2022-04-01", "2022-03-31"), 3),
        (FIRST, RATES.replace("\t3\t", "\tthree\t"), 2),
        (FIRST, RATES.replace("\t3\t", "\t1 +\t"), 2),
    ],
)
def test_a_defect_is_refused_by_its_line(tmp_path, models, amounts, line):
    with pytest.raises(decisions.BookMalformed) as refused:
        decisions.open_book(written(tmp_path, models, amounts))
    assert refused.value.facts["line"] == line


def shipped(name):
    book = decisions.shipped_book(name)
    assert book is not None
    return book


def test_every_answer_names_the_content_of_the_model_that_made_it(tmp_path):
    book = decisions.open_book(written(tmp_path, amounts=RATES))
    before, after = (book.evaluate("it", {}, on=date(2024, n, 1)).outcome for n in (9, 10))
    assert len(before.version) == 64
    assert (before.version == after.version, before.file, after.file) == (
        False,
        "old.dmn",
        "new.dmn",
    )


def test_the_version_of_a_book_follows_from_its_amounts_too(tmp_path):
    before = decisions.open_book(written(tmp_path, amounts=RATES)).version
    assert decisions.open_book(written(tmp_path, amounts=RATES)).version == before
    assert (
        decisions.open_book(written(tmp_path, amounts=RATES.replace("\t3\t", "\t4\t"))).version
        != before
    )


CHILD = shipped("child_allowance")


def allowance(on, born, order, **more):
    day = date.fromisoformat(on)
    in_force = CHILD.on(day)
    data = {"基準日": on, "児童の生年月日": born, "第何子": order, **more}
    inputs = decisions.inputs_of(data, in_force.edition.model)
    return CHILD.evaluate("支給月額", inputs, on=day, why=True)


@pytest.mark.parametrize("name", decisions.shipped_books())
def test_the_tables_of_a_shipped_book_have_no_gap_and_no_overlap(name):
    book = shipped(name)
    assert [decisions.check(edition.model) for edition in book.editions] == [()] * len(
        book.editions
    )
    assert {edition.provenance for edition in book.editions} == {"proposed"}


@pytest.mark.parametrize(
    ("on", "born", "order", "wanted"),
    [
        ("2024-10-01", "2024-05-10", 1, 15_000),
        ("2024-10-01", "2024-05-10", 3, 30_000),
        ("2027-05-01", "2024-05-10", 1, 15_000),  # until the month of the third birthday
        ("2027-06-01", "2024-05-10", 1, 10_000),
        ("2027-05-01", "2024-05-01", 1, 10_000),  # born on the first of a month
        ("2025-03-01", "2007-04-01", 1, 10_000),  # 18 on 31 March: the last month
        ("2025-04-01", "2007-04-01", 1, 0),
        ("2025-04-01", "2007-04-02", 1, 10_000),
        ("2027-03-01", "2008-02-29", 3, 0),
    ],
)
def test_the_allowance_follows_the_childs_age_on_the_day(on, born, order, wanted):
    assert allowance(on, born, order).outcome.value == Decimal(wanted)


@pytest.mark.parametrize(
    ("income", "dependants", "wanted"),
    [
        (6_599_999, 1, 10_000),
        (6_600_000, 1, 5_000),
        (8_959_999, 1, 5_000),
        (8_960_000, 1, 0),
        (8_879_999, 7, 10_000),
        (8_880_000, 7, 5_000),
    ],
)
def test_until_september_2024_the_income_counts(income, dependants, wanted):
    more = {"受給者の所得": income, "扶養親族等の数": dependants}
    assert allowance("2024-09-01", "2012-06-01", 1, **more).outcome.value == Decimal(wanted)


def test_the_rules_of_september_still_hold_for_september_and_an_answer_says_which_it_used():
    more = {"受給者の所得": 5_000_000, "扶養親族等の数": 1}
    before, after = (
        allowance("2024-09-01", "2022-05-10", 3, **more),
        allowance("2024-10-01", "2022-05-10", 3),
    )
    assert (before.outcome.value, after.outcome.value) == (Decimal(15_000), Decimal(30_000))
    assert before.articles[0] == "児童手当法第6条第1項第1号"
    assert "令和6年法律第47号" in after.articles[-1]
    words = "\n".join(decisions.sentences(after.outcome, "ja"))
    assert "規則2が該当し、採られました: 月額 = 30000" in words
    assert after.outcome.version[:12] in words


NAMESPACE = "urn:renkei:decisions:child-allowance:2024-10-01"
YEAR_END = (
    f'<import name="book" namespace="{NAMESPACE}" importType="{SPACE}"/>'
    + given(born="date", age="number")
    + decision(
        "it",
        f'<knowledgeRequirement><requiredKnowledge href="{NAMESPACE}#year-end"/>'
        "</knowledgeRequirement>"
        + literal("book.年度末(born, age) = 年度の末日(年度(年齢到達日(born, age)))"),
        "i-born",
        "i-age",
    )
)

SHIPPED = files("renkei.process.decisions.shipped") / "child_allowance" / "2024-10-01.dmn"
COMPARED = decisions.open_model(
    definitions(YEAR_END), "it.dmn", {"book.dmn": SHIPPED.read_bytes()}, library=DOMAIN
)


@settings(max_examples=100)
@drawn(st.dates(date(1990, 1, 1), date(2060, 12, 31)), st.sampled_from([12, 15, 18]))
def test_the_year_end_of_the_book_is_that_of_the_law_of_counting_ages(born, age):
    """The book counts in plain FEEL for any engine; the town's functions know the law."""
    inputs: decisions.Inputs = {"born": feel.Date.from_python(born), "age": Decimal(age)}
    assert decisions.value_of(COMPARED, "it", inputs) is True
