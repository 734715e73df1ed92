"""When a task is due, when the clock of its case stands still, and what a ladder does by itself."""

from contextlib import suppress
from datetime import UTC, date, datetime, timedelta

import pytest
from tests.process.signing import A
from tests.process.test_cases import AT, LIBRARY, begun, give, history
from tests.process.test_tasks import ONE, OTHER, STANDARD, again, complete, listed, task

from renkei.process import bpmn, cases, tasks
from renkei.process.cases import closed_days
from renkei.process.cases.deadlines import Calendar, Deadline
from renkei.process.cases.task_rows import deadline_of, reckon_all
from renkei.process.tasks import Look

# Time --------------------------------------------------------------------------------------------

CORRECTION = """
process c period=10
  start s -> 審査
  user 審査 group=福祉課 -> 補正
  user 補正 group=福祉課 stops -> 決定
  user 決定 group=福祉課 -> e
  end e
"""


def due(conn, case):
    [held] = tasks.tasks_of(conn, A, case)
    return held.due


def is_still(conn, case):
    held = deadline_of(conn, A, case)
    return held is not None and held.is_still


def later(conn, case, days):
    [held] = tasks.tasks_of(conn, A, case)
    at = AT + timedelta(days=days)
    return tasks.complete(conn, A, held.ref, {}, LIBRARY, STANDARD, doer=ONE, at=at)


def test_the_clock_of_a_case_stands_still_while_a_correction_is_awaited(conn):
    case = task(conn, CORRECTION).ref.case
    assert due(conn, case) == date(2027, 4, 15)
    later(conn, case, 1)
    assert (due(conn, case), is_still(conn, case)) == (None, True)
    later(conn, case, 11)
    assert (due(conn, case), is_still(conn, case)) == (date(2027, 4, 23), False)


def test_a_receive_task_and_a_catching_event_may_stop_the_clock_too(conn):
    lines = "start s -> w\n{kind} w message=補正 stops -> a\nuser a -> e\nend e"
    for kind in ("receive", "catch"):
        case = begun(conn, f"process {kind}1 period=3\n" + lines.format(kind=kind))
        assert is_still(conn, case)
        [key] = cases.case_of(conn, A, case).case.waits
        give(conn, case, bpmn.Bring(AT, key))
        assert due(conn, case) == date(2027, 4, 6)


def test_all_days_are_reckoned_anew_when_the_calendar_changes(conn):
    whole, own = task(conn, CORRECTION), task(conn)
    days = {date(2027, 4, 5): "開港記念日", date(2027, 1, 1): "元日"}
    assert closed_days.keep_closed_days(conn, A, days) == [2027]
    assert reckon_all(conn, A) == (2, 1)
    assert (again(conn, whole).due, again(conn, own).due) == (date(2027, 4, 16), date(2027, 4, 9))
    closed_days.keep_closed_days(conn, A, {date(2027, 4, 6): "臨時"})
    assert list(closed_days.closed_days(conn, A)) == [date(2027, 4, 6)]


@pytest.mark.parametrize(
    ("said", "day"),
    [
        ("due=P10D", date(2027, 4, 11)),
        ("due=2027-04-20", date(2027, 4, 20)),
        ('due="=date(\\"2027-04-20\\")"', date(2027, 4, 20)),
        ("days=0", date(2027, 4, 1)),
        ("", None),
    ],
)
def test_a_task_is_due_as_its_model_says(conn, said, day):
    text = f"process d\n  start s -> a\n  user a {said} -> e\n  end e"
    assert task(conn, text).due == day


def test_a_due_day_that_cannot_be_read_is_an_incident(conn):
    case = begun(conn, "process d\n  start s -> a\n  user a due=明日 -> e\n  end e")
    [wait] = cases.case_of(conn, A, case).case.waits.values()
    assert (wait.kind, wait.name) == (bpmn.Kind.INCIDENT, "not-a-time")
    assert tasks.tasks_of(conn, A, case) == []


# Ladders -----------------------------------------------------------------------------------------

LADDER = """
process l
  start s -> a
  user a group=福祉課 due=2027-04-09 STEPS -> e
  end e
"""
STEPS = 'step="-3 remind=税務課" step="0 add=税務課" step="5 priority=90 add=部長"'
LADDER = LADDER.replace("STEPS", STEPS)


def climb(conn, day):
    at = datetime(2027, 4, day, 1, tzinfo=UTC)
    return sum(iter(lambda: tasks.climb(conn, A, at=at, most=10), 0))


def test_a_ladder_is_climbed_once_a_step_when_its_day_has_come(conn):
    one = task(conn, LADDER)
    assert climb(conn, 5) == 0
    assert (climb(conn, 6), climb(conn, 6)) == (1, 0)
    assert (again(conn, one).may_see(OTHER), again(conn, one).may_do(OTHER)) == (True, False)
    assert listed(conn, Look.TOLD, OTHER) == [one.ref]
    assert (climb(conn, 9), again(conn, one).may_do(OTHER)) == (1, True)
    assert (climb(conn, 30), again(conn, one).priority) == (1, 90)
    told = [past.event.data for past in history(conn, one.ref.case) if past.actor == "clock"]
    assert [int(said["days"]) for said in told] == [-3, 0, 5]
    assert [said.get("remind") or said["add"] for said in told] == ["税務課", "税務課", "部長"]


def test_a_keeper_that_was_away_climbs_all_steps_that_have_come_each_once(conn):
    one = task(conn, LADDER)
    assert (climb(conn, 30), climb(conn, 30), again(conn, one).step) == (3, 0, 3)


def test_a_ladder_waits_while_the_clock_stands_still(conn):
    text = LADDER.replace("due=2027-04-09", "stops").replace("process l", "process l period=3")
    one = task(conn, text)
    assert (one.due, climb(conn, 30)) == (None, 0)


def test_a_step_whose_transaction_fails_is_done_by_the_next(database):
    with database.transaction(A) as conn:
        one = task(conn, LADDER.replace("process l", "process halfway"))
    with suppress(KeyError), database.transaction(A) as conn:
        assert climb(conn, 6) == 1
        raise KeyError  # killed before the commit
    with database.transaction(A) as conn:
        assert (again(conn, one).step, climb(conn, 6), climb(conn, 6)) == (0, 1, 0)
        complete(conn, one)


@pytest.mark.parametrize(
    "step", ["3 remind=" + "長" * 201, "3 priority=101", "x add=課長", "9999 add=x"]
)
def test_a_step_that_cannot_be_is_not_done(conn, step):
    one = task(conn, LADDER.replace(STEPS, f'step="{step}"'))
    assert (one.ladder, climb(conn, 30)) == ((), 0)


def test_days_far_away_are_counted_soon():
    ages = Deadline(5, date(1, 1, 1))
    assert ages.used(Calendar(), date(2027, 4, 1)) < 10_000
    assert Calendar().between(date(2027, 4, 1), date.max) < 10_000
