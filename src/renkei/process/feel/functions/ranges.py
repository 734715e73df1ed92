"""Functions of ranges: how two of them, or a point and a range, lie to each other.

Every relation is a comparison of bounds (DMN 1.5, table 78): a bound is a value and a nudge, just
after it where a start is left out, just before it where an end is.
"""

from collections.abc import Callable
from typing import Final, NamedTuple

from renkei.process.feel.comparing import order
from renkei.process.feel.functions.signature import function
from renkei.process.feel.functions.written_ranges import range_from
from renkei.process.feel.running import Refused, Run
from renkei.process.feel.types import type_of
from renkei.process.feel.values import Function, Range, Value


class _Incomparable(Exception):
    """Two bounds are of different kinds."""


class Bound(NamedTuple):
    """A value and a nudge, or an infinity."""

    infinite: int
    value: Value
    nudge: int


class Stretch(NamedTuple):
    """The first and the last bound of a range, or twice that of a point."""

    low: Bound
    high: Bound


def stretch(value: Value) -> Stretch:
    """Return the bounds of a range or a point."""
    if not isinstance(value, Range):
        return Stretch(Bound(0, value, 0), Bound(0, value, 0))
    low = Bound(0, value.start, 0 if value.start_included else 1)
    high = Bound(0, value.end, 0 if value.end_included else -1)
    return Stretch(
        Bound(-1, None, 0) if value.start is None else low,
        Bound(1, None, 0) if value.end is None else high,
    )


def _compare(left: Bound, right: Bound) -> int:
    if left.infinite or right.infinite:
        return (left.infinite > right.infinite) - (left.infinite < right.infinite)
    at = order(left.value, right.value)
    if at is None:
        raise _Incomparable
    return at or (left.nudge > right.nudge) - (left.nudge < right.nudge)


Relation = Callable[[Stretch, Stretch], bool]


def before(a: Stretch, b: Stretch) -> bool:
    """The first ends before the second begins."""
    return _compare(a.high, b.low) < 0


def meets(a: Stretch, b: Stretch) -> bool:
    """The first ends where the second begins."""
    return _compare(a.high, b.low) == 0


def overlaps(a: Stretch, b: Stretch) -> bool:
    """They have a point in common."""
    return _compare(a.high, b.low) >= 0 and _compare(a.low, b.high) <= 0


def overlaps_before(a: Stretch, b: Stretch) -> bool:
    """The first begins earlier and ends within the second."""
    return (
        _compare(a.low, b.low) < 0
        and _compare(a.high, b.low) >= 0
        and _compare(a.high, b.high) <= 0
    )


def finishes(a: Stretch, b: Stretch) -> bool:
    """They end together, and the first begins no earlier."""
    return _compare(a.high, b.high) == 0 and _compare(a.low, b.low) >= 0


def includes(a: Stretch, b: Stretch) -> bool:
    """The second lies within the first."""
    return _compare(a.low, b.low) <= 0 and _compare(a.high, b.high) >= 0


def starts(a: Stretch, b: Stretch) -> bool:
    """They begin together, and the first ends no later."""
    return _compare(a.low, b.low) == 0 and _compare(a.high, b.high) <= 0


def coincides(a: Stretch, b: Stretch) -> bool:
    """They are the same."""
    return _compare(a.low, b.low) == 0 and _compare(a.high, b.high) == 0


def _related(
    relation: Relation, *, turned: bool = False
) -> Callable[[Run, Value, Value], Value | Refused]:
    def run(_: Run, left: Value, right: Value) -> Value | Refused:
        first, second = stretch(left), stretch(right)
        try:
            return relation(second, first) if turned else relation(first, second)
        except _Incomparable:
            return Refused("feel-incomparable", left=type_of(left), right=type_of(right))

    return run


_POINTS = "point1: point, point2: point"
_POINT_RANGE = "point: point, range: range"
_RANGE_POINT = "range: range, point: point"
_RANGES = "range1: range, range2: range"


def _relation(name: str, relation: Relation, *ways: str, turned: bool = False) -> Function:
    body = _related(relation, turned=turned)
    return function(name, *[(way, body) for way in ways])


RANGES: Final = [
    function("range", ("from: string", range_from)),
    _relation("before", before, _POINTS, _POINT_RANGE, _RANGE_POINT, _RANGES),
    _relation("after", before, _POINTS, _POINT_RANGE, _RANGE_POINT, _RANGES, turned=True),
    _relation("meets", meets, _RANGES),
    _relation("met by", meets, _RANGES, turned=True),
    _relation("overlaps", overlaps, _RANGES),
    _relation("overlaps before", overlaps_before, _RANGES),
    _relation("overlaps after", overlaps_before, _RANGES, turned=True),
    _relation("finishes", finishes, _POINT_RANGE, _RANGES),
    _relation("finished by", finishes, _RANGE_POINT, _RANGES, turned=True),
    _relation("includes", includes, _RANGE_POINT, _RANGES),
    _relation("during", includes, _POINT_RANGE, _RANGES, turned=True),
    _relation("starts", starts, _POINT_RANGE, _RANGES),
    _relation("started by", starts, _RANGE_POINT, _RANGES, turned=True),
    _relation("coincides", coincides, _POINTS, _RANGES),
]
