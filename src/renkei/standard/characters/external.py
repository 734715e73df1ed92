"""外字: characters that one organisation made for itself, in Unicode's private use areas.

Their meaning ends at the town's border. Windows-31J has 1,880 places for them, F040 to F9FC, that
are U+E000 to U+E757; in Shift_JIS-2004 the same bytes are kanji of level 4, so a file read under
the wrong name shows real but false characters.
"""

import re
from dataclasses import dataclass

PLACES = 1880  # ten rows of 188
PER_ROW = 188
_PRIVATE = re.compile("[\ue000-\uf8ff\U000f0000-\U000ffffd\U00100000-\U0010fffd]")


@dataclass(frozen=True, slots=True)
class ExternalCharacter:
    """One private-use character of a text, and its code on Windows if it has one."""

    position: int
    character: str

    @property
    def windows_code(self) -> int | None:
        """Return e.g. 0xF040 for U+E000; None outside the 1,880 places of Windows."""
        place = ord(self.character) - 0xE000
        if not 0 <= place < PLACES:
            return None
        row, cell = divmod(place, PER_ROW)
        return (0xF0 + row) << 8 | (0x40 + cell + (cell >= 0x3F))  # trail byte 7F is left out


def external_characters(text: str) -> tuple[ExternalCharacter, ...]:
    r"""Return every 外字 of a text.

    >>> [f"{c.windows_code:X}" for c in external_characters("山\ue000")]
    ['F040']
    """
    return tuple(ExternalCharacter(c.start(), c[0]) for c in _PRIVATE.finditer(text))


def from_windows_code(code: int) -> str | None:
    """Return the 外字 of a Windows code, e.g. U+E757 for F9FC; None where no 外字 can stand."""
    row, trail = code >> 8, code & 0xFF
    if not 0xF0 <= row <= 0xF9 or not 0x40 <= trail <= 0xFC or trail == 0x7F:
        return None
    return chr(0xE000 + (row - 0xF0) * PER_ROW + trail - 0x40 - (trail > 0x7F))
