"""The seal of a file in the archive: compressed, encrypted, bound to its name, with its digest.

    magic 16 | key id 8 | moment 8 | nonce 12 | AES-256-GCM of the deflated content | SHA-256 of all

The digest shows a damaged file to anyone; name, moment and key id are authenticated, so a file that
was moved to another name does not open. A file is at most one part (16 MiB), so it fits in memory.
"""

import hashlib
import os
import zlib
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from renkei.backup.errors import BackupDamaged, BackupKeyDiffers

MAGIC = b"RENKEI BACKUP 1\n"
KEY_ID, MOMENT, NONCE, DIGEST = 8, 8, 12, 32
HEAD = len(MAGIC) + KEY_ID + MOMENT + NONCE
LEVEL = 1  # of deflate: log and tables shrink three- to fivefold already
LARGEST = 64 * 2**20  # no file of ours opens to more: log files may be made 64 MiB by initdb
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Opened:
    """The content of a file and the moment it was true."""

    data: bytes
    at: datetime


@dataclass(frozen=True, slots=True)
class BackupKey:
    """The site's key for its backups: 32 bytes, kept apart from the archive."""

    key: bytes = field(repr=False)

    @property
    def id(self) -> bytes:
        """Return what tells keys apart and tells nothing of the key."""
        return hashlib.sha256(b"renkei backup key id\0" + self.key).digest()[:KEY_ID]

    def close(self, name: str, data: bytes, at: datetime) -> bytes:
        """Seal the content of a file under its name."""
        moment = (at - EPOCH) // timedelta(microseconds=1)
        nonce = os.urandom(NONCE)
        head = MAGIC + self.id + moment.to_bytes(MOMENT, "big") + nonce
        sealed = AESGCM(self.key).encrypt(nonce, zlib.compress(data, LEVEL), head + name.encode())
        body = head + sealed
        return body + hashlib.sha256(body).digest()

    def open(self, name: str, sealed: bytes) -> Opened:
        """Open a file, or say of it what is wrong."""
        body, digest = sealed[:-DIGEST], sealed[-DIGEST:]
        if len(body) < HEAD or not body.startswith(MAGIC):
            raise BackupDamaged(name=name, reason="it is no file of a backup, or cut off")
        if hashlib.sha256(body).digest() != digest:
            raise BackupDamaged(name=name, reason="its SHA-256 differs: altered or cut off")
        at = moment_of(body)
        found = body[len(MAGIC) : len(MAGIC) + KEY_ID]
        if found != self.id:
            raise BackupKeyDiffers(name=name, found=found.hex(), ours=self.id.hex())
        try:
            packed = AESGCM(self.key).decrypt(
                body[HEAD - NONCE : HEAD], body[HEAD:], body[:HEAD] + name.encode()
            )
        except InvalidTag:
            raise BackupDamaged(name=name, reason="it was forged, or belongs elsewhere") from None
        inflating = zlib.decompressobj()
        data = inflating.decompress(packed, LARGEST)
        if inflating.unconsumed_tail or not inflating.eof:
            raise BackupDamaged(name=name, reason="it is larger than any file of a backup")
        return Opened(data, at)


def moment_of(head: bytes) -> datetime:
    """Return the moment in the first bytes of a file, not yet authenticated."""
    at = len(MAGIC) + KEY_ID
    return EPOCH + timedelta(microseconds=int.from_bytes(head[at : at + MOMENT], "big"))
