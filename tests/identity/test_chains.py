"""What was entered about a person stays on the person's list, whatever becomes of the code."""

from collections import defaultdict
from importlib.resources import files

import psycopg
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    precondition,
    rule,
    run_state_machine_as_test,
)
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
    house.factors.append(house.factors[0])  # the list names a version nobody has rotated to
    with pytest.raises(RotationUnfinished) as caught:
        house.forget()
    assert caught.value.facts["left"] == 1


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
    house.keep("1", 11)
    house.keep("2", 12)
    assert house.shown(house.by_code(11)) == ["1", "1"]
    assert house.shown(house.by_code(12)) == ["2", 8]


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
    step = files("renkei.identity") / "sql" / "migrations" / "0005_before_chains.sql"
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


NUMBERS = st.sampled_from(["1", "2", "3", "4"])
HUMANS = st.integers(0, 3)
PAST = st.integers(0, 5)


class Histories(RuleBasedStateMachine):
    """A house beside a model of it: which numbers and pids are one, by all that it was told.

    The personal number of a house's number is fixed; the registrar gives it another pid, or finds
    that two personal numbers are one human's. The house is told when it asks.
    """

    conn: psycopg.Connection

    def __init__(self) -> None:
        super().__init__()
        self.conn.execute("SAVEPOINT one_run")
        self.house = House(self.conn)
        self.drawn = 4
        self.pids = {human: human for human in range(4)}
        self.merged: dict[int, int] = {}
        self.past = list(self.pids.values())
        self.untold: list[tuple[int, int]] = []
        self.same: dict[object, object] = {}

    def teardown(self) -> None:
        self.every_list_is_what_was_entered()
        self.conn.execute("ROLLBACK TO one_run")

    def one(self, thing: object) -> object:
        """Return what stands for everything that is one with this."""
        while thing in self.same:
            thing = self.same[thing]
        return thing

    def join(self, one: object, other: object) -> None:
        if self.one(one) != self.one(other):
            self.same[self.one(one)] = self.one(other)

    def human(self, number: str | int) -> int:
        human = int(number) % 3  # two of the house's numbers are one human's from the beginning
        while human in self.merged:
            human = self.merged[human]
        return human

    def kv(self, *, old: bool) -> int:
        return self.house.oldest if old else self.house.newest

    @rule(number=NUMBERS)
    def look(self, number: str) -> None:
        self.house.look(number)

    @rule(which=PAST, old=st.booleans())
    def ask(self, which: int, *, old: bool) -> None:
        """Ask by a code of now, or by one whose end the asker was not told yet."""
        self.house.ask(self.past[which % len(self.past)], kv=self.kv(old=old))

    @rule(number=NUMBERS, old=st.booleans())
    def acquire(self, number: str, *, old: bool) -> None:
        pid = self.pids[self.human(number)]
        self.house.keep(number, pid, kv=self.kv(old=old))
        self.join(number, pid)

    @rule(human=HUMANS)
    def reissue(self, human: int) -> None:
        human = self.human(human)
        before, self.pids[human], self.drawn = self.pids[human], self.drawn, self.drawn + 1
        self.past.append(self.pids[human])
        self.untold.append((before, self.pids[human]))

    @rule(one=HUMANS, other=HUMANS)
    def merge(self, one: int, other: int) -> None:
        one, other = self.human(one), self.human(other)
        if one != other:
            self.merged[one] = other
            self.untold.append((self.pids[one], self.pids[other]))

    @precondition(lambda self: self.untold)
    @rule(old=st.booleans())
    def follow(self, *, old: bool) -> None:
        self.house.follow(*self.untold, kv=self.kv(old=old))
        ended = {before for before, _ in self.untold}
        for before, after in self.untold:
            self.join(before, after)
        self.past = [pid for pid in self.past if pid not in ended]
        self.untold.clear()

    @rule(limit=st.sampled_from([1, 1000]))
    def rotate(self, limit: int) -> None:
        self.house.rotate(limit=limit)

    @rule()
    def forget(self) -> None:
        try:
            self.house.forget()
        except RotationUnfinished:
            assert self.house.newest > self.house.oldest

    @precondition(lambda self: not self.untold)
    @rule()
    def every_list_is_what_was_entered(self) -> None:
        """Each code of now shows all that was entered about whoever is one with it, and no more."""
        if self.untold:
            self.follow(old=False)
        wanted: dict[object, list[object]] = defaultdict(list)
        for _, about in self.house.entered:
            wanted[self.one(about)].append(about)
        for pid in {self.pids[human] for human in self.pids if human not in self.merged}:
            found = self.house.shown(self.house.by_code(pid))
            assert found == wanted[self.one(pid)]


@pytest.mark.clause("RK-45.2", "RK-45.3", "RK-45.4")
def test_whatever_becomes_of_codes_the_list_is_what_was_entered(database):
    with database.transaction(A) as conn:

        class Here(Histories):
            pass

        Here.conn = conn  # the connection is no name in the class's own body
        run_state_machine_as_test(
            Here, settings=settings(max_examples=30, stateful_step_count=25, deadline=None)
        )
        raise psycopg.Rollback
