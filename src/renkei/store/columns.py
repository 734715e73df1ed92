"""The rules of one column, as expressions over the whole column.

What is right is said by the standard's pattern and checks (`renkei.standard.rules`). Since nearly
every value is right, a cheaper expression is asked first: `suspect` is true wherever a value is
wrong, perhaps at more places, and `wrong` is asked only there. A test holds both to the standard.
"""

from dataclasses import dataclass
from datetime import date

import polars as pl

from renkei.standard import NOTIFIED_DAY, Catalogue, Item, ItemType
from renkei.standard.rules import NUMBERS, Check, checks, pattern
from renkei.store.check_digits import (
    corporate_digit_ok,
    organisation_digit_ok,
    personal_digit_ok,
    register_digit_ok,
)

DAY_SHAPE = "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
LAST_RULE = {ItemType.code: "code-unknown", ItemType.uncertain_date: "range-reversed"}
MOST_DIGITS = 15  # of a number
ALERTS = frozenset({"code-retired", "code-not-yet"})


@dataclass(frozen=True, slots=True)
class Column:
    """One column of the file: where a value is wrong, and the name of the rule it breaks."""

    number: int
    item: Item
    suspect: pl.Expr
    wrong: pl.Expr
    rule: pl.Expr

    @property
    def error(self) -> pl.Expr:
        """Return where a value is wrong beyond an alert; no value is not wrong, nor unknown."""
        return (self.wrong & ~self.rule.is_in(list(ALERTS))).fill_null(value=False)


def column_of(number: int, item: Item, standard: Catalogue, on: date) -> Column:
    """Make the rules of one item for a day. Null is no value: only `required` may object."""
    value = pl.col(item.name)
    written = value.str.contains(f"^(?:{pattern(item)})$")
    right, likely = written & _checked(value, item), _likely(value, item)
    if item.code_list is not None:
        codes = standard.code_list(item.code_list).on(on)
        right = likely = value.is_in([code.value for code in codes])
    missing = value.is_null() & item.required
    return Column(
        number,
        item,
        suspect=missing | ~(likely | value.is_null()),
        wrong=missing | ~right,
        rule=_rule(value, item, written, standard, on),
    )


def _checked(value: pl.Expr, item: Item) -> pl.Expr:
    """Return what a pattern cannot say; codes are asked with the day."""
    match checks(item):
        case (Check.register_digit,):
            return register_digit_ok(value)
        case (Check.personal_digit,):
            return personal_digit_ok(value)
        case (Check.corporate_digit,):
            return corporate_digit_ok(value)
        case (Check.organisation_digit,):
            return organisation_digit_ok(value)
        case (Check.range_in_order,):
            first, last = value.str.slice(0, 10), value.str.slice(12, 10)
            return ~value.str.contains("から", literal=True) | (first <= last)
        case _:
            return pl.lit(value=True)


def _likely(value: pl.Expr, item: Item) -> pl.Expr:
    """Return the cheapest expression that is true for most right values and for no other."""
    # A cast takes digits with a sign before them; signs sort before digits.
    is_digits = value.cast(pl.UInt64, strict=False).is_not_null() & (value >= "0")
    match item.type:
        case ItemType.digits:
            return is_digits & (value.str.len_bytes() == item.digits)
        case ItemType.number:
            short = value.str.len_bytes() <= MOST_DIGITS
            return (value == "0") | (is_digits & (value >= "1") & short)
        case ItemType.flag:
            return value.is_in(["0", "1"])
        case ItemType.uncertain_date:
            return value.str.contains(f"^{NOTIFIED_DAY}$")
        case kind if kind in NUMBERS:
            return is_digits & (value.str.len_bytes() == NUMBERS[kind]) & _checked(value, item)
        case _:
            return value.str.contains(f"^(?:{pattern(item)})$")


def _rule(value: pl.Expr, item: Item, written: pl.Expr, standard: Catalogue, on: date) -> pl.Expr:
    """Return the name of the first rule that a wrong value breaks."""
    rule = pl.lit(LAST_RULE.get(item.type, "check-digit"))
    if item.code_list is not None:
        known = standard.code_list(item.code_list).known
        begun = [code.value for code in known if any(since <= on for since, _ in code.spans)]
        later = [code.value for code in known if code.value not in begun]
        rule = pl.when(value.is_in(begun)).then(pl.lit("code-retired")).otherwise(rule)
        rule = pl.when(value.is_in(later)).then(pl.lit("code-not-yet")).otherwise(rule)
    malformed = pl.lit(f"malformed-{item.type.replace('_', '-')}")
    rule = pl.when(~written).then(malformed).otherwise(rule)
    if item.type in {ItemType.text, ItemType.kana, ItemType.latin}:
        too_long = value.str.len_chars() > item.digits
        rule = pl.when(too_long).then(pl.lit("too-long")).otherwise(rule)
    if item.type is ItemType.date:
        shaped = value.str.contains(DAY_SHAPE)
        rule = pl.when(shaped).then(pl.lit("no-such-day")).otherwise(rule)
    return pl.when(value.is_null()).then(pl.lit("required")).otherwise(rule)
