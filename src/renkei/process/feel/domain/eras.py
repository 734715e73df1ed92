"""和暦: days by the name of the era and the year within it.

The eras are dated facts (`eras.tsv`: name, letter, first day, legal basis, provenance); a new one
is a new line. Before 1873-01-01 the old calendar was in force, whose months are not ours: days
before it have no 和暦 here.
"""

import csv
import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Final

from renkei.process.feel.functions.signature import function
from renkei.process.feel.running import Refused, Run
from renkei.process.feel.temporal import Date, days_of
from renkei.process.feel.values import Value

FIRST_DAY: Final = Date(days_of(1873, 1, 1))

_WRITTEN = re.compile(
    r"(\D{1,2})(元|\d{1,2})(?:年|\.|-|/)(\d{1,2})(?:月|\.|-|/)(\d{1,2})日?", re.ASCII
)


@dataclass(frozen=True, slots=True)
class Era:
    """An era: its name, its letter, its first day, and what the law says of it."""

    name: str
    letter: str
    since: Date
    basis: str
    provenance: str


@cache
def eras() -> tuple[Era, ...]:
    """Return the eras, the latest first.

    >>> [era.name for era in eras()]
    ['令和', '平成', '昭和', '大正', '明治']
    """
    lines = (files(__package__) / "eras.tsv").read_text(encoding="utf-8").splitlines()
    found = []
    for row in csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE):
        since = Date.parse(row["since"])
        if since is None:
            raise ValueError(row)
        found.append(Era(row["name"], row["letter"], since, row["basis"], row["provenance"]))
    return tuple(sorted(found, key=lambda era: era.since, reverse=True))


def era_of(day: Date) -> tuple[Era, int] | None:
    """Return the era of a day and the year within it; None before the calendar of today.

    >>> [(era.name, year) for era, year in [era_of(Date.parse("2019-05-01")) or ...]]
    [('令和', 1)]
    """
    if day < FIRST_DAY:
        return None
    for era in eras():
        if era.since <= day:
            return era, day.civil[0] - era.since.civil[0] + 1
    return None


def written(_: Run, day: Date) -> Value | Refused:
    """Write a day as in 令和8年4月1日; the first year is 元年."""
    found = era_of(day)
    if found is None:
        return Refused("feel-era-none")
    era, year = found
    _year, month, of_month = day.civil
    return f"{era.name}{'元' if year == 1 else year}年{month}月{of_month}日"


def name_of(_: Run, day: Date) -> Value | Refused:
    """Return the name of a day's era."""
    found = era_of(day)
    return Refused("feel-era-none") if found is None else found[0].name


def year_of(_: Run, day: Date) -> Value | Refused:
    """Return the year of a day within its era."""
    found = era_of(day)
    return Refused("feel-era-none") if found is None else Decimal(found[1])


def read(_: Run, text: str) -> Value | Refused:
    """Read 令和8年4月1日, R8.4.1 and the like; a day the era does not have is refused.

    >>> str(read(Run(), "昭和64年1月7日")), type(read(Run(), "昭和64年1月8日")).__name__
    ('1989-01-07', 'Refused')
    """
    plain = "".join(unicodedata.normalize("NFKC", text[:40]).split())
    said = _WRITTEN.fullmatch(plain)
    era = next(
        (era for era in eras() if said and said[1] in {era.name, era.letter, era.letter.lower()}),
        None,
    )
    if said is None or era is None:
        return Refused("feel-era-malformed")
    year = 1 if said[2] == "元" else int(said[2])
    day = Date.of(era.since.civil[0] + year - 1, int(said[3]), int(said[4]))
    if day is None or year == 0 or era_of(day) != (era, year):
        return Refused("feel-era-malformed")
    return day


ERAS_FUNCTIONS: Final = [
    function("和暦", ("日: date", written)),
    function("元号", ("日: date", name_of)),
    function("和暦年", ("日: date", year_of)),
    function("和暦から日付", ("和暦: string", read)),
]
