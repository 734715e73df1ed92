"""The directory: everyone's public keys, checked once, and the order of the converters."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Self

from renkei.identity.errors import (
    ConversionIncomplete,
    ConverterOutOfTurn,
    KeyReused,
    KeyVersionRetired,
    KeyVersionUnknown,
    KnowledgeProofWrong,
)
from renkei.identity.group import GENERATOR, Element
from renkei.identity.keys import Address, Origin, PublicKeys
from renkei.kit import Tenant

REGISTRAR_KV = 0


@dataclass(frozen=True, slots=True)
class Directory:
    """Who converts, in which order, who registers, who logs, and everyone's public keys.

    Only `checked` makes one, so a receiver's key in it is always one whose owner can open.
    """

    converters: tuple[Tenant, ...]
    registrar: Tenant
    log_operator: Tenant
    organisations: Mapping[Tenant, PublicKeys]

    @classmethod
    def checked(
        cls,
        published: Iterable[PublicKeys],
        *,
        converters: tuple[Tenant, ...],
        registrar: Tenant,
        log_operator: Tenant,
    ) -> Self:
        """Check every proof of knowledge, and that no key was published twice."""
        organisations = {keys.organisation: keys for keys in published}
        seen: dict[Element, Tenant] = {GENERATOR: registrar}
        for name, keys in organisations.items():
            for dv, receiver in keys.receivers.items():
                if not receiver.holds(name, dv):
                    raise KnowledgeProofWrong(organisation=name, version=f"dv {dv}")
            factors = [x for versions in keys.factors.values() for x in versions.values()]
            for public in (*factors, *(receiver.public for receiver in keys.receivers.values())):
                if public in seen:
                    raise KeyReused(organisation=name, other=seen[public])
                seen[public] = name
        return cls(converters, registrar, log_operator, organisations)

    def factor(self, converter: Tenant, organisation: Tenant, kv: int) -> Element:
        """Return X of an organisation at a converter; the registrar's is the generator."""
        if organisation == self.registrar and kv == REGISTRAR_KV:
            return GENERATOR
        try:
            return self.organisations[organisation].factors[converter][kv]
        except KeyError:
            version = f"kv {kv}"
            raise KeyVersionUnknown(organisation=organisation, version=version) from None

    def receiver(self, address: Address) -> Element:
        """Return Y of an organisation."""
        try:
            return self.organisations[address.organisation].receivers[address.dv].public
        except KeyError:
            version = f"dv {address.dv}"
            raise KeyVersionUnknown(organisation=address.organisation, version=version) from None

    def address(self, organisation: Tenant) -> Address:
        """Return how an organisation is addressed: by its newest key, under the version it names.

        Only the organisation knows when it has its codes of a new version. Until it says so, and
        while not every converter holds the version it names, the oldest one counts.
        """
        keys = self.organisations.get(organisation)
        if keys is None or not keys.receivers:
            raise KeyVersionUnknown(organisation=organisation, version="dv")
        common = set.intersection(*(set(keys.factors.get(each, {})) for each in self.converters))
        if not common:
            raise KeyVersionUnknown(organisation=organisation, version="kv")
        kv = keys.kv if keys.kv in common else min(common)
        return Address(organisation, kv, max(keys.receivers))

    def check_in_use(self, organisation: Tenant, kv: int, at: datetime) -> None:
        """Refuse codes of a version that has ended, though a converter may still hold its key."""
        keys = self.organisations.get(organisation)
        until = keys.retiring.get(kv) if keys else None
        if until is not None and until <= at:
            facts = {"version": f"kv {kv}", "until": until.isoformat()}
            raise KeyVersionRetired(organisation=organisation, **facts)

    def check_turn(self, done: int, converter: Tenant) -> None:
        """Refuse a converter that is not the next one after so many have converted."""
        expected = self.converters[done] if done < len(self.converters) else "-"
        if converter != expected:
            raise ConverterOutOfTurn(converter=converter, expected=expected)

    def check_complete(self, done: int) -> None:
        """Refuse a message that not every converter has converted."""
        if done != len(self.converters):
            raise ConversionIncomplete(done=done, wanted=len(self.converters))

    def registrar_origin(self) -> Origin:
        """Return the domain that persons come from before any conversion."""
        return Origin(self.registrar, REGISTRAR_KV)
