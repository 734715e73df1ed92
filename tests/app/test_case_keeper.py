"""The keeper of cases: what the database or the program refuses of one case stops no other."""

import logging
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID, uuid4

import psycopg
import pytest
from tests.app.conftest import AT
from tests.process.signing import SIGNER, A, deployed, library

from renkei import kit
from renkei.app.processes.case_keeper import CaseKeeper
from renkei.process import bpmn, cases, tasks
from renkei.process.cases import inbox
from renkei.process.feel import Date
from renkei.process.scenarios import bpmn as model

DAY = date(2026, 11, 1)
LIBRARY = library()
SECRET = "秘密の値"
TWO = ("bad", "good")
BAD: bpmn.Variables = {"is_bad": True}
GOOD: bpmn.Variables = {"is_bad": False}
CHILD: bpmn.Variables = {
    "基準日": Date.parse("2026-11-01"),
    "児童の生年月日": Date.parse("2020-05-01"),
    "第何子": Decimal(1),
}
BROKEN = """
ALTER TABLE process_wait ADD CONSTRAINT broken CHECK (element <> 'bad') NOT VALID;
ALTER TABLE process_offer ADD CONSTRAINT broken CHECK (name <> 'group bad') NOT VALID
"""
WHOLE = """
ALTER TABLE process_wait DROP CONSTRAINT broken;
ALTER TABLE process_offer DROP CONSTRAINT broken
"""

TIMED = """
start s -> t
catch t timer=PT1H -> x
xor x -> bad if "is_bad", good
user bad
user good
"""
TOLD = """
start s -> m
catch m message=通知 key="number" -> x
xor x -> bad if "is_bad", good
user bad
user good
"""
DECIDED = """
start s -> r
rule r of="child_allowance/支給月額" into=月額 -> x
xor x -> bad if "is_bad", good
user bad
user good
"""
SENT = """
start s -> n
throw n message=通知 key="number" -> e
end e
"""


@contextmanager
def refusing(database) -> Iterator[None]:
    """Let the database refuse whatever would wait at `bad`, or be offered to such a group."""

    def do(statement: str) -> None:
        with database.transaction(A) as conn:
            conn.execute("SET LOCAL ROLE NONE")
            conn.execute(statement)

    do(BROKEN)
    try:
        yield
    finally:
        do(WHOLE)


def begun(database, text: str, *all_known: bpmn.Variables) -> list[UUID]:
    """Begin a case for each of these."""
    with database.transaction(A) as conn:
        held = deployed(conn, bpmn.read(model(text), "m.bpmn"), since=DAY, at=AT)
        made = [
            cases.Begun(uuid4(), held, DAY, bpmn.Start(AT, {"note": SECRET, **known}), "t")
            for known in all_known
        ]
        cases.begin(conn, A, made, LIBRARY, at=AT)
    return [one.case for one in made]


def turned(database, later: timedelta = timedelta()) -> None:
    """Let the keeper take a turn, so much later."""
    keeper = CaseKeeper(database, A, lambda: AT + later, trusted=SIGNER.verifier)
    with closing(keeper):
        keeper.turn()


def stands(database, case) -> list[str]:
    """Return where a case waits."""
    with database.transaction(A) as conn:
        return [one.handler for one in cases.case_of(conn, A, case).case.waits.values()]


def groups(database, case) -> list[str]:
    """Return which groups may do the task of a case by now."""
    with database.transaction(A) as conn:
        [one] = tasks.tasks_of(conn, A, case)
    return list(one.groups)


def troubles(database, case) -> list[str]:
    with database.transaction(A) as conn:
        rows = conn.execute("SELECT trouble FROM process_wait WHERE case_id = %s", [case])
        return [one for (one,) in rows]


def test_a_timer_that_cannot_be_kept_is_left_and_the_others_come(database, caplog):
    bad, good = begun(database, TIMED, BAD, GOOD)
    hour = timedelta(hours=1)
    with refusing(database), caplog.at_level(logging.WARNING):
        turned(database, hour)
        assert (stands(database, bad), stands(database, good)) == (["t"], ["good"])
        assert "CheckViolation broken" in troubles(database, bad)[0]
    assert "CheckViolation" in caplog.text
    assert SECRET not in caplog.text
    turned(database, hour + timedelta(minutes=2))
    assert stands(database, bad) == ["bad"]


def test_a_decision_that_cannot_be_kept_is_left_and_the_others_are_taken(database):
    bad, good = begun(database, DECIDED, CHILD | BAD, CHILD | GOOD)
    with refusing(database):
        turned(database)
    assert (stands(database, bad), stands(database, good)) == (["r"], ["good"])
    turned(database, timedelta(minutes=11))
    assert stands(database, bad) == ["bad"]


def test_a_job_its_case_does_not_wait_for_stops_no_decision(database):
    strange, good = begun(database, DECIDED, CHILD | GOOD, CHILD | GOOD)
    with database.transaction(A) as conn:
        conn.execute("UPDATE process_wait SET key = key + 100 WHERE case_id = %s", [strange])
    turned(database)
    assert (stands(database, strange), stands(database, good)) == (["r"], ["good"])
    assert "待っているものはありません" in troubles(database, strange)[0]


def test_a_message_that_cannot_be_kept_is_told_and_the_others_come(database):
    with database.transaction(A) as conn:
        for number in ("1", "2"):
            until = AT + timedelta(days=1)
            inbox.keep(conn, A, inbox.Incoming("x", number, "通知", number, {}, until), at=AT)
    bad, good = begun(database, TOLD, BAD | {"number": "1"}, GOOD | {"number": "2"})
    begun(database, TIMED, GOOD)
    with refusing(database):
        turned(database, timedelta(hours=1))
    assert (stands(database, bad), stands(database, good)) == (["m"], ["good"])
    with database.transaction(A) as conn:
        assert inbox.fate_of(conn, A, "x", "1").trouble == "case-not-taken"


def test_what_leaves_a_case_for_one_that_cannot_take_it_stays_to_be_sent(database):
    bad, good = begun(database, TOLD, BAD | {"number": "3"}, GOOD | {"number": "4"})
    begun(database, SENT, {"number": "3"}, {"number": "4"})
    with refusing(database):
        turned(database)
        assert (stands(database, bad), stands(database, good)) == (["m"], ["good"])
    turned(database, timedelta(hours=2))
    assert stands(database, bad) == ["bad"]


def test_a_step_of_a_ladder_that_cannot_be_kept_is_left_and_the_others_are_done(database):
    text = 'start s -> a\nuser a due=2026-11-24 step="1 add={}" -> e\nend e'
    bad, good = (begun(database, text.format(name), {})[0] for name in TWO)
    begun(database, TIMED, GOOD)  # so that there is something to do at all
    later = timedelta(days=10)
    with refusing(database):
        turned(database, later)
        assert (groups(database, bad), groups(database, good)) == ([], ["good"])
    begun(database, TIMED, GOOD)
    turned(database, later + timedelta(days=1))
    assert groups(database, bad) == ["bad"]


def test_what_the_program_cannot_do_is_told_of_that_case_alone(database, monkeypatch):
    """As where an element had a fault: the stack is logged, and the timers of others come."""
    bad, good = begun(database, TIMED, BAD, GOOD)
    real = bpmn.advance

    def faulty(definition, case, command):
        outcome = real(definition, case, command)
        if any(one.handler == "bad" for one in outcome.case.waits.values()):
            raise RecursionError
        return outcome

    monkeypatch.setattr(bpmn, "advance", faulty)
    turned(database, timedelta(hours=1))
    assert (stands(database, bad), stands(database, good)) == (["t"], ["good"])
    assert "RecursionError" in troubles(database, bad)[0]


def test_a_database_that_is_away_is_nobodys_fault(database, monkeypatch):
    """Nothing is noted at a case, and the turn is taken again."""
    (one,) = begun(database, TIMED, GOOD)

    def away(*_):
        raise psycopg.errors.AdminShutdown

    with monkeypatch.context() as patch:
        patch.setattr(bpmn, "advance", away)
        with pytest.raises(kit.DatabaseUnreachable):
            turned(database, timedelta(hours=1))
    assert troubles(database, one) == [None]
    turned(database, timedelta(hours=1))
    assert stands(database, one) == ["good"]
