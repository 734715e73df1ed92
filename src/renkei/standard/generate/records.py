"""One record as XML and as JSON, and back: item name → text in the form of the CSV layout.

Writing judges nothing: a wrong value is written so that the schema refuses it. Reading takes an
element or an object that its schema accepted. An empty text is no value.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Protocol

from renkei.standard.dates import NOTIFIED_DAY
from renkei.standard.generate.values import Json
from renkei.standard.generate.xml_names import is_pair, item_names, namespace, record_name
from renkei.standard.grammar import FIXED, PRIVATE
from renkei.standard.model import Entity, Item, ItemType

UNWRITTEN = "〓"
"""What stands in the half of a pair without 外字 for each character that is one."""

DAY, MONTH, TIME = ("年", "月", "日"), ("年", "月"), ("時", "分", "秒")
UNKNOWN = "不詳"

_PRIVATE = re.compile(f"[{PRIVATE}]")
_WHOLE = re.compile(FIXED[ItemType.number])
_NOTIFIED = re.compile(NOTIFIED_DAY)


class Element(Protocol):
    """What is asked of an element; `xml.etree` and lxml both give it."""

    text: str | None

    def find(self, path: str, /) -> "Element | None":
        """Return the first child of that name."""

    def findall(self, path: str, /) -> "Sequence[Element]":
        """Return all children of that name."""


def xml_record(entity: Entity, row: Mapping[str, str]) -> str:
    """Return a record as the element the schema of its unit declares (`xsd`)."""
    inside = xml_items(entity.items, item_names(entity), row)
    name = record_name(entity)
    return f'<{name} xmlns="{namespace(entity.unit)}">{inside}</{name}>'


def xml_items(items: Iterable[Item], names: Mapping[str, str], row: Mapping[str, str]) -> str:
    """Return the elements of these items of a row, those without a value left out."""
    return "".join(
        _written(item, names[item.name], value)
        for item in items
        if (value := row.get(item.name, ""))
    )


def read_xml_record(entity: Entity, element: Element) -> dict[str, str]:
    """Return the row of a record; every item is named, one without a value is empty.

    >>> from xml.etree.ElementTree import fromstring
    >>> from renkei.standard import catalogue
    >>> resident = catalogue().entity("resident")
    >>> element = fromstring(xml_record(resident, {"birth_date": "1935-00-00"}))
    >>> row = read_xml_record(resident, element)
    >>> row["birth_date"], row["name"]
    ('1935-00-00', '')
    """
    return read_xml_items(entity.items, item_names(entity), element, namespace(entity.unit))


def read_xml_items(
    items: Iterable[Item], names: Mapping[str, str], element: Element, space: str
) -> dict[str, str]:
    """Return the values of these items, the elements of a namespace; without a value empty."""
    return {item.name: _read(item, names[item.name], element, f"{{{space}}}") for item in items}


def json_record(entity: Entity, row: Mapping[str, str]) -> dict[str, Json]:
    """Return a record as the object its schema describes (`json_schema`)."""
    return json_items(entity.items, row)


def json_items(items: Iterable[Item], row: Mapping[str, str]) -> dict[str, Json]:
    """Return the members of these items of a row, those without a value left out."""
    return {
        item.name: json_value(item, value) for item in items if (value := row.get(item.name, ""))
    }


def read_json_record(entity: Entity, record: Mapping[str, Json]) -> dict[str, str]:
    """Return the row of a record; every item is named, one without a value is empty."""
    values = ((item.name, record.get(item.name)) for item in entity.items)
    return {name: "" if value is None else str(value) for name, value in values}


def json_value(item: Item, text: str) -> Json:
    """Return a value as JSON holds it: a whole number, a text, null for no value."""
    if not text:
        return None
    if item.type is ItemType.number and _WHOLE.fullmatch(text):
        return int(text)
    return text


def _written(item: Item, name: str, value: str) -> str:
    match item.type:
        case ItemType.date:
            return _tag(name, _day(value))
        case ItemType.month:
            return _tag(name, _tags(MONTH, value.split("-", 1)))
        case ItemType.datetime:
            return xml_moment(name, value)
        case ItemType.uncertain_date:
            known = _NOTIFIED.fullmatch(value)
            return _tag(name, _day(value) if known else _leaf(UNKNOWN, value))
        case _ if is_pair(item):
            plain = _PRIVATE.sub(UNWRITTEN, value)
            outer = "" if plain == value else _leaf(f"外字{name}", value)
            return outer + _leaf(f"内字{name}", plain)
        case _:
            return _leaf(name, value)


def _read(item: Item, name: str, element: Element, space: str) -> str:
    if is_pair(item):
        outer = element.find(f"{space}外字{name}")
        return _text(outer if outer is not None else element.find(f"{space}内字{name}"))
    found = element.find(f"{space}{name}")
    if found is None:
        return ""
    match item.type:
        case ItemType.date:
            return _joined("-", found, DAY, space)
        case ItemType.month:
            return _joined("-", found, MONTH, space)
        case ItemType.datetime:
            return _moment(found, space)
        case ItemType.uncertain_date:
            unknown = found.find(f"{space}{UNKNOWN}")
            return _joined("-", found, DAY, space) if unknown is None else _text(unknown)
        case ItemType.number | ItemType.decimal:
            return _text(found).strip()  # XML Schema allows space around a number
        case _:
            return _text(found)


def xml_moment(name: str, value: str) -> str:
    """Return a day and a time, `2026-04-01T09:30:00`, as the element of that name."""
    day, _, time = value.partition("T")
    return _tag(name, _tag("日付", _day(day)) + _tags(TIME, time.split(":", 2)))


def read_xml_moment(name: str, element: Element, space: str) -> str:
    """Return the day and the time in the child of that name, or nothing."""
    found = element.find(f"{space}{name}")
    return "" if found is None else _moment(found, space)


def _moment(element: Element, space: str) -> str:
    day, time = element.find(f"{space}日付"), _joined(":", element, TIME, space)
    return "" if day is None else f"{_joined('-', day, DAY, space)}T{time}"


def _day(value: str) -> str:
    return _tags(DAY, value.split("-", 2))


def _tags(names: Iterable[str], values: Iterable[str]) -> str:
    return "".join(_leaf(name, value) for name, value in zip(names, values, strict=False))


def _tag(name: str, inside: str) -> str:
    return f"<{name}>{inside}</{name}>"


def _leaf(name: str, text: str) -> str:
    return _tag(name, escape(text, quote=False))


def _joined(mark: str, element: Element, names: Iterable[str], space: str) -> str:
    return mark.join(_text(element.find(f"{space}{name}")) for name in names)


def _text(element: Element | None) -> str:
    return "" if element is None else element.text or ""
