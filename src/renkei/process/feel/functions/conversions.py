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
from renkei.process.feel.types import DATE, type_of
from renkei.process.feel.values import NUMBERS, Value
from renkei.process.feel.zones import FURTHEST

_NUMBER = re.compile(r"-?(?:\d+(?:\.\d+)?|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)
_LONGEST_NUMBER = 6200


def _malformed(text: str) -> Refused:
    return Refused("feel-moment-malformed")


def _unfit(value: Value, wanted: str) -> Refused:
    return Refused("feel-argument-unfit", parameter="from", wanted=wanted, given=type_of(value))


def date_from(_: Run, value: Value) -> Value | Refused:
    """Return the day a text says, or that of a moment."""
    match value:
        case Date():
            return value
        case DateTime():
            return value.date
        case str():
            return Date.parse(value) or _malformed(value)
        case _:
            return _unfit(value, "string, date and time")


def date_of(_: Run, year: Decimal, month: Decimal, day: Decimal) -> Value | Refused:
    """Return the day of a year, a month and a day."""
    if any(abs(part) > 10**9 for part in (year, month, day)):
        return Refused("feel-day-out-of-range")
    return Date.of(int(year), int(month), int(day)) or Refused("feel-day-out-of-range")


def moment_from(_: Run, value: Value) -> Value | Refused:
    """Return the moment a text says; a day alone means its midnight."""
    match value:
        case DateTime():
            return value
        case Date():
            return DateTime(value, Time(0))
        case str():
            day = Date.parse(value)
            moment = DateTime.parse(value) if day is None else DateTime(day, Time(0))
            return moment or _malformed(value)
        case _:
            return _unfit(value, "string")


def moment_of(_: Run, day: Value, time: Time) -> Value | Refused:
    """Return the moment of a day and a time."""
    match day:
        case Date():
            return DateTime(day, time)
        case DateTime():
            return DateTime(day.date, time)
        case _:
            facts = {"parameter": "date", "wanted": DATE, "given": type_of(day)}
            return Refused("feel-argument-unfit", **facts)


def time_from(_: Run, value: Value) -> Value | Refused:
    """Return the time a text says, or that of a moment; a day's is midnight in Greenwich."""
    match value:
        case Time():
            return value
        case DateTime():
            return value.time
        case Date():
            return Time(0, 0)
        case str():
            return Time.parse(value) or _malformed(value)
        case _:
            return _unfit(value, "string, date and time")


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


def duration_from(_: Run, value: Value) -> Value | Refused:
    """Return the duration a text says."""
    match value:
        case YearsMonths() | DaysTime():
            return value
        case str():
            return duration(value) or _malformed(value)
        case _:
            return _unfit(value, "string")


def months_between(_: Run, start: Value, end: Value) -> Value | Refused:
    """Return the whole months from a day or moment to another."""
    moments = []
    for value in (start, end):
        match value:
            case Date():
                moments.append(DateTime(value, Time(0)))
            case DateTime():
                moments.append(DateTime(value.date, Time(value.time.nanos)))
            case _:
                return Refused(
                    "feel-argument-unfit", parameter="from, to", wanted=DATE, given=type_of(value)
                )
    first, last = moments
    months = (
        _whole_months(first, last) if first.instant <= last.instant else -_whole_months(last, first)
    )
    return YearsMonths(months)


def _whole_months(first: DateTime, last: DateTime) -> int:
    (y1, m1, d1), (y2, m2, d2) = first.date.civil, last.date.civil
    months = (y2 - y1) * 12 + m2 - m1
    return months - ((d2, last.time.nanos) < (d1, first.time.nanos))


CONVERSIONS: Final = [
    function(
        "date", ("from: Any", date_from), ("year: number, month: number, day: number", date_of)
    ),
    function("date and time", ("from: Any", moment_from), ("date: Any, time: time", moment_of)),
    function(
        "time",
        ("from: Any", time_from),
        (
            "hour: number, minute: number, second: number, offset?: days and time duration?",
            time_of,
        ),
    ),
    function(
        "number",
        ("from: string, grouping separator: string?, decimal separator: string?", number_from),
    ),
    function("string", ("from: Any?", string_from)),
    function("duration", ("from: Any", duration_from)),
    function("years and months duration", ("from: Any, to: Any", months_between)),
]
