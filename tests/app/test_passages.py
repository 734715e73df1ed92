"""A relay's passages balance with both sides, or what is lost, made up or told twice is named."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from renkei import audit
from renkei.app.demo.ecosystem import A, B, P
from renkei.app.proofs.books import Log
from renkei.app.proofs.passages import matched, passage_defects

BEGUN = datetime(2026, 4, 1, 9, tzinfo=UTC)


def at(seconds: int) -> datetime:
    return BEGUN + timedelta(seconds=seconds)


def entry(number: str, outcome: str, seconds: int) -> audit.Entry:
    return audit.Entry(
        kind=audit.Kind.REQUEST,
        request=number,
        at=at(seconds),
        asker=A.tenant,
        holder=B.tenant,
        procedure="",
        outcome=outcome,
        mode=audit.Mode.TEST,
    )


def log(part: str, **entries: dict[str, int]) -> Log:
    """Return a log of what was entered under each number: outcome and second."""
    found = {
        number: [entry(number, outcome, second) for outcome, second in ends.items()]
        for number, ends in entries.items()
    }
    return Log(part, len(found), found, frozenset(), ())


ASKER = log(A.tenant, m1={"asked": 0, "answered": 9}, m2={"asked": 1, "answered": 8})
HOLDER = log(B.tenant, m1={"received": 4, "answered": 5}, m2={"received": 3, "answered": 6})
TAKEN = {"p1": {"received": 2, "passed-on": 7}, "p2": {"received": 2, "passed-on": 7}}
RELAY = log(P.tenant, **TAKEN)


def test_passages_between_what_both_sides_entered_balance():
    assert list(passage_defects(RELAY, ASKER, HOLDER)) == []


def test_messages_that_go_other_ways_are_left_alone():
    other = replace(entry("x", "asked", 3), holder=P.tenant)
    asker = replace(ASKER, entries=ASKER.entries | {"x": [other]})
    assert list(passage_defects(RELAY, asker, HOLDER)) == []


@pytest.mark.parametrize(
    ("relay", "says"),
    [
        ({}, "2 messages reached 131024 without a passage"),
        ({}, "2 answers reached 131016 that it did not pass on"),
        ({"p2": {"received": 5, "passed-on": 7}}, "1 messages reached"),
        ({"p2": {"received": 2, "passed-on": 4}}, "1 answers reached"),
        ({"p2": {"received": 2, "failed": 7}}, "1 answers reached"),
        ({"p3": {"received": 2, "failed": 7}}, "1 passages from 131016 that it did not ask"),
        ({"p3": {"received": 2, "passed-on": 7}}, "1 answers passed on that 131024 did not give"),
        ({"p2": {"received": 2}}, "p2: a passage without an end"),
        ({"p2": {"received": 2, "passed-on": 7, "failed": 8}}, "p2: a passage entered as"),
    ],
)
def test_what_does_not_agree_is_named(relay, says):
    found = log(P.tenant, **(TAKEN | relay if relay else {}))
    assert any(says in one for one in passage_defects(found, ASKER, HOLDER))


def test_a_passage_may_be_without_an_end_only_where_the_relay_was_killed():
    asker = log(A.tenant, m1={"asked": 0, "failed": 9})
    holder, relay = log(B.tenant), log(P.tenant, p1={"received": 2})
    assert list(passage_defects(relay, asker, holder, outages=[at(3)])) == []
    for outage in (at(1), at(200)):
        assert list(passage_defects(relay, asker, holder, outages=[outage]))


def test_a_passage_entered_twice_is_named():
    twice = replace(RELAY, entries=RELAY.entries | {"p1": RELAY.entries["p1"] * 2})
    assert any("p1: a passage entered as" in one for one in passage_defects(twice, ASKER, HOLDER))


def test_what_the_relay_refused_is_no_passage():
    relay = log(P.tenant, **TAKEN, p3={"failed": 3})
    assert list(passage_defects(relay, ASKER, HOLDER)) == []


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), max_size=6), st.data())
def test_every_window_with_a_time_of_its_own_is_matched(spans, data):
    windows = [(at(begun), at(begun + length)) for begun, length in spans]
    times = [at(data.draw(st.integers(begun, begun + length))) for begun, length in spans]
    assert matched(windows, times) == len(spans)
    assert matched(windows, times[1:]) == max(0, len(spans) - 1)
