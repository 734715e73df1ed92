"""Days, times and durations follow the calendar, far beyond Python's own."""

import datetime as dt
from zoneinfo import ZoneInfo

from hypothesis import assume, given
from hypothesis import strategies as st

from renkei.process import feel
from renkei.process.feel.temporal import civil, days_of

FAR = st.integers(-365_240_000_000, 365_240_000_000)
PYTHON_DAYS = st.dates()
PARIS = ZoneInfo("Europe/Paris")
NANOS = st.integers(-(10**20), 10**20)


@given(FAR)
def test_a_days_number_and_its_civil_date_are_one(days):
    year, month, day = civil(days)
    assert days_of(year, month, day) == days
    assert str(feel.Date.of(year, month, day)) == str(feel.Date(days))


@given(PYTHON_DAYS)
def test_within_pythons_calendar_days_are_pythons(day):
    mine = feel.Date.from_python(day)
    assert (str(mine), mine.weekday, mine.to_python()) == (day.isoformat(), day.isoweekday(), day)
    assert feel.Date.parse(day.isoformat()) == mine


@given(FAR, st.integers(-10_000, 10_000))
def test_months_added_keep_the_day_or_the_last_of_the_month(days, months):
    day = feel.Date(days)
    later = day.plus_months(months)
    assert later is not None
    (y1, m1, d1), (y2, m2, d2) = day.civil, later.civil
    assert (y2 - y1) * 12 + m2 - m1 == months
    assert d2 == d1 or (d2 < d1 and later.plus_days(1).civil[2] == 1)  # type: ignore[union-attr]


@given(
    st.integers(-(2 * 10**9), 4 * 10**9).map(lambda at: dt.datetime.fromtimestamp(at, dt.UTC)),
    st.integers(-(10**15), 10**15),
)
def test_a_moment_moves_along_the_line_of_time_and_shows_its_zones_clock(at, micros):
    begin, end = (
        moment.astimezone(PARIS) for moment in (at, at + dt.timedelta(microseconds=micros))
    )
    mine = feel.DateTime.parse(f"{begin:%Y-%m-%dT%H:%M:%S.%f}@Europe/Paris")
    assume(begin.fold == 0)
    moved = mine and mine.plus(micros * 1000)
    shown = feel.DateTime.parse(f"{end:%Y-%m-%dT%H:%M:%S.%f}@Europe/Paris")
    assert moved == shown


@given(NANOS, NANOS)
def test_durations_are_written_and_read_and_added_exactly(a, b):
    first, second = feel.DaysTime(a), feel.DaysTime(b)
    assert feel.DaysTime.parse(str(first)) == first
    found = feel.expression("a + b - b = a", feel.Names(["a", "b"])).value(
        {"a": first, "b": second}
    )
    assert found is True


@given(st.integers(-(10**9), 10**9))
def test_months_are_written_and_read(months):
    assert feel.YearsMonths.parse(str(feel.YearsMonths(months))) == feel.YearsMonths(months)


@given(st.integers(0, 86_400 * 10**9 - 1), st.none() | st.integers(-64_800, 64_800))
def test_times_are_written_and_read(nanos, zone):
    assert feel.Time.parse(str(feel.Time(nanos, zone))) == feel.Time(nanos, zone)


@given(st.text("0123456789-+:TZP.@/YMDHS", max_size=25))
def test_any_text_is_a_moment_or_none(text):
    for kind in (feel.Date, feel.Time, feel.DateTime, feel.YearsMonths, feel.DaysTime):
        found = kind.parse(text)
        assert found is None or kind.parse(str(found)) == found


def test_what_cannot_be_a_day_is_none():
    for text in ("2023-02-29", "2026-00-01", "2026-1-1", "+2026-01-01", "02026-01-01", "998-01-01",
                 "1000000000-01-01", "２０２６-01-01", "2026-01-01T", ""):  # fmt: skip
        assert feel.Date.parse(text) is None
