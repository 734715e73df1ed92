"""Cosignatures of witnesses (C2SP tlog-cosignature): Ed25519, and ML-DSA-44 against later machines.

A witness says with one: at this time, the largest consistent tree I have seen of this log has this
root. Both kinds are lines of the note they cosign.
"""

import hashlib
import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import IntEnum
from functools import lru_cache
from typing import Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey, MLDSA44PublicKey

from renkei.audit.encoding import base64std, from_base64std
from renkei.audit.errors import NoteForged, NoteMalformed, VerifierMalformed
from renkei.audit.notes import Checkpoint, NoteKey, Verifier, is_key_name, split_note

LATEST = 253_402_300_800  # the year 10000, long before the 2^63 of the specification
SEED = 32


class Algorithm(IntEnum):
    """How a witness signs; the number stands in its key and in the id of its lines."""

    ED25519 = 0x04
    ML_DSA_44 = 0x06


PUBLIC = {Algorithm.ED25519: 32, Algorithm.ML_DSA_44: 1312}
SIGNATURE = {Algorithm.ED25519: 64, Algorithm.ML_DSA_44: 2420}


@dataclass(frozen=True, slots=True)
class WitnessKey:
    """The public half of a witness's key, as one line: `name+8 hex digits+base64`."""

    name: str
    algorithm: Algorithm
    public: bytes

    @classmethod
    def parse(cls, vkey: str) -> Self:
        """Read a vkey string; VerifierMalformed for that of anything but a witness."""
        name, _, rest = vkey.partition("+")
        try:
            data = from_base64std(rest.partition("+")[2])
            key = cls(name, Algorithm(data[0]), data[1:])
        except (ValueError, IndexError) as error:
            raise VerifierMalformed(key=vkey[:200]) from error
        is_whole = is_key_name(name) and len(key.public) == PUBLIC[key.algorithm]
        if not is_whole or len(name.encode()) > 255 or str(key) != vkey:
            raise VerifierMalformed(key=vkey[:200])
        return key

    def __str__(self) -> str:
        return f"{self.name}+{self.id.hex()}+{base64std(bytes([self.algorithm]) + self.public)}"

    @property
    def id(self) -> bytes:
        """Return the 4 bytes that, with the name, say which key a signature line is of."""
        named = self.name.encode() + b"\n" + bytes([self.algorithm])
        return hashlib.sha256(named + self.public).digest()[:4]

    def fits(self, data: bytes, signature: bytes) -> bool:
        """Tell whether this is our cosignature on a checkpoint's text."""
        if len(signature) != 8 + SIGNATURE[self.algorithm]:
            return False
        seconds = int.from_bytes(signature[:8])
        if not 0 < seconds < LATEST:
            return False  # without a time it says nothing of what the witness had seen by then
        try:
            message = _message(self.algorithm, self.name, data, seconds)
            _public_key(self.algorithm, self.public).verify(signature[8:], message)
        except (InvalidSignature, NoteMalformed, ValueError):
            return False  # ValueError: the bytes are no key
        return True


@dataclass(frozen=True, slots=True)
class Cosignature:
    """One line of a witness that holds, and when it was given."""

    key: WitnessKey
    at: datetime
    line: str


class Cosigner:
    """The private half of a witness's key."""

    def __init__(self, name: str, algorithm: Algorithm, seed: bytes) -> None:
        """Take the 32 secret bytes the key is made of."""
        if not is_key_name(name) or len(name.encode()) > 255 or len(seed) != SEED:
            raise VerifierMalformed(key=name[:200])
        self._key: Ed25519PrivateKey | MLDSA44PrivateKey
        if algorithm is Algorithm.ED25519:
            self._key = Ed25519PrivateKey.from_private_bytes(seed)
        else:
            self._key = MLDSA44PrivateKey.from_seed_bytes(seed)
        self.key = WitnessKey(name, algorithm, self._key.public_key().public_bytes_raw())

    def cosign(self, note: str, *, at: datetime) -> str:
        """Return our signature line for a checkpoint, with its newline.

        What is cosigned is the caller's to judge first.
        """
        seconds = int(at.timestamp())
        text = split_note(note)[0].encode()
        message = _message(self.key.algorithm, self.key.name, text, seconds)
        signature = struct.pack(">Q", seconds) + self._key.sign(message)
        return f"— {self.key.name} {base64std(self.key.id + signature)}\n"


def log_key(vkey: str) -> NoteKey:
    """Read the key of any log: plain Ed25519 as ours, or one of the kinds witnesses have."""
    try:
        return Verifier.parse(vkey)
    except VerifierMalformed:
        return WitnessKey.parse(vkey)


def cosignatures(note: str, trusted: Iterable[WitnessKey]) -> Iterator[Cosignature]:
    """Yield the cosignatures of known witnesses on a note; a false one refuses the note.

    Lines of others, and what else the note is signed with, are left alone.
    """
    text, signatures = split_note(note)
    known = {(key.name, key.id): key for key in trusted}
    seen: set[WitnessKey] = set()
    for name, key_id, signature in signatures:
        key = known.get((name, key_id))
        if key is None or key in seen:
            continue
        if not key.fits(text.encode(), signature):
            raise NoteForged(name=name)
        seen.add(key)
        at = datetime.fromtimestamp(int.from_bytes(signature[:8]), UTC)
        yield Cosignature(key, at, f"— {name} {base64std(key_id + signature)}\n")


def _message(algorithm: Algorithm, name: str, text: bytes, seconds: int) -> bytes:
    """Return what is signed: of Ed25519 the text under a head, of ML-DSA-44 a structure."""
    if algorithm is Algorithm.ED25519:
        return b"cosignature/v1\ntime %d\n" % seconds + text
    checkpoint = Checkpoint.of_text(text.decode())
    origin = checkpoint.origin.encode()
    if len(origin) > 255:
        raise NoteMalformed(part="origin")
    return b"".join(
        [
            b"subtree/v1\n\0",
            bytes([len(name.encode())]) + name.encode(),
            struct.pack(">Q", seconds),
            bytes([len(origin)]) + origin,
            struct.pack(">QQ", 0, checkpoint.size),
            checkpoint.root,
        ]
    )


@lru_cache(maxsize=64)
def _public_key(algorithm: Algorithm, public: bytes) -> Ed25519PublicKey | MLDSA44PublicKey:
    if algorithm is Algorithm.ED25519:
        return Ed25519PublicKey.from_public_bytes(public)
    return MLDSA44PublicKey.from_public_bytes(public)
