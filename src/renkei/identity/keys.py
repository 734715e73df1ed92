"""The secret keys of converters and organisations, and what each publishes of them.

Two versions are kept apart: `kv` counts the converters' keys of an organisation (a new one changes
its linkage codes), `dv` counts its own decryption key (a new one changes nothing but who can open).
"""

from collections.abc import Iterable, Mapping
from typing import Self

import msgspec

from renkei.identity.errors import KeyReused, KeyVersionUnknown, ScalarRefused
from renkei.identity.group import SUITE, Element, Scalar, Suite, framed
from renkei.identity.proofs import KnowledgeProof, knowledge_holds, prove_knowledge
from renkei.identity.wire import parse, render
from renkei.kit import Tenant

ZERO = bytes(32)


class Origin(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The domain a leg comes from: an organisation under one version of its converters' keys."""

    organisation: Tenant
    kv: int

    @property
    def encoded(self) -> bytes:
        return framed(self.organisation.encode(), str(self.kv).encode())


class Address(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The domain a leg goes to, and the version of the key that opens it there."""

    organisation: Tenant
    kv: int
    dv: int

    @property
    def encoded(self) -> bytes:
        return framed(self.organisation.encode(), str(self.kv).encode(), str(self.dv).encode())


class ReceiverKey(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Y: what others encrypt to, with the proof that its owner knows y."""

    public: Element
    proof: KnowledgeProof

    def holds(self, organisation: Tenant, dv: int) -> bool:
        """Check the proof."""
        return knowledge_holds(self.public, self.proof, _about(organisation, dv))


class PublicKeys(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Everything public about one organisation; an entry of the log, so nobody can swap it.

    `factors`: converter, then kv, gives X = x * G. `receivers`: dv gives Y.
    """

    suite: Suite
    organisation: Tenant
    factors: Mapping[Tenant, Mapping[int, Element]]
    receivers: Mapping[int, ReceiverKey]


class Announcement(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What one member publishes of its own keys, in its row of the members list.

    `receivers`: dv gives Y (organisations, log operator). `factors`: organisation, then kv, gives
    X = x * G (converters).
    """

    receivers: Mapping[int, ReceiverKey] = {}
    factors: Mapping[Tenant, Mapping[int, Element]] = {}


class DecryptionKey(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="decryption"
):
    """One organisation's y, which opens the legs addressed to it."""

    suite: Suite
    organisation: Tenant
    dv: int
    secret: Scalar

    @classmethod
    def draw(cls, organisation: Tenant, *, dv: int = 1) -> Self:
        """Draw a new key."""
        return cls(SUITE, organisation, dv, Scalar.random())

    def public(self) -> ReceiverKey:
        """Return what to publish."""
        public = Element.base(self.secret)
        about = _about(self.organisation, self.dv)
        return ReceiverKey(public, prove_knowledge(self.secret, public, about))


class ConverterKeys(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="converter"
):
    """One converter's secrets: organisation, then kv, gives the scalar x."""

    suite: Suite
    converter: Tenant
    factors: Mapping[Tenant, Mapping[int, Scalar]]

    @classmethod
    def draw(cls, converter: Tenant, organisations: Iterable[Tenant], *, kv: int = 1) -> Self:
        """Draw a key for each organisation, the log operator among them; the registrar has none."""
        return cls(SUITE, converter, {each: {kv: Scalar.random()} for each in organisations})

    def admit(self, organisation: Tenant, *, kv: int = 1) -> "ConverterKeys":
        """Return the same keys and one drawn for a new organisation."""
        if kv in self.factors.get(organisation, {}):
            raise KeyReused(organisation=organisation, other=organisation)
        versions = {**self.factors.get(organisation, {}), kv: Scalar.random()}
        return ConverterKeys(SUITE, self.converter, {**self.factors, organisation: versions})

    def scalar(self, organisation: Tenant, kv: int) -> Scalar:
        """Return the secret of one organisation's domain."""
        try:
            return self.factors[organisation][kv]
        except KeyError:
            raise KeyVersionUnknown(organisation=organisation, version=f"kv {kv}") from None

    def public(self, organisation: Tenant) -> dict[int, Element]:
        """Return what to publish for an organisation: kv gives X."""
        return {kv: Element.base(x) for kv, x in self.factors.get(organisation, {}).items()}


def secret_text(keys: ConverterKeys | DecryptionKey) -> str:
    """Return the text of a private key file; the caller keeps it from other eyes."""
    return render(keys).decode()


def converter_keys(text: str) -> ConverterKeys:
    """Read a converter's private key file."""
    keys = parse(text, ConverterKeys)
    for versions in keys.factors.values():
        _not_zero(*versions.values())
    return keys


def decryption_key(text: str) -> DecryptionKey:
    """Read an organisation's private key file."""
    key = parse(text, DecryptionKey)
    _not_zero(key.secret)
    return key


def _not_zero(*secrets: Scalar) -> None:
    if any(secret.encoded == ZERO for secret in secrets):
        raise ScalarRefused


def _about(organisation: Tenant, dv: int) -> bytes:
    return framed(organisation.encode(), str(dv).encode())
