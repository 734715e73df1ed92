"""What is erased by order is gone everywhere, is told, and breaks no proof."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from tests.store.archive import (
    AT,
    KEY,
    REMOVED,
    TEST,
    TODAY,
    archived,
    held,
    load,
    removed,
    run,
    versions,
)
from tests.store.rows import OTHER_TOWN, RESIDENT, TOWN, day, file, hour, register_number, resident

from renkei import audit, store
from renkei.kit import Connection, Database, Tenant
from renkei.standard import catalogue

OLD, YOUNG = "2021-05-31", "2026-03-01"
ORDER = store.Order("総務第12号", store.Reason.order, "個人情報保護法98条", "staff-7")
PERSON = register_number(1)
KEY_OF_PERSON = {"register_number": PERSON, "serial_number": "1"}


def erase(
    records: Database, archive: Database, *, subject: str = PERSON, tenant: Tenant = TOWN
) -> store.Erasure:
    with records.transaction(tenant) as conn, archive.transaction(tenant) as kept:
        return store.erase_person(
            *(conn, kept, tenant, subject, ORDER),
            standard=catalogue(),
            mode=TEST,
            at=AT,
            on=TODAY,
        )


@pytest.fixture
def records(own_dsn: str) -> Iterator[Database]:
    """Give a person with a removed record in two versions and a resident's one; and another."""
    with Database(own_dsn, size=1) as opened:
        with opened.transaction(TOWN) as conn:
            load(conn, [removed(1, YOUNG), removed(2, YOUNG)])
            load(conn, [removed(1, YOUNG, moved_out_on=OLD), removed(2, YOUNG)], on=1)
            people = file(RESIDENT, [resident(1), resident(2, household_number=PERSON)])
            store.load(conn, TOWN, RESIDENT, people, on=day(1), at=hour(1))
        yield opened


def as_of(conn: Connection, on: int) -> store.Record | store.Erased | None:
    return store.as_of(conn, TOWN, REMOVED, KEY_OF_PERSON, ("removed_on",), on=day(on))


def test_a_persons_values_are_gone_in_every_version_and_entity(
    records: Database, archive: Database
) -> None:
    done = erase(records, archive)
    assert (done.records, done.versions) == (2, 1)
    assert done.entities == ("resident", "removed_record")
    assert done.mentions == (("resident.household_number", 1),)
    with records.transaction(TOWN) as conn:
        assert held(conn) == [register_number(2)]
        assert versions(conn) == 0
        assert {one.held - one.booked for one in store.balances(conn, TOWN, catalogue())} == {0}


def test_a_question_for_any_day_is_told_that_it_was_erased(
    records: Database, archive: Database
) -> None:
    erase(records, archive)
    with records.transaction(TOWN) as conn:
        assert [as_of(conn, on) for on in (-1, 0, 1, 2)] == [store.Erased(AT)] * 4
        never = {"register_number": register_number(9), "serial_number": "1"}
        found = store.as_of(conn, TOWN, REMOVED, never, ("removed_on",), on=day(1))
        assert found is None


def test_the_log_verifies_before_and_after_and_says_who_and_why(
    records: Database, archive: Database
) -> None:
    with records.transaction(TOWN) as conn:
        entry = audit.Entry(
            kind=audit.Kind.VIEW,
            request="before",
            at=AT,
            asker=TOWN,
            holder=TOWN,
            procedure="",
            outcome="answered",
            mode=TEST,
        )
        audit.append(conn, TOWN, entry)
        audit.sequence(conn, TOWN, KEY, at=AT)
        before = audit.newest(conn, TOWN)
    erase(records, archive)
    with records.transaction(TOWN) as conn:
        audit.sequence(conn, TOWN, KEY, at=AT)
        assert before is not None
        assert audit.verify(conn, TOWN, KEY.verifier, kept=[before]) == []
        (logged,) = audit.entries_for_request(conn, TOWN, ORDER.request)
    assert logged.entry.kind is audit.Kind.ERASURE
    assert (logged.entry.purpose, logged.entry.provision) == ("order", ORDER.basis)
    assert logged.entry.details["by"] == "staff-7"
    assert PERSON not in logged.leaf.decode()


def test_consumers_of_the_feed_are_told(records: Database, archive: Database) -> None:
    erase(records, archive)
    with records.transaction(TOWN) as conn:
        told = conn.execute("SELECT key FROM store_event WHERE kind = 'erased' ORDER BY position")
        assert told.fetchall() == [([PERSON],), ([PERSON, "1"],)]


def test_what_was_moved_away_is_erased_there_too(
    records: Database, archive: Database, archive_dsn: str
) -> None:
    with records.transaction(TOWN) as conn:
        load(conn, [removed(1, OLD), removed(2, OLD)], on=2)
    run(records, archive)
    assert erase(records, archive).archived == 3
    with archived(archive_dsn) as kept:
        assert {number for number, _ in kept} == {register_number(2)}
    with records.transaction(TOWN) as conn:
        assert as_of(conn, 2) == store.Erased(AT)


def test_an_order_repeated_finds_nothing_and_is_entered_again(
    records: Database, archive: Database
) -> None:
    erase(records, archive)
    again = erase(records, archive)
    assert (again.records, again.versions, again.archived, again.entities) == (0, 0, 0, ())
    with records.transaction(TOWN) as conn:
        assert audit.pending(conn, TOWN) == 2


def test_a_unit_that_still_carries_the_record_is_reported(
    records: Database, archive: Database
) -> None:
    erase(records, archive)
    with records.transaction(TOWN) as conn:
        assert store.returned(conn, TOWN, catalogue()) == {}
        rows = [removed(1, YOUNG), removed(2, YOUNG)]
        later = AT + timedelta(days=1)
        report = store.load(conn, TOWN, REMOVED, file(REMOVED, rows), on=day(3), at=later)
        assert report.outcome is store.Outcome.loaded
        assert report.findings.counts["erased-returned"] == 1
        assert store.returned(conn, TOWN, catalogue()) == {"removed_record": 1}


def test_a_wrong_delivery_is_erased_and_the_right_one_is_no_return(
    records: Database, archive: Database
) -> None:
    with records.transaction(TOWN) as conn:
        load(conn, [removed(1, YOUNG, moved_out_on=OLD), removed(3, YOUNG)], on=2)
        assert held(conn) == [PERSON, register_number(3)]
    with records.transaction(TOWN) as conn, archive.transaction(TOWN) as kept:
        facts: dict[str, Any] = {"mode": TEST, "at": AT, "on": TODAY}
        done = store.erase_load(conn, kept, TOWN, REMOVED, hour(2), ORDER, **facts)
        assert (done.records, done.versions) == (1, 0)
        assert held(conn) == [PERSON]
        rows = file(REMOVED, [removed(1, YOUNG), removed(3, YOUNG)])
        later = AT + timedelta(days=1)
        report = store.load(conn, TOWN, REMOVED, rows, on=day(3), at=later)
        assert "erased-returned" not in report.findings.counts
        assert store.returned(conn, TOWN, catalogue()) == {}


def test_another_town_can_erase_nothing_of_ours(records: Database, archive: Database) -> None:
    assert erase(records, archive, tenant=OTHER_TOWN).records == 0
    with records.transaction(TOWN) as conn:
        assert held(conn) == [PERSON, register_number(2)]


@pytest.mark.parametrize("part", ["request", "basis", "by"])
def test_an_order_that_leaves_out_a_part_is_none(part: str) -> None:
    said = {"request": "1", "basis": "法", "by": "staff-7"} | {part: " "}
    with pytest.raises(store.OrderIncomplete):
        store.Order(reason=store.Reason.order, **said)


def test_lists_go_by_nothing_of_an_erased_person_any_more(
    records: Database, archive: Database
) -> None:
    with records.transaction(TOWN) as conn:
        while store.index_lists(conn, TOWN, RESIDENT):
            pass
    erase(records, archive)
    with records.transaction(TOWN) as conn:
        keys = conn.execute("SELECT DISTINCT key FROM store_listing").fetchall()
    assert keys == [(register_number(2),)]
