"""A proof of shuffle holds for the same legs in another order, and for nothing else."""

import msgspec
import pytest
from tests.identity.world import FIRST, A, B

from renkei.identity.group import Element, Scalar
from renkei.identity.legs import carry, decrypt, encrypt
from renkei.identity.packed import Elements, Scalars
from renkei.identity.proofs import Conversion
from renkei.identity.shuffle import prove_shuffle, shuffle, shuffle_holds

SIZE = 4


class Scene:
    """A converter that may do what it likes before it proves."""

    def __init__(self, world) -> None:
        self.origin, self.target = (world.directory.factor(FIRST, each, 1) for each in (A, B))
        self.factor = world.first.scalar(B, 1) * world.first.scalar(A, 1).inverse()
        self.receiver = world.directory.receiver(world.directory.address(B))
        self.persons = [Element.base(Scalar.random()) for _ in range(SIZE)]
        self.before = [encrypt(each, self.receiver) for each in self.persons]

    def claim(self, after) -> Conversion:
        return Conversion(
            self.before, after, self.origin, self.target, self.receiver, b"where it belongs"
        )

    def holds(self, places: list[int], order: list[int], factor: Scalar | None = None) -> bool:
        """Tell whether legs taken from these places are believed to be in this order."""
        by = factor or self.factor
        carried = [carry(self.before[place], by, self.receiver) for place in places]
        claim = self.claim([leg for leg, _ in carried])
        proof = prove_shuffle(claim, by, [fresh for _, fresh in carried], order)
        return shuffle_holds(claim, proof)


@pytest.fixture(scope="module")
def scene(world) -> Scene:
    return Scene(world)


@pytest.mark.clause("RK-24.6")
@pytest.mark.parametrize("order", [[0, 1, 2, 3], [3, 2, 1, 0], [2, 0, 3, 1]])
def test_any_order_is_proven_but_only_the_true_one(scene, order):
    assert scene.holds(order, order)
    assert not scene.holds(order, [order[1], order[0], *order[2:]])


@pytest.mark.parametrize("places", [[0, 0, 2, 3], [1, 1, 1, 1], [3, 2, 1, 1]])
def test_nobody_is_doubled_in_the_place_of_another(scene, places):
    assert not scene.holds(places, [0, 1, 2, 3])


def test_the_factor_is_that_of_the_published_keys(scene):
    assert not scene.holds([0, 1, 2, 3], [0, 1, 2, 3], factor=Scalar.random())


def test_a_shuffle_keeps_everybody_and_one_leg_is_a_shuffle_too(scene):
    secret = Scalar.random()
    legs = [encrypt(each, Element.base(secret)) for each in scene.persons]
    moved, _, order = shuffle(legs, scene.factor, Element.base(secret))
    wanted = [scene.factor * scene.persons[place] for place in order]
    assert [decrypt(leg, secret) for leg in moved] == wanted
    alone = Scene.__new__(Scene)
    alone.__dict__.update(scene.__dict__, before=scene.before[:1])
    assert alone.holds([0], [0])


@pytest.mark.parametrize(
    "part", ["permutation", "chain", "chain_answers", "order_answers", "fixed"]
)
def test_a_part_that_is_cut_or_changed_does_not_hold(scene, part):
    moved, randomness, order = shuffle(scene.before, scene.factor, scene.receiver)
    claim = scene.claim(moved)
    proof = prove_shuffle(claim, scene.factor, randomness, order)
    assert shuffle_holds(claim, proof)
    column = getattr(proof, part)
    other = scene.persons[0] if isinstance(column, Elements) else Scalar.random()
    kind = Elements if isinstance(column, Elements) else Scalars
    for values in (column.values[:-1], (*column.values[:-1], other), (other, *column.values[1:])):
        changed = msgspec.structs.replace(proof, **{part: kind.of(values)})
        assert not shuffle_holds(claim, changed)
    assert not shuffle_holds(scene.claim([*moved[1:], moved[0]]), proof)
