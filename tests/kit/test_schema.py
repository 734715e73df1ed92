"""Every table has its tenant first, and the schema is what the migrations add up to."""

from collections.abc import Callable
from contextlib import AbstractContextManager

import psycopg
import pytest

from renkei import store
from renkei.kit import migrate
from renkei.standard import catalogue

FreshDsn = Callable[..., AbstractContextManager[str]]

# Everything a schema can say, one row a thing. Functions in C (13) come with an extension.
CATALOGUE = {
    "tables": """
        SELECT relname, relkind, relpersistence, relrowsecurity, relforcerowsecurity,
               relowner::regrole, relacl, reloptions, pg_get_expr(relpartbound, oid),
               pg_get_partkeydef(oid)
          FROM pg_class WHERE relnamespace = 'public'::regnamespace""",
    "columns": """
        SELECT relname, attname, format_type(atttypid, atttypmod), attnotnull, attidentity,
               attgenerated, attcollation::regcollation, attacl, attstattarget,
               pg_get_expr(adbin, adrelid)
          FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid
          LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
         WHERE relnamespace = 'public'::regnamespace AND attnum > 0 AND NOT attisdropped""",
    "constraints": """
        SELECT conrelid::regclass, conname, pg_get_constraintdef(oid), condeferrable, condeferred
          FROM pg_constraint WHERE connamespace = 'public'::regnamespace""",
    "indexes": "SELECT tablename, indexdef FROM pg_indexes WHERE schemaname = 'public'",
    "policies": """
        SELECT tablename, policyname, permissive, roles, cmd, qual, with_check
          FROM pg_policies WHERE schemaname = 'public'""",
    "views": "SELECT relname, pg_get_viewdef(oid) FROM pg_class "
    "WHERE relkind IN ('v', 'm') AND relnamespace = 'public'::regnamespace",
    "functions": "SELECT pg_get_functiondef(oid), proacl FROM pg_proc "
    "WHERE prokind IN ('f', 'p') AND prolang <> 13 AND pronamespace = 'public'::regnamespace",
    "triggers": "SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal",
    "sequences": "SELECT * FROM pg_sequences WHERE schemaname = 'public'",
    "types": """
        SELECT typname, typtype, typowner::regrole, format_type(typbasetype, typtypmod),
               (SELECT array_agg(enumlabel ORDER BY enumsortorder) FROM pg_enum
                 WHERE enumtypid = pg_type.oid)
          FROM pg_type
         WHERE typnamespace = 'public'::regnamespace AND typtype IN ('e', 'd', 'r', 'c')""",
    "extensions": "SELECT extname, extversion FROM pg_extension",
    "statistics": "SELECT pg_get_statisticsobjdef(oid), stxstattarget FROM pg_statistic_ext",
    "schemas": "SELECT nspname, nspacl FROM pg_namespace WHERE nspname !~ '^pg_'",
}

TABLES = """
    SELECT relname FROM pg_class
     WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace
           AND relname <> 'kit_migration'
     ORDER BY relname"""


def contents(dsn: str) -> dict[str, list[str]]:
    with psycopg.connect(dsn) as conn:
        return {
            name: sorted(str(row) for row in conn.execute(query.encode()))
            for name, query in CATALOGUE.items()
        }


def test_schema_and_migrations_make_the_same_database(
    fresh_dsn: FreshDsn, rooms: list[str]
) -> None:
    with fresh_dsn() as one, fresh_dsn() as other:
        applied = migrate(one, rooms)
        assert migrate(other, rooms, from_migrations=True) == applied
        if "renkei.store" in rooms:
            # The tables of the records are the catalogue's: an old one only gains columns.
            store.align(one, catalogue())
            store.align(other, catalogue())
        schema, history = contents(one), contents(other)
    assert schema["tables"]
    for name in CATALOGUE:
        assert schema[name] == history[name], name


def test_the_comparison_would_see_a_difference(fresh_dsn: FreshDsn) -> None:
    with fresh_dsn() as dsn:
        migrate(dsn, [])
        before = contents(dsn)
        with psycopg.connect(dsn) as conn:
            conn.execute("ALTER TABLE kit_migration ALTER name SET DEFAULT ''")
            conn.execute("GRANT INSERT ON kit_migration TO renkei_application")
        after = contents(dsn)
    assert [name for name in CATALOGUE if before[name] != after[name]] == ["tables", "columns"]


@pytest.fixture(scope="module")
def tables(dsn: str) -> list[str]:
    with psycopg.connect(dsn) as conn:
        return [name for (name,) in conn.execute(TABLES.encode())]


ASKS_FOR_THE_TENANT = (
    "SELECT count(*) > 0 AND bool_and(strpos(pg_get_expr(polqual, polrelid),"
    "       $$(tenant = current_setting('renkei.tenant'::text, true))$$) > 0)"
    "  FROM pg_policy WHERE polrelid = t.oid AND polpermissive"
)
UNREADABLE = (
    "relispartition AND NOT"
    " has_table_privilege('renkei_application', t.oid, 'SELECT, INSERT, UPDATE, DELETE')"
)
"""A partition without row security: its table has it. It takes rows of the tenant that is set."""


def offenders(dsn: str, rule: str) -> list[str]:
    """Return the tables that a rule, written over pg_class as t, does not hold for."""
    query = f"""
        SELECT relname FROM pg_class t
         WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace
           AND relname <> 'kit_migration'
           AND NOT coalesce(({rule}), false)"""  # noqa: S608  # the rules stand below
    with psycopg.connect(dsn) as conn:
        return [name for (name,) in conn.execute(query.encode())]


@pytest.mark.parametrize(
    "rule",
    [
        pytest.param(
            "SELECT attname = 'tenant' AND attnotnull AND atttypid = 'text'::regtype"
            "  FROM pg_attribute WHERE attrelid = t.oid AND attnum = 1",
            id="the tenant is the first column",
        ),
        pytest.param(
            "SELECT conkey[1] = 1 FROM pg_constraint WHERE conrelid = t.oid AND contype = 'p'",
            id="the tenant leads the primary key",
        ),
        pytest.param(
            f"relrowsecurity AND relforcerowsecurity OR {UNREADABLE}",
            id="row security is forced",
        ),
        pytest.param(
            f"({ASKS_FOR_THE_TENANT}) OR {UNREADABLE}",
            id="every permissive policy asks for the tenant",
        ),
        pytest.param("relowner = 'renkei_owner'::regrole", id="the owner is renkei_owner"),
        pytest.param(
            "NOT has_table_privilege('renkei_application', t.oid, 'TRUNCATE, TRIGGER, REFERENCES')",
            id="the application has no rights beyond rows",
        ),
        pytest.param(
            "SELECT relacl IS NOT NULL AND bool_and(grantee IN"
            "       ('renkei_owner'::regrole, 'renkei_application'::regrole,"
            "        'renkei_retention'::regrole, 'renkei_pruner'::regrole,"
            "        'renkei_overseer'::regrole))"
            "  FROM aclexplode(t.relacl)",
            id="rights are granted by name, to the application, to those who remove, who oversee",
        ),
        pytest.param(
            "NOT has_table_privilege('renkei_overseer', t.oid,"
            "    'INSERT, UPDATE, DELETE, TRUNCATE, TRIGGER, REFERENCES')"
            " AND NOT has_any_column_privilege('renkei_overseer', t.oid,"
            "    'INSERT, UPDATE, REFERENCES')",
            id="whoever oversees may read at most",
        ),
    ],
)
def test_every_table_keeps_the_rule(dsn: str, rule: str) -> None:
    assert offenders(dsn, rule) == []


def test_every_table_bears_the_name_of_its_room(tables: list[str], rooms: list[str]) -> None:
    names = {room.removeprefix("renkei.") for room in rooms}
    assert [table for table in tables if table.split("_")[0] not in names] == []


def test_the_rules_find_a_table_that_breaks_them(fresh_dsn: FreshDsn) -> None:
    with fresh_dsn() as dsn:
        migrate(dsn, [])
        with psycopg.connect(dsn) as conn:
            conn.execute("CREATE TABLE loose (id int PRIMARY KEY, tenant text)")
        assert offenders(dsn, "relrowsecurity AND relforcerowsecurity") == ["loose"]
