"""A catalogue with the references between its definitions, found once and read by every page."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import TypeAlias, TypeVar

from renkei.standard.content import Catalogue, grouped
from renkei.standard.generate.values import carried_items
from renkei.standard.linkage import (
    OWN,
    Fault,
    Flow,
    Interface,
    Party,
    Procedure,
    Provision,
    Timing,
)
from renkei.standard.model import (
    CodeList,
    CodeMapping,
    CodeValue,
    Entity,
    Function,
    Item,
    Provenance,
    Relation,
    Term,
    Unit,
)
from renkei.standard.row_rules import Rule, conditions
from renkei.standard.rule_checks import items_of
from renkei.standard.synthetic import example_row

LIFE_EVENTS = "life_event"

K = TypeVar("K")
V = TypeVar("V")

Cell: TypeAlias = tuple[str, str]
"""The provider and the consumer, each a unit or a party."""


@dataclass(frozen=True, slots=True)
class Branch:
    """A function of a unit with those its id stands above."""

    function: Function
    branches: tuple["Branch", ...]


@dataclass(frozen=True)
class Book:
    """The catalogue, and who refers to what in it."""

    standard: Catalogue

    @property
    def today(self) -> date:
        """Return the day the pages speak of: the first of the edition."""
        return self.standard.edition.since

    @cached_property
    def members(self) -> dict[str, Unit | Party]:
        """Return everybody who gives or is given something, by number."""
        content = self.standard.content
        units: dict[str, Unit | Party] = {unit.id: unit for unit in content.units}
        return units | {party.id: party for party in content.parties}

    @cached_property
    def cells(self) -> dict[Cell, tuple[Interface, ...]]:
        """Return the matrix: what each gives to each."""
        found: dict[Cell, list[Interface]] = defaultdict(list)
        for interface in self.standard.interfaces:
            for consumer in self.standard.consumers(interface):
                found[interface.unit, consumer].append(interface)
        return {key: tuple(found[key]) for key in sorted(found)}

    @cached_property
    def flows(self) -> dict[int, Flow]:
        """Return the data flows by number."""
        return {flow.number: flow for flow in self.standard.content.flows}

    def flows_of(self, provider: str, consumer: str) -> tuple[Flow, ...]:
        """Return the data flows of one cell of the matrix."""
        return tuple(flow for flow in self.flows.values() if (provider, consumer) in flow.cells)

    @cached_property
    def interfaces_of_flow(self) -> dict[int, tuple[Interface, ...]]:
        """Return which interfaces serve a data flow."""
        return grouped((n, one) for one in self.standard.interfaces for n in one.flows)

    @cached_property
    def given_to(self) -> dict[str, dict[str, tuple[Interface, ...]]]:
        """Return consumer → provider → interfaces."""
        found: dict[str, dict[str, tuple[Interface, ...]]] = defaultdict(dict)
        for (provider, consumer), interfaces in self.cells.items():
            found[consumer][provider] = interfaces
        return found

    def items(self, interface: Interface) -> tuple[Item, ...]:
        """Return what an interface carries, in the order of the entity."""
        return carried_items(interface, self.standard)

    def example(self, entity: Entity) -> Mapping[str, str]:
        """Return an invented record of an entity."""
        if entity.name not in self._examples:
            self._examples[entity.name] = example_row(entity, self.standard, self.today)
        return self._examples[entity.name]

    @cached_property
    def _examples(self) -> dict[str, Mapping[str, str]]:
        return {}

    def entity_item(self, entity: str, name: str) -> Item | None:
        """Return an item of an entity by its name."""
        return self.standard.entity(entity).item(name)

    @cached_property
    def carriers(self) -> dict[tuple[str, str], tuple[Interface, ...]]:
        """Return (entity, item) → the interfaces that carry it."""
        return grouped(((i.entity, name), i) for i in self.standard.interfaces for name in i.items)

    @cached_property
    def interfaces_about(self) -> dict[str, tuple[Interface, ...]]:
        """Return entity → the interfaces whose answers are made of it."""
        return grouped((one.entity, one) for one in self.standard.interfaces)

    @cached_property
    def users_of_list(self) -> dict[str, tuple[tuple[Entity, Item], ...]]:
        """Return code list → the items written with it."""
        return grouped(
            (item.code_list, (entity, item))
            for entity in self.standard.entities
            for item in entity.items
            if item.code_list
        )

    @cached_property
    def mappings_of(self) -> dict[str, tuple[CodeMapping, ...]]:
        """Return code list → the mappings from it and to it."""
        mappings = self.standard.content.code_mappings
        return grouped((end, one) for one in mappings for end in {one.origin, one.target})

    @cached_property
    def lists_of(self) -> dict[str, tuple[CodeList, ...]]:
        """Return group (`common` or a unit) → its code lists."""
        return grouped((codes.group, codes) for codes in self.standard.code_lists)

    @cached_property
    def named_by(self) -> dict[str, tuple[tuple[Entity, Relation], ...]]:
        """Return entity → the entities whose records name one of it."""
        return grouped(
            (relation.to, (entity, relation))
            for entity in self.standard.entities
            for relation in entity.relations
        )

    @cached_property
    def procedures_of(self) -> dict[str, tuple[Procedure, ...]]:
        """Return unit → its procedures."""
        return grouped((one.unit, one) for one in self.standard.procedures)

    @cached_property
    def asked_in(self) -> dict[str, tuple[Procedure, ...]]:
        """Return interface → the procedures that ask it or spare a paper by it."""
        return grouped(
            (name, procedure)
            for procedure in self.standard.procedures
            for name in dict.fromkeys(
                [*procedure.asks, *(d.replaced_by for d in procedure.documents if d.replaced_by)]
            )
        )

    @cached_property
    def life_events(self) -> tuple[tuple[CodeValue, tuple[Procedure, ...]], ...]:
        """Return the events of life that begin a procedure, with those procedures."""
        begun = grouped((e, one) for one in self.standard.procedures for e in one.life_events)
        codes = next((c for c in self.standard.code_lists if c.id == LIFE_EVENTS), None)
        return tuple(
            (v, begun[v.value]) for v in (codes.values if codes else ()) if v.value in begun
        )

    @cached_property
    def provisions_naming(self) -> dict[str, tuple[Provision, ...]]:
        """Return information → the rows that name it, use inside one organisation first."""
        rows = sorted(self.standard.provisions, key=lambda one: one.holder_kind != OWN)
        return grouped((one.information, one) for one in rows)

    def basis(self, interface: Interface, consumer: str) -> tuple[Provision, ...]:
        """Return the rows under which a unit is given what an interface carries."""
        rows = self.provisions_naming.get(interface.information.code, ())
        return tuple(one for one in rows if one.asker_unit == consumer)

    def other_askers(self, interface: Interface) -> tuple[str, ...]:
        """Return the units that ask other organisations only, so are no consumers here."""
        rows = self.provisions_naming.get(interface.information.code, ())
        inside = self.standard.consumers(interface)
        return tuple(sorted({one.asker_unit for one in rows} - set(inside)))

    @cached_property
    def provisions_of(self) -> dict[str, tuple[Provision, ...]]:
        """Return asking unit → its rows."""
        return grouped((one.asker_unit, one) for one in self.standard.provisions)

    @cached_property
    def provisions_under(self) -> dict[str, tuple[Provision, ...]]:
        """Return procedure → its rows."""
        return grouped((one.procedure, one) for one in self.standard.provisions)

    @cached_property
    def information(self) -> dict[str, tuple[Interface, ...]]:
        """Return information → the interfaces that carry it."""
        return grouped((one.information.code, one) for one in self.standard.interfaces)

    def faults(self, interface: Interface) -> tuple[Fault, ...]:
        """Return how an interface may fail."""
        return self.standard.faults(interface)

    @cached_property
    def predecessors(self) -> dict[str, tuple[Unit, ...]]:
        """Return unit → the units it came after."""
        return grouped((after, unit) for unit in self.standard.units for after in unit.successors)

    @cached_property
    def rules_of_unit(self) -> dict[str, tuple[Rule, ...]]:
        """Return unit → the rules of its records."""
        rules = self.standard.content.rules
        return grouped((self.standard.entity(rule.entity).unit, rule) for rule in rules)

    def items_of_rule(self, rule: Rule) -> tuple[Item, ...]:
        """Return the items a rule is about."""
        names = dict.fromkeys([*(c.item for c in conditions(rule)), *items_of(rule.then)])
        found = (self.entity_item(rule.entity, name) for name in names)
        return tuple(item for item in found if item is not None)

    @cached_property
    def terms(self) -> dict[str, tuple[Term, ...]]:
        """Return definition → the same notion in outside vocabularies."""
        return grouped((term.definition, term) for term in self.standard.content.terms)

    @cached_property
    def verified(self) -> tuple[int, int]:
        """Return how many definitions were read in their source, and how many there are."""
        stated = self.standard.provenances
        return stated.count(Provenance.verified), len(stated)

    @cached_property
    def counts(self) -> dict[str, int]:
        """Return how many definitions there are of each kind."""
        content = self.standard.content
        return {
            "units": len(content.units),
            "entities": len(content.entities),
            "items": sum(len(entity.items) for entity in content.entities),
            "code-lists": len(content.code_lists),
            "values": sum(len(codes.values) for codes in content.code_lists),
            "interfaces": len(content.interfaces),
            "flows": len(content.flows),
            "procedures": len(content.procedures),
            "provisions": len(content.provisions),
            "rules": len(content.rules),
        }


def functions(unit: Unit) -> tuple[Branch, ...]:
    """Return the functions of a unit as the tree their ids spell."""
    ordered = sorted(unit.functions, key=lambda one: [int(part) for part in one.id.split(".")])
    known = {one.id for one in ordered}

    def under(parent: str) -> tuple[Branch, ...]:
        return tuple(
            Branch(one, under(one.id)) for one in ordered if _above(one.id, known) == parent
        )

    return under("")


def _above(number: str, known: set[str]) -> str:
    """Return the nearest id above that exists; a gap in the tree loses no function."""
    while "." in number:
        number = number.rpartition(".")[0]
        if number in known:
            return number
    return ""


def symbol(interfaces: Iterable[Interface]) -> str:
    """Return the sign of a cell: ● sent, ○ asked, ◎ both.

    >>> symbol([])
    ''
    """
    timings = {timing for one in interfaces for timing in one.timings}
    sent, asked = bool(timings - {Timing.immediate}), Timing.immediate in timings
    return ("◎" if asked else "●") if sent else ("○" if asked else "")
