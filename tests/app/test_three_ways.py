"""Of three lists of the same exchanges, whoever lacks a part is named, and nobody else."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from renkei.app.proofs.exchange_lists import Kept
from renkei.app.proofs.three_ways import Lack, Three, Told, left_open, others_of

A, B, C, L = "131016", "131024", "131032", "4000012090001"
AT = datetime(2026, 11, 27, 3, tzinfo=UTC)
DUE = AT + timedelta(minutes=1)
LATER = AT + timedelta(hours=1)


def kept(part, request="r-1", **changes):
    said: dict[str, Any] = {"asker": A, "holder": B, "at": AT, "entry": f"{part}-{request}"}
    if part == "answer":
        said |= {"holder_entry": f"provision-{request}"}
    if part in ("answer", "provision"):
        said |= {"receipt": f"receipt-{request}", "due": DUE}
    return Kept(request=request, part=part, **said | changes)


AT_A = (kept("question"), kept("answer"))
AT_B = (kept("provision"),)
AT_L = (kept("receipt"),)


def told(exchanges, *, unproven=(), since=AT):
    """Return a list of which all is proven but some parts."""
    return Told(exchanges, {one.entry: since for one in exchanges if one.part not in unproven})


def lacks(us, ours, parties, operators=None, *, today=lambda _: True, at=AT, broken=()):
    """Return what one party finds, which knows what is in its own list."""
    known = {(one.request, one.entry) for one in ours} | {(one.request, "") for one in ours}
    lists = {who: one if isinstance(one, Told) else told(one) for who, one in parties.items()}
    said = {L: AT_L} if operators is None else operators
    logs = {who: one if isinstance(one, Told) else told(one) for who, one in said.items()}
    three = Three(us, ours, lists, logs, lambda *one: one in known, at, broken)
    return three.lacks(today)


def test_where_all_have_their_part_nobody_lacks_any():
    assert lacks(A, AT_A, {B: AT_B}) == []
    assert lacks(B, AT_B, {A: AT_A}) == []


@pytest.mark.clause("RK-39.9")
@pytest.mark.parametrize(
    ("us", "ours", "parties", "operators", "who", "part"),
    [
        (A, AT_A, {B: ()}, {L: AT_L}, B, "provision"),
        (A, AT_A, {B: (kept("provision", entry="another"),)}, {L: AT_L}, B, "provision"),
        (A, AT_A, {B: AT_B}, {L: ()}, L, "receipt"),
        (A, AT_A, {B: AT_B}, {L: (kept("receipt", entry="another"),)}, L, "receipt"),
        (A, (kept("question"), kept("answer", receipt="")), {B: AT_B}, {L: AT_L}, L, "receipt"),
        (A, (), {B: AT_B}, {L: ()}, A, "question"),
        (A, (), {}, {L: AT_L}, A, "question"),
        (B, AT_B, {A: ()}, {L: AT_L}, A, "question"),
        (B, AT_B, {A: ()}, {L: AT_L}, A, "answer"),
        (B, AT_B, {A: (kept("question"),)}, {L: AT_L}, A, "answer"),
        (B, AT_B, {A: AT_A}, {L: ()}, L, "receipt"),
        (B, (), {A: AT_A}, {L: AT_L}, B, "provision"),
        (B, (kept("provision", entry="another"),), {A: AT_A}, {L: AT_L}, B, "provision"),
    ],
)
def test_whoever_lacks_a_part_is_named(us, ours, parties, operators, who, part):
    assert Lack("r-1", who, part) in lacks(us, ours, parties, operators)


def test_a_question_that_came_to_nothing_is_no_disagreement():
    """The log operator promised, the holder was away: no provision is wanted."""
    assert lacks(A, (kept("question"),), {B: ()}) == []


def test_who_could_not_be_asked_is_said_nothing_of():
    assert lacks(A, AT_A, {}, {}) == []


def test_exchanges_of_others_and_of_other_days_are_left_alone():
    strange = kept("answer", "r-9", asker=C)
    assert lacks(A, (*AT_A, strange), {B: AT_B}) == []
    assert lacks(A, AT_A, {B: ()}, today=lambda _: False) == []


def test_many_exchanges_are_compared_each_by_its_own_number():
    ours = tuple(kept(part, f"r-{n}") for n in range(50) for part in ("question", "answer"))
    theirs = tuple(kept("provision", f"r-{n}") for n in range(50) if n != 17)
    logs = {L: tuple(kept("receipt", f"r-{n}") for n in range(50) if n != 23)}
    assert lacks(A, ours, {B: theirs}, logs) == [
        Lack("r-17", B, "provision"),
        Lack("r-23", L, "receipt"),
    ]


@pytest.mark.clause("RK-48.2")
def test_what_is_named_and_not_proven_is_said_of_whoever_names_it():
    found = lacks(A, AT_A, {B: told(AT_B, unproven=("provision",))})
    assert found == [Lack("r-1", B, "provision", "unproven")]
    found = lacks(A, AT_A, {B: AT_B}, {L: told(AT_L, unproven=("receipt",))})
    assert found == [Lack("r-1", L, "receipt", "unproven")]


@pytest.mark.clause("RK-48.6")
def test_an_asker_that_enters_a_failure_of_what_was_answered_is_named():
    at_a = (kept("question"), kept("failure"))
    assert lacks(B, AT_B, {A: at_a}) == [Lack("r-1", A, "answer", "unreceived")]
    assert lacks(B, AT_B, {A: (*AT_A, kept("failure"))}) == []
    assert lacks(B, AT_B, {A: told(at_a, unproven=("failure",))}) == [Lack("r-1", A, "answer")]


def test_an_answer_in_a_secret_order_is_an_answer():
    assert lacks(B, AT_B, {A: (kept("question"), kept("in-set"))}) == []


def test_a_failure_of_what_nobody_answered_is_no_disagreement():
    assert lacks(A, (kept("question"), kept("failure")), {B: ()}) == []
    assert lacks(B, (), {A: (kept("question"), kept("failure"))}) == []


@pytest.mark.clause("RK-48.4")
@pytest.mark.parametrize(("us", "ours", "other"), [(A, AT_A, {B: AT_B}), (B, AT_B, {A: AT_A})])
@pytest.mark.parametrize("logs", [(), told(AT_L, unproven=("receipt",))])
def test_a_receipt_that_is_due_and_not_proven_to_be_kept_is_broken(us, ours, other, logs):
    found = lacks(us, ours, other, {L: logs}, at=LATER)
    assert found == [Lack("r-1", L, "receipt", "receipt-broken")]
    assert found != lacks(us, ours, other, {L: logs}, at=DUE)


@pytest.mark.clause("RK-48.5")
def test_a_receipt_kept_after_it_was_due_is_late_by_the_operators_own_word():
    for late in (timedelta(milliseconds=1), timedelta(days=1)):
        found = lacks(A, AT_A, {B: AT_B}, {L: told(AT_L, since=DUE + late)}, at=LATER)
        assert found == [Lack("r-1", L, "receipt", "receipt-late")]
    assert lacks(A, AT_A, {B: AT_B}, {L: told(AT_L, since=DUE)}, at=LATER) == []


@pytest.mark.clause("RK-48.5")
def test_a_receipt_found_broken_before_is_late_whatever_the_operator_says_of_its_time():
    found = lacks(A, AT_A, {B: AT_B}, {L: told(AT_L)}, at=LATER, broken={"r-1"})
    assert found == [Lack("r-1", L, "receipt", "receipt-late")]


@pytest.mark.parametrize("fault", ["unproven", "unreceived", "receipt-broken", "receipt-late"])
def test_every_fault_is_said_in_both_languages(fault):
    one = replace(Lack("r-1", L, "receipt"), fault=fault)
    assert one.text("ja") != one.text("en")
    assert "r-1" in one.text("ja")
    assert L in one.text("en")


def test_a_lack_is_said_in_both_languages():
    one = Lack("r-1", B, "provision")
    assert one.text("ja") == "照会r-1: 131024に提供の記録がありません。"
    assert one.text("en") == "Exchange r-1: 131024 has no entry of the provision."


def test_the_other_parties_are_those_of_the_exchanges():
    assert others_of(A, [*AT_A, kept("answer", holder=C)]) == {B, C}


@pytest.mark.clause("RK-49.2")
def test_a_question_is_left_if_neither_party_has_an_end_of_it_and_both_were_asked():
    left = [Lack("r-1", A, "answer", "left")]
    assert left_open(AT_L, {A: set(), B: {"r-2"}}) == left
    assert left_open(AT_L, {A: {"r-1"}, B: set()}) == left_open(AT_L, {A: set(), B: {"r-1"}}) == []
    assert left_open(AT_L, {A: set()}) == left_open(AT_L, {B: set()}) == []
