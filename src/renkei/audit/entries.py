"""One entry of the access record: who asked whom for what, by which provision, and what came of it.

The *core* is what the writer knows; the *leaf* adds the place in the person's chain, which only
the sequencer knows. The salt makes the hashes tell nothing, so that they can be shown to anyone.
"""

import hashlib
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Literal, Self

import msgspec

from renkei import kit
from renkei.audit.encoding import base64url, from_base64url, from_instant, instant
from renkei.audit.errors import EntryMalformed

LABEL = 32
SALT = 16
LARGEST_CORE = 32_768  # a leaf of a tiled log is shorter than 2^16 bytes
LONGEST_REQUEST = 200


class Kind(StrEnum):
    """What was done."""

    REQUEST = "request"
    PROVISION = "provision"
    REFUSAL = "refusal"
    CONVERSION = "conversion"
    ANSWER = "answer"
    FAILURE = "failure"
    VIEW = "view"
    ISSUANCE = "issuance"
    RETENTION = "retention"
    ERASURE = "erasure"
    MEMBERSHIP = "membership"
    AMENDMENT = "amendment"
    SIGN_IN = "sign-in"
    RELEASE = "release"
    SHARD = "shard"


class Mode(StrEnum):
    """本番, 訓練 or 試験."""

    PRODUCTION = "production"
    DRILL = "drill"
    TEST = "test"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One deed, refusals included. Holds no name, no number and no value of a person.

    The label is that of the person's chain in one year, made by `identity`; what the law withholds
    (番号法 23条2項) goes to the sealed chain, which no bundle of the person opens before a release.
    """

    kind: Kind
    request: str
    at: datetime
    asker: str
    holder: str
    procedure: str
    outcome: str
    mode: Mode
    unit: str = ""
    items: tuple[str, ...] = ()
    provision: str = ""
    table: str = ""
    purpose: str = ""
    label: bytes | None = None
    withheld: bool = False
    details: Mapping[str, str] = field(default_factory=dict, hash=False)
    salt: bytes = field(default_factory=lambda: kit.random_bytes(SALT), repr=False)

    def __post_init__(self) -> None:
        if self.at.tzinfo is None:
            raise EntryMalformed(part="at")
        if not 0 < len(self.request) <= LONGEST_REQUEST or not self.request.isprintable():
            raise EntryMalformed(part="request")
        if self.label is not None and len(self.label) != LABEL:
            raise EntryMalformed(part="label")
        if len(self.salt) != SALT:
            raise EntryMalformed(part="salt")
        # What is kept is the millisecond, so that what is read back equals what was written.
        at = self.at.replace(microsecond=self.at.microsecond // 1000 * 1000)
        object.__setattr__(self, "at", at)

    def core(self) -> bytes:
        """Return the canonical bytes of everything but the chain."""
        wire = _Core(
            self.asker,
            instant(self.at),
            dict(self.details),
            self.holder,
            self.items,
            self.kind,
            self.mode,
            self.outcome,
            self.procedure,
            self.provision,
            self.purpose,
            self.request,
            base64url(self.salt),
            self.table,
            self.unit,
            1,
            self.withheld,
        )
        try:
            # The encoder orders names by their UTF-8, RFC 8785 by their UTF-16: of ASCII, alike.
            plain = "".join(wire.details).isascii()
            core = _encode(wire) if plain else kit.canonical(msgspec.to_builtins(wire))
        except (UnicodeEncodeError, kit.NotCanonical) as error:  # half a surrogate pair
            raise EntryMalformed(part="core") from error
        if len(core) > LARGEST_CORE:
            raise EntryMalformed(part="length")
        return core


@dataclass(frozen=True, slots=True)
class Leaf:
    """A core at its place in a person's chain; its bytes are what the tree hashes.

    The first entry of a chain has no `prev`; an entry of no person has no chain at all.
    """

    core: bytes
    label: bytes | None = None
    seq: int | None = None
    prev: bytes | None = None

    def render(self) -> bytes:
        """Return the canonical bytes: four members in their order, the core as written."""
        label, prev = _quoted(self.label), _quoted(self.prev)
        seq = b"null" if self.seq is None else b"%d" % self.seq
        return b'{"core":%b,"label":%b,"prev":%b,"seq":%b}' % (self.core, label, prev, seq)

    @classmethod
    def parse(cls, data: bytes) -> Self:
        """Read a leaf; EntryMalformed for anything `render` would not write."""
        try:
            wire = kit.read_json(data, _Leaf)
            label, prev = _bytes(wire.label), _bytes(wire.prev)
        except (msgspec.DecodeError, ValueError) as error:
            raise EntryMalformed(part="leaf") from error
        leaf = cls(bytes(wire.core), label, wire.seq, prev)
        if leaf.render() != data:
            raise EntryMalformed(part="leaf")
        return leaf

    @property
    def core_hash(self) -> bytes:
        """Return what a promise or receipt names."""
        return hashlib.sha256(self.core).digest()

    def entry(self) -> Entry:
        """Read the core back into the entry that was written."""
        try:
            wire = kit.read_json(self.core, _Core)
            at, salt = from_instant(wire.at), from_base64url(wire.salt)
        except (msgspec.DecodeError, ValueError) as error:
            raise EntryMalformed(part="core") from error
        return Entry(
            kind=wire.kind,
            request=wire.request,
            at=at,
            asker=wire.asker,
            holder=wire.holder,
            procedure=wire.procedure,
            outcome=wire.outcome,
            mode=wire.mode,
            unit=wire.unit,
            items=wire.items,
            provision=wire.provision,
            table=wire.table,
            purpose=wire.purpose,
            label=self.label,
            withheld=wire.withheld,
            details=wire.details,
            salt=salt,
        )


class _Core(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The members of a core in the order of their names, as the wire has them."""

    asker: str
    at: str
    details: dict[str, str]
    holder: str
    items: tuple[str, ...]
    kind: Kind
    mode: Mode
    outcome: str
    procedure: str
    provision: str
    purpose: str
    request: str
    salt: str
    table: str
    unit: str
    v: Literal[1]
    withheld: bool


_encode = msgspec.json.Encoder(order="deterministic").encode


class _Leaf(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The members of a leaf, the core left as it is."""

    core: msgspec.Raw
    label: str | None
    prev: str | None
    seq: int | None


def _quoted(data: bytes | None) -> bytes:
    return b"null" if data is None else b'"%b"' % urlsafe_b64encode(data).rstrip(b"=")


def _bytes(text: str | None) -> bytes | None:
    return None if text is None else from_base64url(text)
