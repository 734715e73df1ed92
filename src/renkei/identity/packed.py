"""Columns of a batch: values of one length side by side, which travel as one text.

A batch of 65,535 legs is 5.6 MB so, where a list of pairs would be twice that.
"""

from collections.abc import Iterable, Iterator
from typing import ClassVar, Self

from renkei.identity.errors import LengthWrong
from renkei.identity.group import Element, Encoded, Scalar
from renkei.identity.legs import Leg


class Packed(Encoded):
    """Any number of values, each of `unit` bytes."""

    __slots__ = ()
    unit: ClassVar[int] = 32

    @classmethod
    def parse(cls, data: bytes) -> Self:
        """Check bytes from outside, value by value."""
        if len(data) % cls.unit:
            raise LengthWrong(what=cls.__name__, length=len(data), wanted=cls.unit)
        for part in cls._parts(data):
            cls.check(part)
        return cls(bytes(data))

    @classmethod
    def _parts(cls, data: bytes) -> Iterator[bytes]:
        return (data[start : start + cls.unit] for start in range(0, len(data), cls.unit))

    def __len__(self) -> int:
        return len(self.encoded) // self.unit


class Numbers(Packed):
    """The numbers of a batch's items, 16 bytes each, drawn for this once."""

    __slots__ = ()
    unit = 16

    @classmethod
    def of(cls, numbers: Iterable[bytes]) -> Self:
        return cls.parse(b"".join(numbers))

    @property
    def values(self) -> tuple[bytes, ...]:
        return tuple(self._parts(self.encoded))


class Scalars(Packed):
    """Scalars side by side."""

    __slots__ = ()

    @classmethod
    def of(cls, scalars: Iterable[Scalar]) -> Self:
        return cls(b"".join(each.encoded for each in scalars))

    @classmethod
    def check(cls, data: bytes) -> None:
        """Refuse a scalar that is not reduced."""
        Scalar.check(data)

    @property
    def values(self) -> tuple[Scalar, ...]:
        return tuple(map(Scalar, self._parts(self.encoded)))


class Elements(Packed):
    """Group elements side by side."""

    __slots__ = ()

    @classmethod
    def of(cls, elements: Iterable[Element]) -> Self:
        return cls(b"".join(each.encoded for each in elements))

    @classmethod
    def check(cls, data: bytes) -> None:
        """Refuse an element that is none."""
        Element.check(data)

    @property
    def values(self) -> tuple[Element, ...]:
        return tuple(map(Element, self._parts(self.encoded)))


class Legs(Packed):
    """Legs side by side: c1, then c2, of each."""

    __slots__ = ()
    unit = 64

    @classmethod
    def of(cls, legs: Iterable[Leg]) -> Self:
        return cls(b"".join(leg.encoded for leg in legs))

    @classmethod
    def check(cls, data: bytes) -> None:
        """Refuse a leg with an element that is none."""
        Element.check(data[:32])
        Element.check(data[32:])

    @property
    def values(self) -> tuple[Leg, ...]:
        return tuple(
            Leg(Element(part[:32]), Element(part[32:])) for part in self._parts(self.encoded)
        )
