"""What a corporation is found by: name without its legal form, reading and address, folded.

Old forms of characters, width, spaces, the size and voice of kana go, as the standard folds them.
"""

from dataclasses import dataclass
from typing import Self

from renkei.standard.characters import (
    body_reading_to_compare,
    body_to_compare,
    name_to_compare,
)


@dataclass(frozen=True, slots=True)
class Folded:
    """Name, reading and address as they are compared, and all pairs of letters of the first two."""

    name: str
    kana: str
    address: str
    pairs: tuple[str, ...]

    @classmethod
    def of(cls, name: str, kana: str, address: str) -> Self:
        """Fold what a register keeps, or what somebody looks for."""
        written, read = body_to_compare(name), body_reading_to_compare(kana)
        pairs = tuple(sorted({*pairs_of(written), *pairs_of(read)}))
        return cls(written, read, name_to_compare(address), pairs)


def pairs_of(text: str) -> set[str]:
    """Return every two neighbouring letters.

    >>> sorted(pairs_of("見本建設"))
    ['建設', '本建', '見本']
    """
    return {text[n : n + 2] for n in range(len(text) - 1)}
