"""The items of one record in XML, read by the types the generated schema gives them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from lxml import etree

from renkei.standard import Entity, Item, ItemType
from renkei.standard.generate.records import DAY, MONTH, TIME, UNKNOWN
from renkei.standard.generate.xml_names import is_pair, item_names, namespace
from renkei.store.findings import Findings, Place, shape
from renkei.store.formats.misspelling import misspelt

DATE = "日付"
Element: TypeAlias = etree._Element  # noqa: SLF001 - lxml has no other name for it
Reader = Callable[[Element], str | None]


@dataclass(frozen=True, slots=True)
class Slot:
    """Where the value of an element goes: the number of its item from 1, and how it is read.

    The half of a pair with 外字 `leads`: where both are there, it is the value.
    """

    number: int
    item: Item
    read: Reader
    leads: bool = False


class Items:
    """The elements of the items of an entity."""

    def __init__(self, entity: Entity, findings: Findings) -> None:
        """Name every element; what is wrong in a record goes to the findings."""
        space, names = f"{{{namespace(entity.unit)}}}", item_names(entity)
        self._findings = findings
        self._size = len(entity.items)
        self._slots: dict[str, Slot] = {}
        for number, item in enumerate(entity.items, 1):
            name = names[item.name]
            if is_pair(item):
                self._slots[f"{space}外字{name}"] = Slot(number, item, _leaf, leads=True)
                self._slots[f"{space}内字{name}"] = Slot(number, item, _leaf)
            else:
                self._slots[f"{space}{name}"] = Slot(number, item, _reader(item, space))
        self._known = tuple(tag.removeprefix(space) for tag in self._slots)

    def read(self, record: Element, line: int) -> tuple[list[str | None], bool]:
        """Return the values of a record in the order of the items, and whether it is flawed."""
        values: list[str | None] = [None] * self._size
        seen: set[str] = set()
        led: set[int] = set()
        is_flawed = _holds_text(record.text)
        if is_flawed or record.keys():
            self._findings.row_error("element-broken", Place(line))
            is_flawed = True
        for child in record:
            slot = self._slots.get(child.tag)
            if slot is None:
                self._report_unknown(child, line)
                is_flawed = True
                continue
            value = slot.read(child)
            rule = "element-twice" if child.tag in seen else _wrong(child, value)
            if rule is not None:
                self._findings.row_error(rule, Place(line, slot.number, slot.item.ja))
                is_flawed = True
            elif slot.leads or slot.number not in led:
                values[slot.number - 1] = value
            if slot.leads:
                led.add(slot.number)
            seen.add(child.tag)
        return values, is_flawed

    def _report_unknown(self, child: Element, line: int) -> None:
        # An entity that is not expanded has a function for a tag.
        name = etree.QName(child).localname if isinstance(child.tag, str) else ""
        place = Place(line, None, misspelt(name, self._known))
        self._findings.row_error("element-unknown", place, shape(name))


def _wrong(child: Element, value: str | None) -> str | None:
    """Return the rule an element breaks by what it is made of."""
    if value is None or child.keys() or _holds_text(child.tail):
        return "element-broken"
    return None


def _holds_text(text: str | None) -> bool:
    return text is not None and not text.isspace() and text != ""


def _reader(item: Item, space: str) -> Reader:
    """Return how the element of an item is read; it gives None where its parts are not right."""
    day, month, time = ([f"{space}{part}" for part in parts] for parts in (DAY, MONTH, TIME))
    match item.type:
        case ItemType.date:
            return lambda element: _joined("-", element, day)
        case ItemType.month:
            return lambda element: _joined("-", element, month)
        case ItemType.datetime:
            return lambda element: _moment(element, f"{space}{DATE}", day, time)
        case ItemType.uncertain_date:
            return lambda element: _uncertain(element, f"{space}{UNKNOWN}", day)
        case ItemType.number | ItemType.decimal:
            return _number
        case _:
            return _leaf


def _leaf(element: Element) -> str | None:
    return None if len(element) else element.text or ""


def _number(element: Element) -> str | None:
    """Return the text of a number, around which XML Schema allows space."""
    return None if len(element) else (element.text or "").strip()


def _joined(mark: str, element: Element, tags: list[str]) -> str | None:
    parts = list(element)
    if [part.tag for part in parts] != tags or _holds_text(element.text):
        return None
    if any(len(part) or part.keys() or _holds_text(part.tail) for part in parts):
        return None
    return mark.join(part.text or "" for part in parts)


def _moment(element: Element, date: str, day: list[str], time: list[str]) -> str | None:
    if [part.tag for part in element] != [date, *time] or element[0].keys():
        return None
    known = _joined("-", element[0], day)
    clock = list(element)[1:]
    if known is None or any(len(p) or p.keys() or _holds_text(p.tail) for p in clock):
        return None
    return f"{known}T{':'.join(part.text or '' for part in clock)}"


def _uncertain(element: Element, unknown: str, day: list[str]) -> str | None:
    if len(element) == 1 and element[0].tag == unknown:
        return None if _holds_text(element.text) else _leaf(element[0])
    return _joined("-", element, day)
