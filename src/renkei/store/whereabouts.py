"""Whose records these are: what a file says of itself, and where its records lie.

Two towns' files look alike. A file that names another organisation is refused at once; one that
names none is refused if nearly all its records lie in one other municipality. Only items are asked
that nearly always hold the own municipality; a prefecture, a union of municipalities and a body
with a 法人番号 have no such items.
"""

import re
from collections import Counter

import polars as pl

from renkei.kit import Tenant, organisation_code_ok
from renkei.standard import Entity
from renkei.store.findings import Findings, Place

TELLING = {
    "resident": "address_code",
    "household": "address_code",
    "income": "assessment_municipality",
    "school_zone": "address_code",
    "evacuation_information": "evacuation_municipality",
}
"""The items, by entity, that nearly always hold the own municipality."""

TOKYO = "13"  # its special wards are municipalities
FIVE_DIGITS = re.compile("(?:0[1-9]|[1-3][0-9]|4[0-7])[0-9]{3}")
FEWEST = 20  # records that can tell
NEARLY_ALL = 0.95
FIRST_UNION = 800  # 一部事務組合 and 広域連合 are numbered from here in each prefecture
WARDS_OF_FIRST, WARDS_OF_OTHERS = 28, 10  # numbers that belong to a designated city


class Whereabouts:
    """Counts where the records of one file lie."""

    def __init__(self, tenant: Tenant, entity: Entity, findings: Findings) -> None:
        """Count for an organisation's file of an entity; a wrong town goes to the findings."""
        self._tenant = tenant
        self._findings = findings
        self._name = TELLING.get(entity.name) if is_municipality(tenant) else None
        self._number = next(
            (n for n, item in enumerate(entity.items, 1) if item.name == self._name), None
        )
        self._item = next((item.ja for item in entity.items if item.name == self._name), None)
        self._values = self._own = 0
        self._others: Counter[str] = Counter()

    def judge_statement(self, stated: str | None) -> bool:
        """Find a file that names another organisation; tell whether it may be the own one's."""
        if stated is None or stated == self._tenant:
            return True
        self._findings.error("wrong-town", own=self._tenant, found=stated)
        return False

    def count(self, frame: pl.DataFrame) -> None:
        """Count the records of a piece."""
        if self._name is None or self._number is None:
            return
        code = pl.col(self._name)
        own, values = frame.select(own=_lies_in(code, self._tenant).sum(), n=code.count()).row(0)
        self._own += own
        self._values += values
        if own < values * (1 - NEARLY_ALL):
            found = frame.select(
                code.str.slice(0, 5).value_counts(name="n").alias("one")
            ).to_series()
            for one in found:
                self._others[one[self._name] or ""] += one["n"]

    def judge_records(self) -> None:
        """Find that nearly all records lie in one other municipality."""
        if self._values < FEWEST:
            return
        cities: Counter[str] = Counter()
        for code, number in self._others.items():
            if FIVE_DIGITS.fullmatch(code):
                cities[_city(code)] += number
        (code, number), *_ = cities.most_common(1) or [("", 0)]
        if number < self._values * NEARLY_ALL or code == _city(self._tenant[:5]):
            return
        self._findings.error(
            "wrong-town-in-records",
            Place(None, self._number, self._item),
            own=self._tenant,
            found=_with_digit(code),
            percent=number * 100 // self._values,
        )


def is_municipality(tenant: Tenant) -> bool:
    """Tell whether an organisation is a city, ward, town or village.

    >>> from renkei.kit import tenant
    >>> is_municipality(tenant("131016")), is_municipality(tenant("130001"))
    (True, False)
    """
    return len(tenant) == 6 and 0 < int(tenant[2:5]) < FIRST_UNION


def _lies_in(code: pl.Expr, tenant: Tenant) -> pl.Expr:
    wards = _wards(tenant[:5])
    return (
        code.str.slice(0, 5).is_in([tenant[:5], *wards])
        if wards
        else code.str.starts_with(tenant[:5])
    )


def _wards(city: str) -> list[str]:
    """Return the numbers that may be wards of a designated city, which is numbered 100, 130, 140…

    >>> _wards("14100")[0], _wards("14130")[-1], _wards("13101")
    ('14101', '14140', [])
    """
    number = int(city[2:])
    if not 100 <= number < 200 or number % 10:
        return []
    many = WARDS_OF_FIRST if number == 100 else WARDS_OF_OTHERS
    return [f"{int(city) + step:05d}" for step in range(1, many + 1)]


def _city(code: str) -> str:
    """Return the designated city that a ward belongs to; any other code as it is.

    >>> _city("14118"), _city("14131"), _city("13101"), _city("14201")
    ('14100', '14130', '13101', '14201')
    """
    number = int(code[2:])
    if code.startswith(TOKYO) or not 100 <= number < 200:
        return code
    return f"{code[:2]}{100 if number <= 100 + WARDS_OF_FIRST else number // 10 * 10}"


def _with_digit(code: str) -> str:
    """Return five digits of a 団体コード with their check digit."""
    return next(f"{code}{digit}" for digit in range(10) if organisation_code_ok(f"{code}{digit}"))
