"""What was entered about a person stays on the person's list, whatever becomes of the code."""

from importlib.resources import files

import psycopg
import pytest
from tests.identity.histories import SEAL, YEAR, House
from tests.identity.world import A, B

from renkei import identity
from renkei.identity import Chain, Nym, NymForeign, RotationUnfinished, SealBroken


@pytest.fixture
def house(conn) -> House:
    return House(conn)


def test_a_label_joins_the_entries_of_one_year_only():
    chain = Chain(bytes(32))
    labels = [mark(year) for mark in (chain.label, chain.sealed_label) for year in (2026, 2027)]
    assert len(set(labels)) == 4
    assert {len(each) for each in labels} == {32}


@pytest.mark.clause("RK-45.1")
def test_a_chain_begins_with_the_first_entry_and_follows_from_no_code(house):
    house.look("1")
    house.keep("1", 7)
    house.ask(7)
    assert house.shown(house.by_number("1")) == ["1", 7]
    assert Chain.of_handle(house.nym(7)) not in house.by_number("1").every
    ((stored,),) = house.conn.execute("SELECT secret_sealed FROM identity_chain").fetchall()
    assert house.by_number("1").current.secret not in stored


@pytest.mark.clause("RK-45.2")
def test_a_rotation_loses_nothing_before_it_in_its_window_or_after_it(house):
    house.keep("1", 7)
    house.ask(7)
    house.rotate()
    house.ask(7, kv=1)
    house.ask(7, kv=2)
    house.look("1")
    house.forget()
    house.ask(7)
    assert house.shown(house.by_number("1")) == house.shown(house.by_code(7))
    assert house.shown(house.by_code(7)) == [7, 7, 7, "1", 7]
    assert len(house.by_code(7).every) == 1


@pytest.mark.clause("RK-45.3")
def test_who_has_no_number_here_is_found_again_after_a_rotation_and_when_given_one(house):
    house.ask(7)
    house.rotate()
    house.ask(7, kv=1)
    house.ask(8, kv=1)
    house.ask(8, kv=2)
    house.forget()
    assert [house.shown(house.by_code(pid)) for pid in (7, 8)] == [[7, 7], [8, 8]]
    house.look("1")
    house.keep("1", 8)
    assert house.shown(house.by_number("1")) == house.shown(house.by_code(8)) == [8, 8, "1"]
    strangers = house.conn.execute("SELECT count(*) FROM identity_stranger").fetchone()
    assert strangers == (1,)


def test_an_old_version_is_not_forgotten_while_a_stranger_has_it_alone(house):
    house.ask(7)
    house.ask(8)
    house.rotate(limit=1)
    with pytest.raises(RotationUnfinished) as caught:
        house.forget()
    assert caught.value.facts["left"] == 1
    while not house.rotate(limit=1).ends:
        pass
    house.forget()
    assert [house.shown(house.by_code(pid)) for pid in (7, 8)] == [[7], [8]]


def test_what_was_withheld_under_a_former_code_is_found_to_be_released(house):
    house.keep("1", 7)
    sealed = house.by_number("1").current.sealed_label(YEAR)
    house.follow((7, 9))
    assert house.by_number("1").current.sealed_label(YEAR) != sealed
    assert house.by_number("1").withholds(sealed, YEAR)
    assert not house.by_number("1").withholds(sealed, YEAR + 1)
    assert not house.by_number("2").withholds(sealed, YEAR)


@pytest.mark.clause("RK-45.4")
def test_behind_a_new_code_begins_a_chain_and_both_are_shown(house):
    house.keep("1", 7)
    house.ask(7)
    house.follow((7, 9))
    house.ask(9)
    house.look("1")
    new, old = house.by_code(9).every
    assert house.shown(house.by_number("1")) == [7, 9, "1"]
    assert [label for label, _ in house.entered] == [old.label(YEAR), *[new.label(YEAR)] * 2]
    # Taken up anew without having been told, it is the same.
    house.keep("1", 10)
    assert house.by_number("1").current not in (new, old)


@pytest.mark.clause("RK-45.4")
def test_two_numbers_of_one_human_are_one_list_until_that_is_taken_back(house):
    house.keep("1", 7)
    house.keep("2", 8)
    for entry in ("1", "2"):
        house.look(entry)
    assert house.follow((7, 8)) == [identity.SharedCode("1", "2")]
    house.look("1")
    house.ask(8)
    assert house.shown(house.by_code(8)) == ["1", "2", "1", 8]
    # It was an error: the number is closed, and each of the two gets one.
    house.follow((8, None))
    house.keep("2", 12)
    assert house.shown(house.by_code(12)) == ["2", 8]
    house.keep("1", 11)
    assert house.shown(house.by_code(11)) == ["1", "1"]


@pytest.mark.clause("RK-45.4")
def test_codes_that_follow_one_another_in_one_message_are_followed_to_the_end(house):
    house.keep("1", 7)
    house.ask(7)
    house.ask(20)  # a stranger's, whom another stranger follows
    house.ask(21)
    house.follow((7, 8), (8, 9), (20, 21))
    assert house.shown(house.by_code(9)) == [7]
    assert identity.person_of(house.conn, A, house.nym(9)) == "1"
    assert house.shown(house.by_code(21)) == [20, 21]


@pytest.mark.clause("RK-45.4")
def test_in_the_window_of_a_rotation_both_versions_of_a_code_are_followed(house):
    house.keep("1", 7)
    house.keep("2", 8)
    house.rotate()
    house.follow((7, 9), (8, None), kv=1)
    for kv in (1, 2):
        assert identity.person_of(house.conn, A, house.nym(9, kv=kv)) == "1"
        assert identity.person_of(house.conn, A, house.nym(7, kv=kv)) is None
        assert identity.person_of(house.conn, A, house.nym(8, kv=kv)) is None
    house.forget()
    assert house.nym(9) == identity.code_of(house.conn, A, "1", seal=SEAL)


def test_a_chain_opens_in_its_own_row_alone_and_for_its_house_alone(house):
    house.look("1")
    with pytest.raises(NymForeign):
        identity.history_of_code(house.conn, A, Nym(B, 1, house.nym(1).element), seal=SEAL)
    house.conn.execute(
        "INSERT INTO identity_chain (tenant, chain, person, secret_sealed)"
        " SELECT tenant, gen_random_uuid(), person, secret_sealed FROM identity_chain"
    )
    with pytest.raises(SealBroken):
        house.by_number("1")


@pytest.mark.clause("RK-45.1")
def test_the_migration_keeps_the_labels_of_the_time_before(fresh_dsn):
    """Chains of old are the hash of year and nym, of every version that is kept."""
    from renkei.kit import Database, migrate

    tables = ("chain", "stranger", "shared", "rotation")
    step = files("renkei.identity") / "sql" / "migrations" / "0006_before_chains.sql"
    with fresh_dsn() as dsn:
        migrate(dsn, ["renkei.audit", "renkei.identity"])
        with Database(dsn) as database, database.transaction(A) as conn:
            house = House(conn)
            house.keep("1", 7)
            house.rotate()
            nyms = [house.nym(7, kv=kv) for kv in (1, 2)]
        with psycopg.connect(dsn) as conn:
            conn.execute("SET ROLE renkei_owner")
            for table in tables:
                conn.execute(f"DROP TABLE identity_{table}".encode())
            conn.execute(step.read_bytes())
        with Database(dsn) as database, database.transaction(A) as conn:
            found = identity.history_of(conn, A, "1", seal=SEAL)
    assert set(found.every) == {Chain.of_handle(nym) for nym in nyms}
    assert set(found.labels([YEAR])) == {Chain.of_handle(nym).label(YEAR) for nym in nyms}
