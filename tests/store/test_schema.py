"""The schema is what the catalogue says, and every statement of the room fits it."""

from importlib.resources import files

from renkei import store
from renkei.kit import Connection, queries
from renkei.standard import catalogue


def test_the_schema_file_is_what_the_catalogue_generates() -> None:
    folder = files("renkei.store") / "sql"
    assert (folder / "schema.sql").read_text(encoding="utf-8") == store.schema()


def test_every_entity_has_its_two_tables_under_row_security(conn: Connection) -> None:
    wanted = {f"store_{e.name}{tail}" for e in catalogue().entities for tail in ("", "_history")}
    found = conn.execute(
        "SELECT relname FROM pg_class WHERE relname LIKE 'store\\_%' AND relkind = 'r'"
        " AND relrowsecurity AND relforcerowsecurity"
    )
    assert {name for (name,) in found} == wanted | {"store_load"}


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
