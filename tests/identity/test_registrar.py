"""The registrar alone joins a number to a person, and its table shows neither."""

import secrets as random

import psycopg
import pytest
from tests.identity.registry import SECRETS, order
from tests.identity.world import REGISTRAR, A

from renkei.identity import (
    LengthWrong,
    NumberMalformed,
    NumberTaken,
    RegistrarSecrets,
    Seal,
    SealBroken,
    are_unknown,
    issued,
    numbers,
    pids_for,
    pids_of,
)
from renkei.identity.issued import Taken

NUMBERS = ["983205673214", "123456789018", "111111111118"]


@pytest.fixture
def conn(database):
    """Give one transaction of the registrar, rolled back after the test."""
    with database.transaction(REGISTRAR) as opened:
        yield opened
        raise psycopg.Rollback


def listed(conn, *texts, by=None):
    return issued.take_in(conn, REGISTRAR, texts, by or order(), secrets=SECRETS)


def acquired(conn, numbers=NUMBERS):
    return pids_for(conn, REGISTRAR, numbers, organisation=A, secrets=SECRETS)


def registered(conn, numbers=NUMBERS):
    listed(conn, *numbers)
    return acquired(conn, numbers)


def known(conn, numbers=NUMBERS, secrets=SECRETS):
    return pids_of(conn, REGISTRAR, numbers, secrets=secrets)


@pytest.mark.clause("RK-7.2")
def test_a_number_is_taken_in_once_and_keeps_its_pid(conn):
    assert known(conn) == [None, None, None]
    first = registered(conn, NUMBERS[:2])
    again = registered(conn, [*NUMBERS, NUMBERS[0]])
    assert again == [*first, again[2], first[0]]
    assert len(set(again)) == 3
    assert known(conn) == again[:3]
    assert registered(conn, []) == []


@pytest.mark.clause("RK-7.7")
def test_a_number_that_was_never_issued_is_nobodys_however_well_its_check_digit_fits(conn):
    assert are_unknown(conn, REGISTRAR, NUMBERS, secrets=SECRETS)
    assert acquired(conn) == [None, None, None]
    rows = conn.execute("SELECT count(*) FROM identity_person").fetchone()
    assert rows == (0,)
    (first,) = registered(conn, NUMBERS[:1])
    assert acquired(conn) == [first, None, None]
    assert not are_unknown(conn, REGISTRAR, NUMBERS, secrets=SECRETS)


def test_every_line_of_a_list_is_told_what_became_of_it(conn):
    whole = order()
    wrong = [
        "98320567321",
        "9832056732144",
        "983205673215",
        "９８３２０５６７３２１４",
        "",
        "98320567321x",
    ]
    assert listed(conn, *NUMBERS[:2], NUMBERS[0], *wrong, by=whole) == [
        Taken.new,
        Taken.new,
        Taken.repeated,
        Taken.too_short,
        Taken.too_long,
        Taken.check_digit,
        Taken.not_digits,
        Taken.not_digits,
        Taken.not_digits,
    ]
    assert listed(conn, NUMBERS[2], NUMBERS[1], by=whole) == [Taken.new, Taken.repeated]
    assert listed(conn, *NUMBERS) == [Taken.known] * 3


def test_a_list_opens_no_number_that_was_closed(conn):
    registered(conn)
    numbers.close(conn, REGISTRAR, NUMBERS[0], order(), secrets=SECRETS)
    assert listed(conn, *NUMBERS[:2]) == [Taken.closed, Taken.known]
    assert known(conn)[0] is None


def test_a_number_drawn_elsewhere_is_given_to_one_person_alone(conn):
    listed(conn, *NUMBERS[:2])
    (pid,) = acquired(conn, NUMBERS[:1])

    def changed(old, new):
        draw = numbers.given(new)
        return numbers.change(conn, REGISTRAR, old, order(), secrets=SECRETS, draw=draw)

    with pytest.raises(NumberTaken), conn.transaction():
        changed(NUMBERS[0], NUMBERS[1])
    with pytest.raises(NumberMalformed):
        numbers.given("983205673215")
    assert changed(NUMBERS[0], NUMBERS[2]) == NUMBERS[2]
    assert known(conn)[::2] == [None, pid]


def test_the_table_shows_neither_number_nor_pid(conn):
    pids = registered(conn)
    rows = conn.execute("SELECT number_index, number_sealed, pid_sealed FROM identity_person")
    stored = b"".join(value for row in rows for value in row)
    for secret in (*(number.encode() for number in NUMBERS), *(pid.encoded for pid in pids)):
        assert secret not in stored


@pytest.mark.clause("RK-7.2")
@pytest.mark.parametrize("number", ["983205673215", "98320567321", "９８３２０５６７３２１４", ""])
def test_a_malformed_number_stops_the_whole_batch(conn, number):
    listed(conn, NUMBERS[0])
    with pytest.raises(NumberMalformed) as caught:
        acquired(conn, [NUMBERS[0], number])
    assert caught.value.facts == {}
    assert conn.execute("SELECT count(*) FROM identity_holder").fetchone() == (0,)


def test_another_key_finds_nothing_or_opens_nothing(conn):
    registered(conn)
    blind = RegistrarSecrets(random.token_bytes(32), SECRETS.seal)
    assert known(conn, secrets=blind) == [None, None, None]
    wrong = RegistrarSecrets(SECRETS.index, Seal(random.token_bytes(32)))
    with pytest.raises(SealBroken):
        known(conn, secrets=wrong)


def test_a_sealed_pid_moved_to_another_row_does_not_open(conn):
    registered(conn)
    conn.execute(
        "UPDATE identity_person SET pid_sealed = (SELECT pid_sealed FROM identity_person LIMIT 1)"
    )
    with pytest.raises(SealBroken):
        known(conn)


def test_another_tenant_sees_nothing(conn):
    registered(conn)
    conn.execute("SELECT set_config('renkei.tenant', %s, true)", [A])
    assert known(conn) == [None, None, None]


@pytest.mark.parametrize("length", [0, 16, 31])
def test_keys_are_32_bytes(length):
    with pytest.raises(LengthWrong):
        Seal(bytes(length))
    with pytest.raises(LengthWrong):
        RegistrarSecrets(bytes(length), SECRETS.seal)
