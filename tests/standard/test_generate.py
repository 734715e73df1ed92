"""Everything generated is a pure function of the catalogue; the tables are what the store needs."""

import re
import tempfile
from datetime import datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest
from tests.standard.every_type import MUTATIONS, ROW, small, standards
from tests.standard.golden import FOLDER, outputs

from renkei.kit import migrate
from renkei.kit.postgres import Postgres
from renkei.kit.programs import SYSTEM
from renkei.standard import Catalogue, Entity, Item, ItemType, catalogue, generate
from renkei.standard.reserved import SQL_WORDS

SMALL = small()
STANDARDS = [pytest.param(standard, id=standard.edition.id) for standard in standards()]


def test_the_kept_outputs_are_all_there_are():
    assert {path.name for path in FOLDER.iterdir()} == set(outputs(SMALL))


@pytest.mark.parametrize("name", sorted(outputs(SMALL)))
def test_an_output_is_byte_for_byte_the_one_kept(name):
    """If a generator was changed on purpose: python -m tests.standard.golden."""
    assert outputs(SMALL)[name] == (FOLDER / name).read_text(encoding="utf-8")


@pytest.fixture(scope="module", params=STANDARDS)
def standard(request):
    """Give each catalogue once."""
    return request.param


@pytest.fixture(scope="module")
def tables(fresh_dsn, standard):
    """Give a database that holds the generated tables and nothing else of the store."""
    with fresh_dsn() as dsn:
        migrate(dsn, [])
        with psycopg.connect(dsn, autocommit=True) as conn:
            conn.execute("SET ROLE renkei_owner")
            conn.execute(generate.store_sql(standard).encode())
            yield conn


INSTALLED = [path for path in SYSTEM.glob("*/bin") if path.parent.name.isdigit()]
OTHER_SERVERS = [path for path in INSTALLED if int(path.parent.name) >= 15]


@pytest.mark.skipif(not OTHER_SERVERS, reason="the system has no PostgreSQL 15 or later")
@pytest.mark.parametrize("binaries", OTHER_SERVERS, ids=lambda path: path.parent.name)
def test_every_installed_server_makes_the_tables(binaries):
    with tempfile.TemporaryDirectory(prefix="renkei-tables-") as made:
        Path(made).chmod(0o711)
        with Postgres(Path(made) / "server", binaries=binaries) as server:
            migrate(server.dsn(), [])
            with psycopg.connect(server.dsn(), autocommit=True) as conn:
                conn.execute("SET ROLE renkei_owner")
                conn.execute(generate.store_sql(catalogue()).encode())
                found = conn.execute(
                    "SELECT count(*) FROM pg_class WHERE relkind = 'r' AND relname LIKE 'store\\_%'"
                ).fetchone()
    assert found == (2 * len(catalogue().entities),)


TYPES = {
    ItemType.number: "bigint",
    ItemType.date: "date",
    ItemType.datetime: "timestamp(0) without time zone",
}


def column_type(item: Item) -> str:
    """Return an item's type as the server says it."""
    if item.type is ItemType.decimal:
        decimals = item.decimals or 0
        return f"numeric({(item.digits or 0) + decimals},{decimals})"
    return TYPES.get(item.type, "text")


def test_the_tables_have_the_items_as_columns_in_their_order(tables, standard):
    columns = """SELECT attname, format_type(atttypid, atttypmod), attnotnull FROM pg_attribute
        WHERE attrelid = %s::regclass AND attnum > 0 ORDER BY attnum"""
    since = [("valid_from", "date", True), ("known_from", "timestamp with time zone", True)]
    until = [("valid_to", "date", True), ("known_to", "timestamp with time zone", True)]
    for entity in standard.entities:
        found = tables.execute(columns, [f"store_{entity.name}"]).fetchall()
        items = [(item.name, column_type(item), item.required) for item in entity.items]
        assert found == [("tenant", "text", True), *items, *since]
        history = tables.execute(columns, [f"store_{entity.name}_history"]).fetchall()
        assert history == found + until


def test_every_table_and_every_current_column_carries_its_japanese_name(tables, standard):
    comments = """SELECT a.attname, col_description(attrelid, attnum) FROM pg_attribute a
        WHERE attrelid = %s::regclass AND attnum > 0 AND attname = ANY(%s) ORDER BY attnum"""
    table = "SELECT obj_description(%s::regclass)"
    for entity in standard.entities:
        names = [item.name for item in entity.items]
        found = tables.execute(comments, [f"store_{entity.name}", names]).fetchall()
        assert found == [(item.name, f"{item.id} {item.ja}") for item in entity.items]
        said = f"{entity.unit} {standard.unit(entity.unit).ja} {entity.ja}"
        assert tables.execute(table, [f"store_{entity.name}"]).fetchone() == (said,)
        history = tables.execute(table, [f"store_{entity.name}_history"]).fetchone()
        assert history == (f"{said} 履歴",)


TAX = "'131016', '000000000000019', 100000, 1.5, '2024-04-01', now()"
INSERT = f"INSERT INTO store_tax VALUES ({TAX})"  # noqa: S608  # a constant
KEEP = f"INSERT INTO store_tax_history VALUES ({TAX}, '2024-04-01', now())"  # noqa: S608


ON_THE_SMALL_ONE = pytest.mark.parametrize(
    "standard", [pytest.param(SMALL, id="small")], indirect=True
)


@pytest.fixture
def application(tables):
    """Give the tables to the application's role, for A市, and roll everything back."""
    with tables.transaction(force_rollback=True):
        tables.execute("SET LOCAL ROLE renkei_application")
        tables.execute("SET LOCAL renkei.tenant = '131016'")
        yield tables


@ON_THE_SMALL_ONE
def test_the_application_sees_and_writes_its_tenant_only(application):
    count = "SELECT count(*) FROM store_tax"
    application.execute(INSERT.encode())
    assert application.execute(count).fetchone() == (1,)
    application.execute("SET LOCAL renkei.tenant = '131024'")
    assert application.execute(count).fetchone() == (0,)
    with pytest.raises(psycopg.errors.InsufficientPrivilege), application.transaction():
        application.execute(INSERT.encode())


@ON_THE_SMALL_ONE
@pytest.mark.parametrize("verb", ["UPDATE {} SET amount = 0", "DELETE FROM {}"])
def test_the_application_never_rewrites_history(application, verb):
    application.execute(verb.format("store_tax").encode())
    with pytest.raises(psycopg.errors.InsufficientPrivilege), application.transaction():
        application.execute(verb.format("store_tax_history").encode())


@ON_THE_SMALL_ONE
def test_a_row_of_history_does_not_end_before_it_begins(application):
    """The day it began is allowed: a correction of that day leaves a row that holds for no day."""
    with pytest.raises(psycopg.errors.CheckViolation), application.transaction():
        application.execute(KEEP.replace("'2024-04-01', now())", "'2024-03-31', now())").encode())
    application.execute(KEEP.encode())


def test_every_word_the_server_reserves_is_reserved_for_items(tables):
    words = "SELECT word FROM pg_get_keywords() WHERE catcode IN ('R', 'T')"
    assert {word for (word,) in tables.execute(words)} <= SQL_WORDS


def test_a_layout_follows_the_order_of_the_items(standard):
    for entity in standard.entities:
        layout, length = generate.csv_layout(entity), len(entity.items)
        assert layout.file == f"{entity.name}.csv"
        assert layout.headers == tuple(item.ja for item in entity.items)
        assert [column.position for column in layout.columns] == list(range(1, length + 1))
        lines = generate.csv_markdown(entity).splitlines()
        assert len([line for line in lines if line.startswith("| ")]) == length + 1


def test_a_table_schema_uses_only_what_xml_schema_patterns_know(standard):
    for entity in standard.entities:
        fields = fields_of(entity, standard)
        assert list(fields) == [item.ja for item in entity.items]
        for field, item in zip(fields.values(), entity.items, strict=True):
            written = field["constraints"].get("pattern", "")
            assert not re.search(r"\(\?|\\[uUxdw]|[$^]", written), item.id
            assert field["constraints"]["required"] is item.required


def fields_of(entity: Entity, standard: Catalogue) -> dict[str, Any]:
    """Return the fields of a table schema by their names."""
    told: Any = generate.table_schema(entity, standard)
    return {field["name"]: field for field in told["fields"]}


# A table schema says of a text how long it is, and leaves typed values to their type.
UNSAID = {("name", "\t"), ("plain", "\ue000"), ("whole", "007"), ("decimal", "1.50")}
UNSAID |= {("decimal", "100"), ("day", "2026-4-1"), ("moment", "2026-04-01 09:30")}


@pytest.mark.parametrize(("name", "value"), [("", ""), *sorted({*MUTATIONS} - UNSAID)])
def test_a_wrong_value_is_refused_by_the_table_schema(name, value):
    entity, row = SMALL.entity("sample"), ROW | ({name: value} if name else {})
    fields = fields_of(entity, SMALL)
    refused = [i.name for i in entity.items if not _takes(fields[i.ja], row[i.name])]
    assert refused == ([name] if name else [])


def _takes(field: Any, value: str) -> bool:
    constraints = field["constraints"]
    if not value:
        return not constraints["required"]
    match field["type"]:
        case "integer" | "number":
            return re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", value) is not None and (
                field["type"] == "number" or "." not in value
            )
        case "date" | "datetime":
            try:
                return bool(datetime.strptime(value, field.get("format", "%Y-%m-%d")))  # noqa: DTZ007  # no zone
            except ValueError:
                return False
        case _:
            fits = len(value) <= constraints.get("maxLength", len(value))
            listed = value in constraints.get("enum", [value])
            return fits and listed and bool(re.fullmatch(constraints.get("pattern", ".*"), value))


def test_a_relation_to_a_whole_key_is_a_foreign_key_and_one_to_a_part_is_none():
    """The key of a person is number and year; the sample's relation holds the number only."""
    told = generate.table_schema(SMALL.entity("sample"), SMALL)
    reference = {"resource": "tax", "fields": ["番号"]}
    assert told["foreignKeys"] == [{"fields": ["番号"], "reference": reference}]
    assert "foreignKeys" not in generate.table_schema(SMALL.entity("tax"), SMALL)


def test_a_value_that_came_back_is_named_once():
    told = generate.json_text(generate.table_schema(SMALL.entity("sample"), SMALL))
    assert told.count('"enum"') == 2
    assert '"enum": [\n          "1",\n          "2"\n        ]' in told
