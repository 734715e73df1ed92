"""The registrar alone joins a number to a person, and its table shows neither."""

import secrets as random
from datetime import UTC, datetime

import psycopg
import pytest
from tests.identity.world import REGISTRAR, A

from renkei.identity import (
    LengthWrong,
    NumberMalformed,
    RegistrarSecrets,
    Seal,
    SealBroken,
    pids_of,
    register,
)

NUMBERS = ["983205673214", "123456789018", "111111111118"]
AT = datetime(2026, 11, 23, 1, 2, 3, tzinfo=UTC)
SECRETS = RegistrarSecrets(random.token_bytes(32), Seal(random.token_bytes(32)))


@pytest.fixture
def conn(database):
    """Give one transaction of the registrar, rolled back after the test."""
    with database.transaction(REGISTRAR) as opened:
        yield opened
        raise psycopg.Rollback


def registered(conn, numbers=NUMBERS, secrets=SECRETS):
    return register(conn, REGISTRAR, numbers, organisation=A, secrets=secrets, at=AT)


def known(conn, numbers=NUMBERS, secrets=SECRETS):
    return pids_of(conn, REGISTRAR, numbers, secrets=secrets)


@pytest.mark.clause("RK-7.2")
def test_a_number_is_registered_once_and_keeps_its_pid(conn):
    assert known(conn) == [None, None, None]
    first = registered(conn, NUMBERS[:2])
    again = registered(conn, [*NUMBERS, NUMBERS[0]])
    assert again == [*first, again[2], first[0]]
    assert len(set(again)) == 3
    assert known(conn) == again[:3]
    assert registered(conn, []) == []


def test_the_table_shows_neither_number_nor_pid(conn):
    pids = registered(conn)
    rows = conn.execute("SELECT number_index, number_sealed, pid_sealed FROM identity_person")
    stored = b"".join(value for row in rows for value in row)
    for secret in (*(number.encode() for number in NUMBERS), *(pid.encoded for pid in pids)):
        assert secret not in stored


@pytest.mark.clause("RK-7.2")
@pytest.mark.parametrize("number", ["983205673215", "98320567321", "９８３２０５６７３２１４", ""])
def test_a_malformed_number_stops_the_whole_batch(conn, number):
    with pytest.raises(NumberMalformed) as caught:
        registered(conn, [NUMBERS[0], number])
    assert caught.value.facts == {}
    assert known(conn, NUMBERS[:1]) == [None]


def test_a_registrar_that_draws_the_numbers_itself_registers_none_it_never_issued(conn):
    def own():
        return register(
            conn, REGISTRAR, NUMBERS, organisation=A, secrets=SECRETS, at=AT, adds=False
        )

    assert own() == [None, None, None]
    first = registered(conn, NUMBERS[:1])
    assert own() == [*first, None, None]


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
