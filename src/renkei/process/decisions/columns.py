"""A column of conditions cut into pieces, and its cells as sets of them.

Every value falls into one piece, and every cell accepts whole pieces; so a set of values is an
integer with a bit for each piece. The same pieces choose rules quickly and check tables: what
accepts nothing is a gap, what two rules accept is an overlap.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol, Self, TypeAlias

BITS = 100_000_000
"""Pieces times rules of one column, at most; a larger one is asked cell by cell."""


class Ordered(Protocol):
    """A value that can be compared with others of its type."""

    def __lt__(self, other: Self, /) -> bool:
        """Tell whether it comes before another."""


@dataclass(frozen=True, slots=True)
class Span:
    """Values from `low` to `high`; an open end without limit is None."""

    low: Ordered | None = None
    high: Ordered | None = None
    has_low: bool = False
    has_high: bool = False


@dataclass(frozen=True, slots=True)
class Accepted:
    """What a cell accepts: spans of ordered values, or single ones; or all but these."""

    spans: tuple[Span, ...] = ()
    values: frozenset[str | bool] = frozenset()
    takes_null: bool = False
    all_but: bool = False


ANYTHING = Accepted(all_but=True)

Cell: TypeAlias = Accepted | None
"""None: what the cell accepts shows only when it is evaluated."""


@dataclass(frozen=True, slots=True)
class Axis:
    """The pieces of ordered values: each cut, and what lies between; the last is null."""

    cuts: tuple[Ordered, ...]
    kind: type

    @property
    def size(self) -> int:
        """Return the number of pieces."""
        return 2 * len(self.cuts) + 2

    @property
    def null(self) -> int:
        """Return the set of null alone."""
        return 1 << (self.size - 1)

    def piece(self, value: Ordered) -> int:
        """Return the number of the piece a value falls into."""
        at = bisect_left(self.cuts, value)
        is_cut = at < len(self.cuts) and self.cuts[at] == value
        return 2 * at + is_cut

    def mask(self, cell: Accepted) -> int:
        """Return the pieces a cell accepts."""
        found = self.null if cell.takes_null else 0
        for span in cell.spans:
            start = 0 if span.low is None else self.piece(span.low) + (not span.has_low)
            end = (
                self.size - 2 if span.high is None else self.piece(span.high) - (not span.has_high)
            )
            if end >= start:
                found |= (1 << (end + 1)) - (1 << start)
        if not cell.all_but:
            return found
        # Null lies in no span and outside none: a comparison with it is neither.
        return _all(self.size) ^ found ^ (self.null if cell.spans and not cell.takes_null else 0)


@dataclass(frozen=True, slots=True)
class Choice:
    """The pieces of single values: each that is named, all others, null."""

    values: tuple[str | bool, ...]
    kind: type

    @property
    def size(self) -> int:
        """Return the number of pieces."""
        return len(self.values) + 2

    @property
    def null(self) -> int:
        """Return the set of null alone."""
        return 1 << (self.size - 1)

    @property
    def others(self) -> int:
        """Return the set of all values nobody names; of the truths there are none."""
        return 0 if self.kind is bool and len(self.values) == 2 else 1 << len(self.values)

    def mask(self, cell: Accepted) -> int:
        """Return the pieces a cell accepts."""
        found = self.null if cell.takes_null else 0
        for at, value in enumerate(self.values):
            if value in cell.values:
                found |= 1 << at
        return _all(self.size) ^ found if cell.all_but else found


Pieces: TypeAlias = Axis | Choice


def _all(size: int) -> int:
    return (1 << size) - 1


@dataclass(frozen=True, slots=True)
class Column:
    """The pieces of a column, those that can occur, and what each rule accepts of them."""

    pieces: Pieces
    domain: int
    accepted: tuple[int | None, ...]
    rules: tuple[int, ...]
    """For each piece the set of rules that accept it, with those whose cell only shows later."""


def column(cells: Sequence[Cell], allowed: Cell = None) -> Column | None:
    """Return a column of cells; nothing where values are of several types, of none, or too many.

    `allowed` is what the column's declared values accept; without them every value but null can
    occur, and null where a cell speaks of it.
    """
    known = [cell for cell in (*cells, allowed) if cell is not None]
    pieces = _pieces(known)
    if pieces is None or pieces.size * len(cells) > BITS:
        return None
    domain = _all(pieces.size) ^ pieces.null
    if isinstance(pieces, Choice) and not pieces.others:
        domain ^= 1 << len(pieces.values)
    if allowed is not None:
        domain &= pieces.mask(allowed)
    if any(cell.takes_null for cell in known):
        domain |= pieces.null
    masks = tuple(None if cell is None else pieces.mask(cell) for cell in cells)
    return Column(pieces, domain, masks, tuple(_rules(masks, pieces.size)))


def _rules(masks: Sequence[int | None], size: int) -> Iterator[int]:
    """Yield the rules of each piece: those of the piece before, but for those that change."""
    changes = [0] * (size + 1)
    for rule, mask in enumerate(masks):
        accepted = _all(size) if mask is None else mask
        borders = accepted ^ (accepted << 1)
        while borders:
            lowest = borders & -borders
            changes[lowest.bit_length() - 1] ^= 1 << rule
            borders ^= lowest
    found = 0
    for piece in range(size):
        found ^= changes[piece]
        yield found


def _pieces(cells: Iterable[Accepted]) -> Pieces | None:
    cuts: list[Ordered] = []
    values: set[str | bool] = set()
    for cell in cells:
        cuts += [end for span in cell.spans for end in (span.low, span.high) if end is not None]
        values |= cell.values
    kinds = {type(one) for one in (*cuts, *values)}
    if len(kinds) != 1 or (cuts and values):
        return None
    (kind,) = kinds
    if values:
        if kind is bool:
            return Choice((False, True), bool)
        return Choice(tuple(sorted(map(str, values))), kind)
    ordered = sorted(cuts)
    apart = [one for at, one in enumerate(ordered) if at == 0 or ordered[at - 1] < one]
    return Axis(tuple(apart), kind)
