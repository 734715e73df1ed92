"""Functions that make one kind of value from another."""

import re
from decimal import Decimal
from typing import Final

from renkei.process.feel.durations import SECOND, DaysTime, YearsMonths
from renkei.process.feel.functions.signature import function
from renkei.process.feel.functions.texts import written
from renkei.process.feel.moments import duration
from renkei.process.feel.running import Refused, Run
from renkei.process.feel.temporal import Date, DateTime, Time
from renkei.process.feel.values import NUMBERS, Value
from renkei.process.feel.zones import FURTHEST

_NUMBER = re.compile(r"-?(?:\d+(?:\.\d+)?|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)
_LONGEST_NUMBER = 6200


def _malformed() -> Refused:
    return Refused("feel-moment-malformed")


def date_from(_: Run, text: str) -> Value | Refused:
    """Return the day a text says."""
    return Date.parse(text) or _malformed()


def date_of(_: Run, year: Decimal, month: Decimal, day: Decimal) -> Value | Refused:
    """Return the day of a year, a month and a day."""
    if any(abs(part) > 10**9 for part in (year, month, day)):
        return Refused("feel-day-out-of-range")
    return Date.of(int(year), int(month), int(day)) or Refused("feel-day-out-of-range")


def moment_from(_: Run, text: str) -> Value | Refused:
    """Return the moment a text says; a day alone means its midnight."""
    day = Date.parse(text)
    moment = DateTime.parse(text) if day is None else DateTime(day, Time(0))
    return moment or _malformed()


def time_from(_: Run, text: str) -> Value | Refused:
    """Return the time a text says."""
    return Time.parse(text) or _malformed()


def itself(_: Run, value: Value) -> Value:
    """Return a value of the kind asked for as it is."""
    return value


def time_of(
    _: Run, hour: Decimal, minute: Decimal, second: Decimal, offset: DaysTime | None
) -> Value | Refused:
    """Return the time of an hour, a minute and a second, with an offset or without."""
    if not (0 <= hour < 24 and 0 <= minute < 60 and 0 <= second < 60):
        return Refused("feel-time-out-of-range")
    nanos = (int(hour) * 3600 + int(minute) * 60) * SECOND + int(
        NUMBERS.multiply(second, Decimal(SECOND))
    )
    if offset is None:
        return Time(nanos)
    if offset.nanos % SECOND or abs(offset.nanos) > FURTHEST * SECOND:
        return Refused("feel-time-out-of-range")
    return Time(nanos, offset.nanos // SECOND)


def number_from(_: Run, text: str, grouping: str | None, point: str | None) -> Value | Refused:
    """Return the number a text says, with these signs between groups and before fractions."""
    wrong = Refused("feel-number-malformed")
    if grouping not in {None, " ", ",", "."} or point not in {None, ",", "."}:
        return wrong
    if (grouping is not None and grouping == point) or len(text) > _LONGEST_NUMBER:
        return wrong
    plain = text if grouping is None else text.replace(grouping, "")
    if point == ",":
        if "." in plain:
            return wrong
        plain = plain.replace(",", ".")
    if _NUMBER.fullmatch(plain) is None:
        return wrong
    number = NUMBERS.create_decimal(plain)
    return number if number.is_finite() else wrong


def string_from(run: Run, value: Value) -> Value:
    """Return the text of a value; of null, null."""
    return None if value is None else written(value, run)


def duration_from(_: Run, text: str) -> Value | Refused:
    """Return the duration a text says."""
    return duration(text) or _malformed()


def months_between(_: Run, start: Date | DateTime, end: Date | DateTime) -> Value:
    """Return the whole months from a day or moment to another, by their own clocks."""
    first, last = (
        DateTime(at, Time(0)) if isinstance(at, Date) else DateTime(at.date, Time(at.time.nanos))
        for at in (start, end)
    )
    if first.instant <= last.instant:
        return YearsMonths(_whole_months(first, last))
    return YearsMonths(-_whole_months(last, first))


def _whole_months(first: DateTime, last: DateTime) -> int:
    (y1, m1, d1), (y2, m2, d2) = first.date.civil, last.date.civil
    months = (y2 - y1) * 12 + m2 - m1
    return months - ((d2, last.time.nanos) < (d1, first.time.nanos))


CONVERSIONS: Final = [
    function(
        "date",
        ("from: string", date_from),
        ("from: date", itself),
        ("from: date and time", lambda _, moment: moment.date),
        ("year: number, month: number, day: number", date_of),
    ),
    function(
        "date and time",
        ("from: string", moment_from),
        ("from: date", lambda _, day: DateTime(day, Time(0))),
        ("from: date and time", itself),
        ("date: date, time: time", lambda _, day, time: DateTime(day, time)),
        ("date: date and time, time: time", lambda _, at, time: DateTime(at.date, time)),
    ),
    function(
        "time",
        ("from: string", time_from),
        ("from: time", itself),
        ("from: date", lambda _, day: Time(0, 0)),
        ("from: date and time", lambda _, moment: moment.time),
        ("hour: number, minute: number, second: number, offset?: days and time duration?", time_of),
    ),
    function(
        "number",
        ("from: string, grouping separator: string?, decimal separator: string?", number_from),
    ),
    function("string", ("from: Any?", string_from)),
    function("duration", ("from: string", duration_from)),
    function(
        "years and months duration",
        ("from: date, to: date", months_between),
        ("from: date and time, to: date and time", months_between),
    ),
]
