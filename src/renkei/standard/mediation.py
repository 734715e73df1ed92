"""Mediation: what one interface carries, turned from one release of the standard into another.

An item is the same where its number is: a number is never used again for something else. Its
names, its type, its length and its code list may differ. A value that the other release cannot
hold stays away and is named; so is one that was carried and lost something. Nothing is cut,
guessed or left out without a `Loss`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Annotated

import msgspec

from renkei.kit import Language, say
from renkei.standard import characters
from renkei.standard.content import Catalogue
from renkei.standard.errors import DefinitionUnknown, ItemNotInRelease, ServiceNotInRelease
from renkei.standard.grammar import is_written
from renkei.standard.linkage import Interface
from renkei.standard.model import CodeList, Item, ItemType, Name

Plain = str | int | None


class Why(StrEnum):
    """What happened to the value of an item; each has a text in both languages under `loss-…`."""

    item_gone = "item-gone"  # the other release does not carry the item
    value_missing = "value-missing"  # it wants a value, and there is none
    type_differs = "type-differs"  # a value of the one type says nothing in the other
    form_differs = "form-differs"  # too long, or not written as the other release wants
    less_precise = "less-precise"  # carried: the day of a moment, the year of a day
    code_unmapped = "code-unmapped"  # no value of the other list means the same
    code_ambiguous = "code-ambiguous"  # several do, and which one is not known
    code_merged = "code-merged"  # carried: another value becomes the same one
    characters_replaced = "characters-replaced"  # carried, in forms the receiver has
    characters_missing = "characters-missing"  # 〓 stands where the receiver has no character

    @property
    def is_carried(self) -> bool:
        """Tell whether a value arrives all the same."""
        return self in _CARRIED


_CARRIED = {Why.less_precise, Why.code_merged, Why.characters_replaced, Why.characters_missing}


# What can stand in XML and on one line: another node says it, and every binding tells it on.
_Shown = Annotated[str, msgspec.Meta(pattern=r"^[^\x00-\x1F\x7F-\x9F\uFFFE\uFFFF]{0,8}$")]


class Character(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One character that became another, at a position of the text before, counted from 1."""

    position: Annotated[int, msgspec.Meta(ge=1)]
    before: _Shown
    after: _Shown


class Loss(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """One item that did not come through whole, by the name its reader knows, and why."""

    item: Name
    why: Why
    characters: tuple[Character, ...] = ()

    def text(self, language: Language = "en") -> str:
        """Return the loss as a sentence; it holds no value but the characters that changed."""
        return say(f"loss-{self.why}", language, item=self.item)


@dataclass(frozen=True, slots=True)
class Mediated:
    """A record in another release or charset, and all that was lost on the way."""

    record: dict[str, Plain]
    losses: tuple[Loss, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Mediation:
    """What an interface carries, in two releases: name in the first → item in both."""

    origin: Catalogue
    target: Catalogue
    interface: Interface
    pairs: Mapping[str, tuple[Item, Item | None]]

    @property
    def names(self) -> dict[str, str]:
        """Return name in the first release → name in the second, of what both carry."""
        return {name: after.name for name, (_, after) in self.pairs.items() if after is not None}

    def check(self, numbers: Iterable[str]) -> None:
        """Refuse a question for an item that the other release does not carry."""
        carried = {after.id for _, after in self.pairs.values() if after is not None}
        names = {before.id: before.name for before, _ in self.pairs.values()}
        for number in numbers:
            if number not in carried:
                raise ItemNotInRelease(
                    item=names.get(number, number)[:48],
                    service=self.interface.name,
                    release=self.target.edition.edition,
                )

    def record(self, record: Mapping[str, Plain]) -> Mediated:
        """Return a record of the first release as the second one writes it."""
        told: dict[str, Plain] = {}
        losses = []
        for name, value in record.items():
            if name not in self.pairs:
                raise DefinitionUnknown(kind="item", name=name[:48])
            before, after = self.pairs[name]
            if after is None:
                losses.append(Loss(name, Why.item_gone))
                continue
            told[after.name], why = self._value(before, after, value)
            if why is not None:
                losses.append(Loss(after.name, why))
        return Mediated(told, tuple(losses))

    def _value(self, before: Item, after: Item, value: Plain) -> tuple[Plain, Why | None]:
        if value is None:
            is_new_gap = after.required and not before.required
            return None, Why.value_missing if is_new_gap else None
        if before.code_list is not None and after.code_list is not None:
            return self._code(before.code_list, after.code_list, str(value))
        if _form(before) == _form(after):
            return value, None
        text, why = _retyped(before.type, after.type, str(value))
        if text is not None and not is_written(after, text):
            return None, Why.form_differs
        if text is not None and after.type is ItemType.number:
            return int(text), why
        return text, why

    def _code(self, before: str, after: str, value: str) -> tuple[str | None, Why | None]:
        one, other = self.origin.code_list(before), self.target.code_list(after)
        if before != after:
            for standard in (self.target, self.origin):
                for mapping in standard.content.code_mappings:
                    if (mapping.origin, mapping.target) == (before, after):
                        return _mapped([(p.value, p.maps_to) for p in mapping.pairs], value)
                    if (mapping.origin, mapping.target) == (after, before):
                        return _mapped([(p.maps_to, p.value) for p in mapping.pairs], value)
        return _listed(one, other, value)


@cache
def mediation(origin: Catalogue, target: Catalogue, unit: str, service: str) -> Mediation:
    """Return how what a service carries goes from one release to another.

    A release that lacks the service, or has it asked by other parameters, cannot be asked so.
    """
    mine = origin.shared_interface(unit, service)
    try:
        theirs = target.shared_interface(unit, service)
    except DefinitionUnknown:
        theirs = None
    if theirs is None or _request(origin, mine) != _request(target, theirs):
        raise ServiceNotInRelease(service=mine.name, release=target.edition.edition)
    entity = target.entity(theirs.entity)
    carried = {item.id: item for item in entity.items if item.name in theirs.items}
    items = origin.entity(mine.entity).items
    pairs = {item.name: (item, carried.get(item.id)) for item in items}
    return Mediation(origin, target, theirs, pairs)


def written_in(record: Mapping[str, Plain], charset: characters.Charset) -> Mediated:
    """Return a record in the characters its receiver has, with each one that is not the same.

    A character goes to the nearest form of it that the charset has; where it has none, 〓 stands.

    >>> written_in({"name": "髙橋"}, characters.Charset.jis_x_0208).record
    {'name': '高橋'}
    """
    told: dict[str, Plain] = {}
    losses = []
    for name, value in record.items():
        if not isinstance(value, str) or value.isascii():
            told[name] = value
            continue
        fitted = characters.fitted(value, charset)
        told[name] = fitted.text
        for why, changed in (
            (Why.characters_replaced, [(r.position, r.before, r.after) for r in fitted.replaced]),
            (
                Why.characters_missing,
                [(m.position, m.character, characters.GETA) for m in fitted.missing],
            ),
        ):
            if changed:
                named = tuple(Character(at + 1, was, now) for at, was, now in changed)
                losses.append(Loss(name, why, named))
    return Mediated(told, tuple(losses))


def _request(standard: Catalogue, interface: Interface) -> tuple[object, ...]:
    """Return what a question says in the path, by the numbers of its items."""
    entity = standard.entity(interface.entity)
    asked = (entity.item(one.item) for one in interface.parameters)
    return (interface.path, *(None if item is None else item.id for item in asked))


def _form(item: Item) -> tuple[object, ...]:
    return item.type, item.digits, item.decimals, item.external_characters


AS_WRITTEN = frozenset(ItemType) - {ItemType.code, ItemType.flag, ItemType.relationship}
"""Types whose values say the same in another type that can write them."""
SHORTER = {
    (ItemType.datetime, ItemType.date): 10,
    (ItemType.datetime, ItemType.month): 7,
    (ItemType.datetime, ItemType.year): 4,
    (ItemType.date, ItemType.month): 7,
    (ItemType.date, ItemType.year): 4,
    (ItemType.month, ItemType.year): 4,
}
"""How many characters of a moment, day or month are the shorter form of it."""


def _retyped(before: ItemType, after: ItemType, text: str) -> tuple[str | None, Why | None]:
    """Return a value as another type may write it; whoever calls sees whether it does."""
    if before is after:
        return text, None
    if (kept := SHORTER.get((before, after))) is not None:
        return text[:kept], Why.less_precise
    if {before, after} <= AS_WRITTEN:
        return text, None
    return None, Why.type_differs


def _mapped(
    pairs: Iterable[tuple[str | None, str | None]], value: str
) -> tuple[str | None, Why | None]:
    """Return what a mapping of the standard says, in whichever direction its pairs stand."""
    listed = list(pairs)
    found = [to for origin, to in listed if origin == value and to is not None]
    if len(found) != 1:
        return None, Why.code_ambiguous if found else Why.code_unmapped
    is_merged = sum(to == found[0] for _, to in listed) > 1
    return found[0], Why.code_merged if is_merged else None


def _listed(one: CodeList, other: CodeList, value: str) -> tuple[str | None, Why | None]:
    """Return the value that means the same in another edition of a list, or its successor there."""
    if (meaning := one.label(value)) is not None and other.label(value) == meaning:
        return value, None
    if other.label(value) is None:
        for listed in one.values:
            after = listed.successor
            if listed.value == value and after is not None and other.label(after) is not None:
                # Who reads the successor cannot tell it from what it took the place of.
                return after, Why.code_merged
    return None, Why.code_unmapped
