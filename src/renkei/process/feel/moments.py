"""Reading a date, a time or a duration from text, whichever it is."""

from renkei.process.feel.durations import DaysTime, YearsMonths
from renkei.process.feel.temporal import Date, DateTime, Time

Moment = Date | Time | DateTime | YearsMonths | DaysTime


def at_literal(text: str) -> Moment | None:
    """Return what stands within @"…".

    >>> str(at_literal("2026-04-01")), str(at_literal("-P1Y")), at_literal("foo")
    ('2026-04-01', '-P1Y', None)
    """
    if "P" in text[:2]:
        return duration(text)
    if "T" in text.partition("@")[0]:
        return DateTime.parse(text)
    return Date.parse(text) or Time.parse(text)


def duration(text: str) -> YearsMonths | DaysTime | None:
    """Return a duration of either kind."""
    return YearsMonths.parse(text) or DaysTime.parse(text)
