r"""How a value of each item type is written: a pattern, and what a pattern cannot say.

Patterns hold no lookaround, no back-reference and no `\d`, so that Python's `re`, Rust's regex and
(through `generate`) ECMAScript and XML Schema read them alike.
"""

import re
from enum import StrEnum
from functools import cache

from renkei.kit import (
    corporate_number_ok,
    organisation_code_ok,
    personal_number_ok,
    register_number_ok,
)
from renkei.standard import dates
from renkei.standard.model import Item, ItemType
from renkei.standard.relationships import RELATIONSHIP

# Control characters would break a line of CSV, and U+FFFE and U+FFFF no XML can hold; private-use
# characters are 外字 (§ 外字使用).
CONTROL = r"\x00-\x1F\x7F-\x9F\u2028\u2029\uFFFE\uFFFF"
PRIVATE = r"\uE000-\uF8FF\U000F0000-\U000FFFFD\U00100000-\U0010FFFD"
KANA = "ァ-ヺーヽヾ・‐ \u3000"
LATIN = r"A-Za-z0-9 ,.'\-/()&"

# 15 digits stay below 2^53: exact in JSON, in every language.
LARGEST_NUMBER = 10**15 - 1

NUMBERS = {
    ItemType.register_number: 15,
    ItemType.personal_number: 12,
    ItemType.corporate_number: 13,
    ItemType.organisation_code: 6,
    ItemType.postal_code: 7,
    ItemType.address_code: 11,
}
"""How many digits the numbers have that the type alone settles."""

FIXED = {
    ItemType.number: "0|-?[1-9][0-9]{0,14}",
    ItemType.date: dates.CALENDAR_DAY,
    ItemType.datetime: f"{dates.CALENDAR_DAY}T{dates.TIME}",
    ItemType.uncertain_date: dates.UNCERTAIN_DATE,
    ItemType.year: dates.YEAR,
    ItemType.month: f"{dates.YEAR}-{dates.MONTH}",
    ItemType.code: "[0-9A-Z]{1,8}",
    ItemType.flag: "[01]",
    ItemType.relationship: RELATIONSHIP,
    **{kind: f"[0-9]{{{digits}}}" for kind, digits in NUMBERS.items()},
    ItemType.corporate_number: "[1-9][0-9]{12}",  # its check digit leads and is never 0
}


class Check(StrEnum):
    """What a value must satisfy beyond its pattern."""

    register_digit = "register_digit"  # 15 digits: Modulus 11, weights 2 to 7, check digit last
    personal_digit = "personal_digit"  # 個人番号: 12 digits, check digit last
    corporate_digit = "corporate_digit"  # 法人番号: 13 digits, check digit first
    organisation_digit = "organisation_digit"  # 団体コード: 6 digits, check digit last
    in_code_list = "in_code_list"  # a value of the item's code list
    range_in_order = "range_in_order"  # AからBまで: A is not after B


CHECKS = {
    ItemType.register_number: (Check.register_digit,),
    ItemType.personal_number: (Check.personal_digit,),
    ItemType.corporate_number: (Check.corporate_digit,),
    ItemType.organisation_code: (Check.organisation_digit,),
    ItemType.code: (Check.in_code_list,),
    ItemType.uncertain_date: (Check.range_in_order,),
}


def pattern(item: Item) -> str:
    """Return the pattern the whole value must match, without anchors.

    >>> from renkei.standard import catalogue
    >>> pattern(catalogue().entity("resident").item("postal_code"))
    '[0-9]{7}'
    """
    match item.type:
        case ItemType.text:
            private = "" if item.external_characters else PRIVATE
            return f"[^{CONTROL}{private}]{{1,{item.digits}}}"
        case ItemType.kana:
            return f"[{KANA}]{{1,{item.digits}}}"
        case ItemType.latin:
            return f"[{LATIN}]{{1,{item.digits}}}"
        case ItemType.digits:
            return f"[0-9]{{{item.digits}}}"
        case ItemType.decimal:
            # A fraction is written without trailing zeros, so that equal numbers are equal texts.
            whole = f"(?:0|[1-9][0-9]{{0,{(item.digits or 1) - 1}}})"
            fraction = f"(?:\\.[0-9]{{0,{(item.decimals or 1) - 1}}}[1-9])?"
            return f"-?{whole}{fraction}"
        case fixed:
            return FIXED[fixed]


def checks(item: Item) -> tuple[Check, ...]:
    """Return what must hold for a value besides its pattern."""
    return CHECKS.get(item.type, ())


def is_written(item: Item, text: str) -> bool:
    """Tell whether a text is written as values of the item are, whatever its code list holds."""
    if not _compiled(pattern(item)).fullmatch(text):
        return False
    return all(_holds(check, text) for check in checks(item))


def _holds(check: Check, text: str) -> bool:
    match check:
        case Check.register_digit:
            return register_number_ok(text)
        case Check.personal_digit:
            return personal_number_ok(text)
        case Check.corporate_digit:
            return corporate_number_ok(text)
        case Check.organisation_digit:
            return organisation_code_ok(text)
        case Check.range_in_order:
            return dates.range_in_order(text)
        case Check.in_code_list:
            return True  # `rules` asks the list


@cache
def _compiled(text: str) -> re.Pattern[str]:
    return re.compile(text)
