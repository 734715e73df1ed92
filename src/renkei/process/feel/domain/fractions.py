"""端数処理: rounding to a unit, as rules on money say it (100円未満切捨て: `切捨て(額, 100)`)."""

import decimal
from collections.abc import Callable
from decimal import Decimal
from typing import Final

from renkei.process.feel.arithmetic import finite
from renkei.process.feel.functions.signature import function
from renkei.process.feel.running import Refused, Run
from renkei.process.feel.values import NUMBERS, Function


def to_unit(number: Decimal, unit: Decimal, how: str) -> Decimal | Refused:
    """Round to a multiple of a unit; down and up are by size, whatever the sign.

    >>> to_unit(Decimal(12_345), Decimal(1000), decimal.ROUND_DOWN)
    Decimal('12000')
    >>> to_unit(Decimal("-10.5"), Decimal(1), decimal.ROUND_HALF_UP)
    Decimal('-11')
    """
    if unit <= 0:
        return Refused("feel-unit-malformed")
    quotient = finite(NUMBERS.divide(number, unit))
    if isinstance(quotient, Refused):
        return quotient
    whole = quotient.to_integral_value(how, NUMBERS)
    return finite(NUMBERS.multiply(whole, unit))


def _way(name: str, how: str) -> Function:
    def run(_: Run, number: Decimal, unit: Decimal | None) -> Decimal | Refused:
        return to_unit(number, Decimal(1) if unit is None else unit, how)

    body: Callable[..., Decimal | Refused] = run
    return function(name, ("数: number, 単位?: number", body))


FRACTIONS: Final = [
    _way("切捨て", decimal.ROUND_DOWN),
    _way("切上げ", decimal.ROUND_UP),
    _way("四捨五入", decimal.ROUND_HALF_UP),
]
