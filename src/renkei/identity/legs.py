"""A leg: one group element, encrypted to one receiver (ElGamal)."""

import msgspec

from renkei.identity.group import Element, Scalar
from renkei.identity.sodium import sodium


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
    """Multiply the element inside by the factor, and make the leg new by fresh randomness.

    Here a converter spends its time, so bytes go straight from one call to the next.
    """
    library, by = sodium(), factor.encoded
    fresh = library.scalar_random()
    multiply, add = library.multiply, library.add
    c1 = add(multiply(by, leg.c1.encoded), library.multiply_base(fresh))
    c2 = add(multiply(by, leg.c2.encoded), multiply(fresh, receiver.encoded))
    return Leg(Element(c1), Element(c2)), Scalar(fresh)


def decrypt(leg: Leg, secret: Scalar) -> Element:
    """Return the element inside."""
    return leg.c2 - secret * leg.c1
