"""A message is delivered once in effect."""

import threading
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest

from renkei.exchange import (
    Assertion,
    Replayed,
    RequestIdReused,
    Signature,
    client,
    first_time,
    first_use,
    forget,
    forget_requests,
)
from renkei.kit import Connection, Database, tenant

A, B = tenant("131016"), tenant("131024")
NOW = datetime(2026, 11, 23, 1, 2, 3, tzinfo=UTC)
UNIT, OTHER = client("JP/MUN/131016/15"), client("JP/MUN/131016/06")


def signed(nonce: str) -> Signature:
    return Signature("key", nonce.ljust(16, "-"), int(NOW.timestamp()), b"", "")


@pytest.mark.clause("RK-2.8")
def test_a_message_is_received_once(conn: Connection) -> None:
    first_time(conn, A, signed("n"), request_id="r", at=NOW)
    first_time(conn, A, signed("m"), request_id="r", at=NOW)
    with pytest.raises(Replayed):
        first_time(conn, A, signed("n"), request_id="r", at=NOW + timedelta(minutes=4))


@pytest.mark.clause("RK-15.7")
def test_an_assertion_is_remembered_until_it_is_past(conn: Connection) -> None:
    """Its mark is dated by its end, however far that is."""
    hour = NOW + timedelta(hours=1)
    assertion = Assertion(UNIT.render(), "one", hour)
    first_time(conn, A, assertion, request_id="r", at=assertion.expires_at)
    forget(conn, A, at=hour)
    with pytest.raises(Replayed):
        first_time(conn, A, assertion, request_id="r", at=hour)
    assert forget(conn, A, at=hour + timedelta(minutes=11)) == 1


@pytest.mark.clause("RK-2.8")
def test_what_was_rolled_back_was_never_received(database: Database) -> None:
    with suppress(ZeroDivisionError), database.transaction(A) as conn:
        first_time(conn, A, signed("rolled"), request_id="r", at=NOW)
        raise ZeroDivisionError
    with database.transaction(A) as conn:
        first_time(conn, A, signed("rolled"), request_id="r", at=NOW)


@pytest.mark.clause("RK-2.8")
def test_of_equal_messages_at_once_one_is_received(database: Database) -> None:
    outcomes: list[str] = []
    together = threading.Barrier(4)

    def deliver() -> None:
        together.wait()
        try:
            with database.transaction(A) as conn:
                first_time(conn, A, signed("race"), request_id="r", at=NOW)
            outcomes.append("received")
        except Replayed:
            outcomes.append("replayed")

    threads = [threading.Thread(target=deliver) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["received", "replayed", "replayed", "replayed"]


def test_no_organisation_sees_what_another_received(database: Database) -> None:
    with database.transaction(B) as conn:
        first_time(conn, B, signed("of B"), request_id="r", at=NOW)
    with database.transaction(A) as conn:
        first_time(conn, A, signed("of B"), request_id="r", at=NOW)
        assert conn.execute(
            "SELECT count(*) FROM exchange_seen WHERE tenant = '131024'"
        ).fetchone() == (0,)


@pytest.mark.clause("RK-2.8")
def test_only_what_can_no_longer_arrive_is_forgotten(conn: Connection) -> None:
    first_time(conn, A, signed("old"), request_id="r", at=NOW - timedelta(seconds=601))
    first_time(conn, A, signed("young"), request_id="r", at=NOW - timedelta(seconds=599))
    assert forget(conn, A, at=NOW) == 1
    with pytest.raises(Replayed):
        first_time(conn, A, signed("young"), request_id="r", at=NOW)


@pytest.mark.clause("RK-1.4")
def test_an_id_is_used_once_by_each_client(conn: Connection) -> None:
    first_use(conn, A, UNIT, "m-1", at=NOW)
    first_use(conn, A, OTHER, "m-1", at=NOW)
    with pytest.raises(RequestIdReused):
        first_use(conn, A, UNIT, "m-1", at=NOW)


@pytest.mark.clause("RK-1.4")
def test_an_id_is_remembered_for_its_thirty_days(conn: Connection) -> None:
    old, young = (NOW - timedelta(days=30) + timedelta(seconds=n) for n in (-1, 1))
    first_use(conn, A, UNIT, "m-old", at=old)
    first_use(conn, A, UNIT, "m-young", at=young)
    assert forget_requests(conn, A, before=NOW - timedelta(days=30)) == 1
    first_use(conn, A, UNIT, "m-old", at=NOW)
    with pytest.raises(RequestIdReused):
        first_use(conn, A, UNIT, "m-young", at=NOW)


def test_a_forgotten_id_may_be_used_again(conn: Connection) -> None:
    first_use(conn, A, UNIT, "m-1", at=NOW)
    assert forget_requests(conn, A, before=NOW + timedelta(days=1)) == 1
    first_use(conn, A, UNIT, "m-1", at=NOW)
