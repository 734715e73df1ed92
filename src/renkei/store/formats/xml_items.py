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
LOOSE = "text()[normalize-space()]"
_holds_more = etree.XPath(f"boolean(.//@* | @* | .//*[*]/{LOOSE} | self::*[*]/{LOOSE})")
"""What no schema of ours has: an attribute, and text beside elements."""

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
        is_flawed = bool(_holds_more(record)) and self._report_more(record, line)
        for child in record:
            tag = child.tag
            slot = self._slots.get(tag)
            if slot is None:
                self._report_unknown(child, line)
                is_flawed = True
                continue
            value = slot.read(child)
            if value is None or tag in seen:
                rule = "element-twice" if tag in seen else "element-broken"
                self._findings.row_error(rule, Place(line, slot.number, slot.item.ja))
                is_flawed = True
            elif slot.leads or slot.number not in led:
                values[slot.number - 1] = value
            if slot.leads:
                led.add(slot.number)
            seen.add(tag)
        return values, is_flawed

    def _report_more(self, record: Element, line: int) -> bool:
        """Report the items in which an attribute or a loose text stands, or else the record."""
        broken = [slot for child in record if _is_more(child) and (slot := self._slot(child))]
        for slot in broken:
            self._findings.row_error("element-broken", Place(line, slot.number, slot.item.ja))
        if not broken:
            self._findings.row_error("element-broken", Place(line))
        return True

    def _slot(self, child: Element) -> Slot | None:
        return self._slots.get(child.tag)

    def _report_unknown(self, child: Element, line: int) -> None:
        # An entity that is not expanded has a function for a tag.
        name = etree.QName(child).localname if isinstance(child.tag, str) else ""
        place = Place(line, None, misspelt(name, self._known))
        self._findings.row_error("element-unknown", place, shape(name))


def _is_more(child: Element) -> bool:
    return bool(child.keys() or _holds_more(child))


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
    if [part.tag for part in parts] != tags or any(map(len, parts)):
        return None
    return mark.join([part.text or "" for part in parts])


def _moment(element: Element, date: str, day: list[str], time: list[str]) -> str | None:
    parts = list(element)
    if [part.tag for part in parts] != [date, *time] or any(map(len, parts[1:])):
        return None
    known = _joined("-", parts[0], day)
    return known and f"{known}T{':'.join(part.text or '' for part in parts[1:])}"


def _uncertain(element: Element, unknown: str, day: list[str]) -> str | None:
    if len(element) == 1 and element[0].tag == unknown:
        return _leaf(element[0])
    return _joined("-", element, day)
