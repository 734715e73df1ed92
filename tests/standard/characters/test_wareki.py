"""A day has one name in an era; a name without a day is answered so, and kept as written."""

from datetime import date, timedelta
from itertools import pairwise

import japanera
import pytest
from hypothesis import given
from hypothesis import strategies as st

from renkei.standard.characters import (
    ERAS,
    Day,
    EraCodeUnknown,
    EraUnknown,
    NoSuchDay,
    Unreadable,
    Why,
    era_of,
    from_coded,
    from_wareki,
    to_wareki,
)
from renkei.standard.model import CodeList, CodeValue, Provenance

SOLAR_DAYS = st.dates(date(1873, 1, 1), date(2099, 12, 31))


def codes(digits: int, eras: str = "明治 大正 昭和 平成 令和") -> CodeList:
    """Return the code list of the eras, in one digit or two."""
    ours = Provenance.proposed
    since = date(2012, 4, 1)
    values = tuple(
        CodeValue(value=f"{n:0{digits}d}", ja=ja, en=ja, since=since, provenance=ours, source="-")
        for n, ja in enumerate(eras.split(), 1)
    )
    return CodeList(
        id="era", group="common", ja="元号", en="Era", values=values, provenance=ours, source="-"
    )


BORDERS = [
    ("1873-01-01", "明治6年1月1日", "M06.01.01"),
    ("1912-07-29", "明治45年7月29日", "M45.07.29"),
    ("1912-07-30", "大正元年7月30日", "T01.07.30"),
    ("1926-12-24", "大正15年12月24日", "T15.12.24"),
    ("1926-12-25", "昭和元年12月25日", "S01.12.25"),
    ("1989-01-07", "昭和64年1月7日", "S64.01.07"),
    ("1989-01-08", "平成元年1月8日", "H01.01.08"),
    ("2019-04-30", "平成31年4月30日", "H31.04.30"),
    ("2019-05-01", "令和元年5月1日", "R01.05.01"),
    ("2026-04-01", "令和8年4月1日", "R08.04.01"),
]
FORMS = [
    "令和8年4月1日",
    "令和08年04月01日",
    "令和　８年　４月　１日",
    "R8.4.1",
    "r08.04.01",
    "Ｒ８．４．１",
    "R8/4/1",
    "R08-04-01",
    "令和8.4.1",
    "令和八年四月一日",
    "令和〇八年〇四月〇一日",
    "㋿8年4月1日",
]
NEVER = [
    ("明治45年7月30日", Why.no_longer, "1912-07-30", "大正元年7月30日"),
    ("大正15年12月25日", Why.no_longer, "1926-12-25", "昭和元年12月25日"),
    ("大正15年12月31日", Why.no_longer, "1926-12-31", "昭和元年12月31日"),
    ("昭和64年1月8日", Why.no_longer, "1989-01-08", "平成元年1月8日"),
    ("平成31年5月1日", Why.no_longer, "2019-05-01", "令和元年5月1日"),
    ("平成33年4月1日", Why.no_longer, "2021-04-01", "令和3年4月1日"),
    ("令和元年4月30日", Why.not_yet, "2019-04-30", "平成31年4月30日"),
    ("昭和元年12月24日", Why.not_yet, "1926-12-24", "大正15年12月24日"),
    ("平成31年2月29日", Why.not_in_month, "2019-02-29", None),
    ("昭和50年4月31日", Why.not_in_month, "1975-04-31", None),
    ("明治5年12月2日", Why.lunar, "1872-12-02", None),
    ("明治3年2月30日", Why.lunar, "1870-02-30", None),
]


NO_DATES = [
    *("", "令和", "8年4月1日", "令和8年4月1日頃", "2026-04-01", "安政5年1月1日", "\ud800"),
    *("令和0年1月1日", "令和8年13月1日", "令和8年4月32日", "令和8年4月0日", "令和8年元月1日"),
    *("R8.4", "R8.4/1", "令和一一一年一月一日", "令和一十年一月一日", "令和八八八年一月一日"),
    *("令" * 100, "R" + "9" * 70 + ".1.1"),
]


@pytest.mark.parametrize(("iso", "written", "short"), BORDERS)
def test_the_days_at_the_borders_of_the_eras_have_their_names(iso, written, short):
    day = date.fromisoformat(iso)
    named = to_wareki(day)
    assert (named.written, named.short, named.iso) == (written, short, iso)
    assert from_wareki(written) == from_wareki(short) == Day(day, named)


@pytest.mark.parametrize("text", FORMS)
def test_one_day_is_read_in_all_its_forms(text):
    assert from_wareki(text) == Day(date(2026, 4, 1), to_wareki(date(2026, 4, 1)))


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ("昭和六十四年一月七日", "1989-01-07"),
        ("昭和二十年八月十五日", "1945-08-15"),
        ("昭和二〇年一〇月一〇日", "1945-10-10"),
        ("大正十五年十二月二十四日", "1926-12-24"),
        ("平成元年十一月三十日", "1989-11-30"),
    ],
)
def test_kanji_numerals_are_read_by_place_and_by_digit(text, iso):
    answer = from_wareki(text)
    assert isinstance(answer, Day)
    assert answer.day.isoformat() == iso


@pytest.mark.parametrize(("text", "why", "iso", "right"), NEVER)
def test_a_day_that_never_was_is_answered_and_kept_as_written(text, why, iso, right):
    answer = from_wareki(text)
    assert isinstance(answer, NoSuchDay)
    assert (answer.written.written, answer.why, answer.written.iso) == (text, why, iso)
    assert answer.day == (date.fromisoformat(iso) if right else None)
    for language in ("ja", "en"):
        assert text in answer.text(language)
        assert right is None or right in answer.text(language)


@pytest.mark.parametrize("text", NO_DATES)
def test_what_is_no_date_in_an_era_is_said_to_be_none(text):
    answer = from_wareki(text)
    assert answer == Unreadable(text)
    assert "R8.4.1" in answer.text("ja")


@given(SOLAR_DAYS)
def test_every_day_has_one_name_that_leads_back_to_it(day):
    named = to_wareki(day)
    for text in (named.written, named.short):
        assert from_wareki(text) == Day(day, named)
    for digits in (1, 2):
        assert from_coded(named.coded(codes(digits)), codes(digits)) == Day(day, named)


@given(SOLAR_DAYS)
def test_another_library_names_the_day_alike(day):
    theirs = japanera.EraDate.from_date(day)
    ours = to_wareki(day)
    assert theirs.era.kanji == ours.era.ja
    assert theirs.strftime("%-y") == f"{ours.year:02d}"


@given(st.sampled_from(ERAS), st.integers(1, 99), st.integers(1, 12), st.integers(1, 31))
def test_every_date_is_a_day_or_never_was_one(era, year, month, day):
    answer = from_wareki(f"{era.letter}{year}.{month}.{day}")
    match answer:
        case Day():
            assert to_wareki(answer.day) == answer.written
        case NoSuchDay(day=date() as meant):
            assert to_wareki(meant).era is not era
        case NoSuchDay():
            assert answer.why in {Why.not_in_month, Why.lunar}
        case Unreadable():
            raise AssertionError(answer)


def test_the_code_of_an_era_has_one_digit_or_two_by_the_code_list():
    day = to_wareki(date(2026, 4, 1))
    assert day.coded(codes(1)) == "5080401"
    assert day.coded(codes(2)) == "05080401"
    assert isinstance(from_coded("3640108", codes(1)), NoSuchDay)
    for text in ("508040", "9080401", "5081301", "R080401", "0000000", ""):
        assert from_coded(text, codes(1)) == Unreadable(text)


def test_an_era_without_a_code_is_an_error_that_names_both():
    with pytest.raises(EraCodeUnknown, match=r"era.*令和"):
        to_wareki(date(2026, 4, 1)).coded(codes(1, "明治 大正"))


@pytest.mark.parametrize("day", [date(1872, 12, 31), date(1868, 1, 24), date(1, 1, 1)])
def test_a_day_before_the_solar_calendar_has_no_name(day):
    with pytest.raises(EraUnknown, match="1873-01-01"):
        to_wareki(day)


def test_the_eras_follow_each_other_without_a_gap():
    for earlier, later in pairwise(ERAS):
        assert era_of(later.since) is later
        assert era_of(later.since - timedelta(days=1)) is earlier
    assert era_of(date(1868, 1, 24)) is None
