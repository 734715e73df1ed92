"""The messages of an interface as XML and as JSON: request, answer, notice.

A row is item name → text in the form of the CSV layout. Writing judges nothing: the schemas do
(`xsd`, `request_schema`, `answer_schema`, `message_schema`).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from renkei.standard.content import Catalogue
from renkei.standard.generate.records import (
    Element,
    json_items,
    json_value,
    read_xml_items,
    xml_items,
    xml_moment,
)
from renkei.standard.generate.values import Json, carried_items, key_items, message_items
from renkei.standard.generate.xml_names import item_names, message_name, namespace, record_name
from renkei.standard.linkage import Interface, Timing
from renkei.standard.model import Item

Row = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Envelope:
    """What a notice says of itself: its number, when it was made (`2026-04-01T09:30:00`)."""

    id: str
    timing: Timing
    made_at: str
    sequence: int
    full: bool = False


def xml_request(interface: Interface, row: Row, standard: Catalogue) -> str:
    """Return the request for one record: its subject, in-house, and the parameters."""
    return _message(interface, "要求", key_items(interface, standard), row, standard)


def read_xml_request(interface: Interface, element: Element, standard: Catalogue) -> dict[str, str]:
    """Return what a request that its schema accepted names: the subject and the parameters."""
    return _read(interface, key_items(interface, standard), element, standard)


def read_xml_answer(interface: Interface, element: Element, standard: Catalogue) -> dict[str, str]:
    """Return the row of an answer; an item without a value is empty."""
    return _read(interface, carried_items(interface, standard), element, standard)


def xml_answer(interface: Interface, row: Row, standard: Catalogue) -> str:
    """Return the answer about one record: what the interface carries."""
    return _message(interface, "回答", carried_items(interface, standard), row, standard)


def xml_notice(
    interface: Interface,
    rows: Iterable[Row],
    envelope: Envelope,
    standard: Catalogue,
    *,
    ended: Iterable[Row] = (),
) -> str:
    """Return a notice of many records, each with its key, and of those that are no more."""
    entity = standard.entity(interface.entity)
    names, items = item_names(entity), message_items(interface, standard)
    record = record_name(entity)
    inside = "".join(f"<{record}>{xml_items(items, names, row)}</{record}>" for row in rows)
    keys = [item for item in items if item.name in entity.key]
    inside += "".join(f"<終了>{xml_items(keys, names, row)}</終了>" for row in ended)
    supply = "全件" if envelope.full else "差分"
    return _whole(
        interface,
        "電文",
        f"{xml_moment('作成日時', envelope.made_at)}"
        f"<通番>{envelope.sequence}</通番><提供区分>{supply}</提供区分>{inside}",
    )


def json_request(interface: Interface, row: Row, standard: Catalogue) -> dict[str, Json]:
    """Return the request for one record as the object of `request_schema`."""
    return json_items(key_items(interface, standard), row)


def json_answer(interface: Interface, row: Row, standard: Catalogue) -> dict[str, Json]:
    """Return the answer about one record as the object of `answer_schema`; no value is null."""
    return {i.name: json_value(i, row.get(i.name, "")) for i in carried_items(interface, standard)}


def json_notice(
    interface: Interface,
    rows: Iterable[Row],
    envelope: Envelope,
    standard: Catalogue,
    *,
    ended: Iterable[Row] = (),
) -> dict[str, Json]:
    """Return a notice of many records as the object of `message_schema`."""
    items = message_items(interface, standard)
    key = standard.entity(interface.entity).key
    gone: list[Json] = [json_items((i for i in items if i.name in key), row) for row in ended]
    more: dict[str, Json] = {"ended": gone} if gone else {}
    return {
        "id": envelope.id,
        "interface": interface.name,
        "timing": envelope.timing.value,
        "supply": "full" if envelope.full else "differential",
        "made_at": envelope.made_at,
        "sequence": envelope.sequence,
        "records": [json_items(items, row) for row in rows],
        **more,
    }


def _read(
    interface: Interface, items: Iterable[Item], element: Element, standard: Catalogue
) -> dict[str, str]:
    names = item_names(standard.entity(interface.entity))
    return read_xml_items(items, names, element, namespace(interface.unit))


def _message(
    interface: Interface, part: str, items: Iterable[Item], row: Row, standard: Catalogue
) -> str:
    names = item_names(standard.entity(interface.entity))
    return _whole(interface, part, xml_items(items, names, row))


def _whole(interface: Interface, part: str, inside: str) -> str:
    name = message_name(interface, part)
    return f'<{name} xmlns="{namespace(interface.unit)}">{inside}</{name}>'
