"""What a query says, in words: entities, items, conditions, codes by their names."""

from collections.abc import Iterator

from renkei import kit
from renkei.standard import Catalogue, Entity, Item
from renkei.store import extracts
from renkei.store.extracts import (
    AgeBetween,
    All,
    Any,
    BeginsWith,
    Between,
    Condition,
    Contains,
    Equals,
    InFiscalYear,
    IsEmpty,
    Join,
    Not,
    OneOf,
    Source,
    Testing,
)

OPERATORS: dict[type[Testing], str] = {
    Equals: "equals",
    OneOf: "one_of",
    Between: "between",
    BeginsWith: "begins_with",
    Contains: "contains",
    AgeBetween: "age",
    InFiscalYear: "fiscal_year",
    IsEmpty: "is_empty",
}


class Words:
    """Names what a query is about in one language."""

    def __init__(
        self, sources: tuple[Source, ...], standard: Catalogue, language: kit.Language
    ) -> None:
        """Take the sources of a query; one the standard does not have is called by its name."""
        self._language = language
        self._standard = standard
        self.readings = dict(_readings(sources, standard))

    def entity(self, entity: Entity | str) -> str:
        """Return what an entity is called, or the person a register number is."""
        if entity == extracts.PERSON:
            return kit.say("extract-person", self._language)
        if isinstance(entity, str):
            found = extracts.readable(entity, self._standard)
            return self.entity(found[0]) if found else entity
        return entity.ja if self._language == "ja" else entity.en

    def source(self, name: str) -> str:
        """Return what a source is called: its entity, and its alias if it has one."""
        reading = self.readings.get(name)
        if reading is None:
            return name
        called = self.entity(reading.source.entity)
        return f"{called}「{reading.source.alias}」" if reading.source.alias else called

    def item(self, name: str) -> str:
        """Return what `alias.item` is called."""
        alias, _, item = name.partition(".")
        found = self.found(name)
        return f"{self.source(alias)}・{self.of(found) if found else item}"

    def other(self, entity: str, item: str) -> str:
        """Return what an item of an entity is called that is no source yet."""
        found = extracts.readable(entity, self._standard)
        known = found[0].item(item) if found else None
        return item if known is None else self.of(known)

    def of(self, item: Item) -> str:
        """Return what an item is called."""
        return item.ja if self._language == "ja" else item.en

    def found(self, name: str) -> Item | None:
        """Return the item that `alias.item` names, or None."""
        alias, _, item = name.partition(".")
        reading = self.readings.get(alias)
        return None if reading is None else reading.items.get(item)

    def is_coded(self, name: str) -> bool:
        """Tell whether an item has a code list, whose names may be shown."""
        found = self.found(name)
        return found is not None and found.code_list is not None

    def knows(self, entity: str) -> bool:
        """Tell whether the standard has such an entity."""
        return bool(extracts.readable(entity, self._standard))

    def join(self, join: Join) -> str:
        """Return how an entity is found."""
        pairs = "、".join(
            f"{self.item(f'{join.to}.{theirs}')} = {self.item(f'{join.name}.{ours}')}"
            for theirs, ours in join.pairs
        )
        code = "extract-join-optional" if join.optional else "extract-join-needed"
        return kit.say(code, self._language, pairs=pairs)

    def condition(self, condition: Condition) -> str:
        """Return a condition as a sentence."""
        match condition:
            case All(of=parts):
                return self._joined("extract-and", parts)
            case Any(of=parts):
                return self._joined("extract-or", parts)
            case Not(of=part):
                return kit.say("extract-not", self._language, condition=self.condition(part))
            case test:
                return self._test(test)

    def value(self, item: Item | None, value: str) -> str:
        """Return a value, and of a code what it means."""
        if item is None or item.code_list is None:
            return value
        label = self._standard.code_list(item.code_list).label(value, self._language)
        return value if label is None else f"{value} {label}"

    def _joined(self, code: str, parts: tuple[Condition, ...]) -> str:
        word = kit.say(code, self._language)
        said = [self.condition(part) for part in parts]
        return said[0] if len(said) == 1 else word.join(f"({one})" for one in said)

    def _test(self, test: Testing) -> str:
        item, facts = self.found(test.item), {"item": self.item(test.item)}
        match test:
            case Equals(value=value):
                facts["value"] = self.value(item, value)
            case BeginsWith(value=value) | Contains(value=value):
                facts["value"] = value
            case OneOf(values=values):
                facts["value"] = "、".join(self.value(item, value) for value in values)
            case Between(least=least, most=most):
                facts["value"] = f"{least or ''}～{most or ''}"
            case AgeBetween(on=on, least=youngest, most=oldest):
                ages = ["" if age is None else str(age) for age in (youngest, oldest)]
                facts |= {"on": on.isoformat(), "value": "～".join(ages)}
            case InFiscalYear(year=year):
                facts["value"] = str(year)
            case IsEmpty():
                pass
        return kit.say(f"extract-says-{OPERATORS[type(test)]}", self._language, **facts)


def _readings(
    sources: tuple[Source, ...], standard: Catalogue
) -> Iterator[tuple[str, extracts.Reading]]:
    for source in sources:
        entities = extracts.readable(source.entity, standard)
        if entities:
            items = extracts.shared_items(entities)
            yield source.name, extracts.Reading(source, entities, items, entities[0].subject)
