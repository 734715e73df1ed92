"""Functions of the town's own work follow the law they are made for."""

import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from japanera import EraDate
from tests.house.source import ROOT

from renkei.process import feel
from renkei.process.feel.domain import DOMAIN, eras

DAYS = st.dates(dt.date(1900, 1, 1), dt.date(2100, 12, 31))
SINCE_MEIJI = st.dates(dt.date(1873, 1, 1), dt.date(2100, 12, 31))


def value(text: str, **context: feel.Value) -> feel.Value:
    return feel.expression(text, feel.Names(context), library=DOMAIN).value(context)


def day(python: dt.date) -> feel.Date:
    return feel.Date.from_python(python)


@given(SINCE_MEIJI)
def test_a_day_is_written_by_its_era_and_read_back(python):
    written = value("和暦(d)", d=day(python))
    assert value("和暦から日付(w)", w=written) == day(python)


@given(SINCE_MEIJI)
def test_eras_are_those_of_an_independent_library(python):
    theirs = EraDate.from_date(python)
    assert value("元号(d)", d=day(python)) == theirs.era.kanji
    assert value("和暦年(d)", d=day(python)) == python.year - theirs.era.since.year + 1


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ("令和元年5月1日", "2019-05-01"),
        ("令和1年5月1日", "2019-05-01"),
        ("R8.4.1", "2026-04-01"),
        ("Ｒ８．４．１", "2026-04-01"),
        ("平成31年4月30日", "2019-04-30"),
        ("平成31年5月1日", None),
        ("昭和64年1月8日", None),
        ("令和0年5月1日", None),
        ("明治5年12月1日", None),
        ("令和8年2月30日", None),
        ("西暦2026年4月1日", None),
        ("", None),
    ],
)
def test_a_written_day_is_read_only_within_its_era(said, found):
    assert value("和暦から日付(w)", w=said) == (None if found is None else feel.Date.parse(found))


def test_every_era_says_its_basis_and_whether_it_was_verified():
    assert all(era.basis and era.provenance in {"verified", "proposed"} for era in eras())


@given(DAYS)
def test_a_fiscal_year_begins_on_the_first_of_april(python):
    year = value("年度(d)", d=day(python))
    assert value("年度の初日(年度(d)) <= d and d <= 年度の末日(年度(d))", d=day(python)) is True
    assert year == python.year - (python.month < 4)


@given(DAYS, st.integers(0, 40_000))
def test_an_age_is_reached_on_the_eve_of_the_birthday(born, later):
    on = born + dt.timedelta(days=later)
    context: dict[str, feel.Value] = {"b": day(born), "d": day(on)}
    age = value("年齢(b, d)", **context)
    assert isinstance(age, Decimal)
    had = (on.month, on.day) >= (born.month, born.day)
    assert age == on.year - born.year - (not had)
    reached = value("年齢到達日(b, n)", b=day(born), n=age + 1)
    assert isinstance(reached, feel.Date)
    assert value("年齢(b, d)", b=day(born), d=reached) == age
    assert value("到達年齢(b, d)", b=day(born), d=reached) == age + 1
    assert value("年齢(b, d)", b=day(born), d=reached.plus_days(1)) == age + 1


@pytest.mark.parametrize(
    ("born", "age", "reached"),
    [
        ("2020-04-01", 6, "2026-03-31"),
        ("2020-04-02", 6, "2026-04-01"),
        ("2004-02-29", 20, "2024-02-28"),
        ("2004-02-29", 21, "2025-02-28"),
        ("2004-01-01", 18, "2021-12-31"),
    ],
)
def test_school_begins_by_the_law_on_counting_ages(born, age, reached):
    found = value("年齢到達日(date(b), n)", b=born, n=Decimal(age))
    assert found == feel.Date.parse(reached)


@given(st.integers(-(10**12), 10**12), st.sampled_from([1, 10, 100, 1000, 10_000]))
def test_rounding_goes_to_a_multiple_of_the_unit_by_size(number, unit):
    n, u = Decimal(number), Decimal(unit)
    down, up, half = (value(f"{way}(n, u)", n=n, u=u) for way in ("切捨て", "切上げ", "四捨五入"))
    assert isinstance(down, Decimal)
    assert isinstance(up, Decimal)
    assert down % u == up % u == 0
    assert abs(down) <= abs(n) <= abs(up)
    assert abs(up) - abs(down) in {0, u}
    assert half == (up if abs(n) * 2 >= abs(down) + abs(up) else down)


HOLIDAYS = st.lists(st.dates(dt.date(2026, 1, 1), dt.date(2026, 12, 31)), max_size=20)


@given(st.dates(dt.date(2026, 1, 1), dt.date(2026, 12, 31)), HOLIDAYS, st.integers(0, 20))
def test_office_days_are_counted_as_one_would_on_a_calendar(start, closed, count):
    open_days = [
        at
        for n in range(1, 200)
        if (at := start + dt.timedelta(days=n)).weekday() < 5 and at not in closed
    ]
    calendar: list[feel.Value] = [day(one) for one in closed]
    found = value("開庁日後(d, n, c)", d=day(start), n=Decimal(count + 1), c=calendar)
    assert found == day(open_days[count])
    assert value("開庁日数(d, e, c)", d=day(start), e=found, c=calendar) == count + 1


def test_a_term_that_ends_on_a_closed_day_ends_on_the_next_open_one():
    calendar = '[@"2026-05-04", @"2026-05-05", @"2026-05-06"]'
    assert value(f'開庁日に繰延べ(@"2026-05-02", {calendar}) = @"2026-05-07"') is True
    assert value(f'開庁日に繰延べ(@"2026-05-01", {calendar}) = @"2026-05-01"') is True


def test_a_town_may_say_by_a_function_when_it_is_closed():
    open_on_saturdays = "function(d) d.weekday = 7"
    assert value(f'開庁日である(@"2026-04-04", {open_on_saturdays})') is True
    assert value('開庁日である(@"2026-04-04", [])') is False
    assert value('開庁日後(@"2026-04-04", 1, function(d) true)') is None
    assert value('開庁日後(@"2026-04-04", 1, ["a"])') is None


HOUSEHOLD = (
    '[{続柄: "世帯主", 年齢: 40, 所得: 3000000}, {続柄: "子", 年齢: 17, 所得: 0}, '
    '{続柄: "子", 年齢: 19, 所得: 500000}]'
)


def test_a_household_is_counted_and_added_up_by_a_condition():
    assert value(f"該当者数({HOUSEHOLD}, function(人) 人.年齢 < 18)") == 1
    assert (
        value(f"該当者の合計({HOUSEHOLD}, function(人) 人.年齢 >= 18, function(人) 人.所得)")
        == 3_500_000
    )
    assert value("該当者の合計([], function(人) true, function(人) 人.所得)") == 0
    assert value(f"該当者({HOUSEHOLD}, function(人) 人.年齢 < 18).続柄") == ["子"]


def test_a_member_of_whom_nothing_is_known_is_not_left_out_in_silence():
    text = "該当者数([{年齢: null}], function(人) 人.年齢 < 18)"
    found = feel.expression(text, library=DOMAIN).evaluate({})
    assert (found.value, found.problems[0].code) == (None, "feel-member-unknown")


def test_the_conformance_library_has_none_of_them():
    assert value('年度(date("2026-04-01"))') == 2026
    assert feel.expression('年度(date("2026-04-01"))').value({}) is None


def test_each_of_them_stands_in_the_manual_with_its_parameters():
    page = (ROOT / "docs" / "expressions.md").read_text(encoding="utf-8")
    for name, function in DOMAIN.functions.items():
        if name not in feel.CONFORMANCE.functions and isinstance(function, feel.Function):
            parameters = ", ".join(parameter.name for parameter in function.parameters)
            assert f"`{name}({parameters})`" in page
