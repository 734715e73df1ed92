"""Functions of numbers: rounding to a scale, remainders, roots, logarithms."""

import decimal
from collections.abc import Callable
from decimal import Decimal
from typing import Final

from renkei.process.feel.arithmetic import finite
from renkei.process.feel.durations import DaysTime, YearsMonths
from renkei.process.feel.functions.signature import function
from renkei.process.feel.running import Refused, Run
from renkei.process.feel.values import NUMBERS

SMALLEST_SCALE, LARGEST_SCALE = -6111, 6176  # of decimal128


def rounded(number: Decimal, scale: Decimal, how: str) -> Decimal | Refused:
    """Round to so many digits after the point; before it, if the scale is negative.

    >>> rounded(Decimal("-1.126"), Decimal(2), decimal.ROUND_HALF_UP)
    Decimal('-1.13')
    >>> rounded(Decimal(1), Decimal(2), decimal.ROUND_DOWN)
    Decimal('1.00')
    """
    if not SMALLEST_SCALE <= scale <= LARGEST_SCALE:
        return Refused("feel-scale-outside")
    digits = int(scale)
    result = number.quantize(Decimal(1).scaleb(-digits, NUMBERS), how, NUMBERS)
    exponent = number.as_tuple().exponent
    if not result.is_finite() and isinstance(exponent, int) and -exponent <= digits:
        return number  # it has no more digits than asked for, and no room for zeros after them
    return finite(abs(result) if result.is_zero() else result)


def _rounding(how: str) -> Callable[[Run, Decimal, Decimal | None], Decimal | Refused]:
    def run(_: Run, number: Decimal, scale: Decimal | None = None) -> Decimal | Refused:
        return rounded(number, Decimal(0) if scale is None else scale, how)

    return run


def modulo(_: Run, dividend: Decimal, divisor: Decimal) -> Decimal | Refused:
    """Return the remainder with the divisor's sign."""
    if not divisor:
        return Refused("feel-division-by-zero")
    remainder = NUMBERS.remainder(dividend, divisor)
    if remainder.is_finite() and remainder and (remainder < 0) is not (divisor < 0):
        remainder = NUMBERS.add(remainder, divisor)
    return finite(remainder)


def _root(_: Run, number: Decimal) -> Decimal | Refused:
    return finite(NUMBERS.sqrt(number))


def _logarithm(_: Run, number: Decimal) -> Decimal | Refused:
    return finite(NUMBERS.ln(number))


def _exponential(_: Run, number: Decimal) -> Decimal | Refused:
    return finite(NUMBERS.exp(number))


def _has_remainder(number: Decimal, remainder: int) -> bool:
    found = NUMBERS.remainder(number, Decimal(2))
    if not found.is_finite():  # more digits than we compute with: it ends in zeros
        return remainder == 0
    return abs(found) == remainder


_SCALED = "n: number, scale: number"
NUMERIC: Final = [
    function("decimal", (_SCALED, _rounding(decimal.ROUND_HALF_EVEN))),
    function(
        "floor",
        ("n: number", _rounding(decimal.ROUND_FLOOR)),
        (_SCALED, _rounding(decimal.ROUND_FLOOR)),
    ),
    function(
        "ceiling",
        ("n: number", _rounding(decimal.ROUND_CEILING)),
        (_SCALED, _rounding(decimal.ROUND_CEILING)),
    ),
    function("round up", (_SCALED, _rounding(decimal.ROUND_UP))),
    function("round down", (_SCALED, _rounding(decimal.ROUND_DOWN))),
    function("round half up", (_SCALED, _rounding(decimal.ROUND_HALF_UP))),
    function("round half down", (_SCALED, _rounding(decimal.ROUND_HALF_DOWN))),
    function(
        "abs",
        ("n: number", lambda _, number: NUMBERS.abs(number)),
        ("n: years and months duration", lambda _, d: YearsMonths(abs(d.months))),
        ("n: days and time duration", lambda _, d: DaysTime(abs(d.nanos))),
    ),
    function("modulo", ("dividend: number, divisor: number", modulo)),
    function("sqrt", ("number: number", _root)),
    function("log", ("number: number", _logarithm)),
    function("exp", ("number: number", _exponential)),
    function("odd", ("number: number", lambda _, n: _has_remainder(n, 1))),
    function("even", ("number: number", lambda _, n: _has_remainder(n, 0))),
]
