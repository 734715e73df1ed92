"""JSON Schema 2020-12 of a record and of an answer.

A value is text in the form of the CSV layout, a whole number for the type `number`. What a schema
cannot say, check digits above all, is named under `x-checks` (`renkei.standard.rules.Check`).
"""

import json
import re
from typing import TypeAlias

from renkei.standard.content import Catalogue
from renkei.standard.model import Entity, Interface, Item, ItemType
from renkei.standard.rules import LARGEST_NUMBER, checks, pattern

Json: TypeAlias = "str | int | bool | list[Json] | dict[str, Json] | None"

DIALECT = "https://json-schema.org/draft/2020-12/schema"
STATEMENT = "Renkei reference model; not the official text."


def json_schema(entity: Entity, standard: Catalogue) -> dict[str, Json]:
    """Return the schema of one record of an entity; a value that is absent is left out or null."""
    return {
        "$schema": DIALECT,
        "$id": f"urn:renkei:entity:{entity.name}",
        "title": entity.ja,
        "description": f"{entity.en}. {STATEMENT}",
        "type": "object",
        "properties": {
            item.name: _value(item, standard, may_be_null=not item.required)
            for item in entity.items
        },
        "required": [item.name for item in entity.items if item.required],
        "additionalProperties": False,
    }


def answer_schema(interface: Interface, standard: Catalogue) -> dict[str, Json]:
    """Return the schema of what an interface answers about one subject.

    A permit may name fewer items than the interface has, so none is required; an item that was
    permitted and has no value is null.
    """
    entity = standard.entity(interface.entity)
    items = [item for item in entity.items if item.name in interface.items]
    return {
        "$schema": DIALECT,
        "$id": f"urn:renkei:interface:{interface.unit}:{interface.service}",
        "title": interface.ja,
        "description": f"{interface.en}. {STATEMENT}",
        "type": "object",
        "properties": {item.name: _value(item, standard, may_be_null=True) for item in items},
        "minProperties": 1,
        "additionalProperties": False,
    }


def json_text(value: Json) -> str:
    """Return a schema as the text of a file: two spaces, members in their order, one last line."""
    return json.dumps(value, ensure_ascii=False, indent=2) + "\n"


def _value(item: Item, standard: Catalogue, *, may_be_null: bool) -> Json:
    schema: dict[str, Json] = {"title": item.ja, "description": f"{item.id} {item.en}"}
    null: list[Json] = ["null"] if may_be_null else []
    match item.type:
        case ItemType.number:
            schema |= {"type": ["integer", *null] if null else "integer"}
            schema |= {"minimum": -LARGEST_NUMBER, "maximum": LARGEST_NUMBER}
        case ItemType.code:
            codes = standard.code_list(item.code_list or "")
            known: list[Json] = [{"const": v.value, "title": v.ja} for v in codes.values]
            schema["oneOf"] = [*known, {"type": "null"}] if null else known
        case _:
            schema |= {"type": ["string", *null] if null else "string"}
            schema["pattern"] = f"^(?:{_ecmascript(pattern(item))})$"
    arithmetic: list[Json] = [
        check.value for check in checks(item) if item.type is not ItemType.code
    ]
    if arithmetic:
        schema["x-checks"] = arithmetic
    return schema


def _ecmascript(text: str) -> str:
    r"""Write the characters beyond U+FFFF as ECMAScript's u-mode does: `\u{10FFFD}`."""
    return re.sub(r"\\U000?([0-9A-F]{5,6})", r"\\u{\1}", text)
