"""A query without a defect, and what follows from it: items read, items disclosed, persons named.

`resolving` makes plans, and only a plan becomes SQL.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from renkei import kit
from renkei.standard import Catalogue, Entity, Item
from renkei.standard.generate.tables import column_type
from renkei.store.extracts.comparing import Comparison
from renkei.store.extracts.query import Column, Query, Source, tests
from renkei.store.lookup import PERSONS
from renkei.store.protection import names_person, naming

PERSON = "person"  # the source that is whoever a register number is


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
        return names_person(self.item)


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
        """Return which items of each source the statement reads, and those that name persons."""
        found: dict[str, dict[str, None]] = {name: {} for name in self.readings}
        for join in self.query.joins:
            for theirs, ours in join.pairs:
                found[join.to][theirs] = None
                found[join.name][ours] = None
        for name in self._named():
            alias, _, item = name.partition(".")
            found[alias][item] = None
        for name, reading in self.readings.items():
            found[name] |= dict.fromkeys(
                item for entity in reading.entities for item in naming(entity, found[name])
            )
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
            if (alias, item) not in subjects and names_person(self.readings[alias].items[item])
        ]
        return (*subjects, *others)

    def _named(self) -> Iterator[str]:
        yield from (column.item for column in self.query.columns)
        yield from (test.item for test in tests(self.query.where))
        yield from (order.item for order in self.query.order)


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


def links(
    left: Reading, entity: str, standard: Catalogue
) -> tuple[tuple[tuple[str, str], ...], ...]:
    """Return every way from a source to an entity: pairs of (its item, the entity's item).

    By the register number of a person first, then along the relations of the standard.
    """
    found = readable(entity, standard)
    if not found:
        return ()
    right = Reading(Source(entity=entity), found, shared_items(found), found[0].subject)
    ways: dict[tuple[tuple[str, str], ...], None] = {
        ((theirs, ours),): None
        for theirs, item in left.items.items()
        if names_person(item)
        for ours, other in right.items.items()
        if names_person(other) and (ours == right.subject or theirs == left.subject)
    }
    for one, other, turned in ((left, right, False), (right, left, True)):
        for origin in one.entities:
            for relation in origin.relations:
                for target in other.entities:
                    if relation.to == target.name:
                        pairs = zip(relation.items, target.key, strict=True)
                        ways[tuple((b, a) if turned else (a, b) for a, b in pairs)] = None
    return tuple(ways)


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
