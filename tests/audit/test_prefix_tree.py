"""The map's root is that of its definition, and its proofs hold for exactly one label and head."""

from collections.abc import Mapping
from dataclasses import replace
from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from renkei.audit.prefix_tree import (
    EMPTY,
    Head,
    MapProof,
    Memory,
    PrefixTree,
    ReadTiles,
    Stranger,
    TileAltered,
    path_of,
)

LABELS = [sha256(n.to_bytes(4)).digest() for n in range(4000)]


def head(n: int) -> Head:
    return Head(n % 7 + 1, n, sha256(b"leaf" + n.to_bytes(4)).digest())


HEADS = {label: head(n) for n, label in enumerate(LABELS)}


def some(number: int) -> dict[bytes, Head]:
    return {label: HEADS[label] for label in LABELS[:number]}


def tiles_of(tiles: Mapping[str, bytes]) -> ReadTiles:
    return lambda _: tiles


def definition(heads: Mapping[bytes, Head]) -> bytes:
    """RK-25.2, word for word, over paths written as texts of 256 bits."""
    leaves = {}
    for label, one in heads.items():
        path = sha256(b"renkei-map-path" + label).digest()
        value = one.count.to_bytes(8, "big") + one.last.to_bytes(8, "big") + one.hash
        leaf = sha256(b"\x02" + path + sha256(value).digest()).digest()
        leaves["".join(f"{byte:08b}" for byte in path)] = leaf

    def node(way: str) -> bytes:
        below = [path for path in leaves if path.startswith(way)]
        if not below:
            return bytes(32)
        if len(below) == 1:
            return leaves[below[0]]
        return sha256(b"\x03" + node(way + "0") + node(way + "1")).digest()

    return node("")


@pytest.mark.clause("RK-25.2")
@settings(max_examples=60, deadline=None)
@given(st.data())
def test_the_root_is_that_of_the_definition_however_it_was_reached(data: st.DataObject) -> None:
    size = data.draw(st.integers(0, 120))
    made, labels = Memory(), data.draw(st.permutations(LABELS[:size]))
    cuts = sorted(data.draw(st.lists(st.integers(0, size), max_size=4)))
    made.update({label: head(9999) for label in labels[: size // 2]})
    for start, end in zip([0, *cuts], [*cuts, size], strict=True):
        made.update({label: HEADS[label] for label in labels[start:end]})
    assert made.root == definition(some(size))


def test_an_empty_map_has_an_empty_root_and_proves_that_nobody_is_in_it() -> None:
    made = Memory()
    assert made.root == EMPTY == definition({})
    assert made.proof(LABELS[0]) == MapProof(())
    assert MapProof(()).root(LABELS[0]) == EMPTY


@pytest.mark.clause("RK-25.2")
@settings(max_examples=60, deadline=None)
@given(st.integers(1, 500), st.integers(0, 3999))
def test_a_proof_shows_the_head_of_who_is_in_the_map_and_that_others_are_not(
    size: int, number: int
) -> None:
    made = Memory()
    made.update(some(size))
    proof = made.proof(LABELS[number])
    assert proof.head == (head(number) if number < size else None)
    assert proof.root(LABELS[number]) == made.root


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_a_proof_fits_one_label_one_head_and_one_map(data: st.DataObject) -> None:
    size = data.draw(st.integers(2, 300))
    number = data.draw(st.integers(0, 2 * size))
    made = Memory()
    made.update(some(size))
    label, proof = LABELS[number], made.proof(LABELS[number])
    others = [
        replace(proof, head=head(number + 1), stranger=None),
        replace(proof, head=None, stranger=Stranger(path_of(label), bytes(32))),
        replace(proof, siblings=proof.siblings[:-1]),
        replace(proof, siblings=(*proof.siblings, EMPTY)),
        replace(proof, siblings=(*proof.siblings[1:], bytes(31) + b"\1")),
    ]
    if proof.head is not None:
        shorter = Head(proof.head.count - 1, proof.head.last, proof.head.hash)
        others += [replace(proof, head=None), replace(proof, head=shorter)]
    if proof.stranger is not None:
        moved = proof.stranger.path[:31] + bytes([proof.stranger.path[31] ^ 1])
        others.append(replace(proof, stranger=proof.stranger._replace(path=moved)))
    assert all(other.root(label) != made.root for other in others)
    beside = data.draw(st.integers(0, size - 1).filter(lambda n: n != number))
    assert MapProof(proof.siblings, proof.head, proof.stranger).root(LABELS[beside]) != made.root
    made.update({LABELS[beside]: head(5000)})
    assert proof.root(label) != made.root


def test_a_strangers_leaf_beside_the_way_of_a_label_proves_nothing() -> None:
    made = Memory()
    made.update(some(300))
    absent = LABELS[1000]
    for label in LABELS[:300]:
        found = made.proof(label)
        assert found.head is not None
        posed = MapProof(found.siblings, stranger=Stranger(path_of(label), found.head.digest))
        depth = len(found.siblings)
        shares = int.from_bytes(path_of(label)) >> 256 - depth
        if shares != int.from_bytes(path_of(absent)) >> 256 - depth:
            assert posed.root(absent) is None


@pytest.mark.clause("RK-25.2")
def test_a_proof_deeper_than_a_path_is_refused() -> None:
    assert MapProof((EMPTY,) * 257).root(LABELS[0]) is None


def test_an_update_reads_and_writes_the_ways_of_its_labels_alone() -> None:
    small, large = Memory(), Memory()
    small.update(some(300))
    large.update(some(4000))
    written = []
    for made in (small, large):
        tree = PrefixTree(made.root, tiles_of(made.tiles))
        written.append(len(tree.update({LABELS[7]: head(1)})))
    assert written[0] <= written[1] <= written[0] + 2 <= 8
    assert len(large.tiles) > 1000


def test_nothing_is_built_upon_an_altered_tile() -> None:
    made = Memory()
    made.update(some(3000))
    for place in ("", path_of(LABELS[0]).hex()[:1], path_of(LABELS[0]).hex()[:2]):
        tiles = dict(made.tiles)
        tiles[place] = tiles[place][:-1] + bytes([tiles[place][-1] ^ 1])
        for broken in (tiles, {k: v for k, v in tiles.items() if k != place}):
            tree = PrefixTree(made.root, tiles_of(broken))
            with pytest.raises(TileAltered):
                tree.update({LABELS[0]: head(9)})
            with pytest.raises(TileAltered):
                tree.proof(LABELS[0])


def test_a_proof_among_thousands_is_short() -> None:
    made = Memory()
    made.update(HEADS)
    lengths = [len(made.proof(label).siblings) for label in LABELS]
    assert sum(lengths) / len(lengths) < 14
