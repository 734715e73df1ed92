"""Chance that falls the same way every time: a stream of draws named by what it is for."""

from collections.abc import Callable, Sequence
from hashlib import sha256
from random import Random
from typing import TypeVar

T = TypeVar("T")


class Dice:
    """Draws that depend on the key alone: not on the process, its hash seed or its Python.

    Only `Random.random` is used, whose sequence for a whole-number seed Python promises to keep.

    >>> Dice("town", "131016", 7).below(100) == Dice("town", "131016", 7).below(100)
    True
    """

    __slots__ = ("random",)

    random: Callable[[], float]

    def __init__(self, *key: str | int) -> None:
        """Seed from the digest of the key."""
        digest = sha256("/".join(str(part) for part in key).encode()).digest()
        self.random = Random(int.from_bytes(digest[:16], "big")).random  # noqa: S311 - not a secret

    def below(self, count: int) -> int:
        """Return a whole number from 0 to count - 1."""
        return int(self.random() * count)

    def between(self, low: int, high: int) -> int:
        """Return a whole number from low to high, both included; low where they cross."""
        return low + int(self.random() * (high - low + 1)) if high > low else low

    def chance(self, share: float) -> bool:
        """Tell whether a thing of that share happens this time."""
        return self.random() < share

    def pick(self, pool: Sequence[T]) -> T:
        """Return one of the pool; put a thing in twice to draw it twice as often."""
        return pool[int(self.random() * len(pool))]
