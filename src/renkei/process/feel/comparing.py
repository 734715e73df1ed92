"""Equality, order and membership, three-valued as the standard has them (DMN 1.5, 10.3.2.13)."""

from collections.abc import Callable
from decimal import Decimal

from renkei.process.feel.durations import DaysTime, YearsMonths
from renkei.process.feel.running import Run
from renkei.process.feel.temporal import Date, DateTime, Time
from renkei.process.feel.values import Function, Range, Value

_ORDERED = frozenset([Decimal, str, Date, YearsMonths, DaysTime])
_SIMPLE = frozenset([Decimal, str, bool, Date, YearsMonths, DaysTime])


def equal(left: Value, right: Value, run: Run) -> bool | None:
    """Say whether two values are equal; null if they are of different kinds.

    >>> equal(Decimal("1.0"), Decimal(1), Run()), equal("1", Decimal(1), Run())
    (True, None)
    """
    kind = type(left)
    if kind is not type(right):
        return False if left is None or right is None else None
    if kind in _SIMPLE or left is None:
        return left == right
    return _equal_parts(left, right, run)


def _equal_parts(left: Value, right: Value, run: Run) -> bool | None:
    run.spend(1)
    if isinstance(left, Time | DateTime) and isinstance(right, Time | DateTime):
        if (left.zone is None) is not (right.zone is None):
            return False
        return left.instant == right.instant
    if isinstance(left, list) and isinstance(right, list):
        run.spend(len(left))
        return len(left) == len(right) and all(
            equal(a, b, run) is True for a, b in zip(left, right, strict=True)
        )
    if isinstance(left, dict) and isinstance(right, dict):
        run.spend(len(left))
        return left.keys() == right.keys() and all(
            equal(value, right[name], run) is True for name, value in left.items()
        )
    if isinstance(left, Range) and isinstance(right, Range):
        return (
            left.start_included is right.start_included
            and left.end_included is right.end_included
            and equal(left.start, right.start, run) is True
            and equal(left.end, right.end, run) is True
        )
    if isinstance(left, Function) and isinstance(right, Function):
        return left is right or _same_text(left, right)
    return left == right


def _same_text(left: Function, right: Function) -> bool:
    """Say whether two functions have the same parameters and body, said in the same scope."""
    if left.written is None or right.written is None:
        return False
    (node, scope), (other, its_scope) = left.written, right.written
    return scope is its_scope and node == other


def identical(left: Value, right: Value, run: Run) -> bool:
    """Say whether two values are the same element: of one kind, one zone, part for part."""
    if isinstance(left, Time) and isinstance(right, Time):
        return left == right
    if isinstance(left, DateTime) and isinstance(right, DateTime):
        return left == right
    return equal(left, right, run) is True


def order(left: Value, right: Value) -> int | None:
    """Return -1, 0 or 1 as the left stands before, at or after the right; null if it does neither.

    Of two times or moments, one without a zone is taken to be in the other's (DMN 1.5, table 54).

    >>> order("a", "b"), order(Date(1), Date(1)), order("a", Decimal(1)), order(None, "a")
    (-1, 0, None, None)
    """
    kind = type(left)
    if kind is not type(right):
        return None
    if kind in _ORDERED:
        return (left > right) - (left < right)  # type: ignore[operator]  # one kind, which is ordered
    if isinstance(left, Time | DateTime) and isinstance(right, Time | DateTime):
        if left.zone is None and right.zone is not None:
            left = left.in_zone(right.zone)
        elif right.zone is None and left.zone is not None:
            right = right.in_zone(left.zone)
        return (left.instant > right.instant) - (left.instant < right.instant)
    return None


def within(value: Value, range_: Range) -> bool | None:
    """Say whether a value lies in a range; null if it cannot be compared with its ends.

    >>> within(Decimal(3), Range(Decimal(1), Decimal(3))), within("a", Range(Decimal(1), None))
    (True, None)
    """
    if range_.start is not None:
        at = order(value, range_.start)
        if at is None:
            return None
        if at < 0 or (at == 0 and not range_.start_included):
            return False
    if range_.end is not None:
        at = order(value, range_.end)
        if at is None:
            return None
        if at > 0 or (at == 0 and not range_.end_included):
            return False
    return None if range_.start is None and range_.end is None else True


def passes(value: Value, test: Value, run: Run, *, listed: bool = False) -> bool | None:
    """Say whether a value passes a test that is a value: equal to it, in it, or one of it.

    `listed` is for a list written down, which stands for its tests one by one: if none is passed
    and one cannot be told, nothing is told. In another list the value is contained or not.
    """
    if type(test) is Range and type(value) is not Range:
        return within(value, test)
    if type(test) is list:
        if type(value) is list and equal(value, test, run):
            return True
        found = _one_of(value, test, run)
        return found if listed else found is True
    return equal(value, test, run)


def _one_of(value: Value, tests: list[Value], run: Run) -> bool | None:
    run.spend(len(tests))
    unknown = False
    for test in tests:
        found = (
            within(value, test)
            if type(test) is Range and type(value) is not Range
            else equal(value, test, run)
        )
        if found:
            return True
        unknown = unknown or found is None
    return None if unknown else False


ORDERS: dict[str, Callable[[int], bool]] = {
    "<": lambda at: at < 0,
    "<=": lambda at: at <= 0,
    ">": lambda at: at > 0,
    ">=": lambda at: at >= 0,
}
