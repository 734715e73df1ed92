"""和暦: days as Japanese forms write them, and the answer when no such day ever was.

昭和64年1月8日 is a day of the calendar under the wrong era: the register keeps it as it was
notified (住民記録システム標準仕様書 v1.0 §1.1.8), so it is answered, not corrected.
"""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from renkei.kit import Language, say
from renkei.standard.characters.eras import ERAS, SOLAR_SINCE, Era, era_code, era_of, era_of_code
from renkei.standard.characters.errors import EraUnknown
from renkei.standard.model import CodeList


@dataclass(frozen=True, slots=True)
class EraDate:
    """A date as it is written: era, year, month, day, whether or not there was such a day."""

    era: Era
    year: int
    month: int
    day: int

    @property
    def written(self) -> str:
        """Return e.g. 令和8年4月1日, and 元年 for the first year."""
        year = "元" if self.year == 1 else str(self.year)
        return f"{self.era.ja}{year}年{self.month}月{self.day}日"

    @property
    def short(self) -> str:
        """Return e.g. R08.04.01."""
        return f"{self.era.letter}{self.year:02d}.{self.month:02d}.{self.day:02d}"

    @property
    def iso(self) -> str:
        """Return year, month and day of the common era, e.g. 1989-01-08 for 昭和64年1月8日."""
        return f"{self.era.first_year + self.year - 1:04d}-{self.month:02d}-{self.day:02d}"

    def coded(self, codes: CodeList) -> str:
        """Return the era's code and six digits, e.g. 5080401 or 05080401 by the code list."""
        return f"{era_code(self.era, codes)}{self.year:02d}{self.month:02d}{self.day:02d}"


class Why(StrEnum):
    """Why a date in an era is no day of it."""

    not_yet = "not_yet"  # 令和元年4月30日: the era had not begun
    no_longer = "no_longer"  # 昭和64年1月8日: the next era had begun
    not_in_month = "not_in_month"  # 平成31年2月29日
    lunar = "lunar"  # 明治3年5月1日: a day of the old calendar


@dataclass(frozen=True, slots=True)
class Day:
    """A day of the calendar, and the date that names it."""

    day: date
    written: EraDate


@dataclass(frozen=True, slots=True)
class NoSuchDay:
    """A date that names no day; `day` is the day of the calendar it would be, if it is one."""

    written: EraDate
    why: Why
    day: date | None

    def text(self, language: Language = "en") -> str:
        """Return what is wrong with the date and what to do next."""
        right = to_wareki(self.day).written if self.day else "-"
        code = f"wareki-{self.why.replace('_', '-')}"
        return say(code, language, written=self.written.written, right=right)


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A text that is no date in any of the forms."""

    given: str

    def text(self, language: Language = "en") -> str:
        """Return what was given and which forms are read."""
        return say("wareki-unreadable", language, given=self.given[:40])


Reading = Day | NoSuchDay | Unreadable

_DIGITS = "0123456789〇零一二三四五六七八九十"
_NUMBER = f"([{_DIGITS}]+)"
_NAMES = {era.ja: era for era in ERAS} | {era.letter: era for era in ERAS}
_FORM = re.compile(
    rf"({'|'.join(_NAMES)})(元|[{_DIGITS}]+)(?:年{_NUMBER}月{_NUMBER}日"
    rf"|([./-]){_NUMBER}\5{_NUMBER})"
)
_KANJI = {kanji: n for n, kanji in enumerate("〇一二三四五六七八九")} | {"零": 0}


def to_wareki(day: date) -> EraDate:
    """Return the day under its era.

    >>> to_wareki(date(2026, 4, 1)).written, to_wareki(date(2019, 5, 1)).written
    ('令和8年4月1日', '令和元年5月1日')
    """
    era = era_of(day)
    if era is None or day < SOLAR_SINCE:
        raise EraUnknown(first=SOLAR_SINCE.isoformat())
    return EraDate(era, day.year - era.first_year + 1, day.month, day.day)


def from_wareki(text: str) -> Reading:
    """Read 令和8年4月1日, 令和元年…, R8.4.1, R08-04-01, ㋿八年四月一日; full width or half.

    >>> from_wareki("Ｓ６４．１．７").day.isoformat()
    '1989-01-07'
    >>> from_wareki("大正十五年十二月二十五日").why
    <Why.no_longer: 'no_longer'>
    """
    plain = re.sub(r"\s+", "", unicodedata.normalize("NFKC", text[:80])).upper()
    found = _FORM.fullmatch(plain)
    if len(text) > 80 or found is None:
        return Unreadable(text)
    parts = [part for part in found.groups()[1:] if part and part not in "./-"]
    return _read(text, _NAMES[found[1]], *(_number(part) for part in parts))


def from_coded(text: str, codes: CodeList) -> Reading:
    """Read an era's code and six digits; `codes` is the code list of the sender's encoding."""
    found = re.fullmatch(r"([0-9A-Z]{1,8})([0-9]{2})([0-9]{2})([0-9]{2})", text)
    era = era_of_code(found[1], codes) if found else None
    if found is None or era is None:
        return Unreadable(text)
    return _read(text, era, int(found[2]), int(found[3]), int(found[4]))


def _read(text: str, era: Era, year: int | None, month: int | None, day: int | None) -> Reading:
    if not year or not month or not day or year > 99 or month > 12 or day > 31:
        return Unreadable(text)
    written = EraDate(era, year, month, day)
    if era.first_year + year - 1 < SOLAR_SINCE.year:
        return NoSuchDay(written, Why.lunar, None)
    try:
        meant = date(era.first_year + year - 1, month, day)
    except ValueError:
        return NoSuchDay(written, Why.not_in_month, None)
    if meant < era.since:
        return NoSuchDay(written, Why.not_yet, meant)
    if era_of(meant) is not era:
        return NoSuchDay(written, Why.no_longer, meant)
    return Day(meant, written)


def _number(text: str) -> int | None:
    """Return the number in digits, in kanji digits or with 十; None for none of them.

    >>> [_number(text) for text in ("元", "08", "二〇", "二十八", "十", "一十")]
    [1, 8, 20, 28, 10, None]
    """
    if text == "元":
        return 1
    if text.isascii():
        return int(text[:4])
    found = re.fullmatch(r"([二三四五六七八九]?)(十?)([一二三四五六七八九]?)", text)
    if found and found[2]:
        return _KANJI.get(found[1], 1) * 10 + _KANJI.get(found[3], 0)
    if len(text) <= 2 and all(c in _KANJI for c in text):
        return int("".join(str(_KANJI[c]) for c in text))
    return None
