"""A task: one person does it at a time, or two agree; each deed is in the history of its case."""

from contextlib import suppress
from datetime import date, timedelta
from decimal import Decimal
from threading import Thread

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.process.signing import A
from tests.process.test_cases import AT, LIBRARY, begun, give, history, is_whole

from renkei import kit
from renkei.kit import Database
from renkei.process import bpmn, cases, tasks
from renkei.process.bpmn.migrating import Plan
from renkei.process.cases import migrations, waiting
from renkei.process.cases.task_rows import deadline_of
from renkei.process.feel import Date, FeelTextNotKept
from renkei.process.tasks import Doer, Look, Ref, State
from renkei.standard import catalogue

STANDARD = catalogue()
ONE = Doer("staff:1001", frozenset({"福祉課"}))
TWO = Doer("staff:1002", frozenset({"福祉課", "税務課"}))
OTHER = Doer("staff:1003", frozenset({"税務課"}))
HEAD = Doer("staff:1009", frozenset(), is_manager=True)
TODAY = date(2027, 4, 1)

MODEL = """
process p period=10 article=児童手当法第8条
  start s -> 審査
  user 審査 group=福祉課 days=5 priority=60 -> e
  end e
"""
EYES = MODEL.replace("days=5", "eyes").replace("process p", "process q")


TASKS, WAITS = b"SELECT case_id, key FROM process_task", b"SELECT case_id, key FROM process_wait"
ALONE = (
    TASKS + b" EXCEPT " + WAITS + b" WHERE kind = 'task'",
    WAITS + b" WHERE kind = 'task' EXCEPT " + TASKS,
    b"SELECT case_id, key FROM process_offer EXCEPT " + TASKS,
    b"SELECT case_id FROM process_wait EXCEPT SELECT id FROM process_case",
    b"SELECT definition FROM process_case EXCEPT SELECT hash FROM process_definition",
)
"""What a foreign key would refuse."""


def task(conn, text=MODEL, **known):
    """Begin a case, and return its first task."""
    [first] = tasks.tasks_of(conn, A, begun(conn, text, **known))
    return first


def again(conn, one):
    return tasks.task_of(conn, A, one.ref)


def claim(conn, one, doer=ONE):
    return tasks.claim(conn, A, one.ref, doer=doer, at=AT)


def complete(conn, one, doer=ONE, **told):
    return tasks.complete(conn, A, one.ref, told, LIBRARY, STANDARD, doer=doer, at=AT)


def confirm(conn, one, doer=TWO):
    return tasks.confirm(conn, A, one.ref, LIBRARY, doer=doer, at=AT)


@pytest.mark.parametrize("text", ["\0", "\ud800"])
def test_under_four_eyes_what_no_database_keeps_is_refused(conn, text):
    one = task(conn, EYES)
    with pytest.raises(FeelTextNotKept):
        complete(conn, one, 備考=text)
    assert again(conn, one).state is State.OPEN


def happened(conn, case):
    return [(one.event.kind.value, one.actor) for one in history(conn, case)]


def listed(conn, look, doer, **more):
    return [one.ref for one in tasks.tasks(conn, A, look, doer, **more).lines]


@pytest.fixture(autouse=True)
def whole(conn):
    """See after each test that no history was broken by it, and every row is of one above it."""
    yield
    ids = [id_ for (id_,) in conn.execute(b"SELECT id FROM process_case")]
    assert all(is_whole(conn, id_) for id_ in ids)
    assert [row for statement in ALONE for row in conn.execute(statement)] == []


def test_a_task_is_there_as_long_as_its_wait_with_what_its_model_says(conn):
    one = task(conn)
    assert (one.title, one.groups, one.priority) == ("審査", ["福祉課"], 60)
    assert (one.due, one.about["article"]) == (date(2027, 4, 8), "児童手当法第8条")
    assert complete(conn, one, ok=True).status is bpmn.Status.COMPLETED
    with pytest.raises(tasks.TaskNotOpen):
        again(conn, one)
    assert conn.execute(b"SELECT count(*) FROM process_offer").fetchone() == (0,)


def test_one_person_does_a_task_and_what_they_did_is_in_the_history(conn):
    one = task(conn)
    assert claim(conn, one)
    assert not claim(conn, one), "the same again changes nothing"
    assert listed(conn, Look.MINE, ONE) == [one.ref]
    with pytest.raises(tasks.TaskClaimed, match="2027-04-01 18:00"):
        claim(conn, one, TWO)
    with pytest.raises(tasks.TaskClaimed):
        complete(conn, one, TWO)
    complete(conn, one)
    done = [kind for kind, actor in happened(conn, one.ref.case) if actor == ONE.actor]
    assert done[:2] == ["claimed", "completed"]


def test_a_task_nobody_does_is_claimed_by_doing_it(conn):
    one = task(conn)
    complete(conn, one, TWO)
    assert ("claimed", TWO.actor) in happened(conn, one.ref.case)


@pytest.mark.parametrize(
    "deed",
    [
        lambda conn, ref, doer: tasks.claim(conn, A, ref, doer=doer, at=AT),
        lambda conn, ref, doer: tasks.release(conn, A, ref, doer=doer, at=AT),
        lambda conn, ref, doer: tasks.postpone(conn, A, ref, until=TODAY, doer=doer, at=AT),
        lambda conn, ref, doer: tasks.comment(conn, A, ref, "x", doer=doer, at=AT),
        lambda conn, ref, doer: tasks.attach(conn, A, ref, "x", b"x", doer=doer, at=AT),
        lambda conn, ref, doer: tasks.delegate(
            conn, A, ref, to="税務課", said="", doer=doer, at=AT
        ),
        lambda conn, ref, doer: tasks.confirm(conn, A, ref, LIBRARY, doer=doer, at=AT),
        lambda conn, ref, doer: tasks.send_back(conn, A, ref, "x", doer=doer, at=AT),
        lambda conn, ref, doer: tasks.complete(
            conn, A, ref, {}, LIBRARY, STANDARD, doer=doer, at=AT
        ),
    ],
)
def test_who_is_not_of_the_group_neither_sees_nor_does_a_task(conn, deed):
    one = task(conn, EYES)
    before = happened(conn, one.ref.case)
    with pytest.raises(tasks.TaskNotOffered, match="福祉課"):
        deed(conn, one.ref, OTHER)
    assert listed(conn, Look.GROUPS, OTHER) == listed(conn, Look.ALL, OTHER) == []
    assert (happened(conn, one.ref.case), again(conn, one)) == (before, one)


def test_a_task_for_nobody_named_is_for_everybody(conn):
    one = task(conn, "start s -> a\nuser a -> e\nend e")
    assert listed(conn, Look.GROUPS, OTHER) == [one.ref]
    complete(conn, one, OTHER)


def test_a_task_given_to_a_person_by_the_model_is_theirs_alone(conn):
    one = task(conn, "start s -> a\nuser a person=1003 -> e\nend e")
    assert listed(conn, Look.MINE, OTHER) == [one.ref]
    assert not again(conn, one).may_see(ONE)
    complete(conn, one, OTHER)


def test_a_released_task_is_free_again_and_a_manager_releases_for_who_is_away(conn):
    one = task(conn)
    with pytest.raises(tasks.TaskUnclaimed):
        tasks.release(conn, A, one.ref, doer=ONE, at=AT)
    for doer in (ONE, HEAD):
        claim(conn, one)
        with pytest.raises(tasks.TaskClaimed):
            tasks.release(conn, A, one.ref, doer=TWO, at=AT)
        tasks.release(conn, A, one.ref, doer=doer, at=AT)
        assert listed(conn, Look.GROUPS, TWO) == [one.ref]


def test_a_task_is_handed_on_to_a_person_or_offered_to_one_more_group(conn):
    one = task(conn)
    claim(conn, one)
    tasks.delegate(conn, A, one.ref, to="税務課", said="所得を見てください", doer=ONE, at=AT)
    assert again(conn, one).groups == ["福祉課", "税務課"]
    assert listed(conn, Look.GROUPS, OTHER) == [one.ref]
    tasks.delegate(conn, A, one.ref, to="staff:1005", said="", doer=OTHER, at=AT)
    assert listed(conn, Look.MINE, Doer("staff:1005")) == [one.ref]
    assert [said.said for said in tasks.comments(conn, A, one.ref.case)] == ["所得を見てください"]


def test_a_task_put_off_says_until_when(conn):
    one = task(conn)
    tasks.postpone(conn, A, one.ref, until=date(2027, 4, 5), doer=ONE, at=AT)
    assert again(conn, one).follow_up == date(2027, 4, 5)
    assert history(conn, one.ref.case)[-1].event.data == {"until": Date.parse("2027-04-05")}
    tasks.postpone(conn, A, one.ref, until=None, doer=ONE, at=AT)
    assert again(conn, one).follow_up is None


# Four eyes ---------------------------------------------------------------------------------------


def test_under_four_eyes_a_second_person_lets_the_case_go_on(conn):
    one = task(conn, EYES)
    told = {"zz": True, "amount": Decimal("1.50"), "b": Date.parse("2027-04-01")}
    assert complete(conn, one, **told) is None
    held = again(conn, one)
    assert (held.state, held.assignee, held.entered) == (State.ENTERED, None, told)
    assert listed(conn, Look.SECOND, TWO) == [one.ref]
    assert listed(conn, Look.SECOND, ONE) == listed(conn, Look.GROUPS, TWO) == []
    assert confirm(conn, one).status is bpmn.Status.COMPLETED
    assert happened(conn, one.ref.case)[-1] == ("ended", TWO.actor)
    digests = [past.event.data.get("digest") for past in history(conn, one.ref.case)]
    first, second = filter(None, digests)
    assert first == second


def same_person_elsewhere():
    return Doer("staff:prefecture/1001", frozenset({"福祉課"}))


@pytest.mark.parametrize("doer", [ONE, same_person_elsewhere()])
@pytest.mark.parametrize("is_handed_back", [False, True])
def test_nobody_confirms_what_they_entered_whoever_had_it_in_between(conn, doer, is_handed_back):
    one = task(conn, EYES)
    complete(conn, one)
    if is_handed_back:
        claim(conn, one, TWO)
        with pytest.raises(tasks.SecondLookOwn):
            tasks.delegate(conn, A, one.ref, to=doer.actor, said="", doer=TWO, at=AT)
        tasks.delegate(conn, A, one.ref, to="税務課", said="", doer=TWO, at=AT)
    with pytest.raises(tasks.SecondLookOwn):
        claim(conn, one, doer)
    with pytest.raises(tasks.SecondLookOwn):
        confirm(conn, one, doer)
    with pytest.raises(tasks.SecondLookOwn):
        tasks.send_back(conn, A, one.ref, "x", doer=doer, at=AT)
    assert again(conn, one).state is State.ENTERED


def test_what_was_sent_back_is_the_first_persons_again_with_what_they_entered(conn):
    one = task(conn, EYES)
    with pytest.raises(tasks.NothingToConfirm):
        confirm(conn, one)
    complete(conn, one, amount=Decimal(1))
    with pytest.raises(tasks.SecondLookAwaited):
        complete(conn, one, TWO, amount=Decimal(2))
    with pytest.raises(tasks.RemarkUnfit):
        tasks.send_back(conn, A, one.ref, " ", doer=TWO, at=AT)
    tasks.send_back(conn, A, one.ref, "金額が違います", doer=TWO, at=AT)
    held = again(conn, one)
    assert (held.state, held.assignee, held.entered) == (
        State.RETURNED,
        ONE.actor,
        {"amount": Decimal(1)},
    )
    with pytest.raises(tasks.NothingToConfirm):
        confirm(conn, one)
    complete(conn, one, amount=Decimal(2))
    confirm(conn, one)
    assert cases.case_of(conn, A, one.ref.case).status is bpmn.Status.COMPLETED


def test_who_enters_after_another_may_not_confirm_but_the_other_may(conn):
    one = task(conn, EYES)
    complete(conn, one)
    tasks.send_back(conn, A, one.ref, "x", doer=TWO, at=AT)
    tasks.release(conn, A, one.ref, doer=ONE, at=AT)
    complete(conn, one, TWO)
    with pytest.raises(tasks.SecondLookOwn):
        confirm(conn, one, TWO)
    confirm(conn, one, ONE)


# Lists -------------------------------------------------------------------------------------------


def test_a_list_goes_on_behind_its_last_task_by_priority_then_day(conn):
    wanted: list[Ref] = []
    for n in range(5):
        lines = f"start s -> a\nuser a group=福祉課 due=2027-04-{20 - n} -> e\nend e"
        wanted.insert(0, task(conn, f"process n{n}\n{lines}").ref)
    first = task(conn)
    wanted.insert(0, first.ref)
    found: list[Ref] = []
    after: str | None = ""
    while after is not None:
        part = tasks.tasks(conn, A, Look.GROUPS, TWO, after=after, most=2)
        found, after = found + [one.ref for one in part.lines], part.after
    assert found == wanted
    assert listed(conn, Look.GROUPS, TWO, process="p") == [first.ref]
    assert listed(conn, Look.ALL, HEAD) == wanted
    assert listed(conn, Look.GROUPS, Doer("staff:1", frozenset({"*"}))) == wanted


def test_how_much_there_is_to_do_is_counted_with_what_is_overdue(conn):
    claim(conn, task(conn))
    task(conn)
    complete(conn, task(conn, EYES))
    counted = tasks.counts(conn, A, ONE, on=date(2027, 4, 9))
    assert (counted[Look.MINE].tasks, counted[Look.MINE].overdue) == (1, 1)
    assert (counted[Look.GROUPS].tasks, counted[Look.GROUPS].overdue) == (1, 1)
    assert counted[Look.SECOND].tasks == 0
    assert tasks.counts(conn, A, TWO, on=TODAY)[Look.SECOND].tasks == 1


@pytest.mark.parametrize("text", ["", "x", "1_2_3", "1_2027-13-01_x_1", "9" * 400, "1_infinity__"])
def test_a_list_that_goes_on_behind_nothing_begins(conn, text):
    one = task(conn)
    assert listed(conn, Look.GROUPS, ONE, after=text) == [one.ref]


@pytest.mark.parametrize(
    "text", ["", "x/1", "00000000-0000-0000-0000-000000000000/x", "/", "1" * 99]
)
def test_what_names_no_task_is_refused(text):
    with pytest.raises(tasks.TaskNotOpen):
        Ref.parse(text)


# With moves --------------------------------------------------------------------------------------


def test_who_claimed_a_task_keeps_it_when_its_case_moves_and_comes_back(conn):
    one = task(conn)
    claim(conn, one)
    old = LIBRARY.get(conn, A, one.definition)
    renamed = MODEL.replace("審査", "審査2").replace("process p", "process p2")
    new = LIBRARY.get(conn, A, task(conn, renamed).definition)
    plan = Plan(old, new, {"審査": "審査2", "p": "p2"})
    ids = [one.ref.case]
    assert migrations.move(conn, A, ids, plan, actor="x", basis="改正", at=AT)[0].can
    assert (again(conn, one).element, again(conn, one).assignee) == ("審査2", ONE.actor)
    assert listed(conn, Look.MINE, ONE, process="p2") == [one.ref]
    tasks.comment(conn, A, one.ref, "移しました", doer=ONE, at=AT)
    assert migrations.take_back(conn, A, ids, actor="x", basis="誤り", at=AT) == ids
    assert (again(conn, one).element, again(conn, one).assignee) == ("審査", ONE.actor)
    assert listed(conn, Look.MINE, ONE, process="p") == [one.ref]
    complete(conn, one)


# Two at once -------------------------------------------------------------------------------------


def test_of_two_who_claim_at_once_one_gets_it_and_the_other_is_told(database):
    with database.transaction(A) as conn:
        one = task(conn, EYES.replace("process q", "process together"))
    said: list[object] = []

    def attempt(doer):
        try:
            with database.transaction(A) as conn:
                said.append(claim(conn, one, doer))
        except tasks.TaskClaimed as error:
            said.append(error.code())

    threads = [Thread(target=attempt, args=(doer,)) for doer in (ONE, TWO)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(map(str, said)) == ["True", "task-claimed"]
    with database.transaction(A) as conn:  # leave no open task to the other tests
        [doer] = [doer for doer in (ONE, TWO) if again(conn, one).assignee == doer.actor]
        complete(conn, one, doer)
        confirm(conn, one, TWO if doer is ONE else ONE)


# Rows and waits ----------------------------------------------------------------------------------

NASTY = """
process nasty period=20
  start s -> g
  and g -> many, whole
  user many group=福祉課 each="[1, 2, 3]" as=n enough="numberOfCompletedInstances > 1" -> j
  boundary late on=many timer=P3D -> after
  user after stops -> j
  sub whole -> j
    start t -> b
    user b eyes group=福祉課 -> c
    boundary again on=b timer=P1D beside -> d
    user d stops -> d2
    end d2
    user c -> f
    end f terminate
  and j -> e
  end e
"""
DEEDS = st.lists(st.tuples(st.sampled_from("dctbw"), st.integers(0, 9)), max_size=12)


def stands(conn):
    waits = conn.execute(b"SELECT case_id, key FROM process_wait WHERE kind = 'task'").fetchall()
    rows = conn.execute(b"SELECT case_id, key FROM process_task").fetchall()
    offers = conn.execute(b"SELECT DISTINCT case_id, key FROM process_offer").fetchall()
    return [sorted(one) for one in (waits, rows, offers)]


@settings(max_examples=40, deadline=None)
@given(DEEDS)
def test_each_wait_of_a_task_has_its_row_and_its_offers_whatever_happens(dsn, deeds):
    with Database(dsn) as own, suppress(Over), own.transaction(A) as conn:
        case, at = begun(conn, NASTY), AT
        for deed, number in deeds:
            at += timedelta(hours=7)
            there = tasks.tasks_of(conn, A, case)
            if deed == "w":
                at += timedelta(days=1)
                waiting.fire_due(conn, A, LIBRARY, at=at, most=10)
            elif deed == "b" and number == 9 and there:
                give(conn, case, bpmn.Cancel(at))
            elif there:
                do(conn, there[number % len(there)], deed, at)
            waits, rows, offers = stands(conn)
            assert waits == rows == offers
            held = cases.case_of(conn, A, case)
            assert is_whole(conn, case)
            clock = deadline_of(conn, A, case)
            assert clock is not None
            assert clock.is_still == any("stops_clock" in w.about for w in held.case.waits.values())
        raise Over


class Over(Exception):
    """Nothing of the example stays."""


def do(conn, one, deed, at):
    """Do something with a task; what may not be done is refused, and changes nothing."""
    conn.execute(b"SAVEPOINT deed")
    how = {"doer": TWO if deed == "t" else ONE, "at": at}
    try:
        if deed == "d":
            tasks.complete(conn, A, one.ref, {}, LIBRARY, STANDARD, **how)
        elif deed == "c":
            tasks.confirm(conn, A, one.ref, LIBRARY, doer=TWO, at=at)
        elif deed == "t":
            tasks.claim(conn, A, one.ref, **how)
        else:
            tasks.release(conn, A, one.ref, **how)
    except kit.NodeError:
        conn.execute(b"ROLLBACK TO deed")
