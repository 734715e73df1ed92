"""Working days: the first day does not count, closed days do not, nor do those of a correction."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from renkei.process import cases
from renkei.process.cases.closed_days import read_closed_days
from renkei.process.cases.deadlines import Calendar, Deadline, step_day

THURSDAY = date(2027, 4, 1)
GOLDEN_WEEK = Calendar(frozenset({date(2027, 4, 29), date(2027, 5, 3), date(2027, 5, 4)}))
DAYS = st.dates(date(2026, 1, 1), date(2028, 12, 31))
CALENDARS = st.builds(Calendar, st.frozensets(DAYS, max_size=40))


@st.composite
def deadlines(draw):
    """Draw a deadline whose clock was turned on days in their order."""
    held = Deadline(draw(st.integers(1, 60)), draw(DAYS))
    for day in sorted(draw(st.lists(DAYS, max_size=6))):
        held = held.turned(max(day, held.since), is_still=not held.is_still)
    return held


@pytest.mark.parametrize(
    ("period", "since", "due"),
    [
        (1, THURSDAY, date(2027, 4, 2)),
        (2, THURSDAY, date(2027, 4, 5)),  # over a weekend
        (1, date(2027, 4, 3), date(2027, 4, 5)),  # from a Saturday
        (2, date(2027, 4, 28), date(2027, 5, 5)),  # over closed days
    ],
)
def test_a_period_ends_on_its_last_open_day(period, since, due):
    assert Deadline(period, since).due(GOLDEN_WEEK) == due


def test_the_clock_stands_still_while_a_correction_is_awaited():
    running = Deadline(5, THURSDAY)
    still = running.turned(date(2027, 4, 6), is_still=True)
    assert (still.due(Calendar()), still.used(Calendar(), date(2027, 6, 1))) == (None, 3)
    again = still.turned(date(2027, 4, 12), is_still=False)
    assert again.due(Calendar()) == date(2027, 4, 14)  # two days were left, from the day after
    assert again.turned(date(2027, 4, 12), is_still=True) == still


def test_a_period_that_is_over_before_the_clock_stopped_keeps_its_day():
    held = Deadline(1, THURSDAY).turned(date(2027, 4, 9), is_still=True)
    assert held.due(Calendar()) == date(2027, 4, 2)


@given(deadlines(), CALENDARS)
def test_on_the_day_due_all_days_are_used_and_not_before(held, calendar):
    due = held.due(calendar)
    if due is None:
        assert held.is_still
        assert held.used(calendar, held.stopped[-1] + timedelta(days=400)) < held.period
    else:
        assert held.used(calendar, due) == held.period
        assert held.used(calendar, due - timedelta(days=1)) == held.period - 1


@given(CALENDARS, DAYS, st.integers(-30, 30))
def test_days_on_and_back_agree_with_what_lies_between(calendar, day, count):
    there = calendar.after(day, count)
    assert calendar.is_open(there)
    if count > 0:
        assert calendar.between(day, there) == count


def test_no_day_is_beyond_the_calendar_of_python():
    assert Deadline(9, date(9999, 12, 30)).due(Calendar()) == date.max
    assert Calendar().after(date(9999, 12, 30), 9) == date.max


def test_the_next_step_of_a_ladder_lies_in_working_days_from_the_day_due():
    ladder = (-3, 0, 5)
    days = [step_day(ladder, n, date(2027, 4, 9), Calendar()) for n in range(4)]
    assert days == [date(2027, 4, 6), date(2027, 4, 9), date(2027, 4, 16), None]
    assert step_day(ladder, 0, None, Calendar()) is None


@pytest.mark.parametrize(
    "line",
    ["2027-02-30\tx", "2027-04-29", "昭和の日", "2027-04-29\t", "2027-04-29\ta\x00b", "\xff"],
)
def test_a_line_that_is_no_closed_day_is_told_by_its_number(line):
    with pytest.raises(cases.CalendarUnreadable, match="line 3"):
        read_closed_days(f"day\tname\n2027-01-01\t元日\n{line}\n".encode(), "days.tsv")


def test_no_day_stands_twice_in_a_calendar_and_its_text_is_utf_8():
    with pytest.raises(cases.CalendarUnreadable):
        read_closed_days("2027-01-01\t元日\n2027-01-01\t元日".encode())
    with pytest.raises(cases.CalendarUnreadable):
        read_closed_days("2027-01-01\t元日".encode("utf-16"))
