"""Regions of a table in words: which values of which columns."""

from collections.abc import Iterator, Sequence

from renkei.kit import Language
from renkei.process.decisions.columns import Axis, Choice, Column
from renkei.process.decisions.coverage import Region
from renkei.process.decisions.findings import phrase


def region_text(
    region: Region, columns: Sequence[Column], labels: Sequence[str], language: Language
) -> str:
    """Return a region as conditions on its columns; a column of which all is meant is left out."""
    parts = [
        f"{label} {pieces_text(pieces, column, language)}"
        for pieces, column, label in zip(region, columns, labels, strict=True)
        if pieces != column.domain
    ]
    return phrase("region-and", language).join(parts) or phrase("region-all", language)


def pieces_text(pieces: int, column: Column, language: Language) -> str:
    """Return a set of pieces of a column in words."""
    found = column.pieces
    said = list(
        _spans(pieces, found) if isinstance(found, Axis) else _values(pieces, found, language)
    )
    if pieces & found.null:
        said.append("null")
    return phrase("region-or", language).join(said)


def _values(pieces: int, found: Choice, language: Language) -> Iterator[str]:
    for at, value in enumerate(found.values):
        if pieces >> at & 1:
            yield f'"{value}"' if isinstance(value, str) else str(value).lower()
    if pieces & found.others:
        yield phrase("region-others", language)


def _spans(pieces: int, found: Axis) -> Iterator[str]:
    """Yield the runs of neighbouring pieces, each as an interval, a comparison or a value."""
    last = found.size - 2
    at = 0
    while at <= last:
        if not pieces >> at & 1:
            at += 1
            continue
        start = at
        while at < last and pieces >> (at + 1) & 1:
            at += 1
        yield _span(start, at, found)
        at += 1


def _span(start: int, end: int, found: Axis) -> str:
    """Return pieces from `start` to `end`: odd numbers are cuts, even ones what lies between."""
    low, has_low = (found.cuts[start // 2], True) if start % 2 else (_before(start, found), False)
    high, has_high = (found.cuts[end // 2], True) if end % 2 else (_after(end, found), False)
    if start == end and has_low:
        return str(low)
    if low is None:
        return f"{'<=' if has_high else '<'} {high}" if high is not None else "-"
    if high is None:
        return f"{'>=' if has_low else '>'} {low}"
    return f"{'[' if has_low else '('}{low}..{high}{']' if has_high else ')'}"


def _before(piece: int, found: Axis) -> object | None:
    return found.cuts[piece // 2 - 1] if piece else None


def _after(piece: int, found: Axis) -> object | None:
    at = piece // 2
    return found.cuts[at] if at < len(found.cuts) else None
