"""Sealing: bytes that only the owner of a key can open, whoever carries them (HPKE, RFC 9180).

Base mode: it proves nobody. Who sealed what is said by the signature inside. The length that a
carrier sees is rounded up, so that a record and its absence look alike.
"""

from dataclasses import dataclass
from typing import Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from renkei import exchange
from renkei.federation.errors import SealedUnreadable

STEP = 4096
"""What is sealed is filled up to a multiple of so many bytes."""

_X25519 = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_128_GCM)
_P256 = Suite(KEM.P256, KDF.HKDF_SHA256, AEAD.AES_128_GCM)
_RAW_X25519 = 32  # bytes of a public key; any other length is a point of P-256
_LENGTH = 4


@dataclass(frozen=True, slots=True)
class SealingKey:
    """A private key that opens what was sealed to its public one."""

    private: X25519PrivateKey

    @classmethod
    def generate(cls) -> Self:
        """Draw a new one."""
        return cls(X25519PrivateKey.generate())

    @classmethod
    def from_pem(cls, text: bytes) -> Self:
        """Read one as `pem` writes it, or raise `ValueError`."""
        match load_pem_private_key(text, None):
            case X25519PrivateKey() as key:
                return cls(key)
            case other:
                raise ValueError(type(other).__name__)

    def pem(self) -> bytes:
        """Return the private key in PEM."""
        return self.private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())

    @property
    def public(self) -> bytes:
        """Return the raw public key."""
        return self.private.public_key().public_bytes_raw()

    @property
    def listed(self) -> str:
        """Return the public key as the members list writes it."""
        return exchange.encode(self.public)

    def open(self, sealed: bytes, info: bytes) -> bytes:
        """Return what was sealed to this key for this use, or raise `SealedUnreadable`."""
        try:
            content = _X25519.decrypt(sealed, self.private, info)
        except (InvalidTag, ValueError):
            raise SealedUnreadable from None
        length = int.from_bytes(content[:_LENGTH], "big")
        if length > len(content) - _LENGTH:
            raise SealedUnreadable
        return content[_LENGTH : _LENGTH + length]


def seal(content: bytes, public: bytes, info: bytes, *, step: int = STEP) -> bytes:
    """Seal bytes to a raw public key; `info` says for which use, and opens them for no other.

    What is always of one length, such as a key, needs no filling up: its `step` is 1.
    """
    filled = len(content).to_bytes(_LENGTH, "big") + content
    filled += bytes(-len(filled) % step)
    try:
        if len(public) == _RAW_X25519:
            return _X25519.encrypt(filled, X25519PublicKey.from_public_bytes(public), info)
        point = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), public)
        return _P256.encrypt(filled, point, info)
    except (InvalidTag, ValueError):  # no point, or one of so small an order that it hides nothing
        raise SealedUnreadable from None
