"""Whom a step ends is kept for the log operator; whoever succeeds an organisation is told too."""

import psycopg
import pytest
from tests.identity.registry import SECRETS, Registry, order
from tests.identity.world import REGISTRAR, A, B

from renkei.identity import (
    Nym,
    StepKind,
    close_handles,
    closings_waiting,
    drop_closings,
    enrol,
    known,
    note_heirs,
)
from renkei.identity.group import hash_to_group
from renkei.kit import tenant

C = tenant("131032")
ONE, OTHER, THIRD = "983205673214", "123456789018", "111111111118"


@pytest.fixture
def registry(database):
    """Give a registrar to whom three numbers were listed; rolled back after the test."""
    with database.transaction(REGISTRAR) as conn:
        made = Registry(conn)
        made.listed(ONE, OTHER, THIRD)
        yield made
        raise psycopg.Rollback


@pytest.mark.clause("RK-24.15")
def test_every_step_that_ends_a_pid_keeps_whom_it_ends_and_who_follows(registry: Registry):
    before = registry.pids(ONE, OTHER, THIRD)
    registry.take("change", ONE)
    assert registry.closings() == []
    registry.take("reissue", OTHER)
    (new,) = registry.pids(OTHER)
    registry.take("merge", OTHER, THIRD)
    registry.take("close", OTHER)
    found = [(one.old, one.new) for one in registry.closings()]
    assert found == [(before[1], new), (before[2], new), (new, None)]
    waiting = closings_waiting(registry.conn, REGISTRAR)
    assert waiting.count == 3
    assert waiting.since is not None


@pytest.mark.clause("RK-24.15")
def test_a_separated_number_ends_for_both(registry: Registry):
    (before,) = registry.pids(ONE)
    registry.take("separate", ONE)
    (one,) = registry.closings()
    assert (one.old, one.new) == (before, None)


@pytest.mark.clause("RK-24.15")
def test_the_same_order_again_keeps_nothing_more_and_what_was_told_goes(registry: Registry):
    by = order("o-close")
    registry.take("close", ONE, by=by)
    registry.take("close", ONE, by=by)
    told = registry.closings()
    assert len(told) == 1
    registry.take("close", OTHER)
    drop_closings(registry.conn, REGISTRAR, told)
    assert len(registry.closings()) == 1


def test_a_kept_closing_shows_no_pid(registry: Registry):
    (pid,) = registry.pids(ONE)
    registry.take("close", ONE)
    (row,) = registry.conn.execute("SELECT old_sealed FROM identity_closing").fetchall()
    assert pid is not None
    assert pid.encoded not in row[0]


@pytest.mark.clause("RK-24.12")
def test_a_handle_closed_before_it_was_enrolled_stays_closed(database):
    with database.transaction(A) as conn:
        nym = Nym(A, 1, hash_to_group(b"somebody"))
        assert close_handles(conn, A, [nym, nym], at=order().at) == 1
        enrol(conn, A, [nym])
        assert close_handles(conn, A, [nym], at=order().at) == 0
        assert known(conn, A, nym)
        raise psycopg.Rollback


# Who succeeds whom ------------------------------------------------------------------------------


def heirs(registry: Registry, *pairs: tuple[str, str]) -> int:
    return note_heirs(registry.conn, REGISTRAR, pairs, secrets=SECRETS)


@pytest.mark.clause("RK-24.16")
def test_a_successor_is_told_what_its_predecessor_would_be(registry: Registry):
    (pid,) = registry.acquire(ONE, organisation=A)
    assert heirs(registry, (A, B), (B, C)) == 2
    assert heirs(registry, (A, B)) == 0
    registry.take("close", ONE)
    for organisation in (A, B, C):
        (told,) = registry.told(organisation)
        assert (told.kind, told.old, told.new) == (StepKind.died, pid, None)


@pytest.mark.clause("RK-24.16")
def test_a_successor_is_told_what_its_predecessor_had_yet_to_be_told(registry: Registry):
    registry.acquire(ONE, OTHER, organisation=A)
    registry.take("close", ONE)
    (first,) = registry.told(A)
    registry.take("reissue", OTHER)
    (second,) = registry.told(A, after=first.position)
    heirs(registry, (A, B))
    (told,) = registry.told(B)
    assert (told.kind, told.old, told.new) == (StepKind.reissued, second.old, second.new)
    assert registry.told(A, after=first.position) == [second]


@pytest.mark.clause("RK-24.16")
def test_who_succeeds_nobody_is_told_of_nobody_elses_people(registry: Registry):
    registry.acquire(ONE, organisation=A)
    heirs(registry, (B, C))
    registry.take("close", ONE)
    assert (registry.told(B), registry.told(C)) == ([], [])


def test_two_that_succeed_each_other_are_told_once(registry: Registry):
    registry.acquire(ONE, organisation=A)
    heirs(registry, (A, B), (B, A))
    registry.take("close", ONE)
    assert len(registry.told(A)) == len(registry.told(B)) == 1
