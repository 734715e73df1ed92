"""Loads of one entity wait for each other; who reads meanwhile sees before or after."""

import time
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from tests.store.rows import OTHER_TOWN, RESIDENT, TOWN, day, file, hour, register_number, resident

from renkei import store
from renkei.kit import Connection, Database, Tenant
from renkei.store import LoadReport, Outcome

MANY = range(2_000)


def load(conn: Connection, name: str, *, at: int, town: Tenant = TOWN) -> LoadReport:
    """Load everybody under one name."""
    rows = [resident(n, name=name, address_code=f"{town[:5]}001001") for n in MANY]
    source = file(RESIDENT, rows)
    return store.load(conn, town, RESIDENT, source, on=day(at), at=hour(at))


def names(database: Database, on: int) -> set[store.Value]:
    keys = [register_number(n) for n in MANY]
    with database.transaction(TOWN) as conn:
        found = store.read_many(conn, TOWN, RESIDENT, keys, ("name",), on=day(on))
    assert len(found) in {0, len(MANY)}
    return {record.values["name"] for record in found.values()}


def waits(dsn: str, seconds: float = 5.0) -> bool:
    """Tell whether some session comes to wait for a lock."""
    end = time.monotonic() + seconds
    with psycopg.connect(dsn, autocommit=True) as conn:
        while time.monotonic() < end:
            query = "SELECT FROM pg_locks WHERE NOT granted AND locktype = 'advisory'"
            if conn.execute(query).fetchone() is not None:
                return True
            time.sleep(0.01)
    return False


def test_two_loads_at_once_go_in_one_after_the_other(database: Database, dsn: str) -> None:
    def second() -> LoadReport:
        with database.transaction(TOWN) as conn:
            return load(conn, "見本　後", at=1)

    with ThreadPoolExecutor(1) as other:
        with database.transaction(TOWN) as conn:
            first = load(conn, "見本　先", at=0)
            later = other.submit(second)
            assert waits(dsn)
        report = later.result()
    assert (first.outcome, report.outcome) == (Outcome.loaded, Outcome.loaded)
    assert report.changes == store.Changes(new=0, changed=len(MANY), gone=0, same=0)
    assert (names(database, 0), names(database, 1)) == ({"見本　先"}, {"見本　後"})


def test_the_same_file_from_two_sides_at_once_goes_in_once(database: Database, dsn: str) -> None:
    def again() -> LoadReport:
        with database.transaction(TOWN) as conn:
            return load(conn, "見本　同", at=2)

    with ThreadPoolExecutor(1) as other:
        with database.transaction(TOWN) as conn:
            load(conn, "見本　同", at=2)
            later = other.submit(again)
            assert waits(dsn)
        assert later.result().outcome is Outcome.already_loaded


def test_loads_of_two_towns_do_not_wait_for_each_other(database: Database) -> None:
    with database.transaction(TOWN) as one, database.transaction(OTHER_TOWN) as other:
        load(one, "見本　一", at=3)
        assert load(other, "見本　二", at=3, town=OTHER_TOWN).outcome is Outcome.loaded
        raise psycopg.Rollback


@pytest.mark.parametrize("at", [4, 5])
def test_a_reader_during_a_load_sees_what_was_until_the_load_is_over(
    database: Database, at: int
) -> None:
    before, new = names(database, at), f"見本　{at}"
    with database.transaction(TOWN) as conn:
        load(conn, new, at=at)
        assert names(database, at) == before
    assert names(database, at) == {new}
