"""A number is issued once and closed once; the person and the codes go on as each step says."""

from itertools import pairwise

import psycopg
import pytest
from tests.identity.registry import SECRETS, Registry, order
from tests.identity.world import REGISTRAR, A, B

from renkei.identity import (
    AlreadyNumbered,
    NumberMalformed,
    NumberNotDrawn,
    NumberNotInUse,
    NumbersOfOnePerson,
    NumberUnknown,
    OrderDiffers,
    Pid,
    StepKind,
    numbers,
)
from renkei.kit import personal_number, personal_number_ok

GOOD_BUT_NOBODYS = "983205673214"


@pytest.fixture
def registry(database):
    """Give one transaction of the registrar, rolled back after the test."""
    with database.transaction(REGISTRAR) as conn:
        yield Registry(conn)
        raise psycopg.Rollback


def test_a_number_is_issued_with_its_check_digit_and_a_pid(registry):
    number = registry.take("issue", "住民票コード 1")
    assert personal_number_ok(number)
    (pid,) = registry.pids(number)
    assert pid is not None
    other = registry.take("issue", "住民票コード 2")
    assert other != number
    assert registry.pids(other) != [pid]


def test_numbers_do_not_follow_one_another():
    drawn = [numbers.drawn_number() for _ in range(2000)]
    assert len(set(drawn)) == 2000
    assert all(map(personal_number_ok, drawn))
    steps = {int(b[:11]) - int(a[:11]) for a, b in pairwise(drawn)}
    assert len(steps) == 1999
    assert {number[0] for number in drawn} == set("0123456789")


def test_a_number_that_was_drawn_before_is_drawn_again(registry):
    first = registry.take("issue", "one")
    closed = registry.take("issue", "two")
    registry.take("close", closed)
    draws = iter([first, closed, first, GOOD_BUT_NOBODYS])
    assert registry.take("issue", "three", draw=lambda: next(draws)) == GOOD_BUT_NOBODYS


def test_a_source_of_chance_that_only_repeats_itself_issues_nothing(registry):
    first = registry.take("issue", "one")
    with pytest.raises(NumberNotDrawn):
        registry.take("issue", "two", draw=lambda: first)


def test_the_same_basis_gets_no_second_number(registry):
    number = registry.take("issue", "住民票コード 1")
    with pytest.raises(AlreadyNumbered):
        registry.take("issue", "住民票コード 1")
    registry.take("close", number)
    with pytest.raises(AlreadyNumbered):
        registry.take("issue", "住民票コード 1")


def test_an_order_that_comes_again_finds_its_answer_and_does_nothing(registry):
    first = order()
    number = registry.take("issue", "one", by=first)
    assert registry.take("issue", "one", by=first) == number
    change = order()
    new = registry.take("change", number, by=change)
    assert registry.take("change", number, by=change) == new
    apart = order()
    both = registry.take("separate", new, by=apart)
    assert registry.take("separate", new, by=apart) == both
    assert registry.take("issue", "one", by=first) == number
    assert len(registry.entries()) == 3


def test_an_order_of_the_same_name_with_another_content_is_refused(registry):
    first = order()
    number = registry.take("issue", "one", by=first)
    with pytest.raises(OrderDiffers):
        registry.take("issue", "two", by=first)
    with pytest.raises(OrderDiffers):
        registry.take("close", number, by=first)
    assert registry.pids(number) != [None]


def test_a_changed_number_leaves_the_pid_and_the_old_number_is_closed_for_ever(registry):
    old = registry.take("issue", "one")
    registry.acquire(old)
    pid = registry.pids(old)
    new = registry.take("change", old)
    assert registry.pids(old, new) == [None, *pid]
    assert registry.told() == []
    with pytest.raises(NumberNotInUse) as caught:
        registry.take("change", old)
    assert caught.value.facts == {"state": "changed"}
    assert registry.acquire(old) == [None]


def test_a_new_pid_is_told_to_whoever_holds_a_code_and_to_nobody_else(registry):
    number = registry.take("issue", "one")
    (before,) = registry.acquire(number, organisation=A)
    registry.take("reissue", number)
    (after,) = registry.pids(number)
    assert after not in (None, before)
    (told,) = registry.told(A)
    assert (told.kind, told.old, told.new) == (StepKind.reissued, before, after)
    assert registry.told(B) == []
    assert registry.told(A, after=told.position) == []
    assert registry.told(A) == [], "what an organisation says it has is dropped"


def test_of_two_numbers_of_one_person_one_stays_and_its_codes_take_over(registry):
    kept, dropped = registry.take("issue", "one"), registry.take("issue", "two")
    registry.acquire(kept, organisation=A)
    (gone,) = registry.acquire(dropped, organisation=B)
    (stays,) = registry.pids(kept)
    registry.take("merge", kept, dropped)
    assert registry.pids(kept, dropped) == [stays, None]
    assert registry.told(A) == []
    (told,) = registry.told(B)
    assert (told.kind, told.old, told.new) == (StepKind.merged, gone, stays)
    registry.take("reissue", kept)
    assert [one.kind for one in registry.told(B)] == [StepKind.merged, StepKind.reissued]
    for basis in ("one", "two"):
        with pytest.raises(AlreadyNumbered):
            registry.take("issue", basis)


def test_a_number_is_not_merged_with_itself(registry):
    number = registry.take("issue", "one")
    with pytest.raises(NumbersOfOnePerson):
        registry.take("merge", number, number)


def test_two_persons_with_one_number_get_one_each_and_old_codes_are_nobodys(registry):
    shared = registry.take("issue", "one")
    (pid,) = registry.acquire(shared)
    first, second = registry.take("separate", shared)
    one, other = registry.pids(first, second)
    assert len({pid, one, other, None}) == 4
    assert registry.pids(shared) == [None]
    (told,) = registry.told()
    assert (told.kind, told.old, told.new) == (StepKind.separated, pid, None)
    registry.take("reissue", first)
    assert len(registry.told()) == 1, "nobody holds a code of the new pids yet"


def test_a_death_closes_the_number_and_is_told(registry):
    number = registry.take("issue", "one")
    (pid,) = registry.acquire(number)
    registry.take("close", number)
    assert registry.pids(number) == [None]
    (told,) = registry.told()
    assert (told.kind, told.old, told.new) == (StepKind.died, pid, None)
    for step in ("close", "change", "reissue", "separate"):
        with pytest.raises(NumberNotInUse):
            registry.take(step, number)


@pytest.mark.parametrize("step", ["change", "reissue", "separate", "close"])
def test_a_right_check_digit_is_nobody(registry, step):
    with pytest.raises(NumberUnknown):
        registry.take(step, GOOD_BUT_NOBODYS)
    with pytest.raises(NumberMalformed):
        registry.take(step, "983205673215")
    assert registry.acquire(GOOD_BUT_NOBODYS) == [None]


def test_every_step_is_entered_and_names_no_number(registry):
    one, two = registry.take("issue", "basis-one"), registry.take("issue", "basis-two")
    three = registry.take("change", one)
    registry.take("reissue", three)
    registry.take("merge", three, two)
    apart = registry.take("separate", three)
    registry.take("close", apart[0])
    entries = registry.entries()
    outcomes = [f"number-{kind}" for kind in ("issued", "issued", "changed", "reissued", "merged")]
    assert [one.outcome for one in entries] == [*outcomes, "number-separated", "number-died"]
    said = b"".join(one.core() for one in entries)
    for secret in (one, two, three, *apart, "basis-one"):
        assert secret.encode() not in said


def test_the_tables_show_no_number_no_pid_and_no_basis(registry):
    number = registry.take("issue", "basis-one")
    (pid,) = registry.acquire(number)
    registry.take("reissue", number)
    new = registry.take("change", number)
    stored = b"".join(
        value if isinstance(value, bytes) else str(value).encode()
        for table in ("person", "basis", "step", "holder", "succession")
        for row in registry.conn.execute(f"SELECT * FROM identity_{table}")  # noqa: S608
        for value in row
    )
    for secret in (number.encode(), new.encode(), pid.encoded, b"basis-one"):
        assert secret not in stored


def test_the_history_of_a_person_is_told_by_any_number_and_the_look_is_entered(registry):
    first = registry.take("issue", "one")
    second = registry.take("change", first)
    for number in (first, second):
        rows, steps = registry.take("history", number)
        assert [(row.number, row.closed_for) for row in rows] == [
            (first, "changed"),
            (second, None),
        ]
        assert [step.kind for step in steps] == [StepKind.issued, StepKind.changed]
    assert registry.take("history", GOOD_BUT_NOBODYS) == ([], [])
    assert [one.outcome for one in registry.entries()][2:] == ["seen"] * 3


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE identity_person SET closed_at = NULL, closed_for = NULL",
        "DELETE FROM identity_person",
        "UPDATE identity_person SET number_index = number_index",
        "UPDATE identity_step SET reason = ''",
        "DELETE FROM identity_step",
        "DELETE FROM identity_basis",
    ],
)
def test_the_application_cannot_open_a_closed_number_or_rewrite_a_step(registry, statement):
    number = registry.take("issue", "one")
    registry.take("close", number)
    try:
        with registry.conn.transaction():
            assert registry.conn.execute(statement).rowcount == 0
    except psycopg.errors.InsufficientPrivilege:
        pass
    assert registry.pids(number) == [None]


def test_a_person_has_one_number_in_use_whatever_a_program_does(registry):
    registry.take("issue", "one")
    (person,) = registry.conn.execute("SELECT person FROM identity_person").fetchone()
    row = SECRETS.close(REGISTRAR, personal_number("12345678901"), Pid.random())
    with pytest.raises(psycopg.errors.UniqueViolation):
        registry.conn.execute(
            "INSERT INTO identity_person (tenant, number_index, number_sealed, pid_sealed,"
            " enrolled_at, person) VALUES (%s, %s, %s, %s, now(), %s)",
            [REGISTRAR, row["index"], row["number"], row["pid"], person],
        )
