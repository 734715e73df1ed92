"""The feed tells what the loads did, in the order of their commits, and loses nothing."""

from itertools import pairwise

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.store.feeding import Records, held, load, pages, replay
from tests.store.rows import (
    ALLOWANCE,
    OTHER_TOWN,
    RESIDENT,
    TOWN,
    Row,
    allowance,
    day,
    hour,
    resident,
)
from tests.store.rows import register_number as number

from renkei import store
from renkei.kit import Connection, Database
from renkei.standard import Entity, catalogue
from renkei.store import Became, Position


def told(page: store.FeedPage) -> list[tuple[int, str, str]]:
    return [(event.position, event.key[0], event.became.value) for event in page.events]


@pytest.fixture
def three(conn: Connection) -> Connection:
    """Give three loads: a fill of two, one changed and one new, one gone."""
    load(conn, RESIDENT, resident(1), resident(2), at=1)
    load(conn, RESIDENT, resident(1, name="見本　改名"), resident(2), resident(3), at=2)
    load(conn, RESIDENT, resident(1, name="見本　改名"), resident(3), at=3)
    return conn


EVERYTHING = [
    (1, number(1), "new"),
    (1, number(2), "new"),
    (2, number(1), "changed"),
    (2, number(3), "new"),
    (3, number(2), "gone"),
]


def test_the_feed_tells_what_each_load_did_in_their_order(three):
    page = store.changes_since(three, TOWN)
    assert told(page) == EVERYTHING
    assert page.after == Position(3)


@pytest.mark.parametrize("limit", [1, 2, 3, 4, 5])
def test_reading_may_stop_anywhere_and_go_on(three, limit):
    found = list(pages(three, store.START, limit))
    assert [event for page in found for event in told(page)] == EVERYTHING
    assert all(len(page.events) <= limit for page in found)
    beyond = [later.after.is_beyond(page.after) for page, later in pairwise(found)]
    assert all(beyond[:-1])


def test_an_event_says_the_day_and_since_when_it_is_known(three):
    event = store.changes_since(three, TOWN, Position(1)).events[0]
    assert (event.entity, event.became) == ("resident", Became.changed)
    assert (event.on, event.known_at) == (day(2), hour(2))


def test_a_reader_of_one_entity_passes_over_the_others(three):
    load(three, ALLOWANCE, allowance(1, 4), at=1)
    load(three, RESIDENT, resident(3), at=4)
    page = store.changes_since(three, TOWN, entities=["child_allowance"])
    assert [(event.position, event.key) for event in page.events] == [(4, (number(1), number(4)))]
    assert page.after == Position(5)


def test_the_records_of_events_are_those_their_loads_left(three):
    events = store.changes_since(three, TOWN).events
    found = store.changed_records(three, TOWN, RESIDENT, events, ["name"])
    assert [one.values and one.values["name"] for one in found] == [
        "見本　1号",
        "見本　2号",
        "見本　改名",
        "見本　3号",
        "見本　2号",  # gone: as it was last
    ]
    assert [one.event for one in found] == list(events)


def test_a_record_that_came_back_is_told_again(three):
    load(three, RESIDENT, at=4)
    load(three, RESIDENT, resident(1), at=5)
    assert told(store.changes_since(three, TOWN, Position(4))) == [(5, number(1), "new")]


def test_an_item_the_entity_does_not_have_is_refused(three):
    with pytest.raises(store.ItemNotInEntity):
        store.changed_records(three, TOWN, RESIDENT, [], ["no_such_item"])


def test_no_town_reads_the_feed_of_another(three):
    three.execute("SELECT set_config('renkei.tenant', %s, true)", [OTHER_TOWN])
    assert store.changes_since(three, TOWN).events == ()
    assert store.changes_since(three, OTHER_TOWN).events == ()


NAMES = st.sampled_from(["見本　甲", "見本　乙"])
SNAPSHOT = st.dictionaries(st.integers(1, 6), NAMES, max_size=6)
LOADS = st.lists(st.tuples(st.sampled_from([RESIDENT, ALLOWANCE]), SNAPSHOT), max_size=8)


def rows_of(entity: Entity, snapshot: dict[int, str]) -> list[Row]:
    if entity is RESIDENT:
        return [resident(one, name=name) for one, name in snapshot.items()]
    return [
        allowance(one, one + 50, monthly_amount="10000" if name == "見本　甲" else "20000")
        for one, name in snapshot.items()
    ]


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(LOADS, st.integers(1, 5), st.integers(0, 3))
def test_replaying_the_feed_gives_the_records_whatever_was_loaded(
    database: Database, loads, limit, pages_between
):
    """A copy that reads a few pages between the loads, and the rest at the end, is the store."""
    with database.transaction(TOWN) as conn:
        before = store.changes_since(conn, TOWN, limit=100_000)
        records: Records = {}
        replay(conn, records, before)
        position = before.after
        for n, (entity, snapshot) in enumerate(loads, 10):
            load(conn, entity, *rows_of(entity, snapshot), at=n)
            for _ in range(pages_between):
                page = store.changes_since(conn, TOWN, position, limit=limit)
                replay(conn, records, page)
                position = page.after
        for page in pages(conn, position, limit):
            replay(conn, records, page)
        assert records == held(conn)
        raise psycopg.Rollback


def test_a_long_fill_is_read_whole_though_most_of_it_changed_since(conn: Connection):
    """More rows than are passed at once, in both tables, and a key with several rows in one."""
    many = [resident(n) for n in range(1300)]
    load(conn, RESIDENT, *many, at=1)
    for at in (2, 3):
        changed = [resident(n, name=f"見本　{at}改") for n in range(1000)]
        load(conn, RESIDENT, *changed, *many[1000:], at=at)
    found = [
        event
        for page in pages(conn, store.START, 450)
        for event in page.events
        if event.position == 1
    ]
    assert [event.key for event in found] == sorted({(number(n),) for n in range(1300)})


def test_a_fill_is_read_in_the_order_of_numbers_where_a_key_is_one(conn: Connection):
    """Text would put 10 before 9, and a reader that goes on after 9 would miss it."""
    entity = catalogue().entity("suppression")
    row = {
        "register_number": number(1),
        "suppression_kind": "1",
        "suppression_reason": "1",
        "valid_since": "2026-01-01",
    }
    load(conn, entity, *({**row, "serial_number": str(n)} for n in range(1, 13)), at=1)
    found = [e.key[1] for page in pages(conn, store.START, 5) for e in page.events]
    assert found == [str(n) for n in range(1, 13)]
