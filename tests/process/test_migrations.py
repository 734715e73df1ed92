"""A case moves to another version where it has a place to stand, and back until its next step."""

from datetime import timedelta
from typing import Any

import pytest
from tests.process.signing import A, deployed
from tests.process.test_cases import AT, DAY, LIBRARY, begun, give, is_whole, waits

from renkei.process import bpmn, cases
from renkei.process.bpmn.migrating import Plan, blocked, migrate
from renkei.process.cases import migrations, waiting
from renkei.process.scenarios import Player
from renkei.process.scenarios import bpmn as model

OLD = """
start s -> a
user a -> b
boundary late on=a timer=P7D -> l
user l -> e
user b -> e
end e
"""
NEW = """
start s -> a
user a -> c
boundary late on=a timer=P14D -> e
boundary news on=a message=M beside -> n
user n -> e
user c -> b2
user b2 -> e
end e
"""


def read(text):
    return bpmn.read(model(text), "m")


def at_first(definition):
    player = Player(definition)
    player.start({})
    return player.case


def test_a_case_that_has_a_place_to_stand_moves_and_waits_as_the_new_version_says():
    plan = Plan.propose(read(OLD), read(NEW))
    case = at_first(plan.old)
    assert blocked(plan, case) == []
    moved = migrate(plan, case, AT).case
    assert (moved.definition, moved.places[2].element) == (plan.new.hash, "a")
    assert sorted(one.handler for one in moved.waits.values()) == ["a", "late", "news"]
    [task] = [key for key, one in moved.waits.items() if one.handler == "a"]
    after = bpmn.advance(plan.new, moved, bpmn.Bring(AT, task)).case
    assert [one.handler for one in after.waits.values()] == ["c"]


def test_what_keeps_a_case_from_moving_is_said_for_each_place():
    plan = Plan(read(OLD), read(NEW), {})
    player = Player(plan.old)
    player.start({})
    player.done("a", {})
    assert [(one.element, one.why) for one in blocked(plan, player.case)] == [("b", "gone")]
    mapped = Plan(plan.old, plan.new, {"b": "b2"})
    assert blocked(mapped, player.case) == []
    stands = migrate(mapped, player.case, AT).case
    assert [one.handler for one in stands.waits.values()] == ["b2"]


@pytest.mark.parametrize(
    ("new", "why"),
    [
        ("start s -> a\nservice a -> e\nend e", "other-kind"),
        ("start s -> w\nsub w -> e\n  start i -> a\n  user a\nend e", "other-scope"),
        ("start s -> a\nuser a times=2 -> e\nend e", "other-repetition"),
        ("start s -> e\nend e", "gone"),
    ],
)
def test_each_reason_is_found(new, why):
    plan = Plan(read(OLD), read(new), {})
    assert [one.why for one in blocked(plan, at_first(plan.old))] == [why]


def test_tokens_that_wait_at_a_join_which_is_gone_keep_a_case():
    text = "start s -> g\nand g -> a, b\nuser a -> j\nuser b -> j\nand j -> e\nend e"
    plan = Plan(read(text), read(text.replace("and j", "or j")), {})
    player = Player(plan.old)
    player.start({})
    assert blocked(plan, player.case) == []
    player.done("a", {})
    assert blocked(plan, player.case) == []
    other = Plan(plan.old, read(text.replace("user a -> j", "user a -> e")), {})
    assert [one.why for one in blocked(other, player.case)] == ["join-gone"]


@pytest.fixture
def town(conn):
    """Give two cases by the old version, one of which cannot move, and the plan."""
    first, second = begun(conn, OLD), begun(conn, OLD)
    give(conn, second, bpmn.Bring(AT, waits(conn, second)["a"], {}))
    plan = Plan(read(OLD), read(NEW), {})
    deployed(conn, plan.new, since=DAY, at=AT)
    return first, second, plan


def moved(conn, town, *, is_trial=False):
    first, second, plan = town
    facts: dict[str, Any] = {"actor": "staff:1", "basis": "改正", "at": AT + timedelta(days=1)}
    return migrations.move(conn, A, [first, second], plan, is_trial=is_trial, **facts)


def test_a_trial_changes_nothing_and_says_of_each_case_whether_it_can(conn, town):
    first, second, _ = town
    before = cases.case_of(conn, A, first)
    found = {one.case: [two.why for two in one.reasons] for one in moved(conn, town, is_trial=True)}
    assert found == {first: [], second: ["gone"]}
    assert cases.case_of(conn, A, first) == before


def test_cases_that_can_are_moved_and_the_others_stay(conn, town):
    first, second, plan = town
    moved(conn, town)
    assert cases.case_of(conn, A, first).definition == plan.new.hash
    assert cases.case_of(conn, A, second).definition == plan.old.hash
    assert set(waits(conn, first)) == {"a", "late", "news"}
    assert is_whole(conn, first)
    give(conn, first, bpmn.Bring(AT, waits(conn, first)["a"], {}))
    assert list(waits(conn, first)) == ["c"]


def test_a_move_is_taken_back_exactly_until_the_next_step(conn, town):
    first, _, _ = town
    before, waited = cases.case_of(conn, A, first), waits(conn, first)
    moved(conn, town)
    facts: dict[str, Any] = {"actor": "staff:1", "basis": "誤り", "at": AT + timedelta(days=2)}
    assert migrations.take_back(conn, A, [first], **facts) == [first]
    after = cases.case_of(conn, A, first)
    assert (after.case, after.definition) == (before.case, before.definition)
    assert waits(conn, first) == waited
    assert is_whole(conn, first)
    [fired] = waiting.fire_due(conn, A, LIBRARY, at=AT + timedelta(days=7), most=10)
    assert fired.refused is None


def test_after_a_step_a_move_stays(conn, town):
    first, _, plan = town
    moved(conn, town)
    give(conn, first, bpmn.Change(AT, {"x": True}))
    facts: dict[str, Any] = {"actor": "staff:1", "basis": "誤り", "at": AT}
    assert migrations.take_back(conn, A, [first], **facts) == []
    assert cases.case_of(conn, A, first).definition == plan.new.hash
