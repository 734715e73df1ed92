"""The whole standard as one frozen value with a version, looked up by name."""

from dataclasses import dataclass
from typing import TypeVar

import msgspec

from renkei.standard.errors import DefinitionUnknown
from renkei.standard.model import CodeList, Entity, Interface, Item, Procedure, Unit

T = TypeVar("T")


class Content(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is compiled, in one fixed order; the version is the digest of these bytes."""

    id: str
    edition: str
    ja: str
    en: str
    units: tuple[Unit, ...]
    entities: tuple[Entity, ...]
    code_lists: tuple[CodeList, ...]
    interfaces: tuple[Interface, ...]
    procedures: tuple[Procedure, ...]


@dataclass(frozen=True, slots=True)
class Index:
    """The definitions by name, made once when a catalogue is read."""

    units: dict[str, Unit]
    entities: dict[str, Entity]
    items: dict[str, Item]
    code_lists: dict[str, CodeList]
    interfaces: dict[str, Interface]
    procedures: dict[str, Procedure]


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The standard in force in this process: its content, its version, its look-ups."""

    version: str
    content: Content
    _index: Index

    def unit(self, number: str) -> Unit:
        """Return a unit by its number, e.g. `06`."""
        return _found("unit", number, self._index.units.get(number))

    def entity(self, name: str) -> Entity:
        """Return an entity by its English name, e.g. `resident`."""
        return _found("entity", name, self._index.entities.get(name))

    def item(self, number: str) -> Item:
        """Return an item by its id, e.g. `06-1-013`; provisions name items so."""
        return _found("item", number, self._index.items.get(number))

    def code_list(self, name: str) -> CodeList:
        """Return a code list by its id, e.g. `sex`."""
        return _found("code_list", name, self._index.code_lists.get(name))

    def interface(self, unit: str, service: str) -> Interface:
        """Return what a unit offers under a service name, e.g. `("06", "income")`."""
        name = f"{unit}/{service}"
        return _found("interface", name, self._index.interfaces.get(name))

    def procedure(self, code: str) -> Procedure:
        """Return a procedure by its 事務手続コード, e.g. `JT99000000001501`."""
        return _found("procedure", code, self._index.procedures.get(code))

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
        """Return all code lists, in the order of their file."""
        return self.content.code_lists

    @property
    def interfaces(self) -> tuple[Interface, ...]:
        """Return all interfaces, by unit and in the order of the unit's file."""
        return self.content.interfaces

    @property
    def procedures(self) -> tuple[Procedure, ...]:
        """Return all procedures, by unit and in the order of the unit's file."""
        return self.content.procedures


def indexed(content: Content, version: str) -> Catalogue:
    """Return the catalogue of a content that was checked, under its version."""
    index = Index(
        units={unit.id: unit for unit in content.units},
        entities={entity.name: entity for entity in content.entities},
        items={item.id: item for entity in content.entities for item in entity.items},
        code_lists={codes.id: codes for codes in content.code_lists},
        interfaces={interface.name: interface for interface in content.interfaces},
        procedures={procedure.code: procedure for procedure in content.procedures},
    )
    return Catalogue(version, content, index)


def _found(kind: str, name: str, value: T | None) -> T:
    if value is None:
        raise DefinitionUnknown(kind=kind, name=name)
    return value
