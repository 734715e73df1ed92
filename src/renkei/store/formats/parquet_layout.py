"""What a Parquet file says of itself, held against its bytes before anything is decompressed.

A small file may claim a billion rows, or a page of two gigabytes: groups of rows and pages are
walked and added up first, so that what a reader will need is known and limited.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import IO

from renkei.store.formats.format import MAGIC
from renkei.store.formats.thrift import Compact, Malformed, Struct, Value

TAIL = 8  # the length of the footer, and the magic once more
LARGEST_FOOTER = 64 * 2**20
LARGEST_HEADER = 64 * 2**10
DICTIONARY_PAGE = 2


@dataclass(frozen=True, slots=True)
class Group:
    """A group of rows: how many, how many bytes decompressed, how many of them in one page."""

    rows: int
    size: int
    page: int


@dataclass(frozen=True, slots=True)
class Layout:
    """The groups of a file and what its writer noted in it."""

    groups: tuple[Group, ...]
    notes: Mapping[str, str]

    @property
    def rows(self) -> int:
        """Return how many rows the groups hold together."""
        return sum(group.rows for group in self.groups)


def layout(file: IO[bytes], size: int) -> Layout:
    """Read the layout of a file of that many bytes; `Malformed` where it does not add up."""
    footer = Compact(_footer(file, size)).struct()
    groups = tuple(_group(file, size, _struct(one)) for one in _list(footer.get(4)))
    notes = {}
    for note in map(_struct, _list(footer.get(5))):
        name, value = note.get(1), note.get(2)
        if isinstance(name, bytes) and isinstance(value, bytes):
            notes[name.decode("utf-8", "replace")] = value.decode("utf-8", "replace")
    found = Layout(groups, notes)
    if found.rows != _number(footer.get(3)):
        raise Malformed
    return found


def _footer(file: IO[bytes], size: int) -> bytes:
    if size < len(MAGIC) + TAIL:
        raise Malformed
    file.seek(size - TAIL)
    tail = file.read(TAIL)
    length = int.from_bytes(tail[:4], "little")
    if tail[4:] != MAGIC or length > min(LARGEST_FOOTER, size - TAIL - len(MAGIC)):
        raise Malformed
    file.seek(size - TAIL - length)
    return file.read(length)


def _group(file: IO[bytes], size: int, group: Struct) -> Group:
    rows = _number(group.get(3))
    columns = [_struct(column) for column in _list(group.get(1))]
    if 1 in {field for column in columns for field in column}:
        raise Malformed  # its values would stand in another file
    total = largest = 0
    for column in columns:
        values = 0
        for held, decompressed in _pages(file, size, _struct(column.get(3))):
            values += held
            total += decompressed
            largest = max(largest, decompressed)
        if values != rows:
            raise Malformed
    return Group(rows, total, largest)


def _pages(file: IO[bytes], size: int, column: Struct) -> Iterator[tuple[int, int]]:
    """Yield of each page of a column how many values it holds, and its bytes decompressed."""
    position = _number(column.get(9))
    if 11 in column:
        position = min(position, _number(column[11]))
    end = position + _number(column.get(7))
    if end > size:
        raise Malformed
    while position < end:
        file.seek(position)
        reader = Compact(file.read(min(LARGEST_HEADER, end - position)))
        page = reader.struct()
        position += reader.position + _number(page.get(3))
        data = page.get(5, page.get(8))
        is_data = _number(page.get(1)) != DICTIONARY_PAGE and isinstance(data, dict)
        yield _number(_struct(data).get(1)) if is_data else 0, _number(page.get(2))
    if position != end:
        raise Malformed


def _struct(value: "Value | None") -> Struct:
    if not isinstance(value, dict):
        raise Malformed
    return value


def _list(value: "Value | None") -> list[Value]:
    if value is None:
        return []
    if not isinstance(value, list):
        raise Malformed
    return value


def _number(value: "Value | None") -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise Malformed
    return value
