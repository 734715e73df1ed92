"""A consumer moves forward only, from where its reader thought it was, with its work."""

import pytest
from tests.store.feeding import load
from tests.store.rows import ALLOWANCE, OTHER_TOWN, RESIDENT, TOWN, allowance, hour, resident

from renkei import store
from renkei.kit import Connection
from renkei.store import START, Position, PositionBackwards


@pytest.fixture
def loaded(conn: Connection) -> Connection:
    """Give loads of three residents, two allowances and a change, and a consumer of residents."""
    load(conn, RESIDENT, resident(1), resident(2), resident(3), at=1)
    load(conn, ALLOWANCE, allowance(1, 4), allowance(2, 5), at=1)
    load(conn, RESIDENT, resident(1), resident(2), at=2)
    assert store.begin(conn, TOWN, "tax", START, at=hour(1), entities=["resident"])
    return conn


def behind(conn: Connection) -> tuple[int, int]:
    (one,) = store.all_consumers(conn, TOWN)
    return one.loads_behind, one.events_behind


def test_the_lag_counts_what_the_consumer_reads_and_no_more(loaded):
    assert behind(loaded) == (2, 4)
    page = store.changes_since(loaded, TOWN, START, limit=2, entities=["resident"])
    assert store.advance(loaded, TOWN, "tax", START, page.after, at=hour(2))
    assert behind(loaded) == (2, 2)
    assert store.advance(loaded, TOWN, "tax", page.after, Position(3), at=hour(3))
    assert behind(loaded) == (0, 0)


def test_a_consumer_goes_on_where_it_was(loaded):
    page = store.changes_since(loaded, TOWN, START, limit=2)
    store.advance(loaded, TOWN, "tax", START, page.after, at=hour(2))
    assert store.position_of(loaded, TOWN, "tax") == page.after


def test_of_two_that_read_at_once_the_second_is_told_so(loaded):
    assert store.advance(loaded, TOWN, "tax", START, Position(1), at=hour(2))
    assert not store.advance(loaded, TOWN, "tax", START, Position(2), at=hour(2))
    assert store.position_of(loaded, TOWN, "tax") == Position(1)


def test_a_consumer_does_not_go_back(loaded):
    store.advance(loaded, TOWN, "tax", START, Position(2), at=hour(2))
    with pytest.raises(PositionBackwards):
        store.advance(loaded, TOWN, "tax", Position(2), Position(1, ("1",), 1), at=hour(3))


def test_a_consumer_is_begun_once_and_stays(loaded):
    assert not store.begin(loaded, TOWN, "tax", Position(3), at=hour(2))
    assert store.position_of(loaded, TOWN, "tax") == START
    assert store.position_of(loaded, TOWN, "nobody") is None


def test_no_town_sees_the_consumers_of_another(loaded):
    loaded.execute("SELECT set_config('renkei.tenant', %s, true)", [OTHER_TOWN])
    assert store.all_consumers(loaded, TOWN) == []
    assert store.position_of(loaded, TOWN, "tax") is None
    assert not store.advance(loaded, TOWN, "tax", START, Position(1), at=hour(2))
