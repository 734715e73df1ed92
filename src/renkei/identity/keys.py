"""The secret keys of converters and organisations, and what each publishes of them.

Two versions are kept apart: `kv` counts the converters' keys of an organisation (a new one changes
its linkage codes), `dv` counts its own decryption key (a new one changes nothing but who can open).
"""

from collections.abc import Mapping
from typing import Self

import msgspec

from renkei.identity.errors import KeyVersionUnknown, MessageMalformed
from renkei.identity.group import ONE, Element, Scalar, framed
from renkei.identity.proofs import KnowledgeProof, knowledge_holds, prove_knowledge
from renkei.identity.wire import Suite, parse, render
from renkei.kit import Tenant

REGISTRAR_KV = 0
ZERO = Scalar(bytes(32))


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
