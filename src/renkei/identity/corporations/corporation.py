"""A corporation (法人等), what is public of it, and what happens to it."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from renkei.identity.errors import CorporationMalformed

LONGEST = {"name": 150, "kana": 300, "postal_code": 8, "address": 300}


class EventKind(StrEnum):
    """What happened to a corporate number."""

    assigned = "assigned"  # 指定
    changed = "changed"  # 商号・所在地の変更
    closed = "closed"  # 閉鎖
    merged = "merged"  # 吸収合併による閉鎖
    reopened = "reopened"  # 登記記録の復活


class Closing(StrEnum):
    """Why a corporation is closed."""

    liquidated = "liquidated"  # 清算の結了等
    merged = "merged"  # 合併による解散等
    by_registrar = "by-registrar"  # 登記官による閉鎖
    other = "other"  # その他


@dataclass(frozen=True, slots=True)
class Basics:
    """What is public of a corporation besides its number, and how the name is read."""

    name: str
    kana: str
    postal_code: str
    address: str

    def __post_init__(self) -> None:
        for part, longest in LONGEST.items():
            value = getattr(self, part)
            is_needed = part in ("name", "address")
            if len(value) > longest or (is_needed and not value) or not value.isprintable():
                raise CorporationMalformed(part=part, longest=longest)


@dataclass(frozen=True, slots=True)
class Corporation:
    """One corporation as it stands now."""

    number: str
    basics: Basics
    assigned_on: date
    changed_on: date
    closed_on: date | None = None
    closed_for: Closing | None = None
    successor: str | None = None
    is_synthetic: bool = False


@dataclass(frozen=True, slots=True)
class Event:
    """What happened to a number, and what stood from then on."""

    seq: int
    kind: EventKind
    on: date
    basics: Basics
    closed_for: Closing | None
    successor: str | None


def of_row(
    number: str,
    name: str,
    kana: str,
    postal_code: str,
    address: str,
    assigned_on: date,
    changed_on: date,
    closed_on: date | None,
    closed_for: str | None,
    successor: str | None,
    synthetic: bool,  # a column
) -> Corporation:
    """Return a row of the register as a value."""
    basics = Basics(name, kana, postal_code, address)
    why = None if closed_for is None else Closing(closed_for)
    return Corporation(
        number, basics, assigned_on, changed_on, closed_on, why, successor, synthetic
    )
