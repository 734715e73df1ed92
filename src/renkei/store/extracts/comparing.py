"""How the value of an item is compared: which tests fit its type, and its values as typed ones."""

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import TypeAlias

from renkei.standard import Catalogue, Item, ItemType
from renkei.standard.rules import pattern
from renkei.store.extracts.query import (
    AgeBetween,
    BeginsWith,
    Between,
    Contains,
    Equals,
    InFiscalYear,
    IsEmpty,
    OneOf,
    Testing,
)

Typed: TypeAlias = str | int | Decimal | date | datetime

DAYS = frozenset({ItemType.date, ItemType.uncertain_date, ItemType.datetime})
PERIODS = DAYS | {ItemType.month, ItemType.year}
CHOICES = frozenset({ItemType.code, ItemType.flag})
ORDERED = PERIODS | {
    ItemType.number,
    ItemType.decimal,
    ItemType.digits,
    ItemType.kana,
    ItemType.postal_code,
    ItemType.address_code,
}
TEXTS = frozenset(ItemType) - DAYS - CHOICES - {ItemType.number, ItemType.decimal}

KNOWN_PART = "^[1-9][0-9]{3}(?:-(?:0[1-9]|1[0-2])(?:-(?:0[1-9]|[12][0-9]|3[01]))?)?"
"""What is known of a date, from its front; nothing of a date that is wholly unknown."""


@dataclass(frozen=True, slots=True)
class Among:
    """The value is one of these."""

    values: tuple[Typed, ...]


@dataclass(frozen=True, slots=True)
class Within:
    """The value lies between these, both included; `by_known_part` of a date not fully known."""

    least: Typed | None
    most: Typed | None
    by_known_part: bool = False


@dataclass(frozen=True, slots=True)
class Begins:
    """The text begins with this."""

    text: str


@dataclass(frozen=True, slots=True)
class Holds:
    """The text holds this."""

    text: str


@dataclass(frozen=True, slots=True)
class Missing:
    """There is no value."""


Comparison: TypeAlias = Among | Within | Begins | Holds | Missing


@dataclass(frozen=True, slots=True)
class NotFit:
    """Why a test does not fit an item; the code of a defect."""

    code: str


def operators(item: Item) -> tuple[type[Testing], ...]:
    """Return the kinds of test that fit an item, those asked most first."""
    found: list[type[Testing]] = [Equals, OneOf]
    if item.type in ORDERED:
        found.append(Between)
    if item.type in TEXTS:
        found += [BeginsWith, Contains]
    if item.type in {ItemType.date, ItemType.uncertain_date}:
        found.append(AgeBetween)
    if item.type in PERIODS:
        found.append(InFiscalYear)
    return (*found, IsEmpty)


def comparison(test: Testing, item: Item, standard: Catalogue) -> Comparison | NotFit:
    """Return how a test compares the values of an item, or why it cannot."""
    if type(test) not in operators(item):
        return NotFit("operator-unfit")
    match test:
        case Equals(value=value):
            return _among((value,), item, standard)
        case OneOf(values=values):
            return _among(values, item, standard)
        case Between(least=least, most=most):
            return _within(least, most, item)
        case BeginsWith(value=value):
            return Begins(value)
        case Contains(value=value):
            return Holds(value)
        case IsEmpty():
            return Missing()
        case AgeBetween():
            return _aged(test, item)
        case InFiscalYear(year=year):
            return _in_fiscal_year(year, item)


def years_before(day: date, years: int) -> date:
    """Return the day so many years before; of 29 February the last day of a short February.

    >>> years_before(date(2024, 2, 29), 1)
    datetime.date(2023, 2, 28)
    """
    year = max(day.year - years, 1)
    return date(year, day.month, min(day.day, monthrange(year, day.month)[1]))


def _among(values: tuple[str, ...], item: Item, standard: Catalogue) -> Comparison | NotFit:
    found = []
    for value in values:
        typed = _typed(value, item)
        if typed is None:
            return NotFit("value-malformed")
        if item.code_list is not None and standard.code_list(item.code_list).label(value) is None:
            return NotFit("code-unknown")
        found.append(typed)
    return Among(tuple(found))


def _within(least: str | None, most: str | None, item: Item) -> Comparison | NotFit:
    if least is None and most is None:
        return NotFit("range-open")
    ends = [None if end is None else _end(end, item) for end in (least, most)]
    if (least is not None and ends[0] is None) or (most is not None and ends[1] is None):
        return NotFit("value-malformed")
    one, other = ends
    if one is not None and other is not None and one > other:  # type: ignore[operator]
        return NotFit("range-reversed")
    return Within(one, other, item.type is ItemType.uncertain_date)


def _end(value: str, item: Item) -> Typed | None:
    """Return an end of a range: a whole day of a date, the beginning of a kana or a code."""
    match item.type:
        case ItemType.uncertain_date:
            return value if _typed(value, item) and re.fullmatch("[0-9-]{10}", value) else None
        case ItemType.kana | ItemType.digits | ItemType.postal_code | ItemType.address_code:
            return value
        case _:
            return _typed(value, item)


def _aged(test: AgeBetween, item: Item) -> Comparison | NotFit:
    if test.least is None and test.most is None:
        return NotFit("range-open")
    if test.least is not None and test.most is not None and test.least > test.most:
        return NotFit("range-reversed")
    first = None if test.most is None else years_before(test.on, test.most + 1) + timedelta(days=1)
    last = None if test.least is None else years_before(test.on, test.least)
    if item.type is ItemType.date:
        return Within(first, last)
    return Within(
        None if first is None else first.isoformat(),
        None if last is None else last.isoformat(),
        by_known_part=True,
    )


def _in_fiscal_year(year: int, item: Item) -> Comparison:
    first, last = date(year, 4, 1), date(year + 1, 3, 31)
    match item.type:
        case ItemType.year:
            return Among((str(year),))
        case ItemType.month:
            return Within(f"{year}-04", f"{year + 1}-03")
        case ItemType.date:
            return Within(first, last)
        case ItemType.datetime:
            return Within(datetime(year, 4, 1), datetime(year + 1, 3, 31, 23, 59, 59))  # noqa: DTZ001  # a time of day as a register holds it
        case _:
            return Within(first.isoformat(), last.isoformat(), by_known_part=True)


def _typed(value: str, item: Item) -> Typed | None:
    """Return a value as its column holds it; None where it is not written as the item is."""
    if not re.fullmatch(pattern(item), value):
        return None
    match item.type:
        case ItemType.number:
            return int(value)
        case ItemType.decimal:
            return Decimal(value)
        case ItemType.date:
            return date.fromisoformat(value)
        case ItemType.datetime:
            return datetime.fromisoformat(value)
        case _:
            return value
