"""Thrift's compact protocol, as far as the metadata of Parquet need it: numbers, texts, structures.

What is read comes from outside: every length is held against the bytes there are, and nothing is
made before they were.
"""

from typing import TypeAlias

DEEPEST = 32

Value: TypeAlias = "bool | int | bytes | list[Value] | dict[int, Value]"
Struct: TypeAlias = "dict[int, Value]"


class Malformed(Exception):
    """These bytes are not what they should be."""


class Compact:
    """Bytes in the compact protocol, read from front to back."""

    def __init__(self, data: bytes) -> None:
        """Begin at the first byte."""
        self.position = 0
        self._data = data

    def struct(self, depth: int = 0) -> Struct:
        """Read a structure: field number → value."""
        found: Struct = {}
        field = 0
        while head := self._byte():
            kind, step = head & 0x0F, head >> 4
            field = field + step if step else self._zigzag()
            found[field] = kind == 1 if kind in {1, 2} else self._value(kind, depth + 1)
        return found

    def _value(self, kind: int, depth: int) -> Value:
        if depth > DEEPEST:
            raise Malformed
        match kind:
            case 1 | 2:
                return self._byte() == 1
            case 3:
                return self._byte()
            case 4 | 5 | 6:
                return self._zigzag()
            case 7:
                return int.from_bytes(self._bytes(8), "little")
            case 8:
                return self._bytes(self._varint())
            case 9 | 10:
                return self._list(depth)
            case 12:
                return self.struct(depth)
            case _:
                raise Malformed

    def _list(self, depth: int) -> list[Value]:
        head = self._byte()
        size, kind = head >> 4, head & 0x0F
        if size == 15:
            size = self._varint()
        if size > len(self._data) - self.position:  # an element is a byte at least
            raise Malformed
        return [self._value(kind, depth + 1) for _ in range(size)]

    def _byte(self) -> int:
        return self._bytes(1)[0]

    def _bytes(self, length: int) -> bytes:
        end = self.position + length
        if end > len(self._data):
            raise Malformed
        found = self._data[self.position : end]
        self.position = end
        return found

    def _varint(self) -> int:
        number = shift = 0
        while True:
            byte = self._byte()
            number |= (byte & 0x7F) << shift
            if byte < 0x80:
                return number
            shift += 7
            if shift > 63:
                raise Malformed

    def _zigzag(self) -> int:
        number = self._varint()
        return number >> 1 ^ -(number & 1)
