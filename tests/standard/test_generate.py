"""Everything generated is a pure function of the catalogue."""

import json
import re
from pathlib import Path

import psycopg
import pytest
from tests.standard.folder import write
from tests.standard.golden import FOLDER, outputs

from renkei.kit import migrate
from renkei.standard import (
    Catalogue,
    Entity,
    ItemType,
    catalogue,
    compile_catalogue,
    generate,
    read_compiled,
    rules,
)
from renkei.standard.reserved import SQL_WORDS

STANDARD = catalogue()
ENTITIES = [pytest.param(entity, id=entity.name) for entity in STANDARD.entities]


def small(folder: Path) -> Catalogue:
    """Return the small catalogue of the tests, compiled."""
    return read_compiled(compile_catalogue(write(folder)))


@pytest.mark.parametrize("name", sorted(outputs(STANDARD)))
def test_an_output_is_byte_for_byte_the_one_kept(name):
    """If the catalogue was changed on purpose: python -m tests.standard.golden."""
    assert outputs(STANDARD)[name] == (FOLDER / name).read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def tables(fresh_dsn):
    """Give a database that holds the generated tables and nothing else of the store."""
    with fresh_dsn() as dsn:
        migrate(dsn, [])
        with psycopg.connect(dsn, autocommit=True) as conn:
            conn.execute("SET ROLE renkei_owner")
            conn.execute(generate.store_sql(STANDARD).encode())
            yield conn


@pytest.mark.parametrize("entity", ENTITIES)
def test_the_tables_have_the_items_as_columns_in_their_order(tables, entity):
    columns = """SELECT column_name, data_type, is_nullable FROM information_schema.columns
        WHERE table_name = %s ORDER BY ordinal_position"""
    found = tables.execute(columns, [f"store_{entity.name}"]).fetchall()
    types = {ItemType.number: "bigint", ItemType.date: "date"}
    items = [
        (item.name, types.get(item.type, "text"), "NO" if item.required else "YES")
        for item in entity.items
    ]
    since = [("valid_from", "date", "NO"), ("known_from", "timestamp with time zone", "NO")]
    assert found == [("tenant", "text", "NO"), *items, *since]
    until = [("valid_to", "date", "NO"), ("known_to", "timestamp with time zone", "NO")]
    assert tables.execute(columns, [f"store_{entity.name}_history"]).fetchall() == found + until


def test_every_table_and_column_carries_its_japanese_name(tables):
    comment = "SELECT col_description('store_income'::regclass, attnum) FROM pg_attribute"
    comment += " WHERE attrelid = 'store_income'::regclass AND attname = 'taxation'"
    assert tables.execute(comment).fetchone() == ("06-1-030 課税区分",)
    table = "SELECT obj_description('store_income_history'::regclass)"
    assert tables.execute(table).fetchone() == ("06 個人住民税 個人住民税課税 履歴",)


ROW = """('131016', '000000000000019', '000000000000027', '2024-04-01', '2024-05', '1', 10000,
    NULL, NULL, '2024-04-01', now()"""
INSERT = f"INSERT INTO store_child_allowance VALUES {ROW})"  # noqa: S608  # a constant
KEEP = f"INSERT INTO store_child_allowance_history VALUES {ROW}, '2024-04-01', now())"  # noqa: S608


@pytest.fixture
def application(tables):
    """Give the tables to the application's role, for A市, and roll everything back."""
    with tables.transaction(force_rollback=True):
        tables.execute("SET LOCAL ROLE renkei_application")
        tables.execute("SET LOCAL renkei.tenant = '131016'")
        yield tables


def test_the_application_sees_and_writes_its_tenant_only(application):
    count = "SELECT count(*) FROM store_child_allowance"
    application.execute(INSERT.encode())
    assert application.execute(count).fetchone() == (1,)
    application.execute("SET LOCAL renkei.tenant = '131024'")
    assert application.execute(count).fetchone() == (0,)
    with pytest.raises(psycopg.errors.InsufficientPrivilege), application.transaction():
        application.execute(INSERT.encode())


@pytest.mark.parametrize("verb", ["UPDATE {} SET monthly_amount = 0", "DELETE FROM {}"])
def test_the_application_never_rewrites_history(application, verb):
    application.execute(verb.format("store_child_allowance").encode())
    with pytest.raises(psycopg.errors.InsufficientPrivilege), application.transaction():
        application.execute(verb.format("store_child_allowance_history").encode())


def test_a_row_of_history_does_not_end_before_it_begins(application):
    """The day it began is allowed: a correction of that day leaves a row that holds for no day."""
    with pytest.raises(psycopg.errors.CheckViolation), application.transaction():
        application.execute(KEEP.replace("'2024-04-01', now())", "'2024-03-31', now())").encode())
    application.execute(KEEP.encode())


def test_every_word_the_server_reserves_is_reserved_for_items(tables):
    words = "SELECT word FROM pg_get_keywords() WHERE catcode IN ('R', 'T')"
    assert {word for (word,) in tables.execute(words)} <= SQL_WORDS


@pytest.mark.parametrize("entity", ENTITIES)
def test_a_record_schema_names_every_item_and_no_more(entity):
    schema = json.loads(generate.json_text(generate.json_schema(entity, STANDARD)))
    assert list(schema["properties"]) == [item.name for item in entity.items]
    assert schema["required"] == [item.name for item in entity.items if item.required]
    assert schema["additionalProperties"] is False
    for item in entity.items:
        kinds = json.dumps(schema["properties"][item.name])
        assert ('"null"' in kinds) is not item.required


@pytest.mark.parametrize("entity", ENTITIES)
def test_a_schema_takes_what_the_rules_take(entity: Entity):
    """The patterns differ only in how ECMAScript writes characters beyond U+FFFF."""
    schema = json.loads(generate.json_text(generate.json_schema(entity, STANDARD)))
    for item in entity.items:
        told = schema["properties"][item.name]
        if item.type is ItemType.number:
            assert (told["minimum"], told["maximum"]) == (-(10**15) + 1, 10**15 - 1)
        elif item.type is ItemType.code:
            consts = [value["const"] for value in told["oneOf"] if "const" in value]
            assert consts == [v.value for v in STANDARD.code_list(item.code_list or "").values]
        else:
            python = re.sub(r"\\u\{(\w+)\}", lambda m: rf"\U{int(m[1], 16):08X}", told["pattern"])
            assert python == f"^(?:{rules.pattern(item)})$"


def test_an_answer_may_hold_any_part_of_the_items_of_its_interface():
    interface = STANDARD.interface("06", "income")
    schema = generate.answer_schema(interface, STANDARD)
    properties = schema["properties"]
    assert isinstance(properties, dict)
    assert set(properties) == set(interface.items)
    assert "required" not in schema
    assert all('"null"' in json.dumps(told) for told in properties.values())


@pytest.mark.parametrize("entity", ENTITIES)
def test_a_layout_follows_the_order_of_the_items(entity):
    layout = generate.csv_layout(entity)
    assert layout.file == f"{entity.name}.csv"
    assert layout.headers == tuple(item.ja for item in entity.items)
    assert [column.position for column in layout.columns] == list(range(1, len(entity.items) + 1))
    lines = generate.csv_markdown(entity).splitlines()
    assert len([line for line in lines if line.startswith("| ")]) == len(entity.items) + 1


@pytest.mark.parametrize("entity", ENTITIES)
def test_a_table_schema_uses_only_what_xml_schema_patterns_know(entity):
    told = json.loads(generate.json_text(generate.table_schema(entity, STANDARD)))
    assert [field["name"] for field in told["fields"]] == [item.ja for item in entity.items]
    for field, item in zip(told["fields"], entity.items, strict=True):
        written = field["constraints"].get("pattern", "")
        assert not re.search(r"\(\?|\\[uUxdw]|[$^]", written)
        assert field["constraints"]["required"] is item.required


def test_another_catalogue_gives_other_outputs(tmp_path):
    standard = small(tmp_path)
    text = generate.store_sql(standard)
    assert "PRIMARY KEY (tenant, number, year, valid_from, known_from)" in text
    assert "store_resident" not in text
    fields = json.loads(
        generate.json_text(generate.table_schema(standard.entity("person"), standard))
    )
    assert fields["fields"][3]["constraints"]["enum"] == ["1", "2"]
