"""An organisation finds a person's code and a code's person, and nothing of anybody else's."""

import secrets

import psycopg
import pytest
from tests.identity.world import A, B

from renkei.identity import (
    LinkageCodeMalformed,
    Nym,
    NymForeign,
    Seal,
    SealBroken,
    SharedCode,
    code_of,
    codes_of,
    keep_codes,
    person_of,
)
from renkei.identity.group import hash_to_group

SEAL = Seal(secrets.token_bytes(32))


def nym_of(name, *, owner=A, kv=1):
    return Nym(owner, kv, hash_to_group(name.encode()))


def kept(conn, *codes):
    return keep_codes(conn, A, codes, seal=SEAL)


def test_a_code_is_found_by_person_and_a_person_by_nym_or_code(conn):
    one, two = nym_of("one"), nym_of("two")
    assert kept(conn, ("1", one), ("2", two)) == []
    assert code_of(conn, A, "1", seal=SEAL) == one
    assert person_of(conn, A, two) == person_of(conn, A, two.code) == "2"
    assert code_of(conn, A, "3", seal=SEAL) is None
    assert person_of(conn, A, nym_of("three")) is None


def test_many_codes_are_found_at_once_each_under_its_newest_key_version(conn):
    older, newer, other = nym_of("one"), nym_of("one again", kv=2), nym_of("two")
    kept(conn, ("1", older), ("1", newer), ("2", other))
    assert codes_of(conn, A, ["1", "2", "3"], seal=SEAL) == {"1": newer, "2": other}
    assert codes_of(conn, A, [], seal=SEAL) == {}


def test_keeping_again_changes_nothing_and_a_new_code_takes_the_old_ones_place(conn):
    old, new = nym_of("old"), nym_of("new")
    for nym in (old, old, new):
        assert kept(conn, ("1", nym)) == []
    assert code_of(conn, A, "1", seal=SEAL) == new
    assert person_of(conn, A, old) is None
    assert kept(conn) == []


def test_one_human_under_two_numbers_is_a_finding_and_the_rest_is_kept(conn):
    one, two = nym_of("one"), nym_of("two")
    assert kept(conn, ("1", one), ("2", one), ("3", two)) == [SharedCode("2", "1")]
    assert kept(conn, ("4", two)) == [SharedCode("4", "3")]
    assert code_of(conn, A, "2", seal=SEAL) is None
    assert code_of(conn, A, "3", seal=SEAL) == two


def test_two_persons_mixed_up_are_put_right_in_one_batch(conn):
    one, two = nym_of("one"), nym_of("two")
    kept(conn, ("1", two), ("2", one))
    assert kept(conn, ("1", one), ("2", two)) == []
    assert (person_of(conn, A, one), person_of(conn, A, two)) == ("1", "2")


def test_codes_of_two_key_versions_stand_side_by_side(conn):
    old, new = nym_of("old"), nym_of("new", kv=2)
    assert kept(conn, ("1", new), ("1", old)) == []
    assert code_of(conn, A, "1", seal=SEAL) == new
    assert person_of(conn, A, old) == person_of(conn, A, new) == "1"


def test_a_nym_of_another_organisation_is_never_taken(conn):
    foreign = nym_of("one", owner=B)
    with pytest.raises(NymForeign):
        kept(conn, ("1", foreign))
    with pytest.raises(NymForeign):
        person_of(conn, A, foreign)


def test_a_mistyped_code_is_an_error_and_not_an_unknown_person(conn):
    with pytest.raises(LinkageCodeMalformed):
        person_of(conn, A, nym_of("one").code[:-1])


def test_the_table_shows_no_nym_and_another_key_opens_none(conn):
    nym = nym_of("one")
    kept(conn, ("1", nym))
    ((stored,),) = conn.execute("SELECT nym_sealed FROM identity_code").fetchall()
    assert nym.element.encoded not in stored
    with pytest.raises(SealBroken):
        code_of(conn, A, "1", seal=Seal(bytes(32)))
    conn.execute("DELETE FROM identity_code")
    conn.execute(
        "INSERT INTO identity_code VALUES (%s, '1', 1, %s, '\\x00')", [A, nym_of("one").code]
    )
    with pytest.raises(SealBroken):
        code_of(conn, A, "1", seal=SEAL)


def test_another_tenant_sees_nothing_and_cannot_be_written_for(conn):
    nym = nym_of("one")
    kept(conn, ("1", nym))
    conn.execute("SELECT set_config('renkei.tenant', %s, true)", [B])
    assert person_of(conn, A, nym) is None
    assert person_of(conn, B, nym.code) is None
    with pytest.raises(psycopg.errors.InsufficientPrivilege), conn.transaction():
        kept(conn, ("2", nym_of("two")))
