"""The parts of values that are no contexts: the year of a date, the end of a range."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from renkei.process.feel.durations import SECOND, DaysTime, YearsMonths
from renkei.process.feel.temporal import Date, DateTime, Time
from renkei.process.feel.values import Range, Value

Part = Callable[[Any], Value]


def _offset(seconds: int | None) -> Value:
    return None if seconds is None else DaysTime(seconds * SECOND)


def _time_offset(time: Time) -> Value:
    return _offset(DateTime(Date(0), time).offset)


def _zone_name(time: Time) -> Value:
    return time.zone if isinstance(time.zone, str) else None


def _signed(months: int, part: int) -> Decimal:
    size = divmod(abs(months), 12)[part]
    return Decimal(-size if months < 0 else size)


_OF_DATE: dict[str, Part] = {
    "year": lambda d: Decimal(d.civil[0]),
    "month": lambda d: Decimal(d.civil[1]),
    "day": lambda d: Decimal(d.civil[2]),
    "weekday": lambda d: Decimal(d.weekday),
}
_OF_TIME: dict[str, Part] = {
    "hour": lambda t: Decimal(t.parts[0]),
    "minute": lambda t: Decimal(t.parts[1]),
    "second": lambda t: t.parts[2],
    "time offset": _time_offset,
    "timezone": _zone_name,
}


def _of_day(part: Part) -> Part:
    return lambda moment: part(moment.date)


def _of_clock(part: Part) -> Part:
    return lambda moment: part(moment.time)


PARTS: dict[type, dict[str, Part]] = {
    Date: _OF_DATE,
    Time: _OF_TIME,
    DateTime: {
        **{name: _of_day(part) for name, part in _OF_DATE.items()},
        **{name: _of_clock(part) for name, part in _OF_TIME.items()},
        "time offset": lambda moment: _offset(moment.offset),
    },
    YearsMonths: {
        "years": lambda d: _signed(d.months, 0),
        "months": lambda d: _signed(d.months, 1),
    },
    DaysTime: {
        "days": lambda d: Decimal(d.parts[0]),
        "hours": lambda d: Decimal(d.parts[1]),
        "minutes": lambda d: Decimal(d.parts[2]),
        "seconds": lambda d: d.parts[3],
    },
    Range: {
        "start": lambda r: r.start,
        "end": lambda r: r.end,
        "start included": lambda r: r.start_included,
        "end included": lambda r: r.end_included,
    },
}
