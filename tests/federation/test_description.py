"""What members really say to each other fits what OpenAPI says they do."""

import json
from typing import Any

import msgspec
import pytest
from jsonschema import Draft202012Validator
from tests.federation.desks import H1, B, L
from tests.federation.test_parties import brought, heard

from renkei import federation
from renkei.app.openapi import members
from renkei.app.openapi.document import document
from renkei.app.openapi.operation import Operation


def schema_of(operation: Operation, *path: str) -> Draft202012Validator:
    """Return the schema at a place of a described operation, with all it refers to."""
    told: Any = json.loads(msgspec.json.encode(document([operation], "", "")))
    found = told["paths"][operation.path]["post"]
    for name in path:
        found = found[name]
    schema = found["content"]["application/json"]["schema"]
    return Draft202012Validator({**schema, "components": told["components"]})


@pytest.mark.parametrize(
    ("party", "operation"),
    [(H1, members.CONVERT), (L, members.RECEIPT), (B, members.ANSWER)],
)
def test_question_and_answer_are_as_described(conn, desks, party, operation):
    carried = brought(conn, desks, party)
    asked = schema_of(operation, "requestBody")
    said = json.loads(federation.render(carried))
    assert asked.is_valid(said)
    assert not asked.is_valid(said | {"more": ""})
    told = schema_of(operation, "responses", "200")
    answer = json.loads(federation.render(heard(conn, desks, party, carried)))
    assert told.is_valid(answer)
    assert not told.is_valid(answer | {"type": "another"})
