"""年齢: counted from the day of birth, full at the end of the day before the birthday.

年齢計算ニ関する法律 and 民法第143条: who is born on 2 April is six at the end of 1 April. Who is
born on 29 February is a year older at the end of 28 February, leap year or not.
"""

from decimal import Decimal
from typing import Final

from renkei.process.feel.functions.signature import function
from renkei.process.feel.running import Refused, Run
from renkei.process.feel.temporal import Date, month_length
from renkei.process.feel.values import Value

OLDEST: Final = 1_000


def _birthday(born: Date, years: int) -> Date | None:
    """Return the day that begins with the new age: of 29 February, 1 March in a common year."""
    year, month, day = born.civil
    if day > month_length(year + years, month):
        return Date.of(year + years, month + 1, 1)
    return Date.of(year + years, month, day)


def age(_: Run, born: Date, on: Date) -> Value | Refused:
    """Return the age somebody has throughout a day.

    >>> born = Date.parse("2004-02-29")
    >>> [str(age(Run(), born, Date.parse(on))) for on in ("2025-02-28", "2025-03-01")]
    ['20', '21']
    """
    if on < born:
        return Refused("feel-not-born")
    years = on.civil[0] - born.civil[0]
    birthday = _birthday(born, years)
    return Decimal(years if birthday is not None and birthday <= on else years - 1)


def age_reached(run: Run, born: Date, on: Date) -> Value | Refused:
    """Return the age somebody has reached by the end of a day, as on the birthday's eve.

    >>> str(age_reached(Run(), Date.parse("2020-04-02"), Date.parse("2026-04-01")))
    '6'
    """
    if on < born:
        return Refused("feel-not-born")
    return age(run, born, Date(on.days + 1))


def day_of_reaching(_: Run, born: Date, years: Decimal) -> Value | Refused:
    """Return the day at whose end an age is full.

    >>> str(day_of_reaching(Run(), Date.parse("2004-02-29"), Decimal(21)))
    '2025-02-28'
    """
    if not 0 < years <= OLDEST or years != int(years):
        return Refused("feel-age-malformed")
    birthday = _birthday(born, int(years))
    return Refused("feel-day-out-of-range") if birthday is None else Date(birthday.days - 1)


AGES: Final = [
    function("年齢", ("生年月日: date, 基準日: date", age)),
    function("到達年齢", ("生年月日: date, 基準日: date", age_reached)),
    function("年齢到達日", ("生年月日: date, 年齢: number", day_of_reaching)),
]
