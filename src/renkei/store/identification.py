"""本人確認: whether somebody who gives a number is who the register says, by the four basic items.

A number and its check digit are nobody; name, address, birth date and sex must be those of one
record. Old forms of one character (異体字), width, spaces and the writing of house numbers do not
matter; two characters that are merely alike (斉 and 斎) are two. What is told is which items
differ, never what the register holds.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from renkei.standard import ItemType, catalogue
from renkei.standard.characters import fold_forms, normal_form

BASIC = ("name", "birth_date", "sex", "address")
NEEDED = (*BASIC, "building")
"""The building stands apart in the register, and behind the address in what people say."""

_BLANK = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Claim:
    """Who somebody says to be: the four basic items."""

    name: str
    birth_date: str
    sex: str
    address: str


class Check(StrEnum):
    """How a check ended."""

    matched = "matched"  # 一致
    differs = "differs"  # 不一致
    not_held = "not-held"  # 該当なし


@dataclass(frozen=True, slots=True)
class Checked:
    """The end of a check, and which items differ; of several records those of the nearest."""

    check: Check
    differs: tuple[str, ...] = ()


def compare(claim: Claim, records: Iterable[Mapping[str, object]]) -> Checked:
    """Compare a claim with the records that have the number."""
    found = [_differs(claim, record) for record in records]
    if not found:
        return Checked(Check.not_held)
    nearest = min(found, key=len)
    return Checked(Check.differs if nearest else Check.matched, nearest)


def _differs(claim: Claim, record: Mapping[str, object]) -> tuple[str, ...]:
    held = {name: "" if value is None else str(value) for name, value in record.items()}
    address, building = held["address"], held["building"]
    agrees = {
        "name": same(_name(claim.name), _name(held["name"])),
        "birth_date": same(_plain(claim.birth_date), _plain(held["birth_date"])),
        "sex": same(_sex(claim.sex), _sex(held["sex"])),
        "address": any(
            same(_address(claim.address), _address(one)) for one in (address, address + building)
        ),
    }
    return tuple(name for name in BASIC if not agrees[name])


def same(one: str, other: str) -> bool:
    """Tell whether two values are one; what nobody said or holds agrees with nothing."""
    return bool(one) and one == other


def _name(text: str) -> str:
    return _BLANK.sub("", fold_forms(unicodedata.normalize("NFKC", text)).text.upper())


def _plain(text: str) -> str:
    return normal_form(text, ItemType.uncertain_date).text.strip()


def _sex(text: str) -> str:
    """Return the value of the code list, also of who wrote its label."""
    given = normal_form(text, ItemType.code).text.strip()
    labels = {value.ja: value.value for value in catalogue().code_list("sex").values}
    return labels.get(given, given)


def _address(text: str) -> str:
    # A node starts without polars; it comes with the first check.
    import polars as pl

    from renkei.store.people import folding

    plain = fold_forms(unicodedata.normalize("NFKC", text)).text
    folded = pl.select(folding.address(pl.lit(plain))).item()
    return str(folded or "")
