"""Sealing values at rest: AES-256-GCM, bound to the row they stand in. Keys come from outside."""

import secrets
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from renkei.identity.errors import LengthWrong, SealBroken
from renkei.identity.group import framed

NONCE = 12


@dataclass(frozen=True, slots=True)
class Seal:
    """One sealing key of 32 bytes, which is never stored beside what it seals."""

    key: bytes = field(repr=False)
    _cipher: AESGCM = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if len(self.key) != 32:
            raise LengthWrong(what="sealing key", length=len(self.key), wanted=32)
        object.__setattr__(self, "_cipher", AESGCM(self.key))

    def close(self, plain: bytes, table: str, *row: bytes) -> bytes:
        """Seal a value for one row of a table; elsewhere it will not open."""
        nonce = secrets.token_bytes(NONCE)
        return nonce + self._cipher.encrypt(nonce, plain, framed(table.encode(), *row))

    def open(self, sealed: bytes, table: str, *row: bytes) -> bytes:
        """Return the value, or refuse one that was altered, moved, or sealed by another key."""
        about = framed(table.encode(), *row)
        try:
            return self._cipher.decrypt(sealed[:NONCE], sealed[NONCE:], about)
        except (InvalidTag, ValueError) as error:
            raise SealBroken(table=table) from error
