"""Readers and loads at the same time: each on a connection of its own, all of it committed."""

import threading

from tests.store.feeding import Records, held, load, replay
from tests.store.rows import ALLOWANCE, RESIDENT, TOWN, allowance, resident

from renkei import store
from renkei.kit import Database


def test_a_load_that_began_first_and_ended_last_is_not_lost(database: Database):
    """Two transactions in each other: the reader between them waits for neither, and misses none.

    The positions are given at the end, under a lock that is held to the commit.
    """
    with database.transaction(TOWN) as first:
        first.execute("SELECT 1")
        with database.transaction(TOWN) as second:
            load(second, ALLOWANCE, allowance(1, 2), at=1)
        with database.transaction(TOWN) as reader:
            page = store.changes_since(reader, TOWN)
        load(first, RESIDENT, resident(1), at=1)
    assert [event.entity for event in page.events] == ["child_allowance"]
    with database.transaction(TOWN) as reader:
        later = store.changes_since(reader, TOWN, page.after)
    assert [event.entity for event in later.events] == ["resident"]


def test_a_load_that_would_end_before_one_with_a_position_waits_for_it(database: Database):
    done = threading.Event()

    def load_another() -> None:
        with database.transaction(TOWN) as conn:
            load(conn, ALLOWANCE, allowance(3, 4), at=2)
        done.set()

    with database.transaction(TOWN) as first, database.transaction(TOWN) as reader:
        start = store.changes_since(reader, TOWN).after
        load(first, RESIDENT, resident(1, name="見本　最初"), at=2)
        other = threading.Thread(target=load_another)
        other.start()
        assert not done.wait(0.5)
        assert store.changes_since(reader, TOWN, start).events == ()
    other.join()
    with database.transaction(TOWN) as reader:
        page = store.changes_since(reader, TOWN, start)
    assert [event.entity for event in page.events][-1] == "child_allowance"
    assert page.events[0].entity == "resident"


def test_a_reader_that_runs_during_the_loads_has_everything_at_the_end(database: Database):
    """The reader and the loads are on connections of their own, each load committed at once."""
    ended = threading.Event()
    records: Records = {}

    def follow() -> None:
        position = store.START
        while True:
            last = ended.is_set()
            with database.transaction(TOWN) as conn:
                page = store.changes_since(conn, TOWN, position, limit=7)
                replay(conn, records, page)
            position = page.after
            if last and not page.events:
                return

    reader = threading.Thread(target=follow)
    reader.start()
    for at in range(100, 112):
        with database.transaction(TOWN) as conn:
            some = [resident(n, name=f"見本　{at}") for n in range(at % 5, 20)]
            load(conn, RESIDENT, *some, at=at)
    ended.set()
    reader.join()
    with database.transaction(TOWN) as conn:
        assert records == held(conn)
