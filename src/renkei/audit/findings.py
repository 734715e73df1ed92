"""What is wrong with a log: defects found while it is replayed, collected and not raised."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from renkei import kit
from renkei.audit.notes import Checkpoint
from renkei.audit.shards import FIRST
from renkei.audit.tree import Edge, Tile


class Defect(StrEnum):
    """The ways in which a log can disagree with what was signed."""

    ALTERED = "altered"
    REMOVED = "removed"
    MOVED = "moved"
    UNSIGNED = "unsigned"
    CHAIN = "chain"
    HEAD = "head"
    TILE = "tile"
    CHECKPOINT = "checkpoint"
    FORKED = "forked"
    MAP = "map"
    MAP_TILE = "map-tile"
    EPOCH = "epoch"
    OUTPUT = "output"
    COSIGNED_OTHER = "cosigned-other"
    COSIGNATURE = "cosignature"
    UNWITNESSED = "unwitnessed"
    EPOCH_COSIGNATURE = "epoch-cosignature"
    EPOCH_UNWITNESSED = "epoch-unwitnessed"
    EPOCH_BEYOND = "epoch-beyond"
    SHARD = "shard"


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """One defect, at an entry's index, for checkpoints and forks at a tree size.

    What is wrong with the map stands at the number of an epoch, with its log at an output size.
    The year is that of the shard, which the first one has none of.
    """

    at: int
    defect: Defect
    year: int = FIRST

    def text(self, language: kit.Language = "en") -> str:
        """Return the defect and its place as a sentence.

        >>> Finding(7, Defect.REMOVED).text()
        'The entry 7 was removed from the log.'
        >>> Finding(7, Defect.REMOVED, 2027).text()
        '2027: The entry 7 was removed from the log.'
        """
        said = kit.say(f"audit-defect-{self.defect}", language, at=self.at)
        return said if self.year == FIRST else f"{self.year}: {said}"


ReadStored = Callable[[Tile], bytes | None]
"""Return what is stored as this tile, cut to its width; None where there is none."""


class Replay:
    """A tree built again from its leaf hashes, against the roots signed and the tiles stored."""

    def __init__(self, signed: Iterable[Checkpoint], stored: ReadStored) -> None:
        """Take the checkpoints to compare with and a way to read tiles above level 0."""
        self.findings: list[Finding] = []
        self._roots: defaultdict[int, set[bytes]] = defaultdict(set)
        for checkpoint in signed:
            self._roots[checkpoint.size].add(checkpoint.root)
        self._sizes = sorted(self._roots, reverse=True)
        self._stored = stored
        self._edge = Edge()
        self._compare()

    @property
    def size(self) -> int:
        """Return how many leaves were replayed."""
        return self._edge.size

    def feed(self, hashes: Sequence[bytes]) -> None:
        """Append leaf hashes, stopping at every size that was signed."""
        done = 0
        while done < len(hashes):
            stop = len(hashes)
            if self._sizes:
                stop = min(stop, done + self._sizes[-1] - self.size)
            self._check(self._edge.extend(hashes[done:stop]))
            done = stop
            self._compare()

    def close(self) -> None:
        """Check the partial tiles, and that no checkpoint is larger than the log."""
        self._check(self._edge.partials())
        self.findings += [Finding(size, Defect.FORKED) for size in self._sizes]

    def _compare(self) -> None:
        if not self._sizes or self._sizes[-1] != self.size:
            return
        if self._roots[self._sizes.pop()] != {self._edge.root()}:
            self.findings.append(Finding(self.size, Defect.FORKED))

    def _check(self, tiles: Iterable[Tile]) -> None:
        self.findings += [
            Finding(tile.n << 8 * (tile.level + 1), Defect.TILE)
            for tile in tiles
            if tile.level and self._stored(tile) != tile.hashes
        ]
