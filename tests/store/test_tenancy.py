"""No town sees another: every statement of the room names its town, and the net would tell."""

import re

import pytest
from tests.store.rows import RESIDENT, TOWN, day, file, hour, resident
from tests.store.tenancy import hold_to_town

from renkei import store
from renkei.kit import Connection, queries

TABLE = re.compile(r"\b(?:FROM|JOIN|UPDATE|INTO|USING)\s+(store_\w+)")
SPARE = {"spare_all", "count_changes"}  # on tables that live for one load


def named() -> list[tuple[str, str]]:
    found = queries("renkei.store")
    return [(name, getattr(found, name).decode()) for name in found.names()]


@pytest.mark.parametrize(("name", "text"), [pytest.param(*one, id=one[0]) for one in named()])
def test_a_statement_on_the_rooms_tables_names_the_town(name: str, text: str) -> None:
    if TABLE.search(text) and name not in SPARE:
        assert "tenant" in text


@pytest.mark.parametrize(
    "query",
    [
        "SELECT register_number FROM store_resident WHERE %(tenant)s <> ''",
        "SELECT count(*) FROM store_load WHERE %(tenant)s <> ''",
    ],
)
def test_a_statement_that_forgets_the_town_is_caught(conn: Connection, query: str) -> None:
    source = file(RESIDENT, [resident(1)])
    store.load(conn, TOWN, RESIDENT, source, on=day(0), at=hour(0))
    with pytest.raises(AssertionError):
        hold_to_town(conn, [(query, {"tenant": TOWN})])
