"""The group ristretto255 (RFC 9496) and hashing to it (RFC 9380).

An `Element` is never the neutral element: decoding refuses it, and so does every operation that
would give it. So a proof or a ciphertext cannot be emptied of its person.
"""

import hmac
from collections.abc import Iterable, Sequence
from hashlib import sha512
from typing import ClassVar, Final, Literal, Self

from renkei.identity.errors import LengthWrong, NeutralReached, PointRefused, ScalarRefused
from renkei.identity.sodium import NEUTRAL, sodium

Suite = Literal["PFC1-V01-CS-ristretto255-SHA512"]
SUITE: Final = "PFC1-V01-CS-ristretto255-SHA512"
ORDER = 2**252 + 27742317777372353535851937790883648493
H2G = f"{SUITE}-H2G".encode()


class Encoded:
    """Bytes of one fixed length that were checked once and never change."""

    __slots__ = ("encoded",)
    encoded: bytes
    size: ClassVar[int] = 32

    def __init__(self, encoded: bytes) -> None:
        """Take bytes known to be good; bytes from outside come in by `parse`."""
        object.__setattr__(self, "encoded", encoded)

    @classmethod
    def parse(cls, data: bytes) -> Self:
        """Check bytes from outside."""
        if len(data) != cls.size:
            raise LengthWrong(what=cls.__name__, length=len(data), wanted=cls.size)
        cls.check(data)
        return cls(bytes(data))

    @classmethod
    def check(cls, data: bytes) -> None:
        """Refuse bytes of the right length that mean nothing."""

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"{type(self).__name__} never changes")

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and hmac.compare_digest(self.encoded, other.encoded)

    def __hash__(self) -> int:
        return hash((type(self), self.encoded))

    def __repr__(self) -> str:
        """Show no value: it may be a secret, or stand for a person."""
        return f"{type(self).__name__}(…)"


class Scalar(Encoded):
    """A whole number modulo the group order, 32 bytes, little-endian, reduced."""

    __slots__ = ()

    @classmethod
    def check(cls, data: bytes) -> None:
        """Refuse a number that is not reduced."""
        if int.from_bytes(data, "little") >= ORDER:
            raise ScalarRefused

    @classmethod
    def random(cls) -> Self:
        """Draw a secret scalar, never zero."""
        return cls(sodium().scalar_random())

    @classmethod
    def reduce(cls, uniform: bytes) -> Self:
        """Return 64 uniform bytes modulo the group order."""
        return cls(sodium().scalar_reduce(uniform))

    def inverse(self) -> Self:
        """Return 1 / self; zero has none and is refused."""
        return type(self)(sodium().scalar_invert(self.encoded))

    def __add__(self, other: "Scalar") -> "Scalar":
        return Scalar(sodium().scalar_add(self.encoded, other.encoded))

    def __sub__(self, other: "Scalar") -> "Scalar":
        return Scalar(sodium().scalar_subtract(self.encoded, other.encoded))

    def __mul__(self, other: "Scalar") -> "Scalar":
        if not isinstance(other, Scalar):
            return NotImplemented
        return Scalar(sodium().scalar_multiply(self.encoded, other.encoded))


class Element(Encoded):
    """A group element other than the neutral one, 32 bytes, canonical.

    >>> Element.base(ONE) == GENERATOR, (GENERATOR + GENERATOR) - GENERATOR == GENERATOR
    (True, True)
    """

    __slots__ = ()

    @classmethod
    def check(cls, data: bytes) -> None:
        """Refuse an encoding that is not canonical, and the neutral element.

        libsodium before 1.0.19 does not look at the highest bit: it would take a second encoding of
        everything, the neutral element among them.
        """
        if data[31] & 0x80 or data == NEUTRAL or not sodium().valid(data):
            raise PointRefused

    @classmethod
    def base(cls, scalar: Scalar) -> "Element":
        """Return scalar * GENERATOR, three times as fast as a multiplication."""
        return cls(sodium().multiply_base(scalar.encoded))

    def __add__(self, other: "Element") -> "Element":
        return Element(sodium().add(self.encoded, other.encoded))

    def __sub__(self, other: "Element") -> "Element":
        return Element(sodium().subtract(self.encoded, other.encoded))

    def __rmul__(self, scalar: Scalar) -> "Element":
        return Element(sodium().multiply(scalar.encoded, self.encoded))


ONE = Scalar((1).to_bytes(32, "little"))
GENERATOR = Element(
    bytes.fromhex("e2f2ae0a6abc4e71a884a961c500515f58e30b6aa582dd8db6a65945e08d2d76")
)


def weights_of(seed: bytes, count: int, *, first: Scalar | None = ONE) -> list[Scalar]:
    """Return weights nobody can foresee before what the seed was hashed from is fixed.

    The first one is given where a sum may begin with it for nothing; None draws it, too.
    """
    given = [] if first is None else [first]
    hashed = (
        Scalar.reduce(sha512(seed + number.to_bytes(4)).digest())
        for number in range(len(given), count)
    )
    return [*given, *hashed]


def sum_of(weights: Sequence[Scalar | None], elements: Iterable[Element]) -> Element:
    """Return the sum of weight * element; a weight of None or ONE costs nothing."""
    total: Element | None = None
    for weight, element in zip(weights, elements, strict=True):
        part = element if weight is None or weight is ONE else weight * element
        total = part if total is None else total + part
    if total is None:
        raise NeutralReached
    return total


def expand(message: bytes, dst: bytes, length: int) -> bytes:
    """Return RFC 9380 expand_message_xmd with SHA-512; the DST has at most 255 bytes."""
    suffix = dst + bytes([len(dst)])
    first = sha512(bytes(128) + message + length.to_bytes(2) + b"\0" + suffix).digest()
    block = sha512(first + b"\x01" + suffix).digest()
    uniform = block
    for number in range(2, -(-length // 64) + 1):
        mixed = bytes(a ^ b for a, b in zip(first, block, strict=True))
        block = sha512(mixed + bytes([number]) + suffix).digest()
        uniform += block
    return uniform[:length]


def hash_to_group(message: bytes, dst: bytes = H2G) -> Element:
    """Return the element of a message; nobody knows its logarithm."""
    return Element(sodium().from_hash(expand(message, dst, 64)))


def hash_to_scalar(message: bytes, dst: bytes) -> Scalar:
    """Return the scalar of a message."""
    return Scalar.reduce(expand(message, dst, 64))


def framed(*parts: bytes) -> bytes:
    """Join parts, each after its length, so that no two lists of parts give the same bytes."""
    return b"".join(len(part).to_bytes(4) + part for part in parts)
