"""Signed notes and checkpoints (C2SP signed-note, tlog-checkpoint), with Ed25519 keys.

A note is text, an empty line, and signature lines. Lines of keys unknown here are left alone, so
that witnesses can add theirs; a line of a known key that does not fit refuses the whole note.
"""

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol, Self, TypeVar

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from renkei.audit.encoding import base64std, from_base64std, whole_number
from renkei.audit.errors import (
    KeyUnknown,
    LogForked,
    NoteForged,
    NoteMalformed,
    VerifierMalformed,
)
from renkei.audit.tree import HASH, is_consistent

ED25519 = b"\x01"
LARGEST_NOTE = 256 * 1024  # sixteen post-quantum signatures and room to spare
MOST_SIGNATURES = 64


class NoteKey(Protocol):
    """A public key that signature lines are of: a log's, or that of a witness."""

    @property
    def name(self) -> str:
        """Return the key's name."""

    @property
    def public(self) -> bytes:
        """Return the key itself."""

    @property
    def id(self) -> bytes:
        """Return the 4 bytes that, with the name, say which key a signature line is of."""

    def fits(self, data: bytes, signature: bytes) -> bool:
        """Tell whether this is our signature over the text of a note."""


AnyKey = TypeVar("AnyKey", bound=NoteKey)


@dataclass(frozen=True, slots=True)
class Verifier:
    """The public half of a log's key, as one line: `name+8 hex digits+base64`."""

    name: str
    public: bytes

    @classmethod
    def parse(cls, vkey: str) -> Self:
        """Read a vkey string.

        >>> Verifier.parse("a.example+2a5543d5+ATtqJ7zOtqQtYqOo0CpvDXNlMhV3HeJDpjrASKGLWdop").name
        'a.example'
        """
        name, _, rest = vkey.partition("+")
        try:
            key = from_base64std(rest.partition("+")[2])
        except ValueError as error:
            raise VerifierMalformed(key=vkey[:200]) from error
        verifier = cls(name, key[1:])
        if not is_key_name(name) or len(key) != 33 or str(verifier) != vkey:
            raise VerifierMalformed(key=vkey[:200])
        return verifier

    def __str__(self) -> str:
        return f"{self.name}+{self.id.hex()}+{base64std(ED25519 + self.public)}"

    @property
    def id(self) -> bytes:
        """Return the 4 bytes that, with the name, say which key a signature line is of."""
        return hashlib.sha256(self.name.encode() + b"\n" + ED25519 + self.public).digest()[:4]

    def fits(self, data: bytes, signature: bytes) -> bool:
        """Tell whether this is our signature over the data."""
        try:
            _public_key(self.public).verify(signature, data)
        except (InvalidSignature, ValueError):  # ValueError: the 32 bytes are no point
            return False
        return True


class Signer:
    """The private half of a log's key. Its name is the log's origin."""

    def __init__(self, name: str, key: Ed25519PrivateKey) -> None:
        """Take a key the caller unsealed; it is never written anywhere by this room."""
        if not is_key_name(name):
            raise VerifierMalformed(key=name[:200])
        self.verifier = Verifier(name, key.public_key().public_bytes_raw())
        self._key = key

    @classmethod
    def from_seed(cls, name: str, seed: bytes) -> Self:
        """Return the signer of a 32-byte secret seed."""
        return cls(name, Ed25519PrivateKey.from_private_bytes(seed))

    def named(self, name: str) -> "Signer":
        """Return the same key under another name: another key to who reads its notes."""
        return Signer(name, self._key)

    @property
    def name(self) -> str:
        """Return the key's name."""
        return self.verifier.name

    def sign(self, data: bytes) -> bytes:
        """Return the 64-byte signature over bytes."""
        return self._key.sign(data)

    def sign_note(self, text: str) -> str:
        """Return the text, which ends in a newline, as a note with our signature line."""
        line = base64std(self.verifier.id + self.sign(text.encode()))
        return f"{text}\n— {self.name} {line}\n"


def open_note(note: str, trusted: Iterable[AnyKey]) -> tuple[str, list[AnyKey]]:
    """Return the text of a note and which trusted keys signed it; at least one did."""
    text, signatures = split_note(note)
    known = {(verifier.name, verifier.id): verifier for verifier in trusted}
    signed: list[AnyKey] = []
    for name, key_id, signature in signatures:
        verifier = known.get((name, key_id))
        if verifier is None:
            continue
        if not verifier.fits(text.encode(), signature):
            raise NoteForged(name=name)
        signed.append(verifier)
    if not signed:
        raise KeyUnknown(name=text.partition("\n")[0][:200])
    return text, signed


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What a log signed: its whole content up to a size, in one root."""

    origin: str
    size: int
    root: bytes
    note: str

    @classmethod
    def sign(cls, signer: Signer, size: int, root: bytes) -> Self:
        """Sign a root as the log the signer is named for."""
        note = signer.sign_note(f"{signer.name}\n{size}\n{base64std(root)}\n")
        return cls(signer.name, size, root, note)

    @classmethod
    def parse(cls, note: str) -> Self:
        """Read what a note says without asking who signed it: for the log's own copies only."""
        return cls.of_text(split_note(note)[0], note)

    @classmethod
    def of_text(cls, text: str, note: str = "") -> Self:
        """Read the text of a note, which ends in a newline."""
        lines = text.split("\n")[:-1]
        if len(lines) < 3 or "" in lines:
            raise NoteMalformed(part="checkpoint")
        try:
            size, root = whole_number(lines[1]), from_base64std(lines[2])
        except ValueError as error:
            raise NoteMalformed(part="checkpoint") from error
        if len(root) != HASH:
            raise NoteMalformed(part="root")
        return cls(lines[0], size, root, note)

    @classmethod
    def open(cls, note: str, trusted: Iterable[NoteKey]) -> Self:
        """Read a checkpoint that a trusted key named like its origin has signed.

        Extension lines and further signatures are accepted and mean nothing here.
        """
        signed = open_note(note, trusted)[1]
        checkpoint = cls.parse(note)
        if checkpoint.origin not in {verifier.name for verifier in signed}:
            raise KeyUnknown(name=checkpoint.origin[:200])
        return checkpoint


def check_fork(old: Checkpoint, new: Checkpoint, proof: Sequence[bytes]) -> None:
    """Raise LogForked unless the proof shows that the newer checkpoint continues the older one."""
    same = old.origin == new.origin
    if not same or not is_consistent(old.size, old.root, new.size, new.root, proof):
        raise LogForked(origin=new.origin[:200], size=new.size)


def split_note(note: str) -> tuple[str, list[tuple[str, bytes, bytes]]]:
    """Split a note into its text and (name, key id, signature) lines, all well formed."""
    if len(note) > LARGEST_NOTE:
        raise NoteMalformed(part="length")
    if re.search(r"[\x00-\x09\x0b-\x1f\ud800-\udfff]", note):
        raise NoteMalformed(part="characters")
    text, blank, block = note.rpartition("\n\n")
    lines = block.split("\n")
    if not blank or lines.pop() != "" or not 0 < len(lines) <= MOST_SIGNATURES:
        raise NoteMalformed(part="signatures")
    found = []
    for line in lines:
        dash, _, rest = line.partition(" ")
        name, _, encoded = rest.partition(" ")
        try:
            signature = from_base64std(encoded)
        except ValueError as error:
            raise NoteMalformed(part="signatures") from error
        if dash != "—" or not is_key_name(name) or len(signature) < 5:
            raise NoteMalformed(part="signatures")
        found.append((name, signature[:4], signature[4:]))
    return text + "\n", found


def named_on(checkpoint: Checkpoint) -> tuple[str, ...]:
    """Return the names beside the log's own that a checkpoint's lines bear, believed of nobody."""
    names = {name for name, _, _ in split_note(checkpoint.note)[1]}
    return tuple(sorted(names - {checkpoint.origin}))


def is_key_name(name: str) -> bool:
    """Tell whether a key may have this name."""
    return bool(name) and "+" not in name and not any(mark.isspace() for mark in name)


@lru_cache(maxsize=64)
def _public_key(public: bytes) -> Ed25519PublicKey:
    return Ed25519PublicKey.from_public_bytes(public)
