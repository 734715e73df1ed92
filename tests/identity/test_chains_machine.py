"""Whatever becomes of codes, in any order, each list is what was entered about its person."""

from collections import defaultdict

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
from tests.identity.histories import House
from tests.identity.world import A

from renkei.identity import RotationUnfinished

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
