"""A leg: one group element, encrypted to one receiver (ElGamal)."""

import msgspec

from renkei.identity.group import Element, Scalar


class Leg(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The pair c1 = r * G, c2 = element + r * Y; it shows nothing to whoever lacks y."""

    c1: Element
    c2: Element

    @property
    def encoded(self) -> bytes:
        """Return the 64 bytes that proofs and digests hash."""
        return self.c1.encoded + self.c2.encoded


def encrypt(element: Element, receiver: Element) -> Leg:
    """Encrypt an element to the holder of the receiver's key."""
    randomness = Scalar.random()
    return Leg(Element.base(randomness), element + randomness * receiver)


def carry(leg: Leg, factor: Scalar, receiver: Element) -> tuple[Leg, Scalar]:
    """Multiply the element inside by the factor, and make the leg new by fresh randomness."""
    fresh = Scalar.random()
    c1 = factor * leg.c1 + Element.base(fresh)
    c2 = factor * leg.c2 + fresh * receiver
    return Leg(c1, c2), fresh


def decrypt(leg: Leg, secret: Scalar) -> Element:
    """Return the element inside."""
    return leg.c2 - secret * leg.c1
