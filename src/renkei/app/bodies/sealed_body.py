"""A body sealed to its custodian, piece by piece: of any size in the memory of one piece.

    magic 14 | length of the head 2 | head | piece | … | last piece

The head says what is sealed and to which key, and carries the body's own key, sealed by HPKE
(RFC 9180). Each piece is AES-256-GCM under that key, bound to the head, to its place and to whether
it is the last: what was cut off, lengthened, reordered or moved under another head does not open.
"""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import BinaryIO, Literal

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from renkei import exchange, federation, kit
from renkei.app.errors import CustodianKeyDiffers, SealedBodyDamaged

MAGIC = b"RENKEI BODY 1\n"
PIECE = 1 << 20
TAG = 16
KEY = 32
LARGEST_HEAD = 4096

BodyKind = Literal["question", "answer"]


@dataclass(frozen=True, slots=True)
class BodyOf:
    """Whose body it is: kept by which organisation, of which message, sent or told."""

    tenant: str
    request: str
    kind: BodyKind

    @property
    def info(self) -> bytes:
        """Return what the body's key is sealed for."""
        return f"renkei-body/1 {self.tenant} {self.request} {self.kind} ".encode()


class _Head(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The head as it stands in the file, in its canonical form."""

    content_key: str
    custodian: str
    kind: BodyKind
    request: str
    tenant: str


def key_id(public: bytes) -> str:
    """Return the name of a custodian's public key: b64u of its SHA-256."""
    return exchange.encode(hashlib.sha256(public).digest())


def sealed(pieces: Iterable[bytes], of: BodyOf, custodian: bytes) -> Iterator[bytes]:
    """Seal a body to a raw public key; its own key is drawn here and kept by nobody."""
    content_key = kit.random_bytes(KEY)
    head = kit.canonical(
        {
            "content_key": exchange.encode(
                federation.seal(content_key, custodian, of.info, step=1)
            ),
            "custodian": key_id(custodian),
            "kind": of.kind,
            "request": of.request,
            "tenant": of.tenant,
        }
    )
    lead = MAGIC + len(head).to_bytes(2, "big") + head
    yield lead
    cipher, bound = AESGCM(content_key), hashlib.sha256(lead).digest()
    for place, (piece, is_last) in enumerate(_cut(pieces)):
        yield cipher.encrypt(_nonce(place, is_last=is_last), piece, bound)


@dataclass(frozen=True, slots=True)
class SealedBody:
    """A sealed body whose head was read; its pieces open one after the other."""

    of: BodyOf
    custodian: str
    _stream: BinaryIO
    _content_key: bytes
    _bound: bytes

    @classmethod
    def read(cls, stream: BinaryIO, key: federation.SealingKey) -> "SealedBody":
        """Read the head and open the body's key, or say why that cannot be done."""
        magic, length = stream.read(len(MAGIC)), stream.read(2)
        if magic != MAGIC or len(length) != 2 or int.from_bytes(length, "big") > LARGEST_HEAD:
            raise SealedBodyDamaged(reason="it is no sealed body")
        text = stream.read(int.from_bytes(length, "big"))
        try:
            head = kit.read_json(text, _Head)
            content_key = exchange.decode(head.content_key)
        except (msgspec.DecodeError, ValueError) as error:
            raise SealedBodyDamaged(reason="its head is defective") from error
        if head.custodian != key_id(key.public):
            raise CustodianKeyDiffers(found=head.custodian, given=key_id(key.public))
        of = BodyOf(head.tenant, head.request, head.kind)
        try:
            opened = key.open(content_key, of.info)
        except federation.SealedUnreadable as error:
            raise SealedBodyDamaged(reason="its key does not open") from error
        if len(opened) != KEY:
            raise SealedBodyDamaged(reason="its key does not open")
        bound = hashlib.sha256(magic + length + text).digest()
        return cls(of, head.custodian, stream, opened, bound)

    def pieces(self) -> Iterator[bytes]:
        """Give the body; what was given is whole only once nothing more was raised."""
        cipher, place = AESGCM(self._content_key), 0
        coming = self._stream.read(PIECE + TAG)
        while True:
            piece, coming = coming, self._stream.read(PIECE + TAG)
            try:
                yield cipher.decrypt(_nonce(place, is_last=not coming), piece, self._bound)
            except (InvalidTag, ValueError) as error:
                raise SealedBodyDamaged(reason=f"its piece {place} does not open") from error
            if not coming:
                return
            place += 1


def _cut(pieces: Iterable[bytes]) -> Iterator[tuple[bytes, bool]]:
    """Cut what comes into full pieces, and say which is the last; an empty body is one of none."""
    waiting = bytearray()
    for piece in pieces:
        waiting += piece
        while len(waiting) > PIECE:
            yield bytes(waiting[:PIECE]), False
            del waiting[:PIECE]
    yield bytes(waiting), True


def _nonce(place: int, *, is_last: bool) -> bytes:
    return place.to_bytes(11, "big") + bytes([is_last])
