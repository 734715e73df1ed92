"""Keys that sign messages: P-256, named by the digest of the public key."""

import hashlib
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable
from dataclasses import dataclass
from typing import Self

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_der_public_key,
    load_pem_private_key,
)

from renkei.exchange.errors import KeyMalformed

PublicKey = ec.EllipticCurvePublicKey
Keys = Callable[[str], PublicKey | None]
"""Finds a registered public key by its name, or None."""


def encode(data: bytes) -> str:
    """Return bytes as base64url without padding."""
    return urlsafe_b64encode(data).decode().rstrip("=")


def decode(text: str) -> bytes:
    """Return the bytes of base64url without padding; `ValueError` where it is none."""
    data = urlsafe_b64decode(text + "=" * (-len(text) % 4))
    if encode(data) != text:
        raise ValueError(text)
    return data


def public_text(key: PublicKey) -> str:
    """Return a public key as it stands in the members list."""
    return encode(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo))


def public_key(text: str) -> PublicKey:
    """Parse a public key as it stands in the members list; only P-256 is taken."""
    try:
        key = load_der_public_key(decode(text))
    except (ValueError, UnsupportedAlgorithm):
        raise KeyMalformed from None
    if not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(key.curve, ec.SECP256R1):
        raise KeyMalformed
    return key


def key_name(key: PublicKey) -> str:
    """Return the name of a key on the wire: the SHA-256 of its DER form."""
    der = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return encode(hashlib.sha256(der).digest())


@dataclass(frozen=True, slots=True)
class SigningKey:
    """The private key an organisation signs its messages with."""

    private: ec.EllipticCurvePrivateKey
    name: str

    @classmethod
    def of(cls, private: ec.EllipticCurvePrivateKey) -> Self:
        """Take a private key under its name."""
        return cls(private, key_name(private.public_key()))

    @classmethod
    def generate(cls) -> Self:
        """Make a new key."""
        return cls.of(ec.generate_private_key(ec.SECP256R1()))

    @classmethod
    def from_pem(cls, text: bytes) -> Self:
        """Read a key kept as PEM."""
        try:
            private = load_pem_private_key(text, password=None)
        except (ValueError, TypeError, UnsupportedAlgorithm):
            raise KeyMalformed from None
        if not isinstance(private, ec.EllipticCurvePrivateKey) or not isinstance(
            private.curve, ec.SECP256R1
        ):
            raise KeyMalformed
        return cls.of(private)

    def pem(self) -> bytes:
        """Return the key as PEM, unencrypted: whoever keeps it guards it."""
        return self.private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())

    @property
    def public(self) -> PublicKey:
        """Return the key others verify with."""
        return self.private.public_key()
