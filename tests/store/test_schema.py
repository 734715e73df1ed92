"""The schema is what the catalogue says, and every statement of the room fits it."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from importlib.resources import files
from pathlib import Path

import psycopg
import pytest
from msgspec.structs import replace
from psycopg import conninfo

from renkei import store
from renkei.kit import Connection, queries
from renkei.standard import Catalogue, Entity, ItemType, catalogue

PEOPLE = {
    *("store_identity", "store_identity_link", "store_identity_link_history"),
    *("store_match", "store_pair", "store_pair_decision"),
}


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


def test_every_entity_has_its_two_tables_under_row_security(conn: Connection) -> None:
    wanted = {f"store_{e.name}{tail}" for e in catalogue().entities for tail in ("", "_history")}
    found = conn.execute(
        "SELECT relname FROM pg_class WHERE relname LIKE 'store\\_%' AND relkind = 'r'"
        " AND relrowsecurity AND relforcerowsecurity"
    )
    assert {name for (name,) in found} == wanted | {"store_event", "store_load"} | PEOPLE


def test_the_application_cannot_rewrite_what_was(conn: Connection) -> None:
    found = conn.execute(
        "SELECT c.relname, p.name FROM pg_class c, (VALUES ('UPDATE'), ('DELETE')) p(name)"
        " WHERE (c.relname LIKE 'store\\_%\\_history' OR c.relname = 'store_load')"
        " AND c.relkind = 'r' AND has_table_privilege(c.oid, p.name)"
    )
    assert found.fetchall() == []


def test_every_named_query_has_a_name_that_is_used() -> None:
    source = "".join(
        path.read_text(encoding="utf-8") for path in Path(str(files("renkei.store"))).rglob("*.py")
    )
    assert [n for n in queries("renkei.store").names() if f"sql.{n}" not in source] == []
