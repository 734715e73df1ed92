"""Functions of days and moments: where they stand in the year, the week, and now."""

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Final

from renkei.process.feel.comparing import identical
from renkei.process.feel.functions.signature import function
from renkei.process.feel.running import Refused, Run
from renkei.process.feel.temporal import Date, DateTime, days_of
from renkei.process.feel.values import Function, Value

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


def day_of_year(_: Run, day: Date) -> Value:
    """Return the number of a day in its year."""
    return Decimal(day.days - days_of(day.civil[0], 1, 1) + 1)


def day_of_week(_: Run, day: Date) -> Value:
    """Return the English name of a day of the week."""
    return _WEEKDAYS[day.weekday - 1]


def month_of_year(_: Run, day: Date) -> Value:
    """Return the English name of a month."""
    return _MONTHS[day.civil[1] - 1]


def week_of_year(_: Run, day: Date) -> Value:
    """Return the number of the ISO 8601 week: that of the year its Thursday lies in."""
    thursday = Date(day.days + 4 - day.weekday)
    return Decimal((thursday.days - days_of(thursday.civil[0], 1, 1)) // 7 + 1)


def _of_day(name: str, body: Callable[[Run, Date], Value]) -> Function:
    return function(
        name,
        ("date: date", body),
        ("date: date and time", lambda run, moment: body(run, moment.date)),
    )


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
    _of_day("day of year", day_of_year),
    _of_day("day of week", day_of_week),
    _of_day("month of year", month_of_year),
    _of_day("week of year", week_of_year),
    function("now", ("", now)),
    function("today", ("", today)),
    function("is", ("value1?: Any?, value2?: Any?", lambda run, a, b: identical(a, b, run))),
]
