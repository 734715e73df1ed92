"""The secret keys of converters and organisations, and what each publishes of them.

Two versions are kept apart: `kv` counts the converters' keys of an organisation (a new one changes
its linkage codes), `dv` counts its own decryption key (a new one changes nothing but who can open).
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Self, TypeVar

import msgspec

from renkei.identity.errors import KeyReused, KeyVersionUnknown, LegMissing, ScalarRefused
from renkei.identity.group import SUITE, Element, Scalar, Suite, framed
from renkei.identity.proofs import KnowledgeProof, knowledge_holds, prove_knowledge
from renkei.identity.wire import parse, render
from renkei.kit import Tenant

ZERO = bytes(32)

T = TypeVar("T")


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

    `factors`: converter, then kv, gives X = x * G. `receivers`: dv gives Y. `kv` is the version the
    organisation says it is to be addressed by. `retiring`: kv gives when its codes end.
    """

    suite: Suite
    organisation: Tenant
    factors: Mapping[Tenant, Mapping[int, Element]]
    receivers: Mapping[int, ReceiverKey]
    kv: int = 0
    retiring: Mapping[int, datetime] = {}


class Announcement(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What one member publishes of its own keys, in its row of the members list.

    `receivers`: dv gives Y (organisations, log operator). `factors`: organisation, then kv, gives
    X = x * G (converters). `kv`: by which version an organisation is to be addressed (0: the oldest
    there is). `retiring`: organisation, then kv, gives when its codes end (converters).
    """

    receivers: Mapping[int, ReceiverKey] = {}
    factors: Mapping[Tenant, Mapping[int, Element]] = {}
    kv: int = 0
    retiring: Mapping[Tenant, Mapping[int, datetime]] = {}


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

    def next(self) -> Self:
        """Draw the key that follows this one."""
        return self.draw(self.organisation, dv=self.dv + 1)

    def opens(self, address: Address) -> bool:
        """Tell whether what was sent to an address opens with this key."""
        return (self.organisation, self.dv) == (address.organisation, address.dv)

    def public(self) -> ReceiverKey:
        """Return what to publish."""
        public = Element.base(self.secret)
        about = _about(self.organisation, self.dv)
        return ReceiverKey(public, prove_knowledge(self.secret, public, about))


class ConverterKeys(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="converter"
):
    """One converter's secrets: organisation, then kv, gives the scalar x; and when which ends."""

    suite: Suite
    converter: Tenant
    factors: Mapping[Tenant, Mapping[int, Scalar]]
    retiring: Mapping[Tenant, Mapping[int, datetime]] = {}

    @classmethod
    def draw(cls, converter: Tenant, organisations: Iterable[Tenant], *, kv: int = 1) -> Self:
        """Draw a key for each organisation, the log operator among them; the registrar has none."""
        return cls(SUITE, converter, {each: {kv: Scalar.random()} for each in organisations})

    def admit(self, organisation: Tenant, *, kv: int = 1) -> "ConverterKeys":
        """Return the same keys and one more: of a new organisation, or a new version of one."""
        if kv in self.factors.get(organisation, {}):
            raise KeyReused(organisation=organisation, other=organisation)
        versions = {**self.factors.get(organisation, {}), kv: Scalar.random()}
        return msgspec.structs.replace(self, factors={**self.factors, organisation: versions})

    def retire(self, organisation: Tenant, kv: int, until: datetime) -> "ConverterKeys":
        """Return the same keys, saying when the codes of one version end."""
        self.scalar(organisation, kv)
        ends = {**self.retiring.get(organisation, {}), kv: until}
        return msgspec.structs.replace(self, retiring={**self.retiring, organisation: ends})

    def destroy(self, organisation: Tenant, kv: int) -> "ConverterKeys":
        """Return the keys without the secret of one version: nobody converts its codes again."""
        self.scalar(organisation, kv)

        def without(table: Mapping[Tenant, Mapping[int, T]]) -> dict[Tenant, Mapping[int, T]]:
            kept = {each: dict(versions) for each, versions in table.items()}
            kept.get(organisation, {}).pop(kv, None)
            return {each: versions for each, versions in kept.items() if versions}

        return msgspec.structs.replace(
            self, factors=without(self.factors), retiring=without(self.retiring)
        )

    def scalar(self, organisation: Tenant, kv: int) -> Scalar:
        """Return the secret of one organisation's domain."""
        try:
            return self.factors[organisation][kv]
        except KeyError:
            raise KeyVersionUnknown(organisation=organisation, version=f"kv {kv}") from None

    def public(self, organisation: Tenant) -> dict[int, Element]:
        """Return what to publish for an organisation: kv gives X."""
        return {kv: Element.base(x) for kv, x in self.factors.get(organisation, {}).items()}


def missing(keys: Iterable[DecryptionKey]) -> LegMissing:
    """Return the error of a message that none of these keys opens."""
    for key in keys:
        return LegMissing(organisation=key.organisation, version=f"dv {key.dv}")
    return LegMissing(organisation="-", version="dv")


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
