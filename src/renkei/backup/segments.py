"""Log files of PostgreSQL: their names and the positions (LSN) they hold."""

import re
from dataclasses import dataclass


def position(text: str) -> int:
    """Return an LSN as a number of bytes.

    >>> hex(position("1/2000028"))
    '0x102000028'
    """
    high, _, low = text.partition("/")
    return int(high, 16) << 32 | int(low, 16)


def written(lsn: int) -> str:
    """Return an LSN as PostgreSQL writes it.

    >>> written(0x102000028)
    '1/2000028'
    """
    return f"{lsn >> 32:X}/{lsn & 0xFFFFFFFF:X}"


@dataclass(frozen=True, slots=True, order=True)
class Segment:
    """One log file of a timeline, the `number`-th of its size."""

    timeline: int
    number: int
    size: int

    @classmethod
    def holding(cls, timeline: int, lsn: int, size: int) -> "Segment":
        """Return the log file that the byte at a position belongs to."""
        return cls(timeline, lsn // size, size)

    @property
    def name(self) -> str:
        """Return the file's name.

        >>> Segment(1, 256, 16 * 2**20).name
        '000000010000000100000000'
        """
        per = 2**32 // self.size
        return f"{self.timeline:08X}{self.number // per:08X}{self.number % per:08X}"

    @property
    def start(self) -> int:
        """Return the position of its first byte."""
        return self.number * self.size

    @property
    def end(self) -> int:
        """Return the position behind its last byte."""
        return self.start + self.size

    def next(self) -> "Segment":
        """Return the log file after this one."""
        return Segment(self.timeline, self.number + 1, self.size)


def parse_segment(name: str, size: int) -> Segment | None:
    """Return the log file of a name; None where it is no such name.

    >>> parse_segment("000000010000000100000000", 16 * 2**20).number
    256
    """
    if not re.fullmatch("[0-9A-F]{24}", name):
        return None
    timeline, high, low = (int(name[at : at + 8], 16) for at in (0, 8, 16))
    return Segment(timeline, high * (2**32 // size) + low, size)
