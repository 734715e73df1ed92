"""Functions of days and moments: where they stand in the year, the week, and now."""

import datetime as dt
from decimal import Decimal
from typing import Final

from renkei.process.feel.comparing import identical
from renkei.process.feel.functions.signature import function
from renkei.process.feel.running import Refused, Run
from renkei.process.feel.temporal import Date, DateTime, days_of
from renkei.process.feel.types import DATE, type_of
from renkei.process.feel.values import Value

_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)


def _day(value: Value) -> Date | Refused:
    match value:
        case Date():
            return value
        case DateTime():
            return value.date
        case _:
            facts = {"parameter": "date", "wanted": DATE, "given": type_of(value)}
            return Refused("feel-argument-unfit", **facts)


def day_of_year(_: Run, value: Value) -> Value | Refused:
    """Return the number of a day in its year."""
    day = _day(value)
    if isinstance(day, Refused):
        return day
    return Decimal(day.days - days_of(day.civil[0], 1, 1) + 1)


def day_of_week(_: Run, value: Value) -> Value | Refused:
    """Return the English name of a day of the week."""
    day = _day(value)
    return day if isinstance(day, Refused) else _WEEKDAYS[day.weekday - 1]


def month_of_year(_: Run, value: Value) -> Value | Refused:
    """Return the English name of a month."""
    day = _day(value)
    return day if isinstance(day, Refused) else _MONTHS[day.civil[1] - 1]


def week_of_year(_: Run, value: Value) -> Value | Refused:
    """Return the number of the ISO 8601 week: that of the year its Thursday lies in."""
    day = _day(value)
    if isinstance(day, Refused):
        return day
    thursday = Date(day.days + 4 - day.weekday)
    return Decimal((thursday.days - days_of(thursday.civil[0], 1, 1)) // 7 + 1)


def _clock(run: Run) -> dt.datetime | Refused:
    return Refused("feel-no-clock") if run.clock is None else run.clock()


def now(run: Run) -> Value | Refused:
    """Return the moment the evaluation's clock shows."""
    at = _clock(run)
    return at if isinstance(at, Refused) else DateTime.from_python(at)


def today(run: Run) -> Value | Refused:
    """Return the day the evaluation's clock shows."""
    at = _clock(run)
    return at if isinstance(at, Refused) else Date.from_python(at.date())


MOMENTS: Final = [
    function("day of year", ("date: Any", day_of_year)),
    function("day of week", ("date: Any", day_of_week)),
    function("month of year", ("date: Any", month_of_year)),
    function("week of year", ("date: Any", week_of_year)),
    function("now", ("", now)),
    function("today", ("", today)),
    function("is", ("value1?: Any?, value2?: Any?", lambda run, a, b: identical(a, b, run))),
]
