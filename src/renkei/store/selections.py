"""By what records are found other than by their key, and how a selection is written.

Here stands which items of which entity lists go by; everything else follows from it: what is
indexed, what a look-up by another key can use, and which selections are refused.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from renkei.standard import Entity, Item, ItemType
from renkei.standard.characters import fold_to_find
from renkei.store.errors import ItemNotListed, SelectionUnfit

BETWEEN_PARTS = "\x1f"  # of a key in the listing
LAST = "\U0010ffff"  # behind every character
DAYS = frozenset({ItemType.date, ItemType.uncertain_date})


class Way(StrEnum):
    """How an item may be selected by. A number is not guessed by its beginning."""

    whole = "whole"
    beginning = "beginning"
    span = "span"


LISTED: Mapping[str, Mapping[str, Way]] = {
    "resident": {
        "personal_number": Way.whole,
        "resident_record_code": Way.whole,
        "household_number": Way.whole,
        "address_code": Way.beginning,
        "postal_code": Way.beginning,
        "birth_date": Way.span,
        "kana": Way.beginning,
    },
    "unregistered_person": {
        "personal_number": Way.whole,
        "corporate_number": Way.whole,
        "address_code": Way.beginning,
        "postal_code": Way.beginning,
        "birth_date": Way.span,
        "kana": Way.beginning,
    },
}


@dataclass(frozen=True, slots=True)
class Is:
    """The records whose item has this value; a reading is compared as it is folded."""

    item: str
    value: str


@dataclass(frozen=True, slots=True)
class Begins:
    """The records whose item begins with this."""

    item: str
    prefix: str


@dataclass(frozen=True, slots=True)
class Between:
    """The records whose day lies between these, or may: of an uncertain day, what is known of it.

    A day of which nothing is known lies between no days.
    """

    item: str
    first: date
    last: date


Selection = Is | Begins | Between


@dataclass(frozen=True, slots=True)
class Bounds:
    """A selection as the listing has it: values from `low` to `high`, perhaps days to look into."""

    item: Item
    low: str
    high: str
    first: str = ""
    last: str = ""


def bounds(entity: Entity, selection: Selection) -> Bounds:
    """Return the bounds of a selection, or refuse one that the item does not allow."""
    item, way = listed_item(entity, selection.item)
    match selection:
        case Is(value=value):
            low = high = _folded(item, value)
        case Begins(prefix=prefix):
            low = _folded(item, prefix)
            high = low + LAST
        case Between(first=first, last=last):
            low, high = f"{first.year:04}", f"{last.year:04}{LAST}"
    fits = {
        Is: True,
        Begins: way is Way.beginning,
        Between: way is Way.span,
    }
    if not low or not fits[type(selection)] or "\0" in low:
        raise SelectionUnfit(entity=entity.name, item=item.name, way=way.value)
    if isinstance(selection, Between):
        days = (selection.first.isoformat(), selection.last.isoformat())
        return Bounds(item, low, high, *days)
    return Bounds(item, low, high)


def listed_items(entity: Entity) -> list[Item]:
    """Return the items that lists of an entity go by."""
    return [listed_item(entity, name)[0] for name in LISTED.get(entity.name, ())]


def listed_item(entity: Entity, name: str) -> tuple[Item, Way]:
    """Return an item that lists of an entity go by, or refuse one they do not."""
    ways = LISTED.get(entity.name, {})
    item = entity.item(name)
    if item is None or name not in ways:
        raise ItemNotListed(entity=entity.name, item=name, listed=", ".join(ways) or "-")
    return item, ways[name]


def _folded(item: Item, value: str) -> str:
    return fold_to_find(value) if item.type is ItemType.kana else value
