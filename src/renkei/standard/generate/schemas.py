"""JSON Schema 2020-12 of a record, of a request, of an answer and of a message.

A value is text in the form of the CSV layout, a whole number for the type `number`. What a schema
cannot say is named: under `x-checks` the arithmetic of a value (`renkei.standard.rules.Check`),
under `x-rules` the rules of the record.
"""

import msgspec

from renkei.standard.content import Catalogue
from renkei.standard.generate.conditions import conditions
from renkei.standard.generate.patterns import open_pattern
from renkei.standard.generate.values import (
    Json,
    carried_items,
    codes_of,
    key_items,
    message_items,
    notices,
)
from renkei.standard.grammar import FIXED, LARGEST_NUMBER, checks
from renkei.standard.linkage import Interface
from renkei.standard.model import Entity, Item, ItemType

DIALECT = "https://json-schema.org/draft/2020-12/schema"
STATEMENT = "Renkei reference model; not the official text."


def json_schema(entity: Entity, standard: Catalogue) -> dict[str, Json]:
    """Return the schema of one record of an entity; a value that is absent is left out or null.

    Rules of the record that stop a registration and that a schema can say stand under `allOf`.
    """
    return {
        "$schema": DIALECT,
        "$id": f"urn:renkei:entity:{entity.name}",
        "title": entity.ja,
        "description": f"{entity.en}. {STATEMENT}",
        "type": "object",
        "properties": {
            item.name: value_schema(item, standard, may_be_null=not item.required)
            for item in entity.items
        },
        "required": [item.name for item in entity.items if item.required],
        **conditions(entity, standard),
        "additionalProperties": False,
    }


def request_schema(interface: Interface, standard: Catalogue) -> dict[str, Json]:
    """Return the schema of a request inside one organisation: the subject and the parameters.

    Between organisations the subject travels as a linkage code, outside of the request.
    """
    items = key_items(interface, standard)
    return {
        **_head(interface, "request", interface.ja, interface.en),
        "type": "object",
        "properties": {
            item.name: value_schema(item, standard, may_be_null=False) for item in items
        },
        "required": [item.name for item in items],
        "additionalProperties": False,
    }


def answer_schema(interface: Interface, standard: Catalogue) -> dict[str, Json]:
    """Return the schema of what an interface answers about one subject.

    A permit may name fewer items than the interface has, so none is required; an item that was
    permitted and has no value is null.
    """
    items = carried_items(interface, standard)
    return {
        **_head(interface, "interface", interface.ja, interface.en),
        "type": "object",
        "properties": {item.name: value_schema(item, standard, may_be_null=True) for item in items},
        "minProperties": 1,
        "additionalProperties": False,
    }


def message_schema(interface: Interface, standard: Catalogue) -> dict[str, Json]:
    """Return the schema of a message sent unasked, on an event or in a batch: many records.

    Each record has its whole key besides what the interface carries. `sequence` counts what
    is told of one entity to one receiver, so that a gap is noticed. `ended` names records
    that are no more. A message of `full` supply holds every record there is.
    """
    items = message_items(interface, standard)
    key = [i for i in items if i.name in standard.entity(interface.entity).key]
    named: list[Json] = [item.name for item in key]
    record: dict[str, Json] = {
        "type": "object",
        "properties": {
            item.name: value_schema(item, standard, may_be_null=item not in key) for item in items
        },
        "required": named,
        "minProperties": 1,
        "additionalProperties": False,
    }
    properties: dict[str, Json] = {
        "id": {"type": "string", "pattern": "^[\\x20-\\x7E]{1,255}$"},
        "interface": {"const": interface.name},
        "timing": {"enum": [timing.value for timing in notices(interface)]},
        "supply": {"enum": ["full", "differential"]},
        "made_at": {"type": "string", "pattern": f"^(?:{FIXED[ItemType.datetime]})$"},
        "sequence": {"type": "integer", "minimum": 1, "maximum": LARGEST_NUMBER},
        "records": {"type": "array", "items": record},
    }
    required: list[Json] = list(properties)
    properties["ended"] = {
        "type": "array",
        "items": {
            "type": "object",
            "properties": {i.name: value_schema(i, standard, may_be_null=False) for i in key},
            "required": named,
            "additionalProperties": False,
        },
    }
    return {
        **_head(interface, "message", interface.ja, interface.en),
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": False,
    }


def value_schema(item: Item, standard: Catalogue, *, may_be_null: bool) -> dict[str, Json]:
    """Return the schema of one value of an item."""
    schema: dict[str, Json] = {"title": item.ja, "description": f"{item.id} {item.en}"}
    null: list[Json] = ["null"] if may_be_null else []
    match item.type:
        case ItemType.number:
            schema |= {"type": ["integer", *null] if null else "integer"}
            schema |= {"minimum": -LARGEST_NUMBER, "maximum": LARGEST_NUMBER}
        case ItemType.code:
            known: list[Json] = [
                {"const": code.value, "title": code.ja} for code in codes_of(item, standard)
            ]
            schema["oneOf"] = [*known, {"type": "null"}] if null else known
        case _:
            schema |= {"type": ["string", *null] if null else "string"}
            schema["pattern"] = f"^(?:{open_pattern(item)})$"
    arithmetic: list[Json] = [
        check.value for check in checks(item) if item.type is not ItemType.code
    ]
    if arithmetic:
        schema["x-checks"] = arithmetic
    return schema


def json_text(value: Json) -> str:
    """Return a schema as the text of a file: two spaces, members in their order, one last line."""
    return json_bytes(value).decode()


def json_bytes(value: Json) -> bytes:
    """Return the same text in UTF-8: decoding what is only written costs more than making it."""
    return msgspec.json.format(msgspec.json.encode(value), indent=2) + b"\n"


def _head(interface: Interface, kind: str, ja: str, en: str) -> dict[str, Json]:
    return {
        "$schema": DIALECT,
        "$id": f"urn:renkei:{kind}:{interface.unit}:{interface.service}",
        "title": ja,
        "description": f"{en}. {STATEMENT}",
    }
