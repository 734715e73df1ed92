"""The JSON Schemas take what the rules take, and refuse the rest wherever a schema can say it."""

import re
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from tests.standard.every_type import MUTATIONS, ROW, small, standards

from renkei.standard import Catalogue, ItemType, generate, rules
from renkei.standard.synthetic import example_row

SMALL = small()
SAMPLE = SMALL.entity("sample")


@pytest.fixture(scope="module", params=[pytest.param(s, id=s.edition.id) for s in standards()])
def standard(request) -> Catalogue:
    """Give each catalogue once."""
    known: Catalogue = request.param
    return known


def is_valid(schema: Any, instance: Any) -> bool:
    """Tell whether a schema takes a value."""
    return Draft202012Validator(schema).is_valid(instance)


def test_a_record_schema_is_sound_and_names_every_item_and_no_more(standard: Catalogue):
    for entity in standard.entities:
        schema: Any = generate.json_schema(entity, standard)
        Draft202012Validator.check_schema(schema)
        assert list(schema["properties"]) == [item.name for item in entity.items]
        assert schema["required"] == [item.name for item in entity.items if item.required]
        assert schema["additionalProperties"] is False
        for item in entity.items:
            kinds = generate.json_text(schema["properties"][item.name])
            assert ('"null"' in kinds) is not item.required


def test_a_schema_takes_what_the_rules_take(standard: Catalogue):
    """The patterns differ only in how characters beyond U+FFFF are written: as themselves."""
    for entity in standard.entities:
        schema: Any = generate.json_schema(entity, standard)
        for item in entity.items:
            told = schema["properties"][item.name]
            if item.type is ItemType.number:
                assert (told["minimum"], told["maximum"]) == (-(10**15) + 1, 10**15 - 1)
            elif item.type is ItemType.code:
                consts = [value["const"] for value in told["oneOf"] if "const" in value]
                values = [v.value for v in standard.code_list(item.code_list or "").values]
                assert consts == list(dict.fromkeys(values))
            else:
                python = re.sub(
                    "[\U000f0000-\U0010fffd]", lambda m: rf"\U{ord(m[0]):08X}", told["pattern"]
                )
                assert python == f"^(?:{rules.pattern(item)})$"


def test_a_record_goes_to_json_and_back(standard: Catalogue):
    for entity in standard.entities:
        row = example_row(entity, standard)
        schema: Any = generate.json_schema(entity, standard)
        record = generate.json_record(entity, row)
        assert is_valid(schema | {"allOf": []}, record)
        assert generate.read_json_record(entity, record) == row


def test_a_record_that_keeps_every_rule_is_taken():
    record = generate.json_record(SAMPLE, ROW)
    assert "month" not in record
    assert record["whole"] == -7
    assert is_valid(generate.json_schema(SAMPLE, SMALL), record)
    assert is_valid(generate.json_schema(SAMPLE, SMALL), record | {"month": None})
    assert generate.read_json_record(SAMPLE, record) == ROW


@pytest.mark.parametrize(("name", "value"), MUTATIONS)
def test_a_wrong_value_is_refused(name, value):
    record = generate.json_record(SAMPLE, ROW | {name: value})
    assert not is_valid(generate.json_schema(SAMPLE, SMALL), record)


@pytest.mark.parametrize(
    ("change", "kept"),
    [
        ({"latin": ""}, {"flag": "0"}),
        ({"month": "2026-04"}, {"decimal": ""}),
        ({"digits": ""}, {"whole": "7"}),
        ({"organisation": "", "whole": "1"}, {"class_of_care": "2"}),
    ],
)
def test_a_rule_a_schema_can_say_is_kept_by_the_schema(change, kept):
    """Each change breaks one rule; what is kept besides meets it, or lifts its condition."""
    schema = generate.json_schema(SAMPLE, SMALL)
    assert not is_valid(schema, generate.json_record(SAMPLE, ROW | change))
    assert is_valid(schema, generate.json_record(SAMPLE, ROW | change | kept))


def test_alerts_and_orders_are_named_and_not_checked():
    schema: Any = generate.json_schema(SAMPLE, SMALL)
    assert schema["x-rules"] == ["03-R005", "03-R006"]
    said = [rule["$comment"].split()[0] for rule in schema["allOf"]]
    assert said == ["03-R001", "03-R002", "03-R003", "03-R007"]


def test_an_answer_may_hold_any_part_of_the_items_of_its_interface(standard: Catalogue):
    for interface in standard.interfaces:
        schema: Any = generate.answer_schema(interface, standard)
        Draft202012Validator.check_schema(schema)
        assert set(schema["properties"]) == set(interface.items)
        assert "required" not in schema
        assert all('"null"' in generate.json_text(told) for told in schema["properties"].values())
        assert not is_valid(schema, {})


def test_a_request_names_the_subject_and_every_parameter(standard: Catalogue):
    for interface in standard.interfaces:
        schema: Any = generate.request_schema(interface, standard)
        Draft202012Validator.check_schema(schema)
        subject = standard.entity(interface.entity).subject
        items = {parameter.item for parameter in interface.parameters} | {subject} - {None}
        assert set(schema["required"]) == set(schema["properties"]) == items


def test_a_message_holds_many_records_with_their_keys(standard: Catalogue):
    for interface in standard.interfaces:
        schema: Any = generate.message_schema(interface, standard)
        Draft202012Validator.check_schema(schema)
        record = schema["properties"]["records"]["items"]
        assert list(record["properties"]) == [
            item.name
            for item in standard.entity(interface.entity).items
            if item.name in {*interface.items, *standard.entity(interface.entity).key}
        ]
        assert set(record["required"]) == set(standard.entity(interface.entity).key)


def test_a_message_without_a_key_or_with_another_timing_is_refused():
    schema = generate.message_schema(SMALL.interface("01", "moved"), SMALL)
    record = {"number": "000000000000019", "year": "2026", "name": "見本"}
    message = {
        "id": "JP-1",
        "interface": "01/moved",
        "timing": "event",
        "supply": "differential",
        "made_at": "2026-04-01T09:30:00",
        "sequence": 1,
        "records": [record],
    }
    assert is_valid(schema, message)
    assert is_valid(schema, message | {"ended": [{"number": "000000000000019", "year": "2025"}]})
    assert not is_valid(schema, message | {"records": [{"name": "見本"}]})
    assert not is_valid(schema, message | {"timing": "immediate"})
    assert not is_valid(schema, message | {"ended": [record]})
