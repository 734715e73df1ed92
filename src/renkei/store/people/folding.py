"""What the values of a register have in common however they were written, column by column.

A register keeps what was notified; here width, spaces, old forms of characters (異体字), the size
and length of kana, the writing of house numbers go. The outcome is compared, never stored or shown.
"""

from collections.abc import Callable, Iterable

import polars as pl

KANJI_DIGITS = {digit: str(value) for value, digit in enumerate("〇一二三四五六七八九")}


def each(values: pl.Series, fold: Callable[[str], str]) -> pl.Series:
    """Return the series with every value folded, each distinct value once; nothing is null."""
    distinct = values.drop_nulls().unique()
    folded = pl.Series([fold(value) for value in distinct], dtype=pl.String)
    return values.replace_strict(distinct, folded, default=None, return_dtype=pl.String).replace(
        "", None
    )


def split(name: pl.Expr, place: str) -> pl.Expr:
    """Return the surname or the given name of a name that has a space between."""
    tidy = name.str.normalize("NFKC").str.strip_chars().str.replace_all(r"\s+", " ")
    parts = tidy.str.splitn(" ", 2)
    return parts.struct.field("field_0" if place == "surname" else "field_1")


def surname_of(whole: Iterable[str], known: frozenset[str]) -> dict[str, str]:
    """Return for names written without a space the longest surname of the town they begin with."""
    longest = max(map(len, known), default=0)
    found = {}
    for name in whole:
        for length in range(min(longest, len(name) - 1), 0, -1):
            if name[:length] in known:
                found[name] = name[:length]
                break
    return found


def address(value: pl.Expr) -> pl.Expr:
    """Return an address without prefecture, with every way of writing a house number as one."""
    plain = value.str.normalize("NFKC").str.replace_all(r"\s+", "")
    plain = plain.str.replace_many(list(KANJI_DIGITS), list(KANJI_DIGITS.values()))
    plain = (
        plain.str.replace_all(r"(\d)十(\d)", "${1}${2}")
        .str.replace_all(r"(\d)十", "${1}0")
        .str.replace_all(r"十(\d)", "1${1}")
        .str.replace_all("十", "10")
        .str.replace_all(r"(\d)(?:丁目|番地の?|番|号|の|[‐−–—―ー])", "${1}-")
    )
    plain = plain.str.replace(r"^(?:東京都|北海道|京都府|大阪府|[^市区町村郡]{2,3}県)", "")
    return none_if_empty(plain.str.replace_all(r"-+", "-").str.strip_chars_end("-"))


def neighbourhood(folded: pl.Expr) -> pl.Expr:
    """Return a folded address up to its numbers."""
    return none_if_empty(folded.str.replace(r"[0-9-]+$", ""))


def none_if_empty(value: pl.Expr) -> pl.Expr:
    """Return text, or nothing for no text."""
    return pl.when(value.str.len_bytes() > 0).then(value)


def birth(value: pl.Expr) -> list[pl.Expr]:
    """Return year, month and day of a birth date as far as they are known (日付不詳)."""
    parts = value.str.extract_groups(r"^(\d{4})(?:-(\d{2}))?(?:-(\d{2}))?")
    is_range = value.str.contains("から")
    year, month, day = (parts.struct.field(str(n)).cast(pl.Int16, strict=False) for n in (1, 2, 3))
    return [
        pl.when(year > 0).then(year).alias("year"),
        pl.when(month > 0, ~is_range).then(month).alias("month"),
        pl.when(day > 0, ~is_range).then(day).alias("day"),
    ]


def number(value: pl.Expr) -> pl.Expr:
    """Return digits as a number; what is no number is none."""
    return value.cast(pl.UInt64, strict=False)
