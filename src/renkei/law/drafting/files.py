"""Rows of a draft as a CSV file, as a spreadsheet writes it: read strictly, told by its place.

UTF-8, with or without the mark before it; RFC 4180. The first line names the columns, as the files
of the table do or as the editor calls them, in any order; what is not named stays empty. A first
cell `-ROW` alone in its line takes that row out.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

from renkei import kit
from renkei.law.drafting.errors import DraftFileWrong
from renkei.standard.amending import COLUMNS, OWN_COLUMNS, Kind, lines_of

LARGEST_FILE = 256 << 10
MARK = b"\xef\xbb\xbf"
QUOTED = re.compile(r'"((?:[^"]|"")*)"')
PLAIN = re.compile(r'[^",\r\n]*')
LINE_END = re.compile(r"\r\n|\n|\r")
NAMED_BY: Mapping[Kind, tuple[str, ...]] = MappingProxyType(
    {"provision": ("row",), "own_use": ("organisation", "procedure", "since")}
)
"""Without which columns nobody can tell which row a line is about."""
UNSEEN = frozenset({"Cc", "Cf", "Cs"})
LANGUAGES: tuple[kit.Language, ...] = ("ja", "en")


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell: its text, and where it begins and ends in the file."""

    text: str
    start: int
    end: int


def rows_of_file(data: bytes) -> str:
    """Return the lines of a draft that a file holds, or raise `DraftFileWrong` with the place."""
    text = _decoded(data)
    records = list(_records(text))
    if not records:
        raise _wrong(text, 0, "empty")
    kind, columns = _columns(text, records[0])
    rows: dict[str, str] = {}
    for record in records[1:]:
        row = _row(text, record, kind, columns)
        line = next(lines_of(row), None)
        if line is None:  # the heads of the table's files once more
            raise _wrong(text, record[0].start, "name-unfit", record[0].text)
        if line.name in rows:
            raise _wrong(text, record[0].start, "row-twice", line.name)
        rows[line.name] = row
    if not rows:
        raise _wrong(text, len(text), "empty")
    return "\n".join(rows.values())


def with_rows(rows: str, more: str) -> str:
    """Return the lines of a draft with those of a file in them: of one name, in its place."""
    texts = more.split("\n")
    given = {(one.kind, one.name): texts[one.number - 1] for one in lines_of(more)}
    names = {one.number: (one.kind, one.name) for one in lines_of(rows)}
    kept = [
        given.pop(names[number], text) if number in names else text
        for number, text in enumerate(rows.split("\n"), 1)
        if text
    ]
    return "\n".join([*kept, *given.values()])


def _decoded(data: bytes) -> str:
    plain = data.removeprefix(MARK)
    try:
        return plain.decode()
    except UnicodeDecodeError as error:
        before = plain[: error.start].decode()
        raise _wrong(before, len(before), "encoding") from None


def _records(text: str) -> Iterator[list[Cell]]:
    """Yield the lines that say something, cell by cell; a quoted cell may hold a line's end."""
    at, record = 0, list[Cell]()
    while at < len(text) or record:
        cell, at = _cell(text, at)
        record.append(cell)
        if text.startswith(",", at):
            at += 1
            if at < len(text):
                continue
            record.append(Cell("", at, at))
        elif at < len(text):
            ended = LINE_END.match(text, at)
            if ended is None:
                raise _wrong(text, at, "quote-inside")
            at = ended.end()
        if any(one.text.strip() for one in record):
            yield record
        record = []


def _cell(text: str, at: int) -> tuple[Cell, int]:
    if text.startswith('"', at):
        found = QUOTED.match(text, at)
        if found is None:
            raise _wrong(text, at, "quote-unclosed")
        return Cell(found[1].replace('""', '"'), at, found.end()), found.end()
    plain = PLAIN.match(text, at)
    end = plain.end() if plain else at
    return Cell(text[at:end], at, end), end


def _columns(text: str, record: list[Cell]) -> tuple[Kind, tuple[str, ...]]:
    """Return which kind of rows a file holds, and its columns in their order there."""
    found = list[str]()
    for cell in record:
        column = _known_columns().get(cell.text.strip().casefold())
        if column is None:
            raise _wrong(text, cell.start, "column-unknown", cell.text.strip())
        if column in found:
            raise _wrong(text, cell.start, "column-twice", _called(column))
        found.append(column)
    kind: Kind = "own_use" if "organisation" in found else "provision"
    own = COLUMNS if kind == "provision" else OWN_COLUMNS
    for column in NAMED_BY[kind]:
        if column not in found:
            raise _wrong(text, 0, "column-missing", _called(column))
    for cell, column in zip(record, found, strict=True):
        if column not in own:
            raise _wrong(text, cell.start, "column-elsewhere", _called(column))
    return kind, tuple(found)


@cache
def _known_columns() -> Mapping[str, str]:
    """Return every column by what it may be called: its name, or what the editor calls it."""
    every = dict.fromkeys((*COLUMNS, *OWN_COLUMNS))
    known = {column: column for column in every}
    for column in every:
        for language in LANGUAGES:
            known.setdefault(kit.say(f"law-cell-{column}", language).casefold(), column)
    return known


def _called(column: str) -> str:
    """Return what the editor calls a column, for readers of either language."""
    return " / ".join(kit.say(f"law-cell-{column}", language) for language in LANGUAGES)


def _row(text: str, record: list[Cell], kind: Kind, columns: tuple[str, ...]) -> str:
    """Return a line of the file as a line of a draft."""
    if len(record) > len(columns):
        extra = record[len(columns)]
        raise _wrong(text, extra.start, "cells-many", str(len(columns)))
    cells = dict(zip(columns, (_clean(text, cell) for cell in record), strict=False))
    first, *rest = (_clean(text, cell) for cell in record)
    if first.startswith("-") and not any(rest):
        return first
    own = COLUMNS if kind == "provision" else OWN_COLUMNS
    for column in NAMED_BY[kind]:
        if not cells.get(column):
            raise _wrong(text, record[0].start, "cell-missing", _called(column))
    if cells[own[0]].startswith(("-", "#")):
        raise _wrong(text, record[0].start, "name-unfit", cells[own[0]])
    return "\t".join(cells.get(column, "") for column in own)


def _clean(text: str, cell: Cell) -> str:
    """Return a cell's text, white space of any sort as one space, so that a row stays a line."""
    for at in range(cell.start, cell.end):
        letter = text[at]
        if unicodedata.category(letter) in UNSEEN and not letter.isspace():
            raise _wrong(text, at, "letter-unseen", f"U+{ord(letter):04X}")
    return " ".join(cell.text.split())


def _wrong(text: str, at: int, defect: str, found: str = "") -> DraftFileWrong:
    """Return what is wrong at a place: its line, and the letter of the line, both from 1."""
    ends = [end.end() for end in LINE_END.finditer(text, 0, at)]
    start = ends[-1] if ends else 0
    shown = "".join(letter if letter.isprintable() else "?" for letter in found[:40])
    named = f": {shown}" if shown else ""
    return DraftFileWrong(line=len(ends) + 1, column=at - start + 1, defect=defect, found=named)
