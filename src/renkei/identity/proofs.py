"""Three proofs without disclosure, each bound to what it is about.

*Equality* (pi_eq): one secret relates several pairs; RFC 9497, ristretto255-SHA512, unchanged.
*Conversion* (pi_hub): legs were carried by exactly the published keys of one converter.
*Knowledge*: the publisher of a key knows its secret.

A proof that does not hold is False, not an error: the caller knows whose it was and says so.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha512
from typing import Self

from renkei.identity.errors import NeutralReached
from renkei.identity.group import (
    SUITE,
    Element,
    Encoded,
    Scalar,
    framed,
    hash_to_scalar,
    sum_of,
    weights_of,
)
from renkei.identity.legs import Leg
from renkei.kit import metered

CONVERSION = f"{SUITE}-conversion".encode()
KNOWLEDGE = f"{SUITE}-knowledge".encode()


class Proof(Encoded):
    """Scalars side by side: the challenge, then the answers."""

    __slots__ = ()

    @classmethod
    def of(cls, *scalars: Scalar) -> Self:
        return cls(b"".join(scalar.encoded for scalar in scalars))

    @classmethod
    def check(cls, data: bytes) -> None:
        """Refuse a scalar that is not reduced: a proof has one encoding only."""
        for start in range(0, cls.size, 32):
            Scalar.check(data[start : start + 32])

    def scalars(self) -> tuple[Scalar, ...]:
        return tuple(Scalar(self.encoded[n : n + 32]) for n in range(0, self.size, 32))


class EqualityProof(Proof):
    """64 bytes."""

    __slots__ = ()
    size = 64


class KnowledgeProof(Proof):
    """64 bytes."""

    __slots__ = ()
    size = 64


class ConversionProof(Proof):
    """96 bytes, for one leg and for 65,535 alike."""

    __slots__ = ()
    size = 96


# Equality ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Equality:
    """The claim that one k gives b = k * GENERATOR and d[i] = k * c[i] for every i.

    `context` is the context string of RFC 9497; whatever the proof must not be moved away from
    belongs in it. The RFC weighs each pair by a hash of that pair alone, so a prover free to choose
    many pairs could search for ones that cancel out; this room claims one pair at a time.
    """

    b: Element
    c: Sequence[Element]
    d: Sequence[Element]
    context: bytes


@metered("proofs")
def prove_equality(k: Scalar, claim: Equality) -> EqualityProof:
    """Prove the claim; k is the secret."""
    return _prove_equality(k, claim, Scalar.random())


def _prove_equality(k: Scalar, claim: Equality, r: Scalar) -> EqualityProof:
    """RFC 9497 2.2.1, GenerateProof."""
    m = _composite(claim, claim.c)
    challenge = _equality_challenge(claim, m, k * m, Element.base(r), r * m)
    return EqualityProof.of(challenge, r - challenge * k)


@metered("proofs")
def equality_holds(claim: Equality, proof: EqualityProof) -> bool:
    """Check a proof; RFC 9497 2.2.2, VerifyProof."""
    c, s = proof.scalars()
    try:
        m, z = _composite(claim, claim.c), _composite(claim, claim.d)
        t2 = Element.base(s) + c * claim.b
        t3 = s * m + c * z
    except NeutralReached:
        return False
    return _equality_challenge(claim, m, z, t2, t3) == c


def _composite(claim: Equality, elements: Sequence[Element]) -> Element:
    seed = sha512(_short(claim.b.encoded, b"Seed-" + claim.context)).digest()
    total: Element | None = None
    for number, (c, d) in enumerate(zip(claim.c, claim.d, strict=True)):
        transcript = _short(seed) + number.to_bytes(2) + _short(c.encoded, d.encoded) + b"Composite"
        part = hash_to_scalar(transcript, b"HashToScalar-" + claim.context) * elements[number]
        total = part if total is None else total + part
    if total is None:
        raise NeutralReached
    return total


def _equality_challenge(claim: Equality, *elements: Element) -> Scalar:
    transcript = _short(claim.b.encoded, *(element.encoded for element in elements)) + b"Challenge"
    return hash_to_scalar(transcript, b"HashToScalar-" + claim.context)


def _short(*parts: bytes) -> bytes:
    """Frame parts as RFC 9497 does, with two bytes of length."""
    return b"".join(len(part).to_bytes(2) + part for part in parts)


# Conversion --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Conversion:
    """The claim that each leg `after` carries the element of the leg `before` to another domain.

    There is one factor with target = factor * origin, and for every leg a fresh s with
    c1' = factor * c1 + s * G and c2' = factor * c2 + s * receiver. `binding` is what the proof
    must not be moved away from.
    """

    before: Sequence[Leg]
    after: Sequence[Leg]
    origin: Element
    target: Element
    receiver: Element
    binding: bytes


@dataclass(frozen=True, slots=True)
class _Folded:
    """A claim about many legs as the same claim about one, by weights hashed from all of them.

    The first weight is one, so a single leg is its own folding and costs nothing.
    """

    claim: Conversion
    seed: bytes
    weights: Sequence[Scalar]

    @classmethod
    def of(cls, claim: Conversion) -> Self:
        keys = (claim.origin.encoded, claim.target.encoded, claim.receiver.encoded)
        legs = b"".join(leg.encoded for part in (claim.before, claim.after) for leg in part)
        seed = sha512(framed(CONVERSION, claim.binding, *keys, legs)).digest()
        return cls(claim, seed, weights_of(seed, len(claim.before)))

    def leg(self, legs: Sequence[Leg]) -> Leg:
        """Return the weighted sum of the legs."""
        return Leg(
            sum_of(self.weights, (leg.c1 for leg in legs)),
            sum_of(self.weights, (leg.c2 for leg in legs)),
        )

    def challenge(self, *commitments: Element) -> Scalar:
        return hash_to_scalar(framed(self.seed, *(t.encoded for t in commitments)), CONVERSION)


@metered("proofs")
def prove_conversion(
    claim: Conversion, factor: Scalar, randomness: Sequence[Scalar]
) -> ConversionProof:
    """Prove the claim; the factor and each leg's randomness are the secrets."""
    folded = _Folded.of(claim)
    before = folded.leg(claim.before)
    total, *rest = randomness
    for weight, fresh in zip(folded.weights[1:], rest, strict=True):
        total = total + weight * fresh
    a, b = Scalar.random(), Scalar.random()
    challenge = folded.challenge(
        a * before.c1 + Element.base(b),
        a * before.c2 + b * claim.receiver,
        a * claim.origin,
    )
    return ConversionProof.of(challenge, a - challenge * factor, b - challenge * total)


@metered("proofs")
def conversion_holds(claim: Conversion, proof: ConversionProof) -> bool:
    """Check a proof."""
    if len(claim.before) != len(claim.after) or not claim.before:
        return False
    e, z_factor, z_fresh = proof.scalars()
    folded = _Folded.of(claim)
    try:
        before, after = folded.leg(claim.before), folded.leg(claim.after)
        challenge = folded.challenge(
            z_factor * before.c1 + Element.base(z_fresh) + e * after.c1,
            z_factor * before.c2 + z_fresh * claim.receiver + e * after.c2,
            z_factor * claim.origin + e * claim.target,
        )
    except NeutralReached:
        return False
    return challenge == e


# Knowledge ---------------------------------------------------------------------------------------


@metered("proofs")
def prove_knowledge(secret: Scalar, public: Element, about: bytes) -> KnowledgeProof:
    """Prove knowledge of the secret with public = secret * GENERATOR (Schnorr)."""
    r = Scalar.random()
    challenge = _knowledge_challenge(public, Element.base(r), about)
    return KnowledgeProof.of(challenge, r - challenge * secret)


@metered("proofs")
def knowledge_holds(public: Element, proof: KnowledgeProof, about: bytes) -> bool:
    """Check a proof."""
    c, s = proof.scalars()
    try:
        commitment = Element.base(s) + c * public
    except NeutralReached:
        return False
    return _knowledge_challenge(public, commitment, about) == c


def _knowledge_challenge(public: Element, commitment: Element, about: bytes) -> Scalar:
    return hash_to_scalar(framed(public.encoded, commitment.encoded, about), KNOWLEDGE)
