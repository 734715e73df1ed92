"""The schema is what the catalogue says, and every statement of the room fits it."""

import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from importlib.resources import files

import psycopg
import pytest
from msgspec.structs import replace
from psycopg import conninfo

from renkei import store
from renkei.kit import Connection, queries
from renkei.standard import Catalogue, Entity, ItemType, catalogue


def test_a_second_alignment_changes_nothing(dsn: str) -> None:
    assert store.align(dsn, catalogue()) == []


def with_item(changed: Entity) -> Catalogue:
    standard = catalogue()
    entities = tuple(changed if e.name == changed.name else e for e in standard.entities)
    return Catalogue("changed", replace(standard.content, entities=entities))


@pytest.fixture
def own_dsn(dsn: str, fresh_dsn: Callable[..., AbstractContextManager[str]]) -> Iterator[str]:
    """Give a copy of the module's database that a test may alter."""
    with fresh_dsn(conninfo.conninfo_to_dict(dsn)["dbname"]) as made:
        yield made


def columns(dsn: str, table: str) -> dict[str, str]:
    query = "SELECT column_name, is_nullable FROM information_schema.columns WHERE table_name = %s"
    with psycopg.connect(dsn) as conn:
        return dict(conn.execute(query, [table]).fetchall())


def test_an_item_added_to_the_standard_is_a_column_after_the_next_start(own_dsn: str) -> None:
    medical = catalogue().entity("child_medical")
    shoe = replace(medical.items[-1], id="17-1-901", name="shoe_size", ja="靴の大きさ")
    added = with_item(replace(medical, items=(*medical.items, shoe)))
    wanted = ["store_child_medical.shoe_size", "store_child_medical_history.shoe_size"]
    assert store.align(own_dsn, added) == wanted
    assert columns(own_dsn, "store_child_medical")["shoe_size"] == "YES"
    assert store.align(own_dsn, added) == []


def test_an_item_that_left_the_standard_keeps_its_column_and_may_be_empty(own_dsn: str) -> None:
    medical = catalogue().entity("child_medical")
    gone = with_item(replace(medical, items=medical.items[:-1]))
    assert medical.items[-1].required
    store.align(own_dsn, gone)
    assert columns(own_dsn, "store_child_medical")[medical.items[-1].name] == "YES"


def test_a_type_that_changed_is_an_error_and_nothing_is_altered(own_dsn: str) -> None:
    medical = catalogue().entity("child_medical")
    changed = [
        replace(i, type=ItemType.number) if i.name == "guardian_number" else i
        for i in medical.items
    ]
    before = columns(own_dsn, "store_child_medical")
    with pytest.raises(store.ColumnTypeDiffers, match="guardian_number"):
        store.align(own_dsn, with_item(replace(medical, items=tuple(changed))))
    assert columns(own_dsn, "store_child_medical") == before


def test_a_table_from_before_the_partitions_becomes_one_and_keeps_its_rows(own_dsn: str) -> None:
    with psycopg.connect(own_dsn) as conn:
        conn.execute(
            "SET ROLE renkei_owner;"
            "CREATE TABLE old (LIKE store_child_medical, PRIMARY KEY (tenant, child_number));"
            "DROP TABLE store_child_medical;"
            "ALTER TABLE old RENAME TO store_child_medical;"
            "ALTER TABLE store_child_medical"
            " RENAME CONSTRAINT old_pkey TO store_child_medical_pkey;"
            "CREATE POLICY tenant_only ON store_child_medical"
            " USING (tenant = current_setting('renkei.tenant', true));"
            "INSERT INTO store_child_medical SELECT '131016', '1', '2', '3', '2025', 4, 5,"
            " '2026-01-01', NULL, '1', '2026-01-01', now()"
        )
    assert store.align(own_dsn, catalogue()) == ["store_child_medical_rows"]
    assert store.align(own_dsn, catalogue()) == []
    with psycopg.connect(own_dsn, options="-c role=renkei_application") as conn:
        conn.execute("SELECT set_config('renkei.tenant', '131016', true)")
        count = conn.execute("SELECT count(*) FROM store_child_medical").fetchone()
        conn.execute("SELECT set_config('renkei.tenant', '131024', true)")
        none = conn.execute("SELECT count(*) FROM store_child_medical").fetchone()
    assert (count, none) == ((1,), (0,))


def test_every_entity_has_its_two_tables_under_row_security(conn: Connection) -> None:
    wanted = {f"store_{e.name}{tail}" for e in catalogue().entities for tail in ("", "_history")}
    schema = (files("renkei.store") / "sql" / "schema.sql").read_text(encoding="utf-8")
    own = set(re.findall(r"CREATE TABLE (\w+)", schema))
    found = conn.execute(
        "SELECT relname FROM pg_class WHERE relname LIKE 'store\\_%' AND relkind IN ('r', 'p')"
        " AND relrowsecurity AND relforcerowsecurity"
    )
    assert {name for (name,) in found} == wanted | own


def test_a_partition_lets_the_application_add_rows_and_nothing_else(conn: Connection) -> None:
    found = conn.execute(
        "SELECT count(*), count(*) FILTER (WHERE has_table_privilege(oid, verb))"
        " FROM pg_class, unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE',"
        "  'REFERENCES', 'TRIGGER']) AS verb"
        " WHERE relispartition AND relkind = 'r' AND relname LIKE 'store\\_%'"
    )
    assert found.fetchone() == (7 * len(catalogue().entities), 0)


def test_a_row_added_to_a_partition_belongs_to_the_tenant_that_was_set(conn: Connection) -> None:
    found = conn.execute(
        "SELECT count(*) FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid"
        " WHERE relispartition AND relkind = 'r' AND relname LIKE 'store\\_%'"
        " AND attname IN ('tenant', 'valid_from', 'known_from')"
        " AND has_column_privilege(attrelid, attnum, 'INSERT')"
    )
    assert found.fetchone() == (0,)


def test_a_row_cannot_be_added_to_a_partition_while_no_tenant_is_set(conn: Connection) -> None:
    conn.execute("SELECT set_config('renkei.tenant', '', true)")
    with pytest.raises(psycopg.errors.NotNullViolation, match="tenant"):
        conn.execute("INSERT INTO store_child_medical_rows (child_number) VALUES ('1')")


def test_the_application_cannot_rewrite_what_was(conn: Connection) -> None:
    found = conn.execute(
        "SELECT c.relname, p.name FROM pg_class c, (VALUES ('UPDATE'), ('DELETE')) p(name)"
        " WHERE (c.relname LIKE 'store\\_%\\_history' OR c.relname = 'store_load')"
        " AND c.relkind = 'r' AND has_table_privilege(c.oid, p.name)"
    )
    assert found.fetchall() == []


def test_every_named_query_has_a_name_that_is_used() -> None:
    source = "".join(
        path.read_text(encoding="utf-8")
        for path in files("renkei.store").iterdir()
        if path.name.endswith(".py")
    )
    assert [n for n in queries("renkei.store").names() if f"sql.{n}" not in source] == []
