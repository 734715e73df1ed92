"""Reading a notice, the message sent unasked, from XML and from JSON: the same of both.

Reading XML takes an element that its schema accepted. JSON is held against the form of
`message_schema` here; the values in its records are judged by whoever takes them in.
"""

import re
from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Literal, TypeAlias

import msgspec

from renkei.kit import read_json
from renkei.standard.content import Catalogue
from renkei.standard.errors import NoticeMalformed
from renkei.standard.generate.records import (
    Element,
    json_value,
    read_xml_items,
    read_xml_moment,
)
from renkei.standard.generate.values import message_items, notices
from renkei.standard.generate.xml_names import item_names, namespace, record_name
from renkei.standard.grammar import LARGEST_NUMBER
from renkei.standard.linkage import Interface
from renkei.standard.model import Item

Told: TypeAlias = "dict[str, str | int]"
"""A record by the English names of its items; one without a value is left out."""

FULL = "全件"
MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}")
Sequence = Annotated[int, msgspec.Meta(ge=1, le=LARGEST_NUMBER)]


@dataclass(frozen=True, slots=True)
class Notice:
    """What a notice says: the day it was made, its number in its order, the records.

    With `full` supply these are all there are; else `ended` names those that are no more.
    """

    on: date
    sequence: int
    full: bool
    records: tuple[Told, ...]
    ended: tuple[Told, ...]


class _Message(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The object of `message_schema`."""

    id: str
    interface: str
    timing: str
    supply: Literal["full", "differential"]
    made_at: str
    sequence: Sequence
    records: tuple[dict[str, str | int | None], ...]
    ended: tuple[dict[str, str | int | None], ...] = ()


def read_xml_notice(interface: Interface, element: Element, standard: Catalogue) -> Notice:
    """Return what a notice says that its schema accepted."""
    space = f"{{{namespace(interface.unit)}}}"
    entity = standard.entity(interface.entity)
    items, names = message_items(interface, standard), item_names(entity)
    keys = [item for item in items if item.name in entity.key]

    def read(name: str, wanted: Iterable[Item]) -> tuple[Told, ...]:
        return tuple(
            _told(wanted, read_xml_items(wanted, names, one, namespace(interface.unit)))
            for one in element.findall(f"{space}{name}")
        )

    def text(name: str) -> str:
        found = element.find(f"{space}{name}")
        return ("" if found is None else found.text or "").strip()

    sequence = text("通番")
    if len(sequence) > len(str(LARGEST_NUMBER)) or int(sequence) > LARGEST_NUMBER:
        raise NoticeMalformed(defect="通番 / sequence")
    return _checked(
        Notice(
            _day(read_xml_moment("作成日時", element, space)),
            int(sequence),
            text("提供区分") == FULL,
            read(record_name(entity), items),
            read("終了", keys),
        )
    )


def read_json_notice(
    interface: Interface, data: bytes, standard: Catalogue, *, message: str
) -> Notice:
    """Return what a notice says; it names the message it came in, and its interface."""
    try:
        said = read_json(data, _Message)
    except msgspec.DecodeError as error:
        # Its text names the place and the kind of value, and quotes none.
        raise NoticeMalformed(defect=str(error)[:200]) from None
    timings = {timing.value for timing in notices(interface)}
    for name, is_right in (
        ("id", said.id == message),
        ("interface", said.interface == interface.name),
        ("timing", said.timing in timings),
    ):
        if not is_right:
            raise NoticeMalformed(defect=name)
    entity = standard.entity(interface.entity)
    items = {item.name for item in message_items(interface, standard)}
    key = frozenset(entity.key)

    def read(
        records: Iterable[Mapping[str, str | int | None]], known: Set[str]
    ) -> tuple[Told, ...]:
        return tuple(_valued(one, n, key, known) for n, one in enumerate(records, 1))

    return _checked(
        Notice(
            _day(said.made_at),
            said.sequence,
            said.supply == "full",
            read(said.records, items),
            read(said.ended, key),
        )
    )


def _valued(
    record: Mapping[str, str | int | None], place: int, key: Set[str], known: Set[str]
) -> Told:
    """Return the values of a record that has its key and nothing that is not known."""
    told = {name: value for name, value in record.items() if value is not None and value != ""}
    if not key <= told.keys():
        raise NoticeMalformed(defect=f"{', '.join(sorted(key))} ({place})")
    if not record.keys() <= known:
        raise NoticeMalformed(defect=f"an item that the interface does not carry ({place})")
    return told


def _checked(notice: Notice) -> Notice:
    if notice.full and notice.ended:
        raise NoticeMalformed(defect="終了 / ended: 全件 / full")
    return notice


def _day(moment: str) -> date:
    """Return the day of a moment as messages write it, which has no zone: it is Japan's."""
    try:
        if MOMENT.fullmatch(moment):
            return datetime.fromisoformat(moment).date()
    except ValueError:
        pass
    raise NoticeMalformed(defect="作成日時 / made_at")


def _told(items: Iterable[Item], row: Mapping[str, str]) -> Told:
    found = ((one.name, json_value(one, row[one.name])) for one in items)
    return {name: value for name, value in found if isinstance(value, str | int)}
