"""What things are called in XML: the naming of APPLIC's payloads, applied to the catalogue.

Elements carry the Japanese names of items. A list begins with an underscore (`_避難所`) and holds
records (`_避難所情報`). Text with 外字 is a pair (`外字氏名`, `内字氏名`). A character that may not
stand in a name becomes an underscore (`高齢者_65歳以上`).
"""

import re
from functools import cache

import msgspec

from renkei.standard.linkage import Interface
from renkei.standard.model import Entity, Item, ItemType

# The letters of XML 1.0 up to its fourth edition: old processors know no others.
_LETTER = (
    r"A-Za-z\u3007\u3021-\u3029\u3041-\u3094\u30A1-\u30FA\u4E00-\u9FA5"
    r"\u00C0-\u00D6\u00D8-\u00F6\u0391-\u03A1\u03A3-\u03A9\u03B1-\u03C9"
)
_OTHER = r"0-9\u3005\u3031-\u3035\u309D\u309E\u30FC-\u30FE"
_ILLEGAL = re.compile(f"[^{_LETTER}{_OTHER}]+")
_BEGINS = re.compile(f"[{_LETTER}]")

FAULT, RECEIPT, HEADER = "異常", "_受領", "_電文見出し"


def namespace(unit: str) -> str:
    """Return the namespace of a unit's elements."""
    return f"urn:renkei:unit:{unit}"


@cache
def xml_name(text: str) -> str:
    """Return a text as the name of an element.

    >>> xml_name("一人暮らし高齢者（65歳以上）"), xml_name("65歳以上")
    ('一人暮らし高齢者_65歳以上', '_65歳以上')
    """
    name = _ILLEGAL.sub("_", text).strip("_")
    return name if _BEGINS.match(name) else f"_{name}"


def list_name(entity: Entity) -> str:
    """Return the element that holds records of an entity."""
    return f"_{xml_name(entity.ja)}"


def record_name(entity: Entity) -> str:
    """Return the element of one record of an entity."""
    return f"_{xml_name(entity.ja)}情報"


def message_name(interface: Interface, part: str) -> str:
    """Return the element of a message: `要求`, `回答`, `電文` or `異常` of an interface."""
    return f"_{xml_name(interface.ja)}_{part}"


def item_names(entity: Entity) -> dict[str, str]:
    """Return the element of each item of an entity, by the item's English name.

    Where two names become one, the later element is numbered.
    """
    taken: set[str] = set()
    names: dict[str, str] = {}
    for item in entity.items:
        wanted = xml_name(item.ja)
        name, number = wanted, 2
        while not taken.isdisjoint(elements := _elements(item, name)):
            name, number = f"{wanted}_{number}", number + 1
        taken.update(elements)
        names[item.name] = name
    return names


def is_pair(item: Item) -> bool:
    """Tell whether an item is written as a pair, with 外字 and without."""
    return item.type is ItemType.text and item.external_characters


def inner(item: Item) -> Item:
    """Return the half of a pair without 外字, as an item."""
    return msgspec.structs.replace(item, external_characters=False)


def _elements(item: Item, name: str) -> tuple[str, ...]:
    return (f"外字{name}", f"内字{name}") if is_pair(item) else (name,)
