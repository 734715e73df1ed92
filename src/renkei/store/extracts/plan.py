"""A query held to the standard: every name found, every operator fit, every value parsed.

What is wrong comes back as defects, all of them; a plan exists only where there is none, and only
a plan becomes SQL.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from renkei import kit
from renkei.standard import Catalogue, Entity, Item, ItemType
from renkei.standard.generate.tables import column_type
from renkei.store.extracts.comparing import Comparison, NotFit, comparison
from renkei.store.extracts.errors import QueryDefective
from renkei.store.extracts.query import (
    All,
    Any,
    Column,
    Condition,
    Join,
    Not,
    Query,
    Source,
    tests,
)
from renkei.store.lookup import PERSONS

PERSON = "person"  # the source that is whoever a register number is


@dataclass(frozen=True, slots=True)
class Defect:
    """One thing that is wrong in a query: its code, where it stands, what it is about."""

    code: str
    place: str
    facts: Mapping[str, str]

    def says(self, language: kit.Language) -> str:
        """Return the sentence, led by the place."""
        return f"{self.place}: {kit.say(f'extract-{self.code}', language, **self.facts)}"


@dataclass(frozen=True, slots=True)
class Reading:
    """A source of the query and the entities it reads: one, or those a person may stand in."""

    source: Source
    entities: tuple[Entity, ...]
    items: Mapping[str, Item]
    subject: str | None

    @property
    def name(self) -> str:
        """Return what its items are named by."""
        return self.source.name

    def ids(self, item: str) -> tuple[str, ...]:
        """Return the ids of an item in every entity read."""
        return tuple(found.id for e in self.entities if (found := e.item(item)) is not None)


@dataclass(frozen=True, slots=True)
class Used:
    """An item of a source."""

    reading: Reading
    item: Item

    @property
    def names_person(self) -> bool:
        """Tell whether its value is the register number of a person or a body."""
        return _names_person(self.item)


@dataclass(frozen=True, slots=True)
class Plan:
    """A query without a defect: its sources by name, the comparison of each test by its place."""

    query: Query
    readings: Mapping[str, Reading]
    comparisons: tuple[Comparison, ...]
    standard: Catalogue

    def used(self, name: str) -> Used:
        """Return the item that `alias.item` names."""
        alias, _, item = name.partition(".")
        reading = self.readings[alias]
        return Used(reading, reading.items[item])

    @property
    def needed(self) -> dict[str, tuple[str, ...]]:
        """Return which items of each source the statement reads, its subject among them."""
        found: dict[str, dict[str, None]] = {name: {} for name in self.readings}
        for name, reading in self.readings.items():
            if reading.subject is not None:
                found[name][reading.subject] = None
        for join in self.query.joins:
            for theirs, ours in join.pairs:
                found[join.to][theirs] = None
                found[join.name][ours] = None
        for name in self._named():
            alias, _, item = name.partition(".")
            found[alias][item] = None
        return {alias: tuple(items) for alias, items in found.items()}

    @property
    def disclosed(self) -> dict[str, tuple[str, ...]]:
        """Return the items a permit must name: what is shown, tested, sorted or joined by.

        Whose record it is needs none where it only joins: that is how a person is looked up.
        """
        found: dict[str, dict[str, None]] = {name: {} for name in self.readings}
        for name in self._named():
            alias, _, item = name.partition(".")
            found[alias][item] = None
        for join in self.query.joins:
            for theirs, ours in join.pairs:
                for reading, item in (
                    (self.readings[join.to], theirs),
                    (self.readings[join.name], ours),
                ):
                    if item != reading.subject:
                        found[reading.name][item] = None
        return {alias: tuple(items) for alias, items in found.items()}

    @property
    def persons(self) -> tuple[tuple[str, str], ...]:
        """Return where a row names persons: (source, item), every subject first."""
        subjects = [(name, r.subject) for name, r in self.readings.items() if r.subject]
        others = [
            (alias, item)
            for alias, items in self.needed.items()
            for item in items
            if (alias, item) not in subjects and _names_person(self.readings[alias].items[item])
        ]
        return (*subjects, *others)

    def _named(self) -> Iterator[str]:
        yield from (column.item for column in self.query.columns)
        yield from (test.item for test in tests(self.query.where))
        yield from (order.item for order in self.query.order)


def defects(query: Query, standard: Catalogue, *, on: date) -> tuple[Defect, ...]:
    """Return everything that is wrong with a query on a day; code values count as of that day."""
    return tuple(_Resolver(query, standard, on).defects)


def plan(query: Query, standard: Catalogue, *, on: date) -> Plan:
    """Return the plan of a query, or refuse it with every defect."""
    resolver = _Resolver(query, standard, on)
    if resolver.defects:
        raise QueryDefective(defects=" ".join(one.says("en") for one in resolver.defects))
    return Plan(query, resolver.readings, tuple(resolver.comparisons), standard)


def readable(name: str, standard: Catalogue) -> tuple[Entity, ...]:
    """Return the entities a source of that name reads; none if the standard has none such."""
    names = PERSONS if name == PERSON else (name,)
    found = {entity.name: entity for entity in standard.entities}
    return tuple(found[one] for one in names if one in found)


def shared_items(entities: tuple[Entity, ...]) -> dict[str, Item]:
    """Return the items, by name, that all of these entities hold alike."""
    first, *rest = entities
    return {
        item.name: item
        for item in first.items
        if all((other := e.item(item.name)) is not None and _alike(item, other) for e in rest)
    }


def joins_between(left: Reading, entity: str, standard: Catalogue) -> tuple[tuple[str, str], ...]:
    """Return the pairs of one item each by which a person's number leads from one to the other."""
    found = readable(entity, standard)
    if not found:
        return ()
    items, subject = shared_items(found), found[0].subject
    right = [name for name, item in items.items() if _names_person(item)]
    return tuple(
        (theirs, ours)
        for theirs, item in left.items.items()
        if _names_person(item)
        for ours in right
        if ours == subject or theirs == left.subject
    )


class _Resolver:
    """Goes through a query once and keeps what it finds and what is wrong."""

    def __init__(self, query: Query, standard: Catalogue, on: date) -> None:
        self._query, self._standard, self._on = query, standard, on
        self.defects: list[Defect] = []
        self.readings: dict[str, Reading] = {}
        self.comparisons: list[Comparison] = []
        self._resolve()

    def _resolve(self) -> None:
        self._read("leading", self._query.leading)
        for n, join in enumerate(self._query.joins, 1):
            known = set(self.readings)
            self._read(f"joins {n}", join)
            self._join(f"joins {n}", join, known)
        for n, column in enumerate(self._query.columns, 1):
            used = self._item(f"columns {n}", column.item)
            if used is not None and column.named and used.item.code_list is None:
                self._wrong(f"columns {n}", "no-code-list", item=column.item)
        self._condition("where", self._query.where)
        shown = {column.item for column in self._query.columns}
        for n, order in enumerate(self._query.order, 1):
            used = self._item(f"order {n}", order.item)
            if used is not None and self._query.distinct and order.item not in shown:
                self._wrong(f"order {n}", "order-not-shown", item=order.item)

    def _read(self, place: str, source: Source) -> None:
        entities = readable(source.entity, self._standard)
        if not entities:
            self._wrong(place, "entity-unknown", entity=source.entity)
            return
        if source.name in self.readings:
            self._wrong(place, "alias-twice", alias=source.name)
            return
        items = shared_items(entities)
        self.readings[source.name] = Reading(source, entities, items, entities[0].subject)

    def _join(self, place: str, join: Join, known: set[str]) -> None:
        if join.to not in known or join.to == join.name:
            self._wrong(place, "alias-unknown", alias=join.to)
            return
        if join.name not in self.readings:
            return
        left, right = self.readings[join.to], self.readings[join.name]
        for theirs, ours in join.pairs:
            for reading, item in ((left, theirs), (right, ours)):
                if item not in reading.items:
                    self._wrong(place, "item-unknown", item=f"{reading.name}.{item}")
                    return
        if not _leads(left, right, join.pairs):
            self._wrong(place, "join-unknown", left=left.name, right=right.name)

    def _item(self, place: str, name: str) -> Used | None:
        alias, _, item = name.partition(".")
        reading = self.readings.get(alias)
        if reading is None:
            self._wrong(place, "alias-unknown", alias=alias)
            return None
        if item not in reading.items:
            self._wrong(place, "item-unknown", item=name)
            return None
        return Used(reading, reading.items[item])

    def _condition(self, place: str, condition: Condition) -> None:
        match condition:
            case All(of=parts) | Any(of=parts):
                for n, part in enumerate(parts, 1):
                    self._condition(f"{place} {n}", part)
            case Not(of=part):
                self._condition(place, part)
            case test:
                used = self._item(place, test.item)
                if used is None:
                    return
                match comparison(test, used.item, self._standard, on=self._on):
                    case NotFit(code=code):
                        self._wrong(place, code, item=test.item)
                    case found:
                        self.comparisons.append(found)

    def _wrong(self, place: str, code: str, **facts: str) -> None:
        self.defects.append(Defect(code, place, facts))


def titles(planned: Plan, language: kit.Language) -> tuple[str, ...]:
    """Return the headings of the columns, no two alike: the given ones, or the items' names.

    Where two are alike each is led by its source, and then numbered.
    """
    plain = [_title(planned, column, language) for column in planned.query.columns]
    led = [
        title
        if plain.count(title) == 1 or column.title
        else f"{_source_name(planned.used(column.item).reading, language)} {title}"
        for title, column in zip(plain, planned.query.columns, strict=True)
    ]
    return tuple(
        title if led[:n].count(title) == 0 else f"{title} {led[: n + 1].count(title)}"
        for n, title in enumerate(led)
    )


def _title(planned: Plan, column: Column, language: kit.Language) -> str:
    item = planned.used(column.item).item
    return column.title or (item.ja if language == "ja" else item.en)


def _source_name(reading: Reading, language: kit.Language) -> str:
    entity = reading.entities[0]
    return reading.source.alias or (entity.ja if language == "ja" else entity.en)


def _alike(item: Item, other: Item) -> bool:
    return (
        column_type(item) == column_type(other)
        and item.type is other.type
        and item.code_list == other.code_list
    )


def _names_person(item: Item) -> bool:
    """Tell a 宛名番号 from a 世帯番号, which is written alike."""
    return item.type is ItemType.register_number and item.name != "household_number"


def _leads(left: Reading, right: Reading, pairs: tuple[tuple[str, str], ...]) -> bool:
    """Tell whether the standard says that these items lead from the one record to the other."""
    if len(pairs) == 1:
        ((theirs, ours),) = pairs
        numbers = _names_person(left.items[theirs]) and _names_person(right.items[ours])
        if numbers and (theirs == left.subject or ours == right.subject):
            return True
    found = set(pairs)
    return any(
        found == set(zip(relation.items, target.key, strict=True))
        for entity in left.entities
        for relation in entity.relations
        for target in right.entities
        if relation.to == target.name
    ) or any(
        found == set(zip(target.key, relation.items, strict=True))
        for entity in right.entities
        for relation in entity.relations
        for target in left.entities
        if relation.to == target.name
    )
