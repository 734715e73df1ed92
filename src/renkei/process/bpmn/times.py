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


def day(said: feel.Value, at: datetime) -> feel.Value:
    """Return the day that a text or a value names, or on which a duration from now ends, in Japan.

    >>> str(day("P10D", datetime(2027, 4, 1, 23, tzinfo=UTC)))
    '2027-04-12'
    """
    text = as_text(said)
    if not text:
        return None
    moment = later(at, text) if text.lstrip("-").startswith("P") else _moment(said)
    return feel.Date.parse(kit.day_of(moment).isoformat())


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
    every = words if found is None else found["every"]  # a bare duration comes again and again
    if later(at, every) <= at:
        raise Problem("not-a-duration", every)
    if found is None:
        return later(at, every), every, None
    left = max(0, int(found["times"][:9]) - 1) if found["times"] else None
    if not found["start"]:
        first = later(at, every)
    else:
        first, gone = _not_before(_moment(found["start"]), every, at)
        left = None if left is None else max(0, left - gone)
    if found["end"]:
        end = _moment(found["end"])
        most = (end - first) // (later(first, every) - first)
        left = max(0, most if left is None else min(left, most))
    return first, every, left


def _not_before(first: datetime, every: str, at: datetime) -> tuple[datetime, int]:
    """Return the first moment of a cycle that is not past, and how many are."""
    if first >= at:
        return first, 0
    gone = (at - first) // (later(first, every) - first)
    while (due := _so_often(first, every, gone)) < at:
        gone += 1
    return due, gone


def _so_often(first: datetime, every: str, times: int) -> datetime:
    """Return the moment so many periods later; months are counted as months."""
    found = _DURATION.fullmatch(every)
    assert found is not None  # noqa: S101 # the caller reckoned with it
    months = int(found["years"] or 0) * 12 + int(found["months"] or 0)
    rest = later(first, every) - _months_later(first, months)
    try:
        return _months_later(first, months * times) + rest * times
    except (OverflowError, ValueError):
        raise Problem("time-out-of-range", every) from None


def _moment(said: feel.Value) -> datetime:
    """Return the moment that a text or a value of FEEL names; a day is its midnight in Japan."""
    try:
        return kit.in_japan(datetime.fromisoformat(as_text(said)))
    except (ValueError, OverflowError):
        raise Problem("not-a-time", as_text(said)) from None
