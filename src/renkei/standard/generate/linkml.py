"""The catalogue as a LinkML schema: classes, attributes, enumerations, subsets.

The schema is plain data; written as JSON (`json_text`) it is a YAML file as well. Patterns stand
at every attribute, since LinkML's generators drop the pattern of a type.

LinkML has no words for: the days in which a code value, a provision or an interface is in force;
provisions and conditions; timing and consumers of interfaces; row rules between records; check
digits; forms of unknown dates other than as a pattern; classes of care; mappings between codes.
Of these it carries nothing, but for the last day of a retired value, which stands as text.
"""

from renkei.standard.content import Catalogue
from renkei.standard.generate.patterns import open_pattern
from renkei.standard.generate.schemas import STATEMENT
from renkei.standard.generate.values import Json, codes_of
from renkei.standard.grammar import LARGEST_NUMBER
from renkei.standard.model import CodeList, Entity, Item, ItemType

URI = "https://renkei.invalid/linkml/"


def linkml(standard: Catalogue) -> dict[str, Json]:
    """Return the whole catalogue as one LinkML schema."""
    edition = standard.edition
    return {
        "id": f"{URI}{edition.id}",
        "name": edition.id,
        "title": edition.en,
        "description": STATEMENT,
        "version": edition.edition,
        "prefixes": {"linkml": "https://w3id.org/linkml/", "renkei": URI},
        "default_prefix": "renkei",
        "default_range": "string",
        "imports": ["linkml:types"],
        "subsets": {
            f"unit_{unit.id}": {"title": unit.en, **_japanese(unit.ja), "description": unit.says_en}
            for unit in standard.units
        },
        "enums": {enum_name(codes.id): _enum(codes) for codes in standard.code_lists},
        "classes": {
            class_name(entity.name): _class(entity, standard) for entity in standard.entities
        },
    }


def class_name(name: str) -> str:
    """Return the name of an entity's class.

    >>> class_name("child_allowance")
    'ChildAllowance'
    """
    return "".join(word[:1].upper() + word[1:] for word in name.split("_"))


def enum_name(code_list: str) -> str:
    """Return the name of a code list's enumeration; classes and enumerations share one space."""
    return f"{class_name(code_list)}Code"


def _class(entity: Entity, standard: Catalogue) -> Json:
    slots: list[Json] = list(entity.key)
    told: dict[str, Json] = {
        "title": entity.en,
        **_japanese(entity.ja),
        "description": entity.source,
        "in_subset": [f"unit_{entity.unit}"],
        "unique_keys": {"key": {"unique_key_slots": slots}},
        "attributes": {item.name: _slot(item, standard) for item in entity.items},
    }
    related = list(dict.fromkeys(class_name(relation.to) for relation in entity.relations))
    if related:
        told["see_also"] = [f"renkei:{name}" for name in related]
    return told


def _slot(item: Item, standard: Catalogue) -> Json:
    slot: dict[str, Json] = {
        "title": item.en,
        **_japanese(item.ja),
        "description": f"{item.id} {item.source}",
        "required": item.required,
    }
    match item.type:
        case ItemType.code:
            slot["range"] = enum_name(item.code_list or "")
        case ItemType.number:
            slot |= {"range": "integer"}
            slot |= {"minimum_value": -LARGEST_NUMBER, "maximum_value": LARGEST_NUMBER}
        case kind:
            slot["range"] = "date" if kind is ItemType.date else "string"
            slot["pattern"] = f"^(?:{open_pattern(item)})$"
    if item.example is not None or item.type is ItemType.code:
        value = item.example or codes_of(item, standard)[0].value
        slot["examples"] = [{"value": value}]
    return slot


def _enum(codes: CodeList) -> Json:
    return {
        "title": codes.en,
        **_japanese(codes.ja),
        "description": codes.source,
        "permissible_values": {
            code.value: {
                "title": code.en,
                **_japanese(code.ja),
                **({"deprecated": code.period} if code.is_retired else {}),
            }
            for code in codes.known
        },
    }


def _japanese(name: str) -> dict[str, Json]:
    return {
        "structured_aliases": [
            {"literal_form": name, "in_language": "ja", "predicate": "EXACT_SYNONYM"}
        ]
    }
