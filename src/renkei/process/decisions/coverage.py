"""What a table leaves open, what two of its rules share, what never decides: over all values.

The space of inputs is walked column by column. Pieces of a column that leave the same rules are
one branch, so that the work follows the rules, not the product of the columns.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from renkei.process.decisions.columns import Column

STEPS = 200_000
Region = tuple[int, ...]
"""A set of pieces for each column."""


class TooManyRegions(Exception):
    """The table has more regions than are walked; it is said to be unchecked."""


@dataclass(slots=True)
class Walk:
    """One walk over the regions of a table."""

    columns: Sequence[Column]
    steps: int = 0
    covered: set[tuple[int, int]] = field(default_factory=set)

    def gaps(self, rules: int, within: Region | None = None) -> Iterator[Region]:
        """Yield the regions that none of the rules accepts, inside a region or everywhere."""
        domain = within or tuple(column.domain for column in self.columns)
        self.covered.clear()
        yield from self._open(0, rules, domain, ())

    def _open(self, level: int, rules: int, domain: Region, path: Region) -> Iterator[Region]:
        if not rules:
            yield (*path, *domain[level:])
            return
        if level == len(self.columns) or (level, rules) in self.covered:
            return
        is_covered = True
        for left, pieces in self._branches(level, rules, domain[level]):
            for region in self._open(level + 1, left, domain, (*path, pieces)):
                is_covered = False
                yield region
        if is_covered:
            self.covered.add((level, rules))

    def _branches(self, level: int, rules: int, domain: int) -> list[tuple[int, int]]:
        """Return, for each set of rules that is left, the pieces that leave it."""
        column, found = self.columns[level], dict[int, int]()
        for piece in range(column.pieces.size):
            if domain >> piece & 1:
                self.steps += 1
                left = rules & column.rules[piece]
                found[left] = found.get(left, 0) | 1 << piece
        if self.steps > STEPS:
            raise TooManyRegions
        return list(found.items())


def shared(columns: Sequence[Column], one: int, other: int) -> Region | None:
    """Return the region two rules both accept; nothing where one is not known before evaluation."""
    region = []
    for column in columns:
        first, second = column.accepted[one], column.accepted[other]
        if first is None or second is None:
            return None
        both = first & second & column.domain
        if not both:
            return None
        region.append(both)
    return tuple(region)


def reach(columns: Sequence[Column], rule: int) -> Region | None:
    """Return what a rule can accept at most; nothing where some cell accepts no possible value."""
    region = []
    for column in columns:
        mask = column.accepted[rule]
        possible = column.domain if mask is None else mask & column.domain
        if not possible:
            return None
        region.append(possible)
    return tuple(region)


def certain(columns: Sequence[Column], rules: range) -> int:
    """Return the set of the rules all cells of which are known before evaluation."""
    found = 0
    for rule in rules:
        if all(column.accepted[rule] is not None for column in columns):
            found |= 1 << rule
    return found
