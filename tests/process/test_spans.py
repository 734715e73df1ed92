"""The stays of a case, read from its history: how long, on what, and when it was stuck."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st
from tests.process.random_models import models
from tests.process.test_core_laws import SLOW, begun, some_command

from renkei.process import bpmn
from renkei.process.cases import Past
from renkei.process.cases.spans import spans_of
from renkei.process.scenarios import Player
from renkei.process.scenarios import bpmn as model
from renkei.process.scenarios.doing import do
from renkei.process.scenarios.playing import SignalsUnending

HOUR = timedelta(hours=1)


def played(text, *steps):
    """Play steps an hour apart; return the stays with their hours."""
    player, past = Player(bpmn.read(model(text))), list[Past]()
    for turn, step in enumerate(steps):
        player.events.clear()
        do(player, step)
        past += [Past(turn, one, "t", "", player.at, b"") for one in player.events]
        player.at += HOUR
    gates = [id_ for id_, one in player.definition.main.by_id.items() if "Gateway" in one.tag]
    first = past[0].at
    spans = spans_of(past, places=player.case.places.keys(), deciding=gates)
    return [
        (one.element, hours(one.begun, first), hours(one.ended, first), one.is_interrupted)
        for one in spans
    ], spans


def hours(moment, first):
    return None if moment is None else int((moment - first) / HOUR)


def test_parallel_work_stays_side_by_side_and_what_is_there_now_has_no_end():
    text = "start s -> g\nand g -> a, b\nuser a -> j\nuser b -> j\nand j -> e\nend e"
    stays, _ = played(text, "start", "done a", "set x=1")
    assert stays == [("a", 0, 1, False), ("b", 0, None, False)]


def test_what_was_stuck_is_told_apart_also_where_it_only_was_there_because_of_that():
    text = 'start s -> x\nxor x -> a if "ok", e\nuser a -> e\nend e'
    stays, spans = played(text, "start ok=1", "set ok=true", "resume x")
    assert stays == [("x", 0, 2, False), ("a", 2, None, False)]
    [(since, until)] = spans[0].stuck
    assert until - since == 2 * HOUR


def test_what_an_event_interrupted_or_decided_ends_with_it():
    text = """
start s -> a
user a -> f
boundary late on=a timer=PT1H -> f
first f -> m, t
catch m message=M -> e
catch t timer=P1D -> e
end e
"""
    stays, _ = played(text, "start", "pass PT1H", "message M")
    assert stays[:2] == [("a", 0, 2, True), ("f", 2, 3, False)]


@SLOW
@given(models(), st.data())
def test_no_stay_ends_before_it_begins_and_only_live_places_have_no_end(text, data) -> None:
    player, past = begun(text), list[Past]()
    past += [Past(0, one, "t", "", player.at, b"") for one in player.events]
    for turn in range(data.draw(st.integers(0, 12))):
        if player.case.status is not bpmn.Status.RUNNING:
            break
        player.events.clear()
        player.at += HOUR
        try:
            player.do(some_command(data, player))
        except (bpmn.CommandUnfit, SignalsUnending):
            player.events.clear()
        past += [Past(turn, one, "t", "", player.at, b"") for one in player.events]
    live = player.case.places.keys()
    for span in spans_of(past, places=live):
        assert span.ended is not None or span.place in live
        assert span.ended is None or span.ended >= span.begun
        assert all(until is None or until >= since for since, until in span.stuck)
