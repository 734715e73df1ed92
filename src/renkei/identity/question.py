"""One question about one person: from A's nym to B's, with an audit leg for the log operator.

A blinds, each converter in turn converts, the log operator and B verify the whole chain and open
the leg that is theirs. `context` is the 32-byte hash of all that was asked (request id, parties,
procedure, items, provision, time); every party computes it from the request that A signed.
"""

from dataclasses import dataclass

import msgspec

from renkei.identity.conversion import Passage, check_context, digest
from renkei.identity.directory import Directory
from renkei.identity.errors import EqualityProofWrong, LegMissing, NeutralReached, PartyDiffers
from renkei.identity.group import SUITE, Element, Scalar, Suite
from renkei.identity.keys import Address, ConverterKeys, DecryptionKey, Origin, missing
from renkei.identity.legs import Leg, decrypt
from renkei.identity.nym import Nym
from renkei.identity.proofs import (
    ConversionProof,
    Equality,
    EqualityProof,
    equality_holds,
    prove_equality,
)
from renkei.kit import Tenant, metered


class BlindedRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What A sends: one randomness, two receivers, and the proof that both get one element."""

    suite: Suite
    asker: Origin
    provider: Address
    log_operator: Address
    c1: Element
    c_provider: Element
    c_log: Element
    proof: EqualityProof


class Converted(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What one converter adds: both legs carried on, each with its proof."""

    converter: Tenant
    provider_leg: Leg
    provider_proof: ConversionProof
    log_leg: Leg
    log_proof: ConversionProof


class Question(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole chain, which travels: the request and every conversion so far, in order."""

    request: BlindedRequest
    conversions: tuple[Converted, ...] = ()


@dataclass(frozen=True, slots=True)
class VerifiedQuestion:
    """A question whose every proof holds under one context; only `verify` makes one."""

    question: Question
    digest: bytes
    provider_leg: Leg
    log_leg: Leg


@metered("codes")
def blind(nym: Nym, provider: Tenant, directory: Directory, *, context: bytes) -> Question:
    """Begin a question of the nym's owner to a provider. Nobody on the way learns who it is about.

    1. Encrypt the nym to the provider and to the log operator under one randomness.
    2. Prove that both hold the same element, bound to everything in the request.
    """
    check_context(context)
    asker = Origin(nym.owner, nym.kv)
    to_provider, to_log = directory.address(provider), directory.address(directory.log_operator)
    y_provider, y_log = directory.receiver(to_provider), directory.receiver(to_log)
    randomness = Scalar.random()
    unproven = BlindedRequest(
        SUITE,
        asker,
        to_provider,
        to_log,
        Element.base(randomness),
        nym.element + randomness * y_provider,
        nym.element + randomness * y_log,
        EqualityProof(bytes(EqualityProof.size)),
    )
    return Question(proven(unproven, randomness, directory, context))


def proven(
    request: BlindedRequest, randomness: Scalar, directory: Directory, context: bytes
) -> BlindedRequest:
    """Return a request with the proof that both its legs hold one element."""
    receivers = directory.receiver(request.provider) - directory.receiver(request.log_operator)
    legs = request.c_provider - request.c_log
    claim = _claim(_start(request, context), request.c1, legs, receivers)
    return msgspec.structs.replace(request, proof=prove_equality(randomness, claim))


@metered("codes")
def convert(
    question: Question,
    keys: ConverterKeys,
    directory: Directory,
    *,
    asker: Tenant,
    provider: Tenant,
    context: bytes,
) -> Question:
    """Verify what came before, then carry both legs on and prove it.

    Asker and provider are those that signed and were permitted; the message's must be the same.
    """
    _check_parties(question.request, asker, provider)
    before = _verified(question, directory, context)
    directory.check_turn(len(question.conversions), keys.converter)
    to_provider, to_log = _passages(question.request, keys.converter, before.digest)
    (provider_leg,), provider_proof = to_provider.carry([before.provider_leg], keys, directory)
    (log_leg,), log_proof = to_log.carry([before.log_leg], keys, directory)
    added = Converted(keys.converter, provider_leg, provider_proof, log_leg, log_proof)
    return Question(question.request, (*question.conversions, added))


@metered("codes")
def verify(
    question: Question,
    directory: Directory,
    *,
    asker: Tenant,
    provider: Tenant,
    context: bytes,
) -> VerifiedQuestion:
    """Verify the whole chain: A's proof, then every converter's, in the order of the directory."""
    _check_parties(question.request, asker, provider)
    verified = _verified(question, directory, context)
    directory.check_complete(len(question.conversions))
    return verified


@metered("codes")
def opened(verified: VerifiedQuestion, *keys: DecryptionKey) -> Nym:
    """Open the leg that is addressed to the holder of one of these keys: provider's, or log's."""
    request = verified.question.request
    for address, leg in (
        (request.provider, verified.provider_leg),
        (request.log_operator, verified.log_leg),
    ):
        for key in keys:
            if key.opens(address):
                return Nym(address.organisation, address.kv, decrypt(leg, key.secret))
    raise missing(keys)


def _check_parties(request: BlindedRequest, asker: Tenant, provider: Tenant) -> None:
    """Refuse a message from or to somebody else than the request that was permitted."""
    for permitted, named in (
        (asker, request.asker.organisation),
        (provider, request.provider.organisation),
    ):
        if permitted != named:
            raise PartyDiffers(named=named, permitted=permitted)


def _verified(question: Question, directory: Directory, context: bytes) -> VerifiedQuestion:
    check_context(context)
    request = question.request
    so_far = _check_request(request, directory, context)
    provider_leg = Leg(request.c1, request.c_provider)
    log_leg = Leg(request.c1, request.c_log)
    for done, step in enumerate(question.conversions):
        directory.check_turn(done, step.converter)
        to_provider, to_log = _passages(request, step.converter, so_far)
        to_provider.check([provider_leg], [step.provider_leg], step.provider_proof, directory)
        to_log.check([log_leg], [step.log_leg], step.log_proof, directory)
        provider_leg, log_leg = step.provider_leg, step.log_leg
        so_far = digest(
            b"converted",
            so_far,
            step.converter.encode(),
            provider_leg.encoded,
            step.provider_proof.encoded,
            log_leg.encoded,
            step.log_proof.encoded,
        )
    return VerifiedQuestion(question, so_far, provider_leg, log_leg)


def _check_request(request: BlindedRequest, directory: Directory, context: bytes) -> bytes:
    """Check A's proof and return the digest of the request."""
    if request.log_operator.organisation != directory.log_operator:
        version = f"dv {request.log_operator.dv}"
        raise LegMissing(organisation=directory.log_operator, version=version)
    y_provider = directory.receiver(request.provider)
    y_log = directory.receiver(request.log_operator)
    start = _start(request, context)
    try:
        claim = _claim(start, request.c1, request.c_provider - request.c_log, y_provider - y_log)
    except NeutralReached as error:
        raise EqualityProofWrong(asker=request.asker.organisation) from error
    if not equality_holds(claim, request.proof):
        raise EqualityProofWrong(asker=request.asker.organisation)
    return digest(b"request", start, request.proof.encoded)


def _start(request: BlindedRequest, context: bytes) -> bytes:
    """Return the digest of the request without its proof.

    It stands in the proof's context: the equation alone would still hold if somebody moved both
    legs by the same element.
    """
    return digest(
        b"blinded",
        SUITE.encode(),
        context,
        request.asker.encoded,
        request.provider.encoded,
        request.log_operator.encoded,
        request.c1.encoded,
        request.c_provider.encoded,
        request.c_log.encoded,
    )


def _claim(start: bytes, c1: Element, legs: Element, receivers: Element) -> Equality:
    """Claim log_G(c1) = log_(Yb-Yp)(cb-cp): then both legs hold the same element."""
    context = f"{SUITE}-equality-".encode() + start
    return Equality(c1, [receivers], [legs], context)


def _passages(request: BlindedRequest, converter: Tenant, so_far: bytes) -> tuple[Passage, Passage]:
    return (
        Passage(converter, request.asker, request.provider, so_far),
        Passage(converter, request.asker, request.log_operator, so_far),
    )
