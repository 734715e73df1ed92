"""The book of deliveries says of every file what became of it, in shapes and never in values."""

from uuid import UUID, uuid4

import pytest
from tests.store.rows import DAY, NOW, OTHER_TOWN, RESIDENT, TOWN, day, file, hour, resident

from renkei import store
from renkei.kit import Connection
from renkei.store.errors import SnapshotOlder


def deliver(conn, rows, number, *, on=DAY, at=NOW) -> UUID:
    report = store.load(conn, TOWN, RESIDENT, file(RESIDENT, rows), on=on, at=at, allow_ending=True)
    made = store.delivered(report, uuid4(), source=f"{number}.csv", at=at)
    store.keep_delivery(conn, TOWN, made)
    return made.id


def test_what_was_kept_is_read_as_it_was(conn: Connection) -> None:
    bad = file(RESIDENT, [resident(1), resident(2, birth_date="見本")])
    report = store.load(conn, TOWN, RESIDENT, bad, on=DAY, at=NOW)
    made = store.delivered(report, uuid4(), source="resident.csv", at=NOW)
    store.keep_delivery(conn, TOWN, made)
    assert store.read_delivery(conn, TOWN, made.id) == made
    (finding,) = made.findings
    assert (made.outcome, finding.place.line, finding.shape) == ("blocked", 4, "漢漢")


def test_a_delivery_entered_twice_stands_once_and_as_it_was_first(conn: Connection) -> None:
    number = deliver(conn, [resident(1)], 1)
    again = store.not_delivered(number, "resident", on=DAY, source="other.csv", at=hour(5))
    store.keep_delivery(conn, TOWN, again)
    (kept,) = store.deliveries(conn, TOWN)
    assert kept.source == "1.csv"


def test_what_failed_is_kept_with_the_code_of_its_error(conn: Connection) -> None:
    error = SnapshotOlder(entity="resident", on="2026-04-01", last="2026-04-02")
    made = store.not_delivered(uuid4(), "resident", on=DAY, source="x", at=NOW, error=error)
    store.keep_delivery(conn, TOWN, made)
    kept = store.read_delivery(conn, TOWN, made.id)
    assert kept is not None
    assert (kept.outcome, kept.error, kept.is_in) == ("failed", "snapshot-older", False)


def test_the_newest_come_first_and_one_entity_alone_if_asked(conn: Connection) -> None:
    ids = [deliver(conn, [resident(n)], n, on=day(n), at=hour(n)) for n in range(3)]
    assert [one.id for one in store.deliveries(conn, TOWN, most=2)] == ids[:0:-1]
    assert store.deliveries(conn, TOWN, "income") == []
    assert store.last_deliveries(conn, TOWN)["resident"].id == ids[-1]


def test_the_last_load_is_that_of_the_records_in_force(conn: Connection) -> None:
    deliver(conn, [resident(1)], 1)
    deliver(conn, [resident(1), resident(2)], 2, on=day(1), at=hour(1))
    last = store.last_loads(conn, TOWN)["resident"]
    assert (last.kind, last.states_on, last.new) == ("snapshot", day(1), 1)
    assert store.is_loaded(conn, TOWN, "resident", on=day(1), sha256=last.sha256)
    assert not store.is_loaded(conn, TOWN, "resident", on=DAY, sha256=last.sha256)


@pytest.mark.parametrize("bypass", [False, True], ids=["row-security", "no-row-security"])
def test_no_other_town_reads_the_book(conn: Connection, bypass: bool) -> None:
    number = deliver(conn, [resident(1)], 1)
    if bypass:
        conn.execute("SET LOCAL ROLE NONE")  # the test's login is a superuser
    assert store.read_delivery(conn, OTHER_TOWN, number) is None
    assert store.deliveries(conn, OTHER_TOWN) == []
    assert store.last_deliveries(conn, OTHER_TOWN) == {}
    assert store.last_loads(conn, OTHER_TOWN) == {}
    if not bypass:
        conn.execute("SELECT set_config('renkei.tenant', %s, true)", [OTHER_TOWN])
        assert store.deliveries(conn, TOWN) == []
