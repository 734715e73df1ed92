"""On which line of its file each row stands, kept small: mostly a row a line.

Runs of lines without a gap are one entry; what has gaps is kept as compressed steps.
"""

import zlib
from array import array
from bisect import bisect_right
from collections.abc import Sequence
from itertools import pairwise


class RowLines:
    """Maps rows, counted from 1 in the order they were handed on, to lines."""

    def __init__(self) -> None:
        """Begin with no rows."""
        self._rows = 0
        self._firsts: list[int] = []  # the first row of each entry
        self._entries: list[tuple[int, bytes]] = []  # its line, and the compressed steps after it

    def add(self, lines: Sequence[int]) -> None:
        """Add the lines of the next rows."""
        if not lines:
            return
        steps = b""
        if lines[-1] - lines[0] != len(lines) - 1:
            steps = zlib.compress(array("L", (b - a for a, b in pairwise(lines))).tobytes(), 1)
        elif self._entries and self._continues(lines[0]):
            self._rows += len(lines)
            return
        self._firsts.append(self._rows + 1)
        self._entries.append((lines[0], steps))
        self._rows += len(lines)

    def line_of(self, row: int) -> int:
        """Return the line on which a row stands."""
        at = bisect_right(self._firsts, row) - 1
        line, steps = self._entries[at]
        beyond = row - self._firsts[at]
        if not steps:
            return line + beyond
        return line + sum(array("L", zlib.decompress(steps))[:beyond])

    def _continues(self, line: int) -> bool:
        first, steps = self._entries[-1]
        return not steps and first + self._rows - self._firsts[-1] + 1 == line
