"""When a timer is due: ISO 8601 as models write it, and the values FEEL has for times."""

import re
from datetime import UTC, datetime, timedelta

from renkei import kit
from renkei.process import feel
from renkei.process.bpmn.expressions import Problem, as_text

_DURATION = re.compile(
    r"(?P<minus>-)?P(?:(?P<years>\d+)Y)?(?:(?P<months>\d+)M)?(?:(?P<weeks>\d+)W)?(?:(?P<days>\d+)D)?"
    r"(?:T(?:(?P<hours>\d+)H)?(?:(?P<minutes>\d+)M)?(?:(?P<seconds>\d+(?:\.\d+)?)S)?)?"
)
_CYCLE = re.compile(
    r"R(?P<times>\d*)/(?:(?P<start>[^/P][^/]*)/)?(?P<every>P[^/]+)(?:/(?P<end>.+))?"
)

Due = tuple[datetime, str, int | None]
"""When, every how long after that, and how often still (None: without end)."""


def due(form: str, said: feel.Value, at: datetime) -> Due:
    """Return when a timer is due that is armed now.

    A text without an offset is of Japan; a day begins at its midnight there.
    """
    match form:
        case "timeDate":
            return _moment(said), "", 0
        case "timeDuration":
            return later(at, as_text(said)), "", 0
        case "timeCycle":
            return _cycle(as_text(said), at)
    raise Problem("timer-without-time")


def is_readable(form: str, said: str) -> bool:
    """Tell whether a text says a time in one of the forms.

    >>> is_readable("timeDuration", "PT24H"), is_readable("timeDuration", "明日")
    (True, False)
    """
    try:
        due(form, said, datetime(2000, 1, 1, tzinfo=UTC))
    except Problem:
        return False
    return True


def later(at: datetime, duration: str) -> datetime:
    """Return the moment so long after another; months end where the month does.

    >>> later(datetime(2027, 1, 31), "P1M")
    datetime.datetime(2027, 2, 28, 0, 0)
    """
    found = _DURATION.fullmatch(duration)
    if found is None or not any(char.isdigit() for char in duration):
        raise Problem("not-a-duration", duration)
    part = {name: float(value or 0) for name, value in found.groupdict().items() if name != "minus"}
    sign = -1 if found["minus"] else 1
    months = sign * int(part["years"] * 12 + part["months"])
    rest = timedelta(
        weeks=part["weeks"],
        days=part["days"],
        hours=part["hours"],
        minutes=part["minutes"],
        seconds=part["seconds"],
    )
    try:
        return _months_later(at, months) + sign * rest
    except (OverflowError, ValueError):
        raise Problem("time-out-of-range", duration) from None


def _months_later(at: datetime, months: int) -> datetime:
    if not months:
        return at
    number = at.year * 12 + at.month - 1 + months
    first = at.replace(year=number // 12, month=number % 12 + 1, day=1)
    after = first.replace(year=first.year + first.month // 12, month=first.month % 12 + 1)
    last = (after - timedelta(days=1)).day
    return first.replace(day=min(at.day, last))


def _cycle(words: str, at: datetime) -> Due:
    found = _CYCLE.fullmatch(words)
    if found is None:
        return later(at, words), words, None  # a bare duration comes again and again
    every, start = found["every"], found["start"]
    first = _moment(start) if start else later(at, every)
    return first, every, int(found["times"]) - 1 if found["times"] else None


def _moment(said: feel.Value) -> datetime:
    """Return the moment that a text or a value of FEEL names; a day is its midnight in Japan."""
    try:
        return kit.in_japan(datetime.fromisoformat(as_text(said)))
    except (ValueError, OverflowError):
        raise Problem("not-a-time", as_text(said)) from None
