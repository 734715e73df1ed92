"""Whatever steps follow one another, each number is somebody's or closed, and never both again."""

from itertools import count
from typing import Any

import psycopg
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from tests.identity.registry import Registry, order
from tests.identity.world import REGISTRAR, A, B

from renkei.identity import AlreadyNumbered, NumberNotInUse, Order, Pid, StepKind
from renkei.kit import Tenant, personal_number_ok


class Numbers(RuleBasedStateMachine):
    """A registrar beside a model of it: numbers in use with their pid, numbers closed."""

    registry: Registry

    def __init__(self) -> None:
        super().__init__()
        self.registry.conn.execute("SAVEPOINT one_run")
        self.in_use: dict[str, Pid] = {}
        self.closed: set[str] = set()
        self.bases = count()
        self.taken: list[tuple[str, tuple[str, ...], Order, Any]] = []
        self.holders: dict[str, set[Tenant]] = {}
        self.told: dict[Tenant, list[tuple[StepKind, Pid, Pid | None]]] = {A: [], B: []}

    def teardown(self) -> None:
        self.registry.conn.execute("ROLLBACK TO one_run")

    def take(self, step: str, *given: str):
        by = order()
        answer = self.registry.take(step, *given, by=by)
        self.taken.append((step, given, by, answer))
        return answer

    def add(self, number: str) -> Pid:
        assert personal_number_ok(number)
        assert number not in self.in_use.keys() | self.closed
        (pid,) = self.registry.pids(number)
        assert pid is not None
        self.in_use[number] = pid
        self.holders.setdefault(number, set())
        return pid

    def drop(self, number: str) -> set[Tenant]:
        self.closed.add(number)
        del self.in_use[number]
        return self.holders.pop(number)

    def some(self, data: st.DataObject) -> str:
        return data.draw(st.sampled_from(sorted(self.in_use)))

    @rule()
    def issue(self) -> None:
        basis = f"basis {next(self.bases)}"
        self.add(self.take("issue", basis))
        try:
            self.registry.take("issue", basis)
        except AlreadyNumbered:
            return
        raise AssertionError("a second number for one basis")

    @precondition(lambda self: self.in_use)
    @rule(data=st.data(), organisation=st.sampled_from([A, B]))
    def acquire(self, data: st.DataObject, organisation: Tenant) -> None:
        number = self.some(data)
        assert self.registry.acquire(number, organisation=organisation) == [self.in_use[number]]
        self.holders[number].add(organisation)

    @precondition(lambda self: self.in_use)
    @rule(data=st.data())
    def change(self, data: st.DataObject) -> None:
        old = self.some(data)
        pid, new = self.in_use[old], self.take("change", old)
        holders = self.drop(old)
        assert self.add(new) == pid
        self.holders[new] = holders

    @precondition(lambda self: self.in_use)
    @rule(data=st.data())
    def reissue(self, data: st.DataObject) -> None:
        number = self.some(data)
        old = self.in_use[number]
        self.take("reissue", number)
        (new,) = self.registry.pids(number)
        assert new is not None
        assert new not in self.in_use.values()
        self.in_use[number] = new
        self.tell(self.holders[number], StepKind.reissued, old, new)

    @precondition(lambda self: len(self.in_use) > 1)
    @rule(data=st.data())
    def merge(self, data: st.DataObject) -> None:
        kept, dropped = data.draw(st.permutations(sorted(self.in_use)))[:2]
        gone, stays = self.in_use[dropped], self.in_use[kept]
        self.take("merge", kept, dropped)
        holders = self.drop(dropped)
        self.tell(holders, StepKind.merged, gone, stays)
        self.holders[kept] |= holders

    @precondition(lambda self: self.in_use)
    @rule(data=st.data())
    def separate(self, data: st.DataObject) -> None:
        shared = self.some(data)
        old = self.in_use[shared]
        first, second = self.take("separate", shared)
        self.tell(self.drop(shared), StepKind.separated, old, None)
        assert len({old, self.add(first), self.add(second)}) == 3

    @precondition(lambda self: self.in_use)
    @rule(data=st.data())
    def close(self, data: st.DataObject) -> None:
        number = self.some(data)
        old = self.in_use[number]
        self.take("close", number)
        self.tell(self.drop(number), StepKind.died, old, None)

    @precondition(lambda self: self.closed)
    @rule(data=st.data(), step=st.sampled_from(["change", "reissue", "separate", "close"]))
    def use_a_closed_one(self, data: st.DataObject, step: str) -> None:
        number = data.draw(st.sampled_from(sorted(self.closed)))
        try:
            self.registry.take(step, number)
        except NumberNotInUse:
            return
        raise AssertionError(f"{step} of a closed number")

    @precondition(lambda self: self.taken)
    @rule(data=st.data())
    def order_again(self, data: st.DataObject) -> None:
        step, given, by, answer = data.draw(st.sampled_from(self.taken))
        assert self.registry.take(step, *given, by=by) == answer

    def tell(self, holders: set[Tenant], kind: StepKind, old: Pid, new: Pid | None) -> None:
        for organisation in holders:
            self.told[organisation].append((kind, old, new))

    @invariant()
    def the_registrar_says_the_same(self) -> None:
        assert self.registry.pids(*self.in_use) == list(self.in_use.values())
        assert set(self.registry.pids(*self.closed)) <= {None}
        assert len(set(self.in_use.values())) == len(self.in_use)

    @invariant()
    def every_holder_has_been_told_everything_in_order(self) -> None:
        for organisation, expected in self.told.items():
            found = self.registry.told(organisation, limit=1000)
            assert [(one.kind, one.old, one.new) for one in found] == expected


def test_a_number_is_in_use_once_and_closed_once(database):
    with database.transaction(REGISTRAR) as conn:

        class Here(Numbers):
            registry = Registry(conn)

        run_state_machine_as_test(
            Here, settings=settings(max_examples=20, stateful_step_count=20, deadline=None)
        )
        raise psycopg.Rollback
