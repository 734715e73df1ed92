"""Merkle trees of RFC 6962, kept as tiles of 256 hashes (C2SP tlog-tiles). Leaves are any bytes.

A tile of level 0 holds leaf hashes; a hash of level n + 1 stands for one full tile of level n.
Only the rightmost tile of a level is partial. Pure: no clock, no database, no files.
"""

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

HASH = 32
WIDTH = 256
EMPTY_ROOT = hashlib.sha256(b"").digest()
HIGHEST = 6  # 256 ** 7 leaves are more than a checkpoint can count

ReadTile = Callable[[int, int, int], bytes]
"""Return the first `width` hashes of the tile (level, n, width), or raise LookupError."""


def leaf_hash(data: bytes) -> bytes:
    """Return the hash of one leaf (RFC 6962 2.1).

    >>> leaf_hash(b"").hex()[:16]
    '6e340b9cffb37a98'
    """
    return hashlib.sha256(b"\0" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of an inner node."""
    return hashlib.sha256(b"\1" + left + right).digest()


def fold(hashes: Sequence[bytes]) -> bytes:
    """Return the root over neighbouring hashes; an odd last one rises unhashed, as in RFC 6962."""
    row = list(hashes)
    while len(row) > 1:
        odd = row[-1:] if len(row) % 2 else []
        pairs = zip(row[::2], row[1::2], strict=False)
        row = [hashlib.sha256(b"\1" + left + right).digest() for left, right in pairs] + odd
    return row[0] if row else EMPTY_ROOT


@dataclass(frozen=True, slots=True)
class Tile:
    """Up to 256 neighbouring hashes of one level."""

    level: int
    n: int
    hashes: bytes

    @property
    def width(self) -> int:
        """Return how many hashes stand in it."""
        return len(self.hashes) // HASH


def tile_path(kind: str, n: int, width: int) -> str:
    """Return where a tile is served; `kind` is its level, or `entries` for the entries themselves.

    >>> tile_path("0", 1234067, 256), tile_path("entries", 0, 5)
    ('tile/0/x001/x234/067', 'tile/entries/000.p/5')
    """
    parts = [f"{n % 1000:03}"]
    while n := n // 1000:
        parts.insert(0, f"x{n % 1000:03}")
    partial = f".p/{width}" if width < WIDTH else ""
    return f"tile/{kind}/{'/'.join(parts)}{partial}"


def tile_width(size: int, level: int, n: int) -> int:
    """Return how many hashes the tile (level, n) has in a tree of that size; 0: there is none."""
    return max(0, min(WIDTH, (size >> 8 * level) - n * WIDTH))


def tiles_of(size: int, leaves: Iterable[int]) -> set[tuple[int, int]]:
    """Return level and number of the tiles that hold all hashes of these leaves' audit paths.

    >>> sorted(tiles_of(70_000, [5, 300]))
    [(0, 0), (0, 1), (0, 273), (1, 0), (1, 1), (2, 0)]
    """
    indexes = set(leaves)
    if indexes:
        indexes.add(size - 1)  # what stands to the right of all whole subtrees
    return {
        (level, index >> 8 * (level + 1))
        for level in range(HIGHEST + 1)
        for index in indexes
        if tile_width(size, level, index >> 8 * (level + 1))
    }


class Edge:
    """The right edge of a growing tree: its partial tiles, which are all its next root needs."""

    def __init__(self, size: int = 0, partials: Iterable[Tile] = ()) -> None:
        """Take up a tree at a size; ValueError where the partial tiles do not fit it."""
        self.size = size
        found = {tile.level: tile for tile in partials}
        self._rows: list[list[bytes]] = []
        for level in range(HIGHEST + 1):
            n, width = divmod(size >> 8 * level, WIDTH)
            tile = found.pop(level, Tile(level, n, b""))
            if (tile.n, tile.width) != (n, width):
                raise ValueError(f"the partial tile of level {level} does not fit")
            self._rows.append(split(tile.hashes))
        if found:
            raise ValueError("a partial tile above the tree")

    def extend(self, hashes: Iterable[bytes]) -> list[Tile]:
        """Append leaf hashes and return the tiles that became full."""
        done: list[Tile] = []
        new = list(hashes)
        size, self.size = self.size, self.size + len(new)
        for level, row in enumerate(self._rows):
            first = size >> 8 * (level + 1)
            row.extend(new)
            full = [row[at : at + WIDTH] for at in range(0, len(row) - WIDTH + 1, WIDTH)]
            del row[: WIDTH * len(full)]
            done += [Tile(level, first + k, b"".join(part)) for k, part in enumerate(full)]
            new = [fold(part) for part in full]
        return done

    def partials(self) -> list[Tile]:
        """Return the partial tiles, lowest level first; an empty one is no tile."""
        return [
            Tile(level, self.size >> 8 * (level + 1), b"".join(row))
            for level, row in enumerate(self._rows)
            if row
        ]

    def root(self) -> bytes:
        """Return the root of the whole tree: each level's rest is the last hash of the next."""
        rest: list[bytes] = []
        for row in self._rows:
            if row or rest:
                rest = [fold(row + rest)]
        return rest[0] if rest else EMPTY_ROOT


class Tree:
    """A tree of a known size, read through its tiles; makes roots and proofs up to that size."""

    def __init__(self, size: int, read: ReadTile) -> None:
        """Read nothing yet; tiles are read once each, when a hash in them is needed."""
        self.size = size
        self._read = read
        self._tiles: dict[tuple[int, int], list[bytes]] = {}
        self._nodes: dict[tuple[int, int], bytes] = {}

    def root(self, size: int | None = None) -> bytes:
        """Return the root of the tree's first `size` leaves, by default of all."""
        size = self.size if size is None else size
        return self._range(0, size) if size else EMPTY_ROOT

    def inclusion(self, index: int, size: int | None = None) -> tuple[bytes, ...]:
        """Return the audit path of a leaf in the first `size` leaves (RFC 6962 2.1.1)."""
        start, end, path = 0, self.size if size is None else size, []
        while end - start > 1:
            middle = start + _split(end - start)
            if index < middle:
                path.append(self._range(middle, end))
                end = middle
            else:
                path.append(self._range(start, middle))
                start = middle
        return tuple(reversed(path))

    def consistency(self, old: int, new: int | None = None) -> tuple[bytes, ...]:
        """Return the proof that the first `old` leaves begin the first `new` (RFC 6962 2.1.2)."""
        start, end, path = 0, self.size if new is None else new, []
        if old == 0:
            return ()
        while old != end:
            middle = start + _split(end - start)
            if old <= middle:
                path.append(self._range(middle, end))
                end = middle
            else:
                path.append(self._range(start, middle))
                start = middle
        if start:
            path.append(self._range(start, end))
        return tuple(reversed(path))

    def _range(self, start: int, end: int) -> bytes:
        """Return the root over leaves start to end, which stand together in the tree."""
        width = end - start
        if width & (width - 1) == 0:
            height = width.bit_length() - 1
            return self._node(height, start >> height)
        middle = start + _split(width)
        return node_hash(self._range(start, middle), self._range(middle, end))

    def _node(self, height: int, index: int) -> bytes:
        """Return the root of the full subtree of 2^height leaves with that index."""
        key = (height, index)
        if key not in self._nodes:
            level, above = divmod(height, 8)
            n, offset = divmod(index << above, WIDTH)
            self._nodes[key] = fold(self._tile(level, n)[offset : offset + (1 << above)])
        return self._nodes[key]

    def _tile(self, level: int, n: int) -> list[bytes]:
        key = (level, n)
        if key not in self._tiles:
            self._tiles[key] = split(self._read(level, n, tile_width(self.size, level, n)))
        return self._tiles[key]


def is_included(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> bool:
    """Check an audit path: is this leaf hash number `index` of the tree? (RFC 9162 2.1.3.2)."""
    if not 0 <= index < size:
        return False
    node, last, value = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            return False
        if node & 1 or node == last:
            value = node_hash(sibling, value)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            value = node_hash(value, sibling)
        node, last = node >> 1, last >> 1
    return last == 0 and value == root


def is_consistent(
    old: int, old_root: bytes, new: int, new_root: bytes, proof: Sequence[bytes]
) -> bool:
    """Check that the tree `new` continues the tree `old` (RFC 9162 2.1.4.2)."""
    if old == 0:
        return old_root == EMPTY_ROOT and not proof
    if old >= new:
        return old == new and old_root == new_root and not proof
    path = list(proof) if old & (old - 1) else [old_root, *proof]
    if not path:
        return False
    node, last = old - 1, new - 1
    while node & 1:
        node, last = node >> 1, last >> 1
    older = newer = path[0]
    for sibling in path[1:]:
        if last == 0:
            return False
        if node & 1 or node == last:
            older, newer = node_hash(sibling, older), node_hash(sibling, newer)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            newer = node_hash(newer, sibling)
        node, last = node >> 1, last >> 1
    return last == 0 and older == old_root and newer == new_root


def split(hashes: bytes) -> list[bytes]:
    """Return the single hashes of a tile."""
    return [hashes[at : at + HASH] for at in range(0, len(hashes), HASH)]


def _split(width: int) -> int:
    """Return the largest power of two below a width."""
    return 1 << (width - 1).bit_length() - 1
