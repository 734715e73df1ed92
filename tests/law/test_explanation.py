"""What is said of a decision is true of the rows: nothing lacks only where a row permits."""

import re
from dataclasses import replace
from datetime import date
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.law import oracle
from tests.law.drawing import DAYS, REQUESTS, USES, rows
from tests.law.test_decisions import DAY, OWN_USE, STATUTORY, TABLE

from renkei.kit import texts_of
from renkei.law import Explanation, Permit, Reason, Request, compiled, explain, sentences
from renkei.standard import SubjectRelation, catalogue


@settings(max_examples=200)
@given(
    st.lists(rows(), min_size=1, max_size=8, unique_by=lambda row: row.row).map(tuple),
    st.lists(USES, max_size=3).map(tuple),
    REQUESTS,
    DAYS,
)
def test_a_row_lacks_nothing_exactly_where_it_permits(lines, uses, request, on):
    told = explain(request, compiled(lines, uses), on)
    permitting = oracle.permitting(request, lines, uses, on)
    for near in told.near:
        assert (not near.lacks) == (near.provision.row in permitting)
    if permitting:
        assert isinstance(told.decision, Permit)
        assert told.near[0].provision.row == told.decision.provision


def test_what_is_said_to_be_missing_completes_the_request():
    told = explain(replace(STATUTORY, year=2023), TABLE, DAY)
    (lack,) = told.near[0].lacks
    assert lack.reason is Reason.YEAR_NOT_NAMED
    for year in lack.wanted:
        assert isinstance(explain(replace(STATUTORY, year=int(year)), TABLE, DAY).decision, Permit)


def both(told: Explanation) -> list[list[str]]:
    return [sentences(told, catalogue(), "ja"), sentences(told, catalogue(), "en")]


@pytest.mark.parametrize(
    ("change", "ja", "en"),
    [
        ({"consent": ""}, "本人の同意の番号がある", "a reference of the person's consent"),
        ({"asker": "131024"}, "条例と個人情報保護委員会への届出", "notified to the commission"),
        ({"relation": "minor"}, "申請者本人、世帯員、保護者", "who applies, a member of the"),
        ({"items": ("06-1-013", "06-1-001")}, "06-1-001", "left out: 06-1-001"),
        ({"items": ()}, "一つ以上", "at least one"),
        ({"holder_kind": "firm"}, "市区町村", "a municipality"),
        ({"procedure": "JT0"}, "JT99000000001701", "JT99000000001701"),
        ({"asker_unit": "06"}, "17 乳幼児医療", "17 Medical"),
        ({"year": 2020}, "2025、2026", "2025, 2026"),
    ],
)
def test_the_sentences_name_what_would_have_to_change(change, ja, en):
    told = explain(replace(OWN_USE, **change), TABLE, DAY)
    for said, words in zip(both(told), (ja, en), strict=True):
        assert any(words in line for line in said[2:]), said


def test_a_day_before_the_ordinance_is_told_with_its_days():
    told = explain(replace(OWN_USE, year=2018), TABLE, date(2018, 3, 31))
    assert any("2018-04-01–" in line for line in sentences(told, catalogue(), "ja"))


def test_every_reason_has_its_words_in_both_languages_with_the_same_facts():
    known = texts_of("renkei.law")
    assert {f"lack-{reason}" for reason in Reason} <= set(known)
    assert {f"relation-{relation}" for relation in get_args(SubjectRelation)} <= set(known)
    for code, texts in known.items():
        facts = [set(re.findall(r"{(\w+)}", text)) for text in texts.values()]
        assert facts[0] == facts[1], code


def test_where_nothing_is_near_that_is_said():
    told = explain(
        Request("131016", "firm", "99", "JT0", "131024", "firm", "TM0", ("x",)),  # type: ignore[arg-type]
        TABLE,
        DAY,
    )
    assert told.near == ()
    assert "ひとつもありません" in sentences(told, catalogue(), "ja")[-1]
