"""Sums, differences, products, quotients and powers of numbers, texts, days and durations.

An operation is found by the kinds of its two values; what has none is null, and a problem.
"""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from renkei.process.feel.durations import DaysTime, YearsMonths
from renkei.process.feel.running import Refused
from renkei.process.feel.temporal import WHOLE_DAY, Date, DateTime, Time
from renkei.process.feel.values import NUMBERS, Value

LONGEST_DURATION = 10**30  # nanoseconds, or months: some 10^13 years

LARGEST_EXPONENT = 999_999_999

Operation = Callable[[Any, Any], "Value | Refused"]

_UNDEFINED = "feel-number-undefined"


def finite(number: Decimal) -> Decimal | Refused:
    """Return a number, unless it is none or too large to be written."""
    return number if number.is_finite() else Refused(_UNDEFINED)


def divide(left: Decimal, right: Decimal) -> Decimal | Refused:
    """Divide; by zero is a problem."""
    return finite(NUMBERS.divide(left, right)) if right else Refused("feel-division-by-zero")


def power(left: Decimal, right: Decimal) -> Decimal | Refused:
    """Raise to a power, within the exponents of the standard."""
    if abs(right) > LARGEST_EXPONENT:
        return Refused(_UNDEFINED)
    return finite(NUMBERS.power(left, right))


def _months(months: int) -> YearsMonths | Refused:
    return YearsMonths(months) if abs(months) < LONGEST_DURATION else Refused(_UNDEFINED)


def _nanos(nanos: int) -> DaysTime | Refused:
    return DaysTime(nanos) if abs(nanos) < LONGEST_DURATION else Refused(_UNDEFINED)


def _scaled(size: int, by: Decimal) -> int | None:
    product = NUMBERS.multiply(Decimal(size), by)
    return int(product) if product.is_finite() and abs(product) < LONGEST_DURATION else None


def _times(duration: YearsMonths | DaysTime, by: Decimal) -> Value | Refused:
    months = isinstance(duration, YearsMonths)
    size = _scaled(duration.months if isinstance(duration, YearsMonths) else duration.nanos, by)
    if size is None:
        return Refused(_UNDEFINED)
    return YearsMonths(size) if months else DaysTime(size)


def _divided(duration: YearsMonths | DaysTime, by: Decimal) -> Value | Refused:
    if not by:
        return Refused("feel-division-by-zero")
    months = isinstance(duration, YearsMonths)
    quotient = NUMBERS.divide(
        Decimal(duration.months if isinstance(duration, YearsMonths) else duration.nanos), by
    )
    if not quotient.is_finite() or abs(quotient) >= LONGEST_DURATION:
        return Refused(_UNDEFINED)
    return YearsMonths(int(quotient)) if months else DaysTime(int(quotient))


def _day(day: Date | DateTime | None) -> Value | Refused:
    return Refused("feel-day-out-of-range") if day is None else day


def _zoned(left: DateTime, right: DateTime) -> Value | Refused:
    if (left.zone is None) is not (right.zone is None):
        return Refused("feel-zone-missing")
    return _nanos(left.instant - right.instant)


def _time_difference(left: Time, right: Time) -> Value | Refused:
    if (left.zone is None) is not (right.zone is None):
        return Refused("feel-zone-missing")
    return _nanos(left.instant - right.instant)


def midnight(day: Date) -> DateTime:
    """Return a day as its first moment in Greenwich, as the standard compares days with moments."""
    return DateTime(day, Time(0, 0))


_ADD: dict[tuple[type, type], Operation] = {
    (Decimal, Decimal): lambda a, b: finite(NUMBERS.add(a, b)),
    (str, str): lambda a, b: a + b,
    (YearsMonths, YearsMonths): lambda a, b: _months(a.months + b.months),
    (DaysTime, DaysTime): lambda a, b: _nanos(a.nanos + b.nanos),
    (Date, YearsMonths): lambda a, b: _day(a.plus_months(b.months)),
    (YearsMonths, Date): lambda a, b: _day(b.plus_months(a.months)),
    (Date, DaysTime): lambda a, b: _day(a.plus_days(b.nanos // WHOLE_DAY)),
    (DaysTime, Date): lambda a, b: _day(b.plus_days(a.nanos // WHOLE_DAY)),
    (DateTime, YearsMonths): lambda a, b: _day(a.plus_months(b.months)),
    (YearsMonths, DateTime): lambda a, b: _day(b.plus_months(a.months)),
    (DateTime, DaysTime): lambda a, b: _day(a.plus(b.nanos)),
    (DaysTime, DateTime): lambda a, b: _day(b.plus(a.nanos)),
    (Time, DaysTime): lambda a, b: a.plus(b.nanos),
    (DaysTime, Time): lambda a, b: b.plus(a.nanos),
}
_SUBTRACT: dict[tuple[type, type], Operation] = {
    (Decimal, Decimal): lambda a, b: finite(NUMBERS.subtract(a, b)),
    (YearsMonths, YearsMonths): lambda a, b: _months(a.months - b.months),
    (DaysTime, DaysTime): lambda a, b: _nanos(a.nanos - b.nanos),
    (Date, YearsMonths): lambda a, b: _day(a.plus_months(-b.months)),
    (Date, DaysTime): lambda a, b: _day(a.plus_days(-b.nanos // WHOLE_DAY)),
    (DateTime, YearsMonths): lambda a, b: _day(a.plus_months(-b.months)),
    (DateTime, DaysTime): lambda a, b: _day(a.plus(-b.nanos)),
    (Time, DaysTime): lambda a, b: a.plus(-b.nanos),
    (Date, Date): lambda a, b: _nanos((a.days - b.days) * WHOLE_DAY),
    (DateTime, DateTime): _zoned,
    (Date, DateTime): lambda a, b: _zoned(midnight(a), b),
    (DateTime, Date): lambda a, b: _zoned(a, midnight(b)),
    (Time, Time): _time_difference,
}
_MULTIPLY: dict[tuple[type, type], Operation] = {
    (Decimal, Decimal): lambda a, b: finite(NUMBERS.multiply(a, b)),
    (YearsMonths, Decimal): _times,
    (DaysTime, Decimal): _times,
    (Decimal, YearsMonths): lambda a, b: _times(b, a),
    (Decimal, DaysTime): lambda a, b: _times(b, a),
}
_DIVIDE: dict[tuple[type, type], Operation] = {
    (Decimal, Decimal): divide,
    (YearsMonths, Decimal): _divided,
    (DaysTime, Decimal): _divided,
    (YearsMonths, YearsMonths): lambda a, b: divide(Decimal(a.months), Decimal(b.months)),
    (DaysTime, DaysTime): lambda a, b: divide(Decimal(a.nanos), Decimal(b.nanos)),
}
OPERATIONS: dict[str, dict[tuple[type, type], Operation]] = {
    "+": _ADD,
    "-": _SUBTRACT,
    "*": _MULTIPLY,
    "/": _DIVIDE,
    "**": {(Decimal, Decimal): power},
}


def opposite(value: Value) -> Value | Refused:
    """Return the number or duration of the other sign."""
    if type(value) is Decimal:
        return NUMBERS.minus(value)
    if type(value) is YearsMonths:
        return YearsMonths(-value.months)
    if type(value) is DaysTime:
        return DaysTime(-value.nanos)
    return None if value is None else Refused("feel-negation-undefined")
