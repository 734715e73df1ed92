"""Trees are those of RFC 6962, and proofs hold for exactly what they were made for."""

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pymerkle import InmemoryTree

from renkei.audit.tree import (
    EMPTY_ROOT,
    HASH,
    Edge,
    Tile,
    Tree,
    is_consistent,
    is_included,
    leaf_hash,
    node_hash,
    tile_path,
    tile_width,
    tiles_of,
)

LEAVES = [leaf_hash(n.to_bytes(4)) for n in range(70_000)]


def larger_half(size: int) -> int:
    k = 1
    while k * 2 < size:
        k *= 2
    return k


def mth(leaves: Sequence[bytes]) -> bytes:
    """RFC 6962 2.1, word for word."""
    if not leaves:
        return EMPTY_ROOT
    if len(leaves) == 1:
        return leaves[0]
    k = larger_half(len(leaves))
    return node_hash(mth(leaves[:k]), mth(leaves[k:]))


def path(m: int, leaves: Sequence[bytes]) -> tuple[bytes, ...]:
    """RFC 6962 2.1.1, word for word."""
    if len(leaves) == 1:
        return ()
    k = larger_half(len(leaves))
    if m < k:
        return (*path(m, leaves[:k]), mth(leaves[k:]))
    return (*path(m - k, leaves[k:]), mth(leaves[:k]))


def subproof(m: int, leaves: Sequence[bytes], whole: bool) -> tuple[bytes, ...]:
    """RFC 6962 2.1.2, word for word."""
    if m == len(leaves):
        return () if whole else (mth(leaves),)
    k = larger_half(len(leaves))
    if m <= k:
        return (*subproof(m, leaves[:k], whole), mth(leaves[k:]))
    return (*subproof(m - k, leaves[k:], False), mth(leaves[:k]))


def tree(size: int) -> Tree:
    edge = Edge()
    tiles = edge.extend(LEAVES[:size]) + edge.partials()
    found = {(tile.level, tile.n): tile for tile in tiles}

    def read(level: int, n: int, width: int) -> bytes:
        assert found[level, n].width == width
        return found[level, n].hashes

    return Tree(size, read)


@pytest.mark.clause("RK-9.3")
@settings(max_examples=60)
@given(st.data())
def test_roots_and_proofs_are_those_of_the_definition(data: st.DataObject) -> None:
    new = data.draw(st.one_of(st.integers(1, 40), st.integers(1, 700)))
    old = data.draw(st.integers(0, new))
    index = data.draw(st.integers(0, new - 1))
    leaves, ours = LEAVES[:new], tree(new)
    assert ours.root() == mth(leaves)
    assert ours.root(old) == mth(leaves[:old])
    assert ours.inclusion(index) == path(index, leaves)
    assert ours.consistency(old) == (subproof(old, leaves, True) if old else ())
    assert is_included(leaves[index], index, new, path(index, leaves), mth(leaves))
    assert is_consistent(old, mth(leaves[:old]), new, mth(leaves), ours.consistency(old))


@pytest.mark.clause("RK-9.3")
def test_roots_are_those_of_another_implementation() -> None:
    other = InmemoryTree(algorithm="sha256")
    edge = Edge()
    for n in range(300):
        other.append_entry(n.to_bytes(4))
        edge.extend([LEAVES[n]])
        assert edge.root() == other.get_root(n + 1)


@pytest.mark.parametrize("size", [1, 2, 7, 255, 256, 257, 511, 512, 65_535, 65_536, 65_537, 70_000])
def test_proofs_hold_across_tiles_and_levels(size: int) -> None:
    ours = tree(size)
    root = ours.root()
    for index in {0, size // 3, size - 1}:
        assert is_included(LEAVES[index], index, size, ours.inclusion(index), root)
        proof = ours.consistency(index + 1)
        assert is_consistent(index + 1, ours.root(index + 1), size, root, proof)


@settings(max_examples=100)
@given(st.data())
def test_the_tiles_of_some_leaves_are_all_that_their_proofs_read(data: st.DataObject) -> None:
    size = data.draw(st.integers(1, 2**40))
    leaves = data.draw(st.lists(st.integers(0, size - 1), min_size=1, max_size=5))
    known, read = tiles_of(size, leaves), set()

    def noted(level: int, n: int, width: int) -> bytes:
        read.add((level, n))
        return bytes(HASH * width)

    for leaf in leaves:
        Tree(size, noted).inclusion(leaf)
    assert read <= known
    assert all(tile_width(size, level, n) for level, n in known)


def test_an_edge_taken_up_goes_on_like_one_never_put_down() -> None:
    whole, parts = Edge(), Edge()
    for size in (0, 3, 256, 300, 900, 66_000, 66_001):
        grown = LEAVES[whole.size : size]
        assert whole.extend(grown) == Edge(parts.size, parts.partials()).extend(grown)
        parts = Edge(whole.size, whole.partials())
        assert parts.root() == whole.root() == tree(size).root()


def test_a_partial_tile_of_another_size_is_refused() -> None:
    with pytest.raises(ValueError, match="level 0"):
        Edge(3, [Tile(0, 0, bytes(64))])


@settings(max_examples=100)
@given(st.data())
def test_a_proof_fits_one_leaf_one_place_one_size_and_one_root(data: st.DataObject) -> None:
    size = data.draw(st.integers(2, 600))
    index = data.draw(st.integers(0, size - 1))
    ours = tree(size)
    proof, root, leaf = ours.inclusion(index), ours.root(), LEAVES[index]
    other = data.draw(st.integers(0, 700).filter(lambda n: n != index))
    assert not is_included(leaf, other, size, proof, root)
    assert not is_included(LEAVES[other], index, size, proof, root)
    assert not is_included(leaf, index, size, proof[:-1], root)
    assert not is_included(leaf, index, size, (*proof, root), root)
    assert not is_included(leaf, index, size, proof, leaf)


@settings(max_examples=100)
@given(st.data())
def test_a_fork_has_no_consistency_proof(data: st.DataObject) -> None:
    new = data.draw(st.integers(2, 600))
    old = data.draw(st.integers(1, new - 1))
    ours = tree(new)
    proof, other = ours.consistency(old), leaf_hash(b"another history")
    assert not is_consistent(old, other, new, ours.root(), proof)
    assert not is_consistent(old, ours.root(old), new, other, proof)
    assert not is_consistent(old, ours.root(old), new, ours.root(), proof[:-1])
    assert not is_consistent(new, ours.root(), old, ours.root(old), proof)


def test_the_empty_tree_begins_every_tree_and_needs_no_proof() -> None:
    assert is_consistent(0, EMPTY_ROOT, 5, tree(5).root(), ())
    assert not is_consistent(0, LEAVES[0], 5, tree(5).root(), ())
    assert not is_consistent(0, EMPTY_ROOT, 5, tree(5).root(), (LEAVES[0],))
    assert Edge().root() == EMPTY_ROOT


@pytest.mark.clause("RK-9.3")
def test_tiles_of_70_000_leaves_are_those_the_specification_counts() -> None:
    """C2SP tlog-tiles, the example under "Partial Tiles"."""
    edge = Edge()
    full = edge.extend(LEAVES)
    assert [sum(tile.level == level for tile in full) for level in (0, 1, 2)] == [273, 1, 0]
    assert [(tile.level, tile.width) for tile in edge.partials()] == [(0, 112), (1, 17), (2, 1)]
    assert [tile_width(70_000, *place) for place in ((0, 273), (1, 1), (2, 0), (3, 0))] == [
        112,
        17,
        1,
        0,
    ]
    assert tile_path("1", 1, 17) == "tile/1/001.p/17"
