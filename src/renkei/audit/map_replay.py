"""The map made anew from the entries, against every epoch that was signed."""

from collections.abc import Iterable

from renkei.audit.entries import Leaf
from renkei.audit.epochs import Epoch
from renkei.audit.errors import EntryMalformed, EpochMalformed
from renkei.audit.findings import Defect, Finding, ReadStored, Replay
from renkei.audit.notes import Checkpoint
from renkei.audit.prefix_tree import Head, Memory
from renkei.audit.tree import WIDTH, Tile, leaf_hash


class MapReplay:
    """The map as far as the entries were followed; anyone who holds them can make it."""

    def __init__(self, epochs: Iterable[tuple[int, Epoch]]) -> None:
        """Take the epochs, each with its number in the output log."""
        self.findings: list[Finding] = []
        self.map = Memory()
        self._heads: dict[bytes, Head] = {}
        self._moved: set[bytes] = set()
        self._waiting = list(epochs)[::-1]
        self._last = 0

    def follow(self, index: int, label: bytes | None, hashed: bytes) -> None:
        """Take the next entry: the label it stands under, if any, and the hash of its leaf."""
        self._compare(index)
        if label is not None:
            before = self._heads.get(label)
            self._heads[label] = Head(before.count + 1 if before else 1, index, hashed)
            self._moved.add(label)

    def close(self, size: int) -> None:
        """Compare what is left; an epoch of more entries than there are is none of this log."""
        self._compare(size)
        self.findings += [Finding(number, Defect.EPOCH) for number, _ in self._waiting]

    def compare(self, tiles: Iterable[tuple[str, bytes]]) -> None:
        """Hold the stored tiles of the map against those made; one nobody refers to is nothing."""
        stored = dict(tiles)
        if any(stored.get(place) != tile for place, tile in self.map.tiles.items()):
            self.findings.append(Finding(self._last, Defect.MAP_TILE))

    def _compare(self, size: int) -> None:
        while self._waiting and self._waiting[-1][1].input_size <= size:
            number, epoch = self._waiting.pop()
            self._last = number
            self.map.update({label: self._heads[label] for label in self._moved})
            self._moved.clear()
            if (epoch.input_size, epoch.map_root) != (size, self.map.root):
                self.findings.append(Finding(number, Defect.MAP))


def replay_output(
    leaves: Iterable[bytes], signed: Iterable[Checkpoint], stored: ReadStored
) -> tuple[list[tuple[int, Epoch]], list[Finding]]:
    """Return the epochs of an output log with their numbers, and its defects by these numbers."""
    replay = Replay(signed, stored)
    epochs: list[tuple[int, Epoch]] = []
    malformed: list[Finding] = []
    hashes: list[bytes] = []
    for number, leaf in enumerate(leaves):
        hashes.append(leaf_hash(leaf))
        replay.feed(hashes[-1:])
        try:
            epochs.append((number, Epoch.parse(leaf)))
        except EpochMalformed:
            malformed.append(Finding(number, Defect.EPOCH))
    replay.close()
    for start in range(0, len(hashes), WIDTH):
        tile = Tile(0, start // WIDTH, b"".join(hashes[start : start + WIDTH]))
        if stored(tile) != tile.hashes:
            malformed.append(Finding(start, Defect.OUTPUT))
    return epochs, malformed + [Finding(one.at, Defect.OUTPUT) for one in replay.findings]


def label_of(data: bytes) -> bytes | None:
    """Return the label a leaf stands under; none for what is no entry of ours."""
    try:
        return Leaf.parse(data).label
    except EntryMalformed:
        return None


def inputs(epochs: Iterable[tuple[int, Epoch]]) -> list[Checkpoint]:
    """Return the trees of entries the epochs name, to be held against the entries."""
    return [Checkpoint("", one.input_size, one.input_root, "") for _, one in epochs]
