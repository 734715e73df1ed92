"""Every OpenAPI description is sound, and its examples are what its own schemas take."""

import json
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012
from tests.standard.every_type import MUTATIONS, ROW, small, standards

from renkei.standard import Catalogue, Timing, Unit, generate
from renkei.standard.generate.replies import NODE_SAYS

SMALL = small()
UNITS = [
    pytest.param(standard, unit, id=f"{standard.edition.id}-{unit.id}")
    for standard in standards()
    for unit in standard.units
]


def told(unit: Unit, standard: Catalogue) -> Any:
    """Return the description of a unit as a program reads it from its file."""
    return json.loads(generate.json_text(generate.openapi(unit, standard)))


def validator(document: Any, reference: str) -> Draft202012Validator:
    """Return the validator of one schema of a description."""
    resource = Resource.from_contents(document, default_specification=DRAFT202012)
    registry: Registry = Registry().with_resource("urn:document", resource)
    return Draft202012Validator({"$ref": f"urn:document{reference}"}, registry=registry)


@pytest.mark.parametrize(("standard", "unit"), UNITS)
def test_the_description_of_a_unit_is_sound(standard: Catalogue, unit: Unit):
    document = told(unit, standard)
    assert [str(error) for error in OpenAPIV31SpecValidator(document).iter_errors()] == []


@pytest.mark.parametrize(("standard", "unit"), UNITS)
def test_every_way_of_an_interface_has_its_operation(standard: Catalogue, unit: Unit):
    verbs = {
        Timing.immediate: {"get"},
        Timing.event: {"post"},
        Timing.batch: {"post", "put"},
    }
    wanted = sorted(
        (verb, interface.name)
        for interface in standard.interfaces_of(unit.id)
        for verb in set().union(*(verbs[timing] for timing in interface.timings))
    )
    found = sorted(
        (verb, "/".join(path.split("/")[5:7]))
        for path, operations in told(unit, standard)["paths"].items()
        for verb in operations
    )
    assert found == wanted


@pytest.mark.parametrize(("standard", "unit"), UNITS)
def test_every_example_is_one_its_schema_takes(standard: Catalogue, unit: Unit):
    document = told(unit, standard)
    for operations in document["paths"].values():
        for operation in operations.values():
            for reply in operation["responses"].values():
                (content,) = reply["content"].values()
                examples = [one["value"] for one in content.get("examples", {}).values()]
                examples += [content["example"]] if "example" in content else []
                references = [content["schema"], *content["schema"].get("anyOf", ())]
                checks = [validator(document, one["$ref"]) for one in references if "$ref" in one]
                assert all(any(one.is_valid(value) for one in checks) for value in examples)


def test_a_question_is_asked_as_the_protocol_has_it():
    operation = told(SMALL.unit("01"), SMALL)["paths"][
        "/r1/{instance}/{class}/{member}/01/person/{year}"
    ]["get"]
    names = [one.get("name") or one["$ref"].split("/")[-1] for one in operation["parameters"]]
    headers = ["X-Road-Client", "X-Road-Id", "X-Road-UserId", "PF-Second"]
    headers += ["PF-Procedure", "PF-Subject", "PF-Purpose"]
    headers += ["PF-Consent", "PF-Relation", "PF-Mode", "PF-On", "PF-Release"]
    assert names == ["instance", "class", "member", *headers, "year", "items"]
    assert set(operation["responses"]) == {"200", *NODE_SAYS}


def test_the_lawful_basis_names_every_provision_about_what_is_carried():
    operation = told(SMALL.unit("01"), SMALL)["paths"][
        "/r1/{instance}/{class}/{member}/01/person/{year}"
    ]["get"]
    assert operation["x-lawful-basis"] == [
        {
            "row": "P-1",
            "citation": "台帳法1条",
            "asker": "municipality 02",
            "holder": "own",
            "procedure": "JT99000000000201",
            "since": "2012-04-01",
            "until": None,
            "conditions": [],
            "years": "",
            "persons": [],
        }
    ]


# An answer may leave out what a record must have; no interface carries the personal number.
CARRIED = [(name, value) for name, value in MUTATIONS if value and name != "personal"]


@pytest.mark.parametrize(("name", "value"), CARRIED)
def test_an_answer_with_a_wrong_value_is_refused(name, value):
    check = validator(told(SMALL.unit("03"), SMALL), "#/components/schemas/sample.answer")
    row = {key: text for key, text in ROW.items() if key != "personal"}
    sample = SMALL.entity("sample")
    assert check.is_valid(generate.json_record(sample, row))
    assert not check.is_valid(generate.json_record(sample, row | {name: value}))


def test_a_file_says_its_columns_and_must_carry_its_digest():
    path = "/r1/{instance}/{class}/{member}/01/moved/files/{file}"
    operation = told(SMALL.unit("01"), SMALL)["paths"][path]["put"]
    csv = operation["requestBody"]["content"]["text/csv"]
    assert csv["x-csv-columns"] == ["番号", "年", "氏名"]
    assert {"$ref": "#/components/parameters/Content-Digest"} in operation["parameters"]
