"""Many persons in one message: from A's nyms to B's, with an audit leg each, under few proofs.

*Ordered*: every item has a number of its own, and stands at the same place all the way (一括照会;
a merger of municipalities). *Shuffled*: each converter puts both columns into secret orders of its
own, so that B cannot tell which of A's persons a nym came from (statistics).

One equality proof says of all items that both legs hold one person, and one proof a column that a
converter carried all of it: by weights hashed from the whole batch, so a batch that was cut, put
into another order or altered in one leg does not hold. As in `question`, `context` is the hash of
all that was asked.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import msgspec

from renkei.identity.conversion import Passage, check_context, check_size, digest
from renkei.identity.directory import Directory
from renkei.identity.errors import (
    EqualityProofWrong,
    ItemRepeated,
    LegMissing,
    LengthWrong,
    ModeWrong,
    NeutralReached,
    PartyDiffers,
    VersionsMixed,
)
from renkei.identity.group import SUITE, Element, Scalar, Suite, sum_of, weights_of
from renkei.identity.keys import Address, ConverterKeys, DecryptionKey, Origin, missing
from renkei.identity.legs import Leg, decrypt
from renkei.identity.nym import Nym
from renkei.identity.packed import Elements, Legs, Numbers
from renkei.identity.proofs import (
    ConversionProof,
    Equality,
    EqualityProof,
    equality_holds,
    prove_equality,
)
from renkei.identity.shuffle import ShuffleProof
from renkei.kit import Tenant, metered

Mode = Literal["ordered", "shuffled"]


class BlindedBatch(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What A sends: for each item one randomness and two receivers, and one proof about all."""

    suite: Suite
    mode: Mode
    asker: Origin
    provider: Address
    log_operator: Address
    numbers: Numbers
    c1: Elements
    c_provider: Elements
    c_log: Elements
    proof: EqualityProof


class OrderedStep(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="ordered"):
    """What one converter adds in order: both columns carried on, each under one proof."""

    converter: Tenant
    provider_legs: Legs
    provider_proof: ConversionProof
    log_legs: Legs
    log_proof: ConversionProof


class ShuffledStep(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="shuffled"):
    """The same, each column in a secret order of its own."""

    converter: Tenant
    provider_legs: Legs
    provider_proof: ShuffleProof
    log_legs: Legs
    log_proof: ShuffleProof


Step = OrderedStep | ShuffledStep


class Batch(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole chain, which travels."""

    request: BlindedBatch
    conversions: tuple[Step, ...] = ()


@dataclass(frozen=True, slots=True)
class VerifiedBatch:
    """A batch whose every proof holds under one context; only `verify_batch` makes one."""

    batch: Batch
    digest: bytes
    provider_legs: Sequence[Leg]
    log_legs: Sequence[Leg]

    def item(self, place: int) -> bytes:
        """Return what stands for one item of the batch, by its place from 1, in a receipt."""
        return digest(b"batch-item", self.digest, str(place).encode())


@metered("codes")
def blind_batch(
    persons: Sequence[tuple[bytes, Nym]],
    provider: Tenant,
    directory: Directory,
    *,
    mode: Mode,
    context: bytes,
) -> Batch:
    """Begin a batch about the persons of one organisation, each with a number drawn for this once.

    In a shuffled batch the numbers stay at home: nothing that comes out belongs to one of them.
    """
    check_context(context)
    check_size(len(persons))
    nyms = [nym for _, nym in persons]
    asker = Origin(nyms[0].owner, nyms[0].kv)
    for nym in nyms:
        nym.belongs_to(asker.organisation)
        if nym.kv != asker.kv:
            raise VersionsMixed(organisation=asker.organisation)
    to_provider, to_log = directory.address(provider), directory.address(directory.log_operator)
    y_provider, y_log = directory.receiver(to_provider), directory.receiver(to_log)
    drawn = [Scalar.random() for _ in nyms]
    unproven = BlindedBatch(
        SUITE,
        mode,
        asker,
        to_provider,
        to_log,
        Numbers.of(number for number, _ in persons) if mode == "ordered" else Numbers(b""),
        Elements.of(map(Element.base, drawn)),
        Elements.of(n.element + r * y_provider for n, r in zip(nyms, drawn, strict=True)),
        Elements.of(n.element + r * y_log for n, r in zip(nyms, drawn, strict=True)),
        EqualityProof(bytes(EqualityProof.size)),
    )
    start = _start(unproven, context)
    total = Scalar(bytes(32))
    for weight, randomness in zip(weights_of(start, len(drawn)), drawn, strict=True):
        total = total + weight * randomness
    receivers = y_provider - y_log
    claim = _claim(start, Element.base(total), total * receivers, receivers)
    proof = prove_equality(total, claim)
    return Batch(msgspec.structs.replace(unproven, proof=proof))


@metered("codes")
def convert_batch(
    batch: Batch,
    keys: ConverterKeys,
    directory: Directory,
    *,
    asker: Tenant,
    provider: Tenant,
    context: bytes,
) -> Batch:
    """Verify what came before, then carry both columns on and prove it."""
    before = _verified(batch, directory, asker, provider, context)
    directory.check_turn(len(batch.conversions), keys.converter)
    to_provider, to_log = _passages(batch.request, keys.converter, before.digest)
    step: Step
    if batch.request.mode == "ordered":
        legs, proof = to_provider.carry(before.provider_legs, keys, directory)
        log_legs, log_proof = to_log.carry(before.log_legs, keys, directory)
        step = OrderedStep(keys.converter, Legs.of(legs), proof, Legs.of(log_legs), log_proof)
    else:
        moved, how = to_provider.shuffle(before.provider_legs, keys, directory)
        log_moved, log_how = to_log.shuffle(before.log_legs, keys, directory)
        step = ShuffledStep(keys.converter, Legs.of(moved), how, Legs.of(log_moved), log_how)
    return Batch(batch.request, (*batch.conversions, step))


@metered("codes")
def verify_batch(
    batch: Batch, directory: Directory, *, asker: Tenant, provider: Tenant, context: bytes
) -> VerifiedBatch:
    """Verify the whole chain: A's proof, then every converter's, in the order of the directory."""
    verified = _verified(batch, directory, asker, provider, context)
    directory.check_complete(len(batch.conversions))
    return verified


@metered("codes")
def open_batch(verified: VerifiedBatch, *keys: DecryptionKey) -> list[Nym]:
    """Open the column that is addressed to the holder of one of these keys.

    In an ordered batch the nyms stand in the order of its numbers.
    """
    request = verified.batch.request
    for address, legs in (
        (request.provider, verified.provider_legs),
        (request.log_operator, verified.log_legs),
    ):
        for key in keys:
            if key.opens(address):
                elements = (decrypt(leg, key.secret) for leg in legs)
                return [Nym(address.organisation, address.kv, element) for element in elements]
    raise missing(keys)


def _verified(
    batch: Batch, directory: Directory, asker: Tenant, provider: Tenant, context: bytes
) -> VerifiedBatch:
    check_context(context)
    request = batch.request
    for permitted, named in (
        (asker, request.asker.organisation),
        (provider, request.provider.organisation),
    ):
        if permitted != named:
            raise PartyDiffers(named=named, permitted=permitted)
    _check_columns(request)
    so_far = _check_request(request, directory, context)
    c1 = request.c1.values
    provider_legs = tuple(map(Leg, c1, request.c_provider.values))
    log_legs = tuple(map(Leg, c1, request.c_log.values))
    for done, step in enumerate(batch.conversions):
        directory.check_turn(done, step.converter)
        to_provider, to_log = _passages(request, step.converter, so_far)
        after, log_after = step.provider_legs.values, step.log_legs.values
        match step:
            case OrderedStep() if request.mode == "ordered":
                to_provider.check(provider_legs, after, step.provider_proof, directory)
                to_log.check(log_legs, log_after, step.log_proof, directory)
            case ShuffledStep() if request.mode == "shuffled":
                to_provider.check_shuffle(provider_legs, after, step.provider_proof, directory)
                to_log.check_shuffle(log_legs, log_after, step.log_proof, directory)
            case _:
                raise ModeWrong(converter=step.converter, mode=request.mode)
        provider_legs, log_legs = after, log_after
        so_far = digest(
            b"converted-batch",
            so_far,
            step.converter.encode(),
            *(step.provider_legs.encoded, step.provider_proof.encoded),
            *(step.log_legs.encoded, step.log_proof.encoded),
        )
    return VerifiedBatch(batch, so_far, provider_legs, log_legs)


def _check_columns(request: BlindedBatch) -> None:
    """Refuse columns of different lengths, and an item that stands there twice."""
    size = len(request.c1)
    check_size(size)
    for what in ("c_provider", "c_log"):
        if len(getattr(request, what)) != size:
            raise LengthWrong(what=what, length=len(getattr(request, what)), wanted=size)
    wanted = size if request.mode == "ordered" else 0
    if len(request.numbers) != wanted:
        raise LengthWrong(what="numbers", length=len(request.numbers), wanted=wanted)
    for what, column in (("number", request.numbers.values), ("c1", request.c1.values)):
        if len(set(column)) != len(column):
            raise ItemRepeated(what=what, times=len(column) - len(set(column)) + 1)


def _check_request(request: BlindedBatch, directory: Directory, context: bytes) -> bytes:
    """Check A's proof and return the digest of the request."""
    if request.log_operator.organisation != directory.log_operator:
        version = f"dv {request.log_operator.dv}"
        raise LegMissing(organisation=directory.log_operator, version=version)
    receivers = directory.receiver(request.provider), directory.receiver(request.log_operator)
    start = _start(request, context)
    weights = weights_of(start, len(request.c1))
    try:
        columns = zip(request.c_provider.values, request.c_log.values, strict=True)
        legs = sum_of(weights, (to_provider - to_log for to_provider, to_log in columns))
        c1 = sum_of(weights, request.c1.values)
        holds = equality_holds(_claim(start, c1, legs, receivers[0] - receivers[1]), request.proof)
    except NeutralReached:
        holds = False
    if not holds:
        raise EqualityProofWrong(asker=request.asker.organisation)
    return digest(b"request-batch", start, request.proof.encoded)


def _start(request: BlindedBatch, context: bytes) -> bytes:
    """Return the digest of the request without its proof, which every weight is hashed from."""
    return digest(
        b"blinded-batch",
        SUITE.encode(),
        request.mode.encode(),
        context,
        request.asker.encoded,
        request.provider.encoded,
        request.log_operator.encoded,
        request.numbers.encoded,
        request.c1.encoded,
        request.c_provider.encoded,
        request.c_log.encoded,
    )


def _claim(start: bytes, c1: Element, legs: Element, receivers: Element) -> Equality:
    """Claim of the weighted sums what a question claims of its one item."""
    return Equality(c1, [receivers], [legs], f"{SUITE}-batch-equality-".encode() + start)


def _passages(request: BlindedBatch, converter: Tenant, so_far: bytes) -> tuple[Passage, Passage]:
    return (
        Passage(converter, request.asker, request.provider, so_far),
        Passage(converter, request.asker, request.log_operator, so_far),
    )
