"""What changed between two releases, and what each change asks of whom.

Three effects: *compatible* (nobody has to act), *needs mapping* (values or names must be carried
over), *breaking* (somebody no longer gets what they use). A change names
the units it concerns: the consumers of what changed, or the unit that must now deliver otherwise.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol, TypeVar

from renkei.kit import Language, say
from renkei.standard.content import Catalogue
from renkei.standard.linkage import Interface, Procedure, Provision
from renkei.standard.model import CodeList, CodeValue, Entity, Item, Unit
from renkei.standard.row_rules import Level, Rule


class Effect(StrEnum):
    """What a change asks of those it concerns."""

    compatible = "compatible"
    needs_mapping = "needs-mapping"
    breaking = "breaking"


@dataclass(frozen=True, slots=True)
class Change:
    """One change: what, of which definition, with which effect, and which units it concerns."""

    code: str
    kind: str
    name: str
    effect: Effect
    concerns: tuple[str, ...]
    facts: dict[str, str] = field(default_factory=dict)

    def text(self, language: Language = "en") -> str:
        """Return the change as a sentence."""
        kind = say(f"definition-{self.kind}", language)
        return say(f"change-{self.code}", language, kind=kind, name=self.name, **self.facts)


def differences(old: Catalogue, new: Catalogue) -> tuple[Change, ...]:
    """Return every change from the old to the new standard, the gravest first."""
    comparison = _Comparison(old, new)
    changes = [
        *comparison.units(),
        *comparison.entities(),
        *comparison.code_lists(),
        *comparison.interfaces(),
        *comparison.procedures(),
        *comparison.provisions(),
        *comparison.rules(),
    ]
    gravity = list(Effect)
    return tuple(sorted(changes, key=lambda change: -gravity.index(change.effect)))


T = TypeVar("T")


class _Comparison:
    """Two catalogues side by side, with who uses what in either."""

    def __init__(self, old: Catalogue, new: Catalogue) -> None:
        self.old, self.new = old, new
        self._users: dict[str, set[str]] = {}
        for standard in (old, new):
            for interface in standard.interfaces:
                for name in interface.items:
                    key = f"{interface.entity}.{name}"
                    self._users.setdefault(key, set()).update(standard.consumers(interface))

    def units(self) -> Iterator[Change]:
        for name, before, after in pairs(self.old.units, self.new.units, lambda unit: unit.id):
            match before, after:
                case None, Unit():
                    yield self._made("unit", name)
                case Unit(), None:
                    yield self._gone("unit", name, self._users_of_unit(self.old, name))
                case Unit(), Unit():
                    if before.until != after.until and after.until is not None:
                        effect = Effect.needs_mapping if after.successors else Effect.breaking
                        users = self._users_of_unit(self.old, name)
                        facts = {"until": after.until.isoformat()}
                        yield Change("ended", "unit", name, effect, users, facts)
                    if (before.ja, before.en) != (after.ja, after.en):
                        yield Change(
                            "renamed", "unit", name, Effect.compatible, (), _was(before, after)
                        )
                case _:
                    pass

    def entities(self) -> Iterator[Change]:
        for name, before, after in pairs(self.old.entities, self.new.entities, lambda e: e.name):
            match before, after:
                case None, Entity():
                    yield self._made("entity", name)
                case Entity(), None:
                    users = {u for item in before.items for u in self._users_of(name, item)}
                    yield self._gone("entity", name, users | {before.unit})
                case Entity(), Entity():
                    if before.key != after.key:
                        users = {u for item in before.items for u in self._users_of(name, item)}
                        facts = {"before": " ".join(before.key), "after": " ".join(after.key)}
                        concerned = tuple(sorted(users | {before.unit}))
                        yield Change("key", "entity", name, Effect.breaking, concerned, facts)
                    yield from self._items(before, after)
                case _:
                    pass

    def _items(self, one: Entity, other: Entity) -> Iterator[Change]:
        for name, before, after in pairs(one.items, other.items, lambda item: item.name):
            full, owner = f"{other.name}.{name}", (other.unit,)
            match before, after:
                case None, Item(required=True):
                    yield Change("made-required", "item", full, Effect.needs_mapping, owner)
                case None, Item():
                    yield self._made("item", full)
                case Item(), None:
                    yield self._gone("item", full, {*self._users_of(one.name, before), one.unit})
                case Item(), Item():
                    users = tuple(sorted(self._users_of(other.name, after)))
                    yield from _item_changes(full, before, after, owner, users)
                case _:
                    pass

    def code_lists(self) -> Iterator[Change]:
        for name, before, after in pairs(self.old.code_lists, self.new.code_lists, lambda c: c.id):
            match before, after:
                case None, CodeList():
                    yield self._made("code_list", name)
                case CodeList(), None:
                    yield self._gone("code_list", name, self._users_of_list(name))
                case CodeList(), CodeList():
                    yield from self._values(before, after)
                case _:
                    pass

    def _values(self, one: CodeList, other: CodeList) -> Iterator[Change]:
        users = tuple(sorted(self._users_of_list(one.id)))

        def key(value: CodeValue) -> str:
            return f"{value.value} {value.since.isoformat()}"

        for name, before, after in pairs(one.values, other.values, key):
            full = f"{one.id}/{name.split()[0]}"
            match before, after:
                case None, CodeValue():
                    facts = {"ja": after.ja}
                    yield Change(
                        "value-made", "code_value", full, Effect.needs_mapping, users, facts
                    )
                case CodeValue(), None:
                    yield self._gone("code_value", full, users)
                case CodeValue(), CodeValue():
                    if before.ja != after.ja:
                        facts = _was(before, after)
                        yield Change("meaning", "code_value", full, Effect.breaking, users, facts)
                    if before.until != after.until:
                        effect = Effect.needs_mapping if after.until else Effect.compatible
                        facts = {"until": after.until.isoformat() if after.until else "-"}
                        yield Change("ended", "code_value", full, effect, users, facts)
                case _:
                    pass

    def interfaces(self) -> Iterator[Change]:
        named = pairs(self.old.interfaces, self.new.interfaces, lambda one: one.name)
        for name, before, after in named:
            match before, after:
                case None, Interface():
                    yield self._made("interface", name)
                case Interface(), None:
                    yield self._gone("interface", name, self.old.consumers(before))
                case Interface(), Interface():
                    yield from self._interface_changes(name, before, after)
                case _:
                    pass

    def _interface_changes(self, name: str, one: Interface, other: Interface) -> Iterator[Change]:
        before, after = self.old.consumers(one), self.new.consumers(other)
        stay = tuple(unit for unit in before if unit in after)
        for unit in sorted(set(before) - set(after)):
            facts = {"consumer": unit}
            yield Change("consumer-gone", "interface", name, Effect.breaking, (unit,), facts)
        for unit in sorted(set(after) - set(before)):
            facts = {"consumer": unit}
            yield Change("consumer-made", "interface", name, Effect.compatible, (unit,), facts)
        for part, was, now in (
            ("items", one.items, other.items),
            ("timings", one.timings, other.timings),
        ):
            if lost := [str(x) for x in was if x not in now]:
                facts = {"part": part, "lost": " ".join(lost)}
                yield Change("part-lost", "interface", name, Effect.breaking, stay, facts)
            if won := [str(x) for x in now if x not in was]:
                facts = {"part": part, "won": " ".join(won)}
                yield Change("part-won", "interface", name, Effect.compatible, stay, facts)
        if (one.path, one.parameters, one.entity) != (other.path, other.parameters, other.entity):
            yield Change("request", "interface", name, Effect.breaking, stay)
        if one.between_organisations and not other.between_organisations:
            yield Change("closed", "interface", name, Effect.breaking, stay)
        if one.until != other.until and other.until is not None:
            facts = {"until": other.until.isoformat()}
            yield Change("ended", "interface", name, Effect.breaking, stay, facts)

    def procedures(self) -> Iterator[Change]:
        named = pairs(self.old.procedures, self.new.procedures, lambda one: one.code)
        for name, before, after in named:
            match before, after:
                case None, Procedure():
                    yield self._made("procedure", name)
                case Procedure(), None:
                    yield self._gone("procedure", name, (before.unit,))
                case Procedure(), Procedure():
                    if before != after:
                        yield Change(
                            "altered", "procedure", name, Effect.needs_mapping, (after.unit,)
                        )
                case _:
                    pass

    def provisions(self) -> Iterator[Change]:
        named = pairs(self.old.provisions, self.new.provisions, lambda one: one.row)
        for name, before, after in named:
            match before, after:
                case None, Provision():
                    yield self._made("provision", name)
                case Provision(), None:
                    yield self._gone("provision", name, (before.asker_unit,))
                case Provision(), Provision():
                    if before == after:
                        continue
                    narrower = (
                        not set(before.items) <= set(after.items)
                        or not set(after.conditions) <= set(before.conditions)
                        or (after.until is not None and after.until != before.until)
                        or (after.years not in {"", before.years})
                        or (bool(after.persons) and after.persons != before.persons)
                        or (bool(after.item_terms) and after.item_terms != before.item_terms)
                    )
                    effect = Effect.breaking if narrower else Effect.compatible
                    yield Change("altered", "provision", name, effect, (after.asker_unit,))
                case _:
                    pass

    def rules(self) -> Iterator[Change]:
        entities = {e.name: e.unit for e in self.new.entities}
        named = pairs(self.old.content.rules, self.new.content.rules, lambda one: one.id)
        for name, before, after in named:
            match before, after:
                case _, Rule() if before != after:
                    stops = after.level is Level.error
                    effect = Effect.needs_mapping if stops else Effect.compatible
                    code = "made" if before is None else "altered"
                    yield Change(code, "rule", name, effect, (entities[after.entity],))
                case Rule(), None:
                    yield Change("gone", "rule", name, Effect.compatible, ())
                case _:
                    pass

    def _made(self, kind: str, name: str) -> Change:
        return Change("made", kind, name, Effect.compatible, ())

    def _gone(self, kind: str, name: str, concerns: Iterable[str]) -> Change:
        return Change("gone", kind, name, Effect.breaking, tuple(sorted(set(concerns))))

    def _users_of(self, entity: str, item: Item) -> set[str]:
        return self._users.get(f"{entity}.{item.name}", set())

    def _users_of_unit(self, standard: Catalogue, number: str) -> tuple[str, ...]:
        offered = standard.interfaces_of(number)
        return tuple(sorted({user for one in offered for user in standard.consumers(one)}))

    def _users_of_list(self, name: str) -> set[str]:
        users: set[str] = set()
        for standard in (self.old, self.new):
            for entity in standard.entities:
                for item in entity.items:
                    if item.code_list == name:
                        users |= {entity.unit, *self._users_of(entity.name, item)}
        return users


def _item_changes(
    name: str, before: Item, after: Item, owner: tuple[str, ...], users: tuple[str, ...]
) -> Iterator[Change]:
    everybody = tuple(sorted({*owner, *users}))
    if (before.type, before.code_list) != (after.type, after.code_list):
        facts = {
            "before": f"{before.type} {before.code_list or ''}".strip(),
            "after": f"{after.type} {after.code_list or ''}".strip(),
        }
        yield Change("type", "item", name, Effect.breaking, everybody, facts)
    length, now = (
        (before.digits or 0, before.decimals or 0),
        (after.digits or 0, after.decimals or 0),
    )
    if length != now and before.type is after.type:
        facts = {"before": ".".join(map(str, length)), "after": ".".join(map(str, now))}
        longer = now >= length
        concerned = users if longer else owner
        code = "longer" if longer else "shorter"
        yield Change(code, "item", name, Effect.needs_mapping, concerned, facts)
    if after.required and not before.required:
        yield Change("required", "item", name, Effect.needs_mapping, owner)
    if before.required and not after.required:
        yield Change("optional", "item", name, Effect.needs_mapping, users)
    if before.external_characters is not after.external_characters:
        yield Change("external-characters", "item", name, Effect.needs_mapping, everybody)
    if before.ja != after.ja or before.id != after.id:
        # The Japanese name is the header of the CSV file and the element of the XML message.
        facts = _was(before, after)
        yield Change("renamed", "item", name, Effect.needs_mapping, everybody, facts)
    if before.handling is not after.handling:
        facts = {"before": before.handling.value, "after": after.handling.value}
        closed = before.handling.may_travel and not after.handling.may_travel
        effect = Effect.breaking if closed else Effect.needs_mapping
        yield Change("handling", "item", name, effect, everybody, facts)
    if before.until != after.until and after.until is not None:
        facts = {"until": after.until.isoformat()}
        yield Change("ended", "item", name, Effect.breaking, everybody, facts)


class _Named(Protocol):
    """A definition with a Japanese name."""

    @property
    def ja(self) -> str: ...


def _was(before: _Named, after: _Named) -> dict[str, str]:
    return {"before": before.ja, "after": after.ja}


def pairs(
    before: Sequence[T], after: Sequence[T], key: Callable[[T], str]
) -> Iterator[tuple[str, T | None, T | None]]:
    """Give what two lists hold under each name, in the order of the new list, then the gone."""
    old = {key(one): one for one in before}
    new = {key(one): one for one in after}
    for name in [*new, *(name for name in old if name not in new)]:
        yield name, old.get(name), new.get(name)
