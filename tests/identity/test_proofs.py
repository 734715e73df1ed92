"""A proof holds for what it was made for, and for nothing else."""

from dataclasses import replace

import pytest

from renkei.identity import LengthWrong, ScalarRefused
from renkei.identity.group import GENERATOR, ORDER, Element, Scalar, hash_to_group
from renkei.identity.legs import Leg, carry, decrypt, encrypt
from renkei.identity.proofs import (
    Conversion,
    ConversionProof,
    KnowledgeProof,
    conversion_holds,
    knowledge_holds,
    prove_conversion,
    prove_knowledge,
)

FACTOR, ORIGIN_SECRET, SECRET = Scalar.random(), Scalar.random(), Scalar.random()
ORIGIN, RECEIVER = Element.base(ORIGIN_SECRET), Element.base(SECRET)
PERSONS = [hash_to_group(bytes([n])) for n in range(5)]


def converted(count):
    before = [encrypt(person, RECEIVER) for person in PERSONS[:count]]
    after, randomness = zip(*(carry(leg, FACTOR, RECEIVER) for leg in before), strict=True)
    claim = Conversion(before, list(after), ORIGIN, FACTOR * ORIGIN, RECEIVER, b"here")
    return claim, randomness


def proven(count):
    claim, randomness = converted(count)
    return claim, prove_conversion(claim, FACTOR, randomness)


def test_a_carried_leg_opens_to_the_element_times_the_factor():
    claim, _ = converted(5)
    opened = [decrypt(leg, SECRET) for leg in claim.after]
    assert opened == [FACTOR * person for person in PERSONS]


@pytest.mark.clause("RK-4.4")
@pytest.mark.parametrize("count", [1, 2, 5])
def test_one_proof_of_96_bytes_holds_for_all_the_legs(count):
    claim, proof = proven(count)
    assert conversion_holds(claim, proof)
    assert len(proof.encoded) == 96


@pytest.mark.parametrize("count", [1, 5])
@pytest.mark.parametrize("part", ["c1", "c2"])
def test_one_altered_leg_breaks_it(count, part):
    claim, proof = proven(count)
    last = claim.after[-1]
    parts = {"c1": last.c1, "c2": last.c2} | {part: getattr(last, part) + GENERATOR}
    altered = [*claim.after[:-1], Leg(**parts)]
    assert not conversion_holds(replace(claim, after=altered), proof)


@pytest.mark.clause("RK-4.4")
def test_errors_that_cancel_out_in_a_plain_sum_break_it():
    claim, proof = proven(2)
    one, two = claim.after
    shifted = [Leg(one.c1, one.c2 + GENERATOR), Leg(two.c1, two.c2 - GENERATOR)]
    assert not conversion_holds(replace(claim, after=shifted), proof)
    assert not conversion_holds(replace(claim, after=[two, one]), proof)
    assert not conversion_holds(replace(claim, after=[one]), proof)
    assert not conversion_holds(replace(claim, before=[], after=[]), proof)


@pytest.mark.parametrize("part", ["origin", "target", "receiver", "binding"])
def test_it_holds_for_these_keys_and_this_place_only(part):
    claim, proof = proven(1)
    other = b"there" if part == "binding" else GENERATOR
    assert not conversion_holds(replace(claim, **{part: other}), proof)


def test_a_leg_carried_by_another_factor_cannot_be_proven():
    claim, _ = converted(1)
    other = Scalar.random()
    leg, fresh = carry(claim.before[0], other, RECEIVER)
    claim = replace(claim, after=[leg])
    for factor in (FACTOR, other):
        assert not conversion_holds(claim, prove_conversion(claim, factor, [fresh]))


@pytest.mark.clause("RK-4.1")
def test_a_proof_has_one_encoding():
    _, proof = proven(1)
    with pytest.raises(LengthWrong):
        ConversionProof.parse(proof.encoded[:-1])
    for n in range(0, 96, 32):
        scalar = int.from_bytes(proof.encoded[n : n + 32], "little") + ORDER
        unreduced = proof.encoded[:n] + scalar.to_bytes(32, "little") + proof.encoded[n + 32 :]
        with pytest.raises(ScalarRefused):
            ConversionProof.parse(unreduced)


def test_knowledge_is_proven_for_one_key_and_one_owner():
    proof = prove_knowledge(SECRET, RECEIVER, b"131016")
    assert knowledge_holds(RECEIVER, proof, b"131016")
    assert not knowledge_holds(RECEIVER, proof, b"131024")
    assert not knowledge_holds(ORIGIN, proof, b"131016")
    assert not knowledge_holds(RECEIVER, prove_knowledge(FACTOR, RECEIVER, b""), b"")


def test_a_proof_of_zeros_does_not_hold():
    claim, _ = proven(1)
    assert not conversion_holds(claim, ConversionProof(bytes(96)))
    assert not knowledge_holds(RECEIVER, KnowledgeProof(bytes(64)), b"")
