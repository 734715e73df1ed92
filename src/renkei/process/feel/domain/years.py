"""年度: the fiscal year of local government, from 1 April (地方自治法第208条)."""

from decimal import Decimal
from typing import Final

from renkei.process.feel.functions.signature import function
from renkei.process.feel.running import Refused, Run
from renkei.process.feel.temporal import Date
from renkei.process.feel.values import Value

FIRST_MONTH: Final = 4


def fiscal_year(_: Run, day: Date) -> Value:
    """Return the fiscal year of a day.

    >>> fiscal_year(Run(), Date.parse("2026-03-31")), fiscal_year(Run(), Date.parse("2026-04-01"))
    (Decimal('2025'), Decimal('2026'))
    """
    year, month, _day = day.civil
    return Decimal(year if month >= FIRST_MONTH else year - 1)


def first_day(_: Run, year: Decimal) -> Value | Refused:
    """Return 1 April of a fiscal year."""
    return _day(year, 0, FIRST_MONTH, 1)


def last_day(_: Run, year: Decimal) -> Value | Refused:
    """Return 31 March at the end of a fiscal year."""
    return _day(year, 1, FIRST_MONTH - 1, 31)


def _day(year: Decimal, later: int, month: int, day: int) -> Value | Refused:
    found = (
        Date.of(int(year) + later, month, day) if abs(year) < 10**9 and year == int(year) else None
    )
    return found or Refused("feel-day-out-of-range")


YEARS: Final = [
    function("年度", ("日: date", fiscal_year)),
    function("年度の初日", ("年度: number", first_day)),
    function("年度の末日", ("年度: number", last_day)),
]
