"""開庁日: days on which the office is open, by a calendar of closed days the caller gives.

The calendar is a list of the days closed besides Saturdays and Sundays, or a function of a day that
says of each whether the office is closed. Which days those are is the town's own rule (条例), so
none is built in. A first day is not counted (初日不算入, 民法第140条).
"""

from collections.abc import Callable
from decimal import Decimal
from typing import Final

from renkei.process.feel.calling import invoke
from renkei.process.feel.functions.signature import function
from renkei.process.feel.running import NOWHERE, Refused, Run
from renkei.process.feel.temporal import Date
from renkei.process.feel.types import DATE, coerced
from renkei.process.feel.values import Function, Value

FARTHEST: Final = 20_000  # open days a count goes
LONGEST_CLOSURE: Final = 400  # days in a row

Closed = Callable[[int], bool]


class _Unanswered(Exception):
    """The calendar is no calendar: its problem."""

    def __init__(self, problem: Refused) -> None:
        """Keep the problem."""
        self.problem = problem


def _closed(run: Run, calendar: Value) -> Closed:
    if isinstance(calendar, Function):
        return _asked(run, calendar)
    days: set[int] = set()
    for day in calendar if isinstance(calendar, list) else [calendar]:
        if not isinstance(day, Date):
            raise _Unanswered(Refused("feel-item-unfit", wanted=DATE))
        days.add(day.days)
    run.spend(len(days))
    return lambda day: Date(day).weekday > 5 or day in days


def _asked(run: Run, calendar: Function) -> Closed:
    if len(calendar.parameters) != 1:
        raise _Unanswered(Refused("feel-argument-count", wanted=1, given=len(calendar.parameters)))

    def closed(day: int) -> bool:
        fits, handed = coerced(Date(day), calendar.parameters[0].type)
        found = invoke(run, calendar, [handed], NOWHERE) if fits else None
        if not isinstance(found, bool):
            raise _Unanswered(Refused("feel-test-no-truth", type="Any"))
        return found

    return closed


def _next(run: Run, day: int, step: int, closed: Closed) -> int:
    """Return the nearest open day from a day on, itself included."""
    for at in range(day, day + step * LONGEST_CLOSURE, step):
        run.spend(1)
        if not closed(at):
            return at
    raise _Unanswered(Refused("feel-office-never-open", days=LONGEST_CLOSURE))


def _guarded(body: Callable[..., Value | Refused]) -> Callable[..., Value | Refused]:
    def run(run: Run, *arguments: Value) -> Value | Refused:
        try:
            return body(run, *arguments)
        except _Unanswered as without:
            return without.problem

    return run


def is_open(run: Run, day: Date, calendar: Value) -> Value:
    """Say whether the office is open on a day."""
    return not _closed(run, calendar)(day.days)


def open_from(run: Run, day: Date, calendar: Value) -> Value:
    """Return the day itself if the office is open, else the next on which it is.

    A term that ends on a closed day ends on that day (行政機関の休日に関する法律第2条、地方自治法
    第4条の2第4項).
    """
    return Date(_next(run, day.days, 1, _closed(run, calendar)))


def open_after(run: Run, day: Date, count: Decimal, calendar: Value) -> Value | Refused:
    """Return the open day so many after a day, which is not counted; before it, if negative."""
    if abs(count) > FARTHEST or count != int(count):
        return Refused("feel-position-outside", size=FARTHEST)
    closed = _closed(run, calendar)
    at, step = day.days, 1 if count >= 0 else -1
    for _ in range(abs(int(count))):
        at = _next(run, at + step, step, closed)
    return Date(_next(run, at, 1, closed))


def open_days(run: Run, start: Date, end: Date, calendar: Value) -> Value:
    """Return how many open days there are after a day, up to and with another."""
    closed = _closed(run, calendar)
    count = 0
    for day in range(start.days + 1, end.days + 1):
        run.spend(1)
        count += not closed(day)
    return Decimal(count)


OFFICE_DAYS: Final = [
    function("開庁日である", ("日: date, 閉庁日: Any", _guarded(is_open))),
    function("開庁日に繰延べ", ("日: date, 閉庁日: Any", _guarded(open_from))),
    function("開庁日後", ("日: date, 日数: number, 閉庁日: Any", _guarded(open_after))),
    function("開庁日数", ("開始日: date, 終了日: date, 閉庁日: Any", _guarded(open_days))),
]
