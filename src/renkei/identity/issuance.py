"""Issuing linkage codes (付番): from the registrar's person to one organisation's nym, in batches.

The registrar encrypts, each converter in turn converts, the organisation verifies and opens. What
travels names a person only by the acquisition number (取得番号) drawn for this one acquisition.
The log operator's handles are issued in the same way: to it, as the organisation.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import msgspec

from renkei.identity.conversion import Passage, check_context, check_size, digest
from renkei.identity.directory import Directory
from renkei.identity.errors import LengthWrong, PartyDiffers
from renkei.identity.group import SUITE, Element, Encoded, Suite, hash_to_group
from renkei.identity.keys import Address, ConverterKeys, DecryptionKey, missing
from renkei.identity.legs import Leg, decrypt, encrypt
from renkei.identity.nym import Nym
from renkei.identity.proofs import ConversionProof
from renkei.kit import Tenant


class Pid(Encoded):
    """What a person is to the registrar: 16 random bytes, which every linkage code comes from."""

    __slots__ = ()
    size = 16

    @classmethod
    def random(cls) -> Self:
        return cls(secrets.token_bytes(cls.size))

    @property
    def element(self) -> Element:
        """Return the group element that conversions carry."""
        return hash_to_group(self.encoded)


class AcquisitionNumber(Encoded):
    """A number for one acquisition of one code (取得番号), 16 random bytes."""

    __slots__ = ()
    size = 16

    @classmethod
    def random(cls) -> Self:
        return cls(secrets.token_bytes(cls.size))


class Encrypted(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the registrar sends: acquisition numbers and, in the same order, one leg each."""

    suite: Suite
    receiver: Address
    numbers: tuple[AcquisitionNumber, ...]
    legs: tuple[Leg, ...]


class IssuanceStep(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What one converter adds: all legs carried on, under one proof."""

    converter: Tenant
    legs: tuple[Leg, ...]
    proof: ConversionProof


class Issuance(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole chain, which travels."""

    encrypted: Encrypted
    conversions: tuple[IssuanceStep, ...] = ()


@dataclass(frozen=True, slots=True)
class VerifiedIssuance:
    """An issuance whose every proof holds under one context; only `verify_issuance` makes one."""

    issuance: Issuance
    digest: bytes
    legs: Sequence[Leg]


def encrypt_persons(
    persons: Sequence[tuple[AcquisitionNumber, Pid]],
    organisation: Tenant,
    directory: Directory,
) -> Issuance:
    """Begin an issuance to an organisation; the registrar's part."""
    check_size(len(persons))
    receiver = directory.address(organisation)
    key = directory.receiver(receiver)
    numbers = tuple(number for number, _ in persons)
    legs = tuple(encrypt(pid.element, key) for _, pid in persons)
    return Issuance(Encrypted(SUITE, receiver, numbers, legs))


def convert_issuance(
    issuance: Issuance,
    keys: ConverterKeys,
    directory: Directory,
    *,
    organisation: Tenant,
    context: bytes,
) -> Issuance:
    """Verify what came before, then carry every leg on and prove it.

    The organisation is the one the converter agreed to issue to; the message must name the same.
    """
    before = _verified(issuance, directory, organisation, context)
    directory.check_turn(len(issuance.conversions), keys.converter)
    passage = _passage(issuance, keys.converter, directory, before.digest)
    legs, proof = passage.carry(before.legs, keys, directory)
    added = IssuanceStep(keys.converter, legs, proof)
    return Issuance(issuance.encrypted, (*issuance.conversions, added))


def verify_issuance(
    issuance: Issuance, directory: Directory, *, organisation: Tenant, context: bytes
) -> VerifiedIssuance:
    """Verify the whole chain: every converter's proof, in the order of the directory."""
    verified = _verified(issuance, directory, organisation, context)
    directory.check_complete(len(issuance.conversions))
    return verified


def open_issuance(
    verified: VerifiedIssuance, *keys: DecryptionKey
) -> list[tuple[AcquisitionNumber, Nym]]:
    """Open every leg; the numbers tell the organisation which of its persons each nym is."""
    receiver = verified.issuance.encrypted.receiver
    for key in keys:
        if key.opens(receiver):
            nyms = (decrypt(leg, key.secret) for leg in verified.legs)
            return [
                (number, Nym(receiver.organisation, receiver.kv, nym))
                for number, nym in zip(verified.issuance.encrypted.numbers, nyms, strict=True)
            ]
    raise missing(keys)


def _verified(
    issuance: Issuance, directory: Directory, organisation: Tenant, context: bytes
) -> VerifiedIssuance:
    check_context(context)
    encrypted = issuance.encrypted
    if encrypted.receiver.organisation != organisation:
        raise PartyDiffers(named=encrypted.receiver.organisation, permitted=organisation)
    numbers, legs = encrypted.numbers, encrypted.legs
    check_size(len(numbers))
    if len(legs) != len(numbers):
        raise LengthWrong(what="legs", length=len(legs), wanted=len(numbers))
    if len(set(numbers)) != len(numbers):
        raise LengthWrong(what="numbers", length=len(set(numbers)), wanted=len(numbers))
    so_far = digest(
        b"encrypted",
        SUITE.encode(),
        context,
        encrypted.receiver.encoded,
        b"".join(number.encoded for number in numbers),
        b"".join(leg.encoded for leg in legs),
    )
    for done, step in enumerate(issuance.conversions):
        directory.check_turn(done, step.converter)
        passage = _passage(issuance, step.converter, directory, so_far)
        passage.check(legs, step.legs, step.proof, directory)
        legs = step.legs
        so_far = digest(
            b"issued",
            so_far,
            step.converter.encode(),
            b"".join(leg.encoded for leg in legs),
            step.proof.encoded,
        )
    return VerifiedIssuance(issuance, so_far, legs)


def _passage(issuance: Issuance, converter: Tenant, directory: Directory, so_far: bytes) -> Passage:
    origin = directory.registrar_origin()
    return Passage(converter, origin, issuance.encrypted.receiver, so_far)
