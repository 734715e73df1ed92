"""The LinkML schema says what LinkML can say. `gen-json-schema` took it (docs of `linkml`)."""

import json
import re
from typing import Any

import pytest
import yaml
from tests.standard.every_type import MUTATIONS, ROW, small, standards

from renkei.standard import Catalogue, ItemType, generate

SMALL = small()
STANDARDS = [pytest.param(standard, id=standard.edition.id) for standard in standards()]


def told(standard: Catalogue) -> Any:
    """Return the schema as LinkML reads it from its file."""
    return json.loads(generate.json_text(generate.linkml(standard)))


@pytest.mark.parametrize("standard", STANDARDS)
def test_every_item_is_an_attribute_of_its_class(standard: Catalogue):
    schema = told(standard)
    for entity, known in zip(standard.entities, schema["classes"].values(), strict=True):
        assert list(known["attributes"]) == [item.name for item in entity.items]
        assert known["in_subset"] == [f"unit_{entity.unit}"]
        for item in entity.items:
            slot = known["attributes"][item.name]
            assert slot["required"] is item.required
            assert slot["structured_aliases"][0]["literal_form"] == item.ja
            if item.type is ItemType.code:
                assert slot["range"] in schema["enums"]


@pytest.mark.parametrize("standard", STANDARDS)
def test_no_name_is_used_twice_for_a_class_or_an_enumeration(standard: Catalogue):
    schema = told(standard)
    assert len(schema["classes"]) == len(standard.entities)
    assert len(schema["enums"]) == len(standard.code_lists)
    assert not set(schema["classes"]) & set(schema["enums"])


def test_the_file_is_yaml_as_well():
    text = generate.json_text(generate.linkml(SMALL))
    assert yaml.load(text, Loader=yaml.CSafeLoader) == told(SMALL)


@pytest.mark.parametrize(("name", "value"), [("", ""), *MUTATIONS])
def test_a_wrong_value_is_refused(name, value):
    schema = told(SMALL)
    row = ROW | ({name: value} if name else {})
    refused = {
        key
        for key, slot in schema["classes"]["Sample"]["attributes"].items()
        if not _takes(schema, slot, row[key])
    }
    assert refused == ({name} if name else set())


def _takes(schema: Any, slot: Any, value: str) -> bool:
    if not value:
        return not slot["required"]
    if slot["range"] in schema["enums"]:
        return value in schema["enums"][slot["range"]]["permissible_values"]
    if slot["range"] == "integer":
        return re.fullmatch(r"0|-?[1-9][0-9]*", value) is not None
    return re.search(slot["pattern"], value) is not None
