"""The whole standard as one frozen value with a version, looked up by name."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import TypeVar

import msgspec

from renkei.standard.errors import DefinitionUnknown
from renkei.standard.linkage import (
    ALL,
    Fault,
    Flow,
    Interface,
    OwnUse,
    Party,
    Procedure,
    Provision,
    Timing,
)
from renkei.standard.model import (
    CodeList,
    CodeMapping,
    Definition,
    Entity,
    Item,
    Provenance,
    Term,
    Unit,
    in_force,
)
from renkei.standard.row_rules import Rule

K = TypeVar("K")
T = TypeVar("T")


class Edition(Definition, frozen=True, kw_only=True):
    """The head of a model or of an overlay: its name, its edition, the days it is in force.

    Two editions may be in force on one day (`releases`). An overlay names the model it `extends`
    and may name the organisation that made it.
    """

    id: str
    edition: str
    ja: str
    en: str
    since: date
    until: date | None = None
    extends: str | None = None
    organisation: str | None = None


class Content(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is compiled, in one fixed order; the version is the digest of these bytes."""

    edition: Edition
    overlays: tuple[Edition, ...]
    units: tuple[Unit, ...]
    parties: tuple[Party, ...]
    entities: tuple[Entity, ...]
    code_lists: tuple[CodeList, ...]
    code_mappings: tuple[CodeMapping, ...]
    rules: tuple[Rule, ...]
    flows: tuple[Flow, ...]
    faults: tuple[Fault, ...]
    interfaces: tuple[Interface, ...]
    procedures: tuple[Procedure, ...]
    provisions: tuple[Provision, ...]
    own_uses: tuple[OwnUse, ...]
    terms: tuple[Term, ...]


@dataclass(frozen=True, eq=False)
class Catalogue:
    """The standard in force in this process: its content, its version, its look-ups.

    The version is the digest of the content, so two catalogues of one version are equal.
    """

    version: str
    content: Content

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Catalogue) and other.version == self.version

    def __hash__(self) -> int:
        return hash(self.version)

    @cached_property
    def _units(self) -> dict[str, Unit]:
        return {unit.id: unit for unit in self.content.units}

    @cached_property
    def _entities(self) -> dict[str, Entity]:
        return {entity.name: entity for entity in self.content.entities}

    @cached_property
    def _items(self) -> dict[str, tuple[Entity, Item]]:
        return {item.id: (e, item) for e in self.content.entities for item in e.items}

    @cached_property
    def _code_lists(self) -> dict[str, CodeList]:
        return {codes.id: codes for codes in self.content.code_lists}

    @cached_property
    def _code_mappings(self) -> dict[str, CodeMapping]:
        return {mapping.id: mapping for mapping in self.content.code_mappings}

    @cached_property
    def _interfaces(self) -> dict[str, Interface]:
        return {interface.name: interface for interface in self.content.interfaces}

    @cached_property
    def _procedures(self) -> dict[str, Procedure]:
        return {procedure.code: procedure for procedure in self.content.procedures}

    @cached_property
    def _parties(self) -> dict[str, Party]:
        return {party.id: party for party in self.content.parties}

    @cached_property
    def _faults(self) -> dict[str, Fault]:
        return {fault.id: fault for fault in self.content.faults}

    @cached_property
    def _rules(self) -> dict[str, tuple[Rule, ...]]:
        return grouped((rule.entity, rule) for rule in self.content.rules)

    @cached_property
    def _provisions(self) -> dict[str, tuple[Provision, ...]]:
        return grouped((line.information, line) for line in self.content.provisions)

    def unit(self, number: str) -> Unit:
        """Return a unit by its number, e.g. `06`."""
        return _found("unit", number, self._units.get(number))

    def entity(self, name: str) -> Entity:
        """Return an entity by its English name, e.g. `resident`."""
        return _found("entity", name, self._entities.get(name))

    def item(self, number: str) -> Item:
        """Return an item by its id, e.g. `06-1-013`; provisions name items so."""
        return self.holder_of(number)[1]

    def holder_of(self, number: str) -> tuple[Entity, Item]:
        """Return the entity and the item of an item id."""
        return _found("item", number, self._items.get(number))

    def code_list(self, name: str) -> CodeList:
        """Return a code list by its id, e.g. `sex`."""
        return _found("code_list", name, self._code_lists.get(name))

    def code_mapping(self, name: str) -> CodeMapping:
        """Return a mapping between code lists by its id, e.g. `sex_to_iso5218`."""
        return _found("code_mapping", name, self._code_mappings.get(name))

    def interface(self, unit: str, service: str) -> Interface:
        """Return what a unit offers under a service name, e.g. `("06", "income")`."""
        name = f"{unit}/{service}"
        return _found("interface", name, self._interfaces.get(name))

    def shared_interface(self, unit: str, service: str) -> Interface:
        """Return an interface that other organisations may ask; in-house ones are unknown to them.

        What it carries is about a person, whose number leads the key of the entity.
        """
        interface = self.interface(unit, service)
        if not interface.between_organisations:
            raise DefinitionUnknown(kind="interface", name=interface.name)
        return interface

    def procedure(self, code: str) -> Procedure:
        """Return a procedure by its 事務手続コード, e.g. `JT99000000001501`."""
        return _found("procedure", code, self._procedures.get(code))

    def party(self, number: str) -> Party:
        """Return a party outside the units by its number, e.g. `X01`."""
        return _found("party", number, self._parties.get(number))

    def fault(self, name: str) -> Fault:
        """Return a fault by its id, e.g. `not-held`."""
        return _found("fault", name, self._faults.get(name))

    def consumers(self, interface: Interface) -> tuple[str, ...]:
        """Return who may use an interface, `all` written out as the numbers of the units.

        A unit that ended before the interface began is none of them.
        """
        if ALL not in interface.consumers:
            return interface.consumers
        alive = (u.id for u in self.units if u.until is None or u.until >= interface.since)
        named = (name for name in interface.consumers if name != ALL)
        return tuple(dict.fromkeys([*(u for u in alive if u != interface.unit), *named]))

    def faults(self, interface: Interface, *timings: Timing) -> tuple[Fault, ...]:
        """Return how an interface may fail, at these timings or at any of its own.

        An interface that names no fault has every fault of its timings.
        """
        asked = frozenset(timings or interface.timings)
        return tuple(
            fault
            for fault in self.content.faults
            if not asked.isdisjoint(fault.timings)
            and (not interface.faults or fault.id in interface.faults)
        )

    def basis(self, interface: Interface) -> tuple[Provision, ...]:
        """Return the rows of the provision table that name what an interface carries."""
        return self._provisions.get(interface.information.code, ())

    def interfaces_of(self, unit: str) -> tuple[Interface, ...]:
        """Return what a unit offers."""
        return tuple(one for one in self.interfaces if one.unit == unit)

    def entities_of(self, unit: str) -> tuple[Entity, ...]:
        """Return the kinds of record a unit keeps."""
        return tuple(one for one in self.entities if one.unit == unit)

    def rules_of(self, entity: str, on: date | None = None) -> tuple[Rule, ...]:
        """Return the rules of an entity, those in force on a day if one is given."""
        rules = self._rules.get(entity, ())
        return tuple(r for r in rules if on is None or in_force(r.since, r.until, on))

    @cached_property
    def provenances(self) -> tuple[Provenance, ...]:
        """Return the provenance of every definition that is counted, one each."""
        content = self.content
        items = [item for entity in content.entities for item in entity.items]
        values = [value for codes in content.code_lists for value in codes.values]
        parts = (
            *(content.units, content.entities, items, content.code_lists, values),
            *(content.interfaces, content.procedures, content.provisions),
            *(content.rules, content.flows),
        )
        return tuple(one.provenance for part in parts for one in part)

    @property
    def edition(self) -> Edition:
        """Return the head of the model."""
        return self.content.edition

    @property
    def units(self) -> tuple[Unit, ...]:
        """Return all units, by number."""
        return self.content.units

    @property
    def entities(self) -> tuple[Entity, ...]:
        """Return all entities, by unit and in the order of the unit's file."""
        return self.content.entities

    @property
    def code_lists(self) -> tuple[CodeList, ...]:
        """Return all code lists: the common ones, then those of each unit."""
        return self.content.code_lists

    @property
    def interfaces(self) -> tuple[Interface, ...]:
        """Return all interfaces, by unit and in the order of the unit's file."""
        return self.content.interfaces

    @property
    def procedures(self) -> tuple[Procedure, ...]:
        """Return all procedures, by unit and in the order of the unit's file."""
        return self.content.procedures

    @property
    def provisions(self) -> tuple[Provision, ...]:
        """Return the rows of the provision table, in the order of their file."""
        return self.content.provisions


def grouped(pairs: Iterable[tuple[K, T]]) -> dict[K, tuple[T, ...]]:
    """Return what is given under each key, in its order.

    >>> grouped([("a", 1), ("b", 2), ("a", 3)])
    {'a': (1, 3), 'b': (2,)}
    """
    found: dict[K, list[T]] = {}
    for key, value in pairs:
        found.setdefault(key, []).append(value)
    return {key: tuple(values) for key, values in found.items()}


def _found(kind: str, name: str, value: T | None) -> T:
    if value is None:
        raise DefinitionUnknown(kind=kind, name=name)
    return value
