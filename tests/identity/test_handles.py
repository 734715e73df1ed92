"""Without a person whom the log operator knows there is no entry, and so no conversion."""

from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from tests.identity.world import LOG, A

from renkei.identity import (
    Admitted,
    HandleUnknown,
    Nym,
    NymForeign,
    Pid,
    admit,
    admit_each,
    close_handles,
    enrol,
    known,
)
from renkei.identity.group import Scalar

AT = datetime(2026, 4, 2, tzinfo=UTC)


@pytest.fixture
def conn(database):
    """Give one transaction of the log operator, rolled back after the test."""
    with database.transaction(LOG) as opened:
        yield opened
        raise psycopg.Rollback


@pytest.fixture
def handle(world, pid):
    return world.nyms([pid], LOG)[0]


def admitted(conn, world, nym):
    verified = world.verified(world.question(nym))
    return admit(conn, LOG, verified, world.keys[LOG])


def test_a_question_about_an_enrolled_person_is_admitted_under_that_handle(
    conn, world, nym, handle
):
    with pytest.raises(HandleUnknown):
        admitted(conn, world, nym)
    for _ in range(2):
        enrol(conn, LOG, [handle])
    assert known(conn, LOG, handle)
    assert admitted(conn, world, nym) == Admitted(handle, None)


def test_a_closed_handle_says_since_when_and_never_opens_again(conn, world, nym, handle):
    enrol(conn, LOG, [handle])
    assert close_handles(conn, LOG, [handle], at=AT) == 1
    assert close_handles(conn, LOG, [handle], at=AT + timedelta(days=1)) == 0
    enrol(conn, LOG, [handle])
    assert known(conn, LOG, handle)
    assert admitted(conn, world, nym) == Admitted(handle, AT)


@pytest.mark.clause("RK-24.7")
def test_of_a_batch_each_is_admitted_or_not_enrolled_or_closed(conn, world):
    pids = [Pid.random() for _ in range(3)]
    handles = world.nyms(pids, LOG)
    persons = [(number.to_bytes(16), nym) for number, nym in enumerate(world.nyms(pids, A))]
    verified = world.verified_batch(world.batch(persons))
    enrol(conn, LOG, handles[:2])
    close_handles(conn, LOG, handles[:1], at=AT)
    found = admit_each(conn, LOG, verified, world.keys[LOG])
    assert found == [Admitted(handles[0], AT), Admitted(handles[1], None), None]


@pytest.mark.clause("RK-4.7")
def test_a_combination_of_two_persons_is_nobody(conn, world, nym, handle):
    stranger = Pid.random()
    (second,) = world.nyms([stranger], A)
    enrol(conn, LOG, [handle, *world.nyms([stranger], LOG)])
    factor = Scalar.random()
    for element in (
        nym.element + factor * second.element,
        nym.element + second.element,
        factor * nym.element,
    ):
        with pytest.raises(HandleUnknown):
            admitted(conn, world, Nym(A, 1, element))


def test_the_table_holds_a_hash_and_no_nym(conn, handle):
    enrol(conn, LOG, [handle])
    ((stored,),) = conn.execute("SELECT handle FROM identity_handle").fetchall()
    assert stored == handle.handle != handle.element.encoded


def test_only_nyms_of_the_logs_own_domain_are_handles(conn, nym):
    with pytest.raises(NymForeign):
        enrol(conn, LOG, [nym])
    with pytest.raises(NymForeign):
        known(conn, LOG, nym)


def test_a_handle_is_never_changed_or_removed(conn, handle):
    enrol(conn, LOG, [handle])
    for statement in ("DELETE FROM identity_handle", "UPDATE identity_handle SET tenant = ''"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege), conn.transaction():
            conn.execute(statement)
