"""The map as a tree: a binary prefix tree over labels, whose root and proofs tell nobody's label.

A label stands at the path of its hash, a leaf as far up as no other shares its way; a subtree
without leaves is 32 zero bytes. So a set of labels has one root, whatever the order they came in.
Kept in tiles four levels high, by the hexadecimal digits that lead to them. Pure: no database.
"""

import hashlib
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import NamedTuple, Self

HASH = 32
EMPTY = bytes(HASH)
LONGEST_PATH = 256
SLOTS = 16
LEAF = 16
"""Added to the number of a slot that holds a leaf and not the hash of a tile."""

ReadTiles = Callable[[Collection[str]], Mapping[str, bytes]]
"""Return the tiles there are at these places."""


@dataclass(frozen=True, slots=True)
class Head:
    """What the map says of a label: how many entries it has, the index and hash of the last."""

    count: int
    last: int
    hash: bytes

    SIZE = 8 + 8 + HASH

    def render(self) -> bytes:
        """Return the bytes a leaf of the map commits to."""
        return self.count.to_bytes(8) + self.last.to_bytes(8) + self.hash

    @classmethod
    def parse(cls, data: bytes) -> Self:
        """Read what `render` wrote."""
        return cls(int.from_bytes(data[:8]), int.from_bytes(data[8:16]), data[16:])

    @property
    def digest(self) -> bytes:
        """Return the hash of it, which tells nothing: the hash of the last entry is salted."""
        return hashlib.sha256(self.render()).digest()


class Stranger(NamedTuple):
    """The leaf of another label that stands where this one would: its path, its head's digest."""

    path: bytes
    digest: bytes


@dataclass(frozen=True, slots=True)
class MapProof:
    """What stands on the way of a label: its head, or another's leaf, or nothing at all.

    The siblings go from the root down.
    """

    siblings: tuple[bytes, ...]
    head: Head | None = None
    stranger: Stranger | None = None

    def root(self, label: bytes) -> bytes | None:
        """Return the root this proves the head, or the absence, of a label under; None if none."""
        path, depth = path_of(label), len(self.siblings)
        if depth > LONGEST_PATH:
            return None
        if self.head is not None:
            node = leaf_node(path, self.head.digest)
        elif self.stranger is not None:
            if self.stranger.path == path or _bits(self.stranger.path, depth) != _bits(path, depth):
                return None
            node = leaf_node(*self.stranger)
        else:
            node = EMPTY
        way = _bits(path, depth)
        for sibling in reversed(self.siblings):
            node = inner_node(sibling, node) if way & 1 else inner_node(node, sibling)
            way >>= 1
        return node


def path_of(label: bytes) -> bytes:
    """Return where a label stands: a proof of absence shows the path of another, not its label."""
    return hashlib.sha256(b"renkei-map-path" + label).digest()


def leaf_node(path: bytes, digest: bytes) -> bytes:
    """Return the hash of a leaf; the whole path is in it, so it proves nothing elsewhere."""
    return hashlib.sha256(b"\2" + path + digest).digest()


def inner_node(left: bytes, right: bytes) -> bytes:
    """Return the hash of an inner node."""
    return hashlib.sha256(b"\3" + left + right).digest()


class TileAltered(Exception):
    """A tile does not give the hash that stands for it in the one above."""


class PrefixTree:
    """A map as large as its tiles are many; reads those it needs, and says which have changed.

    Every tile read is held against the root, so that nothing is built upon an altered one.
    """

    def __init__(self, root: bytes, read: ReadTiles) -> None:
        """Take the root the map must have, and a way to read its tiles."""
        self.root = root
        self._read = read

    def update(self, heads: Mapping[bytes, Head]) -> dict[str, bytes]:
        """Set the heads of some labels, and return the tiles that are changed by it.

        Takes the time of the ways to these labels, however many others there are.
        """
        # 1. Down: put each leaf into a slot of its own, level by level.
        news = sorted((path_of(label), head.render()) for label, head in heads.items())
        wanted: dict[str, _Leaves] = {"": dict(news)} if news else {}
        expected: dict[str, bytes] = {"": self.root}
        touched: dict[str, _Tile] = {}
        while wanted:
            stored = self._read(wanted)
            below: dict[str, _Leaves] = {}
            for place, leaves in wanted.items():
                touched[place] = tile = _opened(place, stored.get(place), expected.get(place))
                for digit, further in tile.put(len(place), leaves).items():
                    slot, under = tile.slots[digit], f"{place}{digit:x}"
                    below[under] = further
                    if slot is not None and len(slot) == HASH:
                        expected[under] = slot
            wanted = below
        # 2. Up again: a tile's root is what its slot in the one above holds.
        for place in sorted(touched, key=len, reverse=True):
            root = touched[place].root()
            if place:
                touched[place[:-1]].slots[int(place[-1], SLOTS)] = root
            else:
                self.root = root
        return {place: tile.render() for place, tile in touched.items()}

    def proof(self, label: bytes) -> MapProof:
        """Return the proof of a label's head, or that it has none."""
        path = path_of(label)
        digits = path.hex()
        siblings: list[bytes] = []
        end: bytes | None = self.root
        for depth, digit in enumerate(digits):
            tile = _opened(digits[:depth], self._read([digits[:depth]]).get(digits[:depth]), end)
            end = tile.walk(int(digit, SLOTS), siblings)
            if end is None or len(end) > HASH:
                break
        if end is None:
            return MapProof(tuple(siblings))
        head = Head.parse(end[HASH:])
        if end[:HASH] == path:
            return MapProof(tuple(siblings), head=head)
        return MapProof(tuple(siblings), stranger=Stranger(end[:HASH], head.digest))


class Memory:
    """A map that is kept in memory: what a verifier derives anew from the entries."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self._tiles: dict[str, bytes] = {}
        self._tree = PrefixTree(EMPTY, self._found)

    @property
    def root(self) -> bytes:
        """Return the root of the whole map."""
        return self._tree.root

    def update(self, heads: Mapping[bytes, Head]) -> None:
        """Set the heads of some labels."""
        self._tiles |= self._tree.update(heads)

    def proof(self, label: bytes) -> MapProof:
        """Return the proof of a label's head, or that it has none."""
        return self._tree.proof(label)

    @property
    def tiles(self) -> Mapping[str, bytes]:
        """Return all tiles by their places."""
        return self._tiles

    def _found(self, places: Collection[str]) -> Mapping[str, bytes]:
        return {place: self._tiles[place] for place in places if place in self._tiles}


_Leaves = dict[bytes, bytes]
"""Leaves to put into the tree: path → head, rendered."""


class _Node(NamedTuple):
    """A node inside a tile: its hash, and the leaf it is, if it is one."""

    hash: bytes
    leaf: bytes | None


class _Tile:
    """Sixteen slots, each empty, or a leaf (path and head), or the root of the tile below."""

    def __init__(self, data: bytes = b"") -> None:
        """Read what `render` wrote."""
        self.slots: list[bytes | None] = [None] * SLOTS
        at = 0
        while at < len(data):
            mark = data[at]
            end = at + 1 + HASH + (Head.SIZE if mark & LEAF else 0)
            self.slots[mark % SLOTS] = data[at + 1 : end]
            at = end

    def render(self) -> bytes:
        """Return the slots that are not empty, each behind its number."""
        return b"".join(
            bytes((number | (LEAF if len(slot) > HASH else 0),)) + slot
            for number, slot in enumerate(self.slots)
            if slot is not None
        )

    def put(self, depth: int, leaves: _Leaves) -> dict[int, _Leaves]:
        """Take leaves in; return those that must go further down, by their slot."""
        by_slot: dict[int, _Leaves] = {}
        for path, head in leaves.items():
            by_slot.setdefault(_digit(path, depth), {})[path] = head
        below = {}
        for number, news in by_slot.items():
            slot = self.slots[number]
            if slot is not None and len(slot) > HASH:
                news = {slot[:HASH]: slot[HASH:]} | news
            if (slot is None or len(slot) > HASH) and len(news) == 1:
                ((path, head),) = news.items()
                self.slots[number] = path + head
            else:
                below[number] = news
        return below

    def root(self) -> bytes:
        """Return the hash of the node at the tile's top."""
        top = self._rows()[0][0]
        return top.hash if top else EMPTY

    def walk(self, number: int, siblings: list[bytes]) -> bytes | None:
        """Go towards a slot, adding siblings, until a leaf (returned), nothing (None) or the slot.

        Of a slot that another tile stands below the hash is returned.
        """
        rows = self._rows()
        for level, row in enumerate(rows):
            at = number >> len(rows) - 1 - level
            node = row[at]
            if node is None or node.leaf is not None:
                return node and node.leaf
            if level < len(rows) - 1:
                beside = rows[level + 1][(number >> len(rows) - 2 - level) ^ 1]
                siblings.append(beside.hash if beside else EMPTY)
        return self.slots[number]

    def _rows(self) -> list[list[_Node | None]]:
        """Return the nodes of each level, the top first; a lone leaf rises."""
        row = [_slot_node(slot) for slot in self.slots]
        rows = [row]
        while len(row) > 1:
            row = [_pair(left, right) for left, right in zip(row[::2], row[1::2], strict=True)]
            rows.append(row)
        return rows[::-1]


def _opened(place: str, data: bytes | None, expected: bytes | None) -> _Tile:
    """Return a tile that gives the hash expected of it; a new one where none is expected yet."""
    if expected is None:
        return _Tile()
    tile = _Tile(data or b"")
    if tile.root() != expected:
        raise TileAltered(place)
    return tile


def _slot_node(slot: bytes | None) -> _Node | None:
    if slot is None:
        return None
    if len(slot) == HASH:
        return _Node(slot, None)
    digest = hashlib.sha256(slot[HASH:]).digest()
    return _Node(leaf_node(slot[:HASH], digest), slot)


def _pair(left: _Node | None, right: _Node | None) -> _Node | None:
    if left is None and (right is None or right.leaf):
        return right
    if right is None and left is not None and left.leaf:
        return left
    return _Node(inner_node(left.hash if left else EMPTY, right.hash if right else EMPTY), None)


def _digit(path: bytes, depth: int) -> int:
    """Return one hexadecimal digit of a path."""
    return path[depth // 2] & 15 if depth % 2 else path[depth // 2] >> 4


def _bits(path: bytes, number: int) -> int:
    """Return the first bits of a path as a number."""
    return int.from_bytes(path) >> LONGEST_PATH - number
