"""Whatever is valid passes everything generated; whatever is spoilt is refused by all who can say.

Hypothesis makes rows of every entity of the shipped catalogue. JSON Schema, XML Schema, the CSV
layout as the store judges it and the tables of PostgreSQL must agree on each.
"""

import json
from collections.abc import Sequence
from datetime import date
from functools import cache
from typing import Any

import polars as pl
import psycopg
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from jsonschema import Draft202012Validator
from lxml import etree
from psycopg.sql import SQL, Identifier
from tests.sampling import some_of
from tests.standard.instances import Row, rows, spoilt

from renkei.kit import Connection
from renkei.standard import Entity, Interface, Timing, catalogue, generate
from renkei.standard.judgement import judge
from renkei.store.columns import ALERTS, column_of

STANDARD = catalogue()
DAY = date(2026, 4, 1)
FEW = settings(
    max_examples=4,
    deadline=None,
    phases=[Phase.explicit, Phase.generate, Phase.shrink],
    suppress_health_check=[
        HealthCheck.function_scoped_fixture,
        HealthCheck.too_slow,
        HealthCheck.filter_too_much,  # of many items some draw is refused, in unlucky rows each
    ],
)
A = "131016"
ENTITIES = [pytest.param(one, id=one.name) for one in some_of(STANDARD.entities, every=4)]
INTERFACES = [pytest.param(one, id=one.name) for one in some_of(STANDARD.interfaces, every=4)]


@cache
def xml_schema(unit: str) -> etree.XMLSchema:
    return etree.XMLSchema(etree.fromstring(generate.xsd(STANDARD.unit(unit), STANDARD).encode()))


@cache
def json_schema(entity: str) -> tuple[Draft202012Validator, Draft202012Validator]:
    """Return the schema of a record, and the same without the rules between items."""
    whole = generate.json_schema(STANDARD.entity(entity), STANDARD)
    return Draft202012Validator(whole), Draft202012Validator({**whole, "allOf": []})


def json_takes(entity: Entity, row: Row) -> bool:
    return json_schema(entity.name)[1].is_valid(generate.json_record(entity, row))


def xml_takes(entity: Entity, row: Row) -> bool:
    element = etree.fromstring(generate.xml_record(entity, row))
    return xml_schema(entity.unit).validate(element)


def csv_takes(entity: Entity, some: Sequence[Row]) -> list[bool]:
    """Judge rows as the store judges the lines of a file, whole columns at once."""
    frame = pl.DataFrame(
        {item.name: [row[item.name] or None for row in some] for item in entity.items},
        schema={item.name: pl.String for item in entity.items},
    )
    columns = [column_of(n, item, STANDARD, DAY) for n, item in enumerate(entity.items, 1)]
    wrong = [(one.wrong & ~one.rule.is_in([*ALERTS])).fill_null(value=False) for one in columns]
    return frame.select(taken=~pl.any_horizontal(wrong))["taken"].to_list()


def table_takes(conn: Connection, entity: Entity, row: Row) -> bool:
    names = [item.name for item in entity.items]
    columns = SQL(", ").join(map(Identifier, ["tenant", *names, "valid_from", "known_from"]))
    marks = SQL(", ").join([SQL("%s")] * (len(names) + 3))
    statement = SQL("INSERT INTO {} ({}) VALUES ({})").format(
        Identifier(f"store_{entity.name}"), columns, marks
    )
    try:
        with conn.transaction(force_rollback=True):
            given_values = [A, *(row[name] or None for name in names), DAY, "2026-04-01T00:00:00Z"]
            conn.execute(statement, given_values)
    except (psycopg.DataError, psycopg.IntegrityError):
        return False
    return True


@pytest.mark.parametrize("entity", ENTITIES)
def test_a_valid_row_passes_everything_that_is_generated(conn: Connection, entity: Entity):
    @FEW
    @given(row=rows(entity, STANDARD))
    def passes(row: Row) -> None:
        assert json_takes(entity, row)
        assert xml_takes(entity, row), xml_schema(entity.unit).error_log
        assert csv_takes(entity, [row]) == [True]
        assert table_takes(conn, entity, row)
        record = generate.json_record(entity, row)
        assert generate.read_json_record(entity, record) == row
        element = etree.fromstring(generate.xml_record(entity, row))
        assert generate.read_xml_record(entity, element) == row

    passes()


@pytest.mark.parametrize("entity", ENTITIES)
def test_the_rules_of_a_schema_are_the_rules_of_the_standard(entity: Entity):
    """What JSON Schema can say of the rules, it says as `judge` does, breach by breach."""
    schema: Any = generate.json_schema(entity, STANDARD)
    said = {rule["$comment"].split()[0] for rule in schema.get("allOf", ())}

    @FEW
    @given(row=rows(entity, STANDARD))
    def agrees(row: Row) -> None:
        breaches = judge(STANDARD, entity, [row], on=DAY)
        broken = {breach.rule.id for breach in breaches} & said
        taken = json_schema(entity.name)[0].is_valid(generate.json_record(entity, row))
        assert taken is (not broken)

    agrees()


@pytest.mark.parametrize("entity", ENTITIES)
def test_each_way_of_spoiling_a_row_is_refused_by_all_who_can_say(conn: Connection, entity: Entity):
    @settings(FEW, max_examples=1)
    @given(row=rows(entity, STANDARD))
    def refused(row: Row) -> None:
        bad = spoilt(entity, row)
        by_loader = csv_takes(entity, [one.row for one in bad])
        for one, taken in zip(bad, by_loader, strict=True):
            refusing = set() if taken else {"csv"}
            refusing |= set() if json_takes(entity, one.row) else {"json"}
            refusing |= set() if xml_takes(entity, one.row) else {"xml"}
            if "table" in one.refused_by and not table_takes(conn, entity, one.row):
                refusing.add("table")
            assert refusing >= one.refused_by, (one.way, one.refused_by - refusing)

    refused()


@pytest.mark.parametrize("interface", INTERFACES)
def test_every_message_of_an_interface_passes_its_schemas(interface: Interface):
    entity = STANDARD.entity(interface.entity)
    schemas = {
        "request": Draft202012Validator(generate.request_schema(interface, STANDARD)),
        "answer": Draft202012Validator(generate.answer_schema(interface, STANDARD)),
        "notice": Draft202012Validator(generate.message_schema(interface, STANDARD)),
    }

    @FEW
    @given(row=rows(entity, STANDARD), other=rows(entity, STANDARD))
    def passes(row: Row, other: Row) -> None:
        texts = []
        if Timing.immediate in interface.timings:
            request = generate.json_request(interface, row, STANDARD)
            assert schemas["request"].is_valid(request)
            assert not schemas["request"].is_valid(dict(list(request.items())[1:]))
            answer = generate.json_answer(interface, row, STANDARD)
            assert schemas["answer"].is_valid(answer)
            assert not schemas["answer"].is_valid(answer | {"stranger": "x"})
            texts.append(generate.xml_request(interface, row, STANDARD))
            texts.append(generate.xml_answer(interface, row, STANDARD))
        for timing in set(interface.timings) - {Timing.immediate}:
            envelope = generate.Envelope("JP-1", timing, "2026-04-01T09:30:00", 1)
            said = {"rows": [row], "ended": [other]}
            notice = generate.json_notice(interface, envelope=envelope, standard=STANDARD, **said)
            assert schemas["notice"].is_valid(notice)
            assert not schemas["notice"].is_valid({**notice, "sequence": 0})
            xml = generate.xml_notice(interface, envelope=envelope, standard=STANDARD, **said)
            texts.append(xml)
            assert generate.read_xml_notice(
                interface, etree.fromstring(xml), STANDARD
            ) == generate.read_json_notice(
                interface, json.dumps(notice).encode(), STANDARD, message="JP-1"
            )
        schema = xml_schema(interface.unit)
        for text in texts:
            assert schema.validate(etree.fromstring(text)), schema.error_log

    passes()
