"""Columns of many rows as PostgreSQL's binary arrays, packed at once.

The driver packs a list value by value; for the rows of a log that took longer than to hash them.
Give one where a statement says `%(name)b::bytea[]`, for `unnest`.
"""

import struct
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

import psycopg
from psycopg.adapt import Buffer, Dumper
from psycopg.pq import Format

EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
LENGTH = struct.Struct(">i").pack


class Column:
    """One packed column."""

    element = 0
    array = 0

    def __init__(self, count: int, body: bytes) -> None:
        """Take how many values there are, and each behind its length."""
        head = struct.pack(">iiIii", 1, 0, self.element, count, 1) if count else b""
        self.packed = (head or struct.pack(">iiI", 0, 0, self.element)) + body


class BytesColumn(Column):
    """A column of `bytea`."""

    element, array = 17, 1001

    def __init__(self, values: Sequence[bytes]) -> None:
        """Pack the values."""
        super().__init__(len(values), _behind_lengths(values))


class TextsColumn(Column):
    """A column of `text`."""

    element, array = 25, 1009

    def __init__(self, values: Sequence[str]) -> None:
        """Pack the values."""
        super().__init__(len(values), _behind_lengths([value.encode() for value in values]))


class NumbersColumn(Column):
    """A column of `bigint`."""

    element, array = 20, 1016

    def __init__(self, values: Sequence[int]) -> None:
        """Pack the values."""
        super().__init__(len(values), _fixed(">iq", 8, values))


class InstantsColumn(Column):
    """A column of `timestamptz`."""

    element, array = 1184, 1185

    def __init__(self, values: Sequence[datetime]) -> None:
        """Pack the values."""
        micros = [
            (gap.days * 86_400 + gap.seconds) * 1_000_000 + gap.microseconds
            for gap in (value - EPOCH for value in values)
        ]
        super().__init__(len(values), _fixed(">iq", 8, micros))


class TruthsColumn(Column):
    """A column of `boolean`."""

    element, array = 16, 1000

    def __init__(self, values: Sequence[bool]) -> None:
        """Pack the values."""
        super().__init__(len(values), _fixed(">i?", 1, values))


def _behind_lengths(values: Iterable[bytes]) -> bytes:
    return b"".join([part for value in values for part in (LENGTH(len(value)), value)])


def _fixed(form: str, width: int, values: Sequence[int] | Sequence[bool]) -> bytes:
    one = struct.Struct(form).pack
    return b"".join([one(width, value) for value in values])


def _register(kind: type[Column]) -> None:
    """Teach the driver to send a column as it is packed."""

    class Packed(Dumper):
        format = Format.BINARY
        oid = kind.array

        def dump(self, obj: Column) -> Buffer:
            return obj.packed

    psycopg.adapters.register_dumper(kind, Packed)


for _kind in (BytesColumn, TextsColumn, NumbersColumn, InstantsColumn, TruthsColumn):
    _register(_kind)
