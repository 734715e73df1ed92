"""Rotating the codes of one organisation: every nym by one factor, which only it ever sees.

Each converter draws a new scalar for the organisation and hands it the quotient of new and old,
sealed to its key. The organisation checks each against the published keys and multiplies its nyms
by the product. Whoever stole the old table has no quotient and cannot follow.
"""

from collections.abc import Sequence
from hashlib import sha256

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from renkei.identity.directory import Directory
from renkei.identity.errors import NeutralReached, QuotientWrong, ScalarRefused
from renkei.identity.group import ONE, SUITE, Element, Encoded, Scalar, Suite, framed
from renkei.identity.keys import Address, ConverterKeys, DecryptionKey, missing
from renkei.identity.nym import Nym
from renkei.kit import Tenant

NONCE = bytes(12)  # each key seals one scalar, once


class SealedScalar(Encoded):
    """A scalar and its tag."""

    __slots__ = ()
    size = 48


class Quotient(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What one converter hands over: how codes under `before` become those under `receiver.kv`."""

    suite: Suite
    converter: Tenant
    before: int
    receiver: Address
    c1: Element
    sealed: SealedScalar

    def key(self, shared: Element) -> AESGCM:
        """Return the key that seals this one: from the shared element and all else in here."""
        about = (self.converter.encode(), str(self.before).encode(), self.receiver.encoded)
        parts = framed(
            b"PFC1", b"quotient", SUITE.encode(), *about, self.c1.encoded, shared.encoded
        )
        return AESGCM(sha256(parts).digest())


def hand_over(
    keys: ConverterKeys, organisation: Tenant, before: int, after: int, directory: Directory
) -> Quotient:
    """Hand over one converter's quotient; it opens with the organisation's key and no other."""
    quotient = keys.scalar(organisation, after) * keys.scalar(organisation, before).inverse()
    receiver = Address(organisation, after, directory.address(organisation).dv)
    randomness = Scalar.random()
    draft = Quotient(
        SUITE,
        keys.converter,
        before,
        receiver,
        Element.base(randomness),
        SealedScalar(bytes(SealedScalar.size)),
    )
    cipher = draft.key(randomness * directory.receiver(receiver))
    sealed = SealedScalar(cipher.encrypt(NONCE, quotient.encoded, None))
    return msgspec.structs.replace(draft, sealed=sealed)


def take_over(
    quotients: Sequence[Quotient],
    before: int,
    after: int,
    directory: Directory,
    *keys: DecryptionKey,
) -> Scalar:
    """Open every converter's quotient, check each against the published keys; return the product.

    The published keys are the proof: a quotient that does not lead from one to the other is
    refused, and its converter named.
    """
    directory.check_complete(len(quotients))
    product = ONE
    for converter, quotient in zip(directory.converters, quotients, strict=True):
        product = product * _opened(converter, quotient, before, after, directory, keys)
    return product


def _opened(
    converter: Tenant,
    quotient: Quotient,
    before: int,
    after: int,
    directory: Directory,
    keys: Sequence[DecryptionKey],
) -> Scalar:
    receiver = quotient.receiver
    key = next((key for key in keys if key.opens(receiver)), None)
    if key is None:
        raise missing(keys)
    if (quotient.converter, quotient.before, receiver.kv) != (converter, before, after):
        raise QuotientWrong(converter=converter)
    try:
        cipher = quotient.key(key.secret * quotient.c1)
        opened = Scalar.parse(cipher.decrypt(NONCE, quotient.sealed.encoded, None))
        led = opened * directory.factor(converter, key.organisation, before)
    except (InvalidTag, ScalarRefused, NeutralReached) as error:
        raise QuotientWrong(converter=converter) from error
    if led != directory.factor(converter, key.organisation, after):
        raise QuotientWrong(converter=converter)
    return opened


def rotated(nym: Nym, factor: Scalar, after: int) -> Nym:
    """Return the nym of the same person under the new version."""
    return Nym(nym.owner, after, factor * nym.element)
