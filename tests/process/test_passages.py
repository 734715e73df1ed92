"""What the database reckons of many cases is what a reader of each history reckons."""

from collections import defaultdict
from contextlib import suppress
from datetime import timedelta
from decimal import Decimal
from itertools import pairwise
from statistics import median
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.process.random_models import models
from tests.process.signing import A, deployed
from tests.process.test_cases import AT, DAY, LIBRARY, begun, give, waits
from tests.process.test_core_laws import some_command
from tests.process.test_tasks import ONE
from tests.process.watched import WatchedPlayer

from renkei.process import bpmn, cases, tasks
from renkei.process.bpmn import Awaited, Happened
from renkei.process.bpmn.activity import Activity
from renkei.process.bpmn.model import Container
from renkei.process.cases.passages import Times, report
from renkei.process.cases.variants import folded, in_words
from renkei.process.scenarios import bpmn as model
from renkei.process.scenarios.playing import SignalsUnending

SINCE, UNTIL = AT - timedelta(days=1), AT + timedelta(days=1)


def reported(conn, definition, *, since=SINCE, until=UNTIL, at=AT):
    return report(conn, A, [definition], since=since, until=until, at=at)


class Reader:
    """Reads histories one after the other, as a person with pencil and paper would."""

    def __init__(self, definition: bpmn.Definition) -> None:
        of = definition.processes.values()
        self.elements = {id_: one for process in of for id_, one in process.by_id.items()}
        self.passed, self.incidents = defaultdict[str, int](int), defaultdict[str, int](int)
        self.seconds = defaultdict[str, list[float]](list)
        self.ways = list[list[str]]()

    def read(self, past: list[cases.Past]) -> None:
        entered = dict[tuple[int, str], cases.Past]()
        at_place = dict[int, str]()
        for one in past:
            event, key = one.event, (one.event.place, one.event.element)
            match event.kind:
                case Happened.ENTERED:
                    entered[key] = one
                    at_place[event.place] = event.element
                case Happened.TROUBLED if self.counts(event, entered):
                    self.incidents[event.element] += 1
                case Happened.COMPLETED | Happened.CAUGHT:
                    self.done(one, entered, at_place)
                case _:
                    pass
        steps = [
            one.event for one in past if one.event.kind in (Happened.COMPLETED, Happened.CAUGHT)
        ]
        if past[-1].event.data.get("status") == "completed":
            self.ways.append([one.element for one in steps if self.is_step(one.element)])

    def done(self, one, entered, at_place) -> None:
        event = one.event
        begun = entered.get((event.place, event.element))
        if self.counts(event, entered):
            self.passed[event.element] += 1
            if begun is not None:
                self.seconds[event.element].append((one.at - begun.at).total_seconds())
        gate = at_place.get(event.place, "")
        if event.kind is Happened.CAUGHT and self.tag(gate) == "eventBasedGateway":
            self.passed[gate] += 1
            since = entered[event.place, gate].at
            self.seconds[gate].append((one.at - since).total_seconds())

    def tag(self, id_: str) -> str:
        return self.elements[id_].tag if id_ in self.elements else ""

    def counts(self, event, entered) -> bool:
        """Of what is repeated only each turn."""
        element = self.elements[event.element]
        if not isinstance(element, Activity) or element.repetition is None:
            return True
        begun = entered.get((event.place, event.element))
        return begun is not None and "turn" in begun.event.data

    def is_step(self, id_: str) -> bool:
        return not isinstance(self.elements[id_], Container) and self.tag(id_) != "startEvent"


@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
@given(models(), st.data())
def test_the_figures_are_those_of_the_histories(conn, text: str, data: st.DataObject) -> None:
    with conn.transaction(force_rollback=True):
        look_at(conn, bpmn.read(model(text), "m"), data)


def look_at(conn, definition, data):
    kept = deployed(conn, definition, since=DAY, at=AT)
    reader = Reader(definition)
    for _ in range(3):
        id_ = worked(conn, kept, definition, data)
        if id_ is not None:
            reader.read(cases.history(conn, A, id_))
    found = reported(conn, definition)
    passed = {one.element: one.passed for one in found.steps if one.passed}
    assert passed == dict(reader.passed)
    assert {one.element: one.incidents for one in found.steps if one.incidents} == reader.incidents
    for one in found.steps:
        seconds = reader.seconds.get(one.element, [])
        assert one.spent.total_seconds() == pytest.approx(sum(seconds), abs=0.01)
        if seconds:
            assert one.times is not None
            assert one.times.median.total_seconds() == pytest.approx(median(seconds), abs=0.01)
            most = percentile(seconds, 0.9)
            assert one.times.most.total_seconds() == pytest.approx(most, abs=0.01)
    assert sum(one.count for one in found.variants) == len(reader.ways)
    assert {one.way for one in found.variants} == {folded(one) for one in reader.ways}


def percentile(values: list[float], part: float) -> float:
    ordered = sorted(values)
    place = part * (len(ordered) - 1)
    low = int(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)


def worked(conn, kept, definition, data):
    """Let a case be worked on by whoever, an hour a step; return it if it began."""
    player = WatchedPlayer(definition)
    player.at = AT
    id_ = uuid4()
    told: bpmn.Variables = {"x": Decimal(0), "turns": Decimal(0)}
    try:
        player.start(dict(told))
    except (SignalsUnending, bpmn.CommandUnfit):
        return None
    one = cases.Begun(id_, kept, DAY, bpmn.Start(AT, told), "t")
    cases.begin(conn, A, [one], LIBRARY, at=AT)
    for _ in range(data.draw(st.integers(0, 12))):
        player.case = cases.case_of(conn, A, id_).case
        if player.case.status is not bpmn.Status.RUNNING:
            break
        player.at += timedelta(hours=1)
        with suppress(bpmn.CommandUnfit):
            given = cases.Given(id_, some_command(data, player), "t")
            cases.take(conn, A, given, LIBRARY, at=player.at)
    return id_


@given(st.lists(st.sampled_from("abc"), max_size=14))
def test_a_folded_way_is_shorter_and_holds_nothing_twice_in_a_row(path):
    way = folded(path)
    assert len(way) <= len(path)
    assert all(one != other for one, other in pairwise(way))
    assert set(flat(way)) == set(path)


def flat(way):
    for one in way:
        yield from flat(one) if isinstance(one, tuple) else (one,)


BRANCHES = """
start s -> g
and g -> a, w
user a -> j
sub w -> j
  start ws -> b
  user b -> c
  service c -> we
  end we
and j -> e
end e
"""


def test_parallel_work_and_what_holds_it_count_once_and_the_load_adds_up(conn):
    case = begun(conn, BRANCHES)
    definition = bpmn.read(model(BRANCHES), "model.bpmn")
    for element, after in (("b", 2), ("a", 6), ("c", 8)):
        at = AT + timedelta(hours=after)
        given = cases.Given(case, bpmn.Bring(at, waits(conn, case)[element]), "t")
        cases.take(conn, A, given, LIBRARY, at=at)
    found = reported(conn, definition)
    spent = {one.element: (one.spent, round(one.share, 3)) for one in found.steps if one.spent}
    hours = timedelta(hours=1)
    assert spent == {"a": (6 * hours, 0.429), "b": (2 * hours, 0.143), "c": (6 * hours, 0.429)} | {
        "w": (8 * hours, 0.0)
    }
    assert found.lead is not None
    assert found.lead.median == 8 * hours
    assert found.spent_on(Awaited.MACHINES) == pytest.approx(6 / 14)
    assert (found.completed, found.conformity) == (1, 1.0)


def test_only_cases_that_began_in_the_period_count_and_what_waits_now_whenever_it_began(conn):
    case = begun(conn, BRANCHES)
    definition = bpmn.read(model(BRANCHES), "model.bpmn")
    later = AT + timedelta(days=2)
    found = reported(conn, definition, since=later, until=later + timedelta(days=1), at=later)
    assert (found.begun, found.lead, found.variants) == (0, None, [])
    there = {one.element: (one.now, one.longest) for one in found.steps}
    assert there == {"a": (1, timedelta(days=2)), "b": (1, timedelta(days=2))}
    give(conn, case, bpmn.Cancel(AT))
    assert reported(conn, definition).cancelled == 1


QUEUE = """
start s -> a
user a -> b
user b -> e
end e
"""


def test_a_task_waits_until_it_is_taken_and_is_worked_on_from_then_on(conn):
    hours = timedelta(hours=1)
    for taken, done in ((3, 4), (5, 9), (None, 7)):
        case = begun(conn, QUEUE)
        [task] = tasks.tasks_of(conn, A, case)
        if taken is not None:
            tasks.claim(conn, A, task.ref, doer=ONE, at=AT + taken * hours)
            tasks.release(conn, A, task.ref, doer=ONE, at=AT + taken * hours)
            tasks.claim(conn, A, task.ref, doer=ONE, at=AT + (taken + 1) * hours)
        end = AT + done * hours
        cases.take(conn, A, cases.Given(case, bpmn.Bring(end, task.ref.key), "t"), LIBRARY, at=end)
        [second] = tasks.tasks_of(conn, A, case)
        tasks.claim(conn, A, second.ref, doer=ONE, at=end + hours)  # and it stays undone
    found = reported(conn, bpmn.read(model(QUEUE), "model.bpmn"))
    first, last = (next(one for one in found.steps if one.element == name) for name in "ab")
    assert first.idle == Times(4 * hours, timedelta(hours=4.8))
    assert (first.waited, first.worked, first.spent) == (8 * hours, 5 * hours, 20 * hours)
    assert (last.idle, last.waited, last.worked) == (None, timedelta(), timedelta())
    assert found.waiting == pytest.approx(8 / 13)


def test_ways_that_differ_by_how_often_alone_are_one(conn):
    text = 'start s -> a\nuser a -> b\nuser b -> x\nxor x -> a if "again", e\nend e'
    for turns in (1, 3):
        case = begun(conn, text, n=Decimal(turns))
        for turn in range(turns):
            give(conn, case, bpmn.Bring(AT, waits(conn, case)["a"]))
            told: bpmn.Variables = {"again": turn < turns - 1}
            give(conn, case, bpmn.Bring(AT, waits(conn, case)["b"], told))
    found = reported(conn, bpmn.read(model(text), "model.bpmn"))
    ways = {in_words(one.way, {"a": "受付"}): one.count for one in found.variants}
    assert ways == {"受付 → b → e": 1, "(受付 → b)… → e": 1}


AWAITED = """
start s -> g
first g -> m, t
catch m message=返答 key="number" -> e
catch t timer=P30D -> a
user a -> e
boundary late on=a timer=P7D beside -> l
user l
end e
event-sub x
  start w message=取下げ key="number" beside -> b
  user b
"""


def test_a_case_is_seen_where_a_person_would_point_to(conn):
    """At the gateway that awaits, once; at no event that watches; also in an event sub-process."""
    first, second = (begun(conn, AWAITED, number=number) for number in ("1", "2"))
    definition = bpmn.read(model(AWAITED), "model.bpmn")
    now = {one.element: one.now for one in reported(conn, definition).steps if one.now}
    here = {id_: one.here for id_, one in cases.figures(conn, A, definition).items() if one.here}
    assert now == here == {"g": 2}
    give(conn, first, bpmn.Bring(AT, waits(conn, first)["t"]))
    give(conn, second, bpmn.Bring(AT, waits(conn, second)["w"]))
    give(conn, first, bpmn.Trouble(AT, waits(conn, first)["a"], "K-1", "x"))
    now = {one.element: one.now for one in reported(conn, definition).steps if one.now}
    figures = cases.figures(conn, A, definition)
    here = {id_: one.here for id_, one in figures.items() if one.here}
    assert now == here == {"g": 1, "a": 1, "b": 1}
    assert figures["a"].incidents == 1
