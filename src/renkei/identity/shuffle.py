"""Carrying legs in another order: a proof that nobody was left out, doubled or exchanged.

The proof of a shuffle of Terelius and Wikström, in the notation of Haenni, Locher, Koenig and
Dubuis (2017), with one secret more: the converter's factor, bound to its published keys. So one
proof says both that the legs went from one domain to another and that they are the same ones.
Additive here: the product of their text is a sum, their power a multiple.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha512
from typing import Self

import msgspec

from renkei.identity.errors import NeutralReached
from renkei.identity.group import (
    SUITE,
    Element,
    Scalar,
    framed,
    hash_to_group,
    hash_to_scalar,
    sum_of,
    weights_of,
)
from renkei.identity.legs import Leg, carry
from renkei.identity.packed import Elements, Scalars
from renkei.identity.proofs import Conversion
from renkei.kit import metered

SHUFFLE = f"{SUITE}-shuffle".encode()
GENERATORS = f"{SUITE}-shuffle-generators".encode()


class ShuffleProof(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """128 bytes a leg and 192 more.

    `permutation` commits to the order, `chain` to the products of the permuted challenges;
    `fixed` is the challenge and the five answers of the sums, in the order of the text below.
    """

    permutation: Elements
    chain: Elements
    fixed: Scalars
    chain_answers: Scalars
    order_answers: Scalars

    @property
    def encoded(self) -> bytes:
        """Return what the running digest hashes."""
        return framed(
            self.permutation.encoded,
            self.chain.encoded,
            self.fixed.encoded,
            self.chain_answers.encoded,
            self.order_answers.encoded,
        )


def shuffle(
    legs: Sequence[Leg], factor: Scalar, receiver: Element
) -> tuple[list[Leg], list[Scalar], list[int]]:
    """Carry legs and return them in a new order, each one's randomness, and where each came from.

    `order[i]` is the place, before, of the leg that stands at i after.
    """
    drawn = [Scalar.random().encoded for _ in legs]
    order = sorted(range(len(legs)), key=drawn.__getitem__)
    carried = [carry(legs[place], factor, receiver) for place in order]
    return [leg for leg, _ in carried], [fresh for _, fresh in carried], order


@dataclass(frozen=True, slots=True)
class _Generators:
    """Elements of which nobody knows a logarithm: h of the chain, and one for every place."""

    h: Element
    places: Sequence[Element]

    @classmethod
    def of(cls, size: int) -> Self:
        made = [hash_to_group(number.to_bytes(4), GENERATORS) for number in range(size + 1)]
        return cls(made[0], made[1:])


def _seed(claim: Conversion, permutation: Elements) -> bytes:
    keys = (claim.origin.encoded, claim.target.encoded, claim.receiver.encoded)
    legs = b"".join(leg.encoded for part in (claim.before, claim.after) for leg in part)
    return sha512(framed(SHUFFLE, claim.binding, *keys, legs, permutation.encoded)).digest()


def _challenge(seed: bytes, chain: Elements, sums: Sequence[Element], links: Elements) -> Scalar:
    text = framed(seed, chain.encoded, *(t.encoded for t in sums), links.encoded)
    return hash_to_scalar(text, SHUFFLE)


@metered("proofs")
def prove_shuffle(
    claim: Conversion, factor: Scalar, randomness: Sequence[Scalar], order: Sequence[int]
) -> ShuffleProof:
    """Prove that the legs after are those before, carried by the factor, in this secret order.

    1. Commit to the order. 2. Draw a challenge for each place from all legs and that commitment,
    and put the challenges into the order. 3. Commit to their products, link by link. 4. Prove one
    set of sums about all of it.
    """
    size = len(order)
    generators = _Generators.of(size)
    # 1
    opening = [Scalar.random() for _ in order]
    committed: dict[int, Element] = {}
    for h, place in zip(generators.places, order, strict=True):
        committed[place] = Element.base(opening[place]) + h
    permutation = Elements.of(committed[place] for place in range(size))
    # 2
    seed = _seed(claim, permutation)
    challenges = weights_of(seed, size, first=None)
    ordered = [challenges[place] for place in order]
    # 3
    links = [Scalar.random() for _ in order]
    chain: list[Element] = []
    before, total = generators.h, Scalar(bytes(32))
    for link, weight in zip(links, ordered, strict=True):
        before = Element.base(link) + weight * before
        chain.append(before)
        total = link + weight * total
    # 4
    a_sum, a_chain, a_order, a_factor, a_fresh = (Scalar.random() for _ in range(5))
    a_links, a_places = ([Scalar.random() for _ in order] for _ in range(2))
    folded = _folded(challenges, claim.before)
    moved = _folded(a_places, claim.after)
    steps = zip(a_links, a_places, [generators.h, *chain[:-1]], strict=True)
    packed = Elements.of(chain)
    e = _challenge(
        seed,
        packed,
        (
            Element.base(a_sum),
            Element.base(a_chain),
            Element.base(a_order) + sum_of(a_places, generators.places),
            a_factor * folded.c1 + Element.base(a_fresh) - moved.c1,
            a_factor * folded.c2 + a_fresh * claim.receiver - moved.c2,
            a_factor * claim.origin,
        ),
        Elements.of(Element.base(link) + place * link_before for link, place, link_before in steps),
    )
    fixed = Scalars.of(
        (
            e,
            a_sum - e * _dot(opening, None),
            a_chain - e * total,
            a_order - e * _dot(opening, challenges),
            a_factor - e * factor,
            a_fresh - e * _dot(randomness, ordered),
        )
    )
    return ShuffleProof(
        permutation,
        packed,
        fixed,
        Scalars.of(a - e * link for a, link in zip(a_links, links, strict=True)),
        Scalars.of(a - e * weight for a, weight in zip(a_places, ordered, strict=True)),
    )


@metered("proofs")
def shuffle_holds(claim: Conversion, proof: ShuffleProof) -> bool:
    """Check a proof."""
    size = len(claim.before)
    columns = (proof.permutation, proof.chain, proof.chain_answers, proof.order_answers)
    if not size or len(claim.after) != size or len(proof.fixed) != 6:
        return False
    if any(len(column) != size for column in columns):
        return False
    try:
        return _holds(claim, proof, size)
    except NeutralReached:
        return False


def _holds(claim: Conversion, proof: ShuffleProof, size: int) -> bool:
    generators = _Generators.of(size)
    permutation, chain = proof.permutation.values, proof.chain.values
    e, z_sum, z_chain, z_order, z_factor, z_fresh = proof.fixed.values
    seed = _seed(claim, proof.permutation)
    challenges = weights_of(seed, size, first=None)
    product = challenges[0]
    for challenge in challenges[1:]:
        product = product * challenge
    ones = [None] * size
    z_places = proof.order_answers.values
    folded, moved = _folded(challenges, claim.before), _folded(z_places, claim.after)
    steps = zip(proof.chain_answers.values, z_places, (generators.h, *chain), chain, strict=False)
    expected = _challenge(
        seed,
        proof.chain,
        (
            Element.base(z_sum) + e * (sum_of(ones, permutation) - sum_of(ones, generators.places)),
            Element.base(z_chain) + e * (chain[-1] - product * generators.h),
            Element.base(z_order)
            + sum_of(z_places, generators.places)
            + e * sum_of(challenges, permutation),
            z_factor * folded.c1 + Element.base(z_fresh) - moved.c1,
            z_factor * folded.c2 + z_fresh * claim.receiver - moved.c2,
            z_factor * claim.origin + e * claim.target,
        ),
        Elements.of(
            Element.base(z_link) + z_place * link_before + e * link
            for z_link, z_place, link_before, link in steps
        ),
    )
    return expected == e


def _folded(weights: Sequence[Scalar], legs: Sequence[Leg]) -> Leg:
    return Leg(sum_of(weights, [leg.c1 for leg in legs]), sum_of(weights, [leg.c2 for leg in legs]))


def _dot(scalars: Sequence[Scalar], weights: Sequence[Scalar] | None) -> Scalar:
    total = Scalar(bytes(32))
    for number, scalar in enumerate(scalars):
        total = total + (scalar if weights is None else weights[number] * scalar)
    return total
