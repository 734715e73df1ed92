"""Whatever the model and whatever is done to a case: its books balance."""

from contextlib import suppress
from datetime import timedelta
from decimal import Decimal

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.process.random_models import broken_models, models
from tests.process.watched import WatchedPlayer

from renkei.process import bpmn
from renkei.process.bpmn import Command, Kind, Wait
from renkei.process.scenarios import bpmn as drawn
from renkei.process.scenarios.playing import SignalsUnending, play_through

SLOW = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
BEGIN: bpmn.Variables = {"x": Decimal(0), "turns": Decimal(0)}
KINDS = ("bring", "bring", "bring", "throw", "trouble", "resume", "skip", "move", "set")


def begun(model: str) -> WatchedPlayer:
    player = WatchedPlayer(bpmn.read(drawn(model)))
    with suppress(SignalsUnending):
        player.start(dict(BEGIN))
    return player


def some_command(data: st.DataObject, player: WatchedPlayer) -> Command:
    """Draw something that somebody could do now, fitting or not."""
    at = player.at
    kind = data.draw(st.sampled_from(KINDS))
    told = bpmn.Variables()
    if data.draw(st.booleans()):
        told["x"] = Decimal(data.draw(st.integers(0, 5)))
    waits = sorted(player.case.waits)
    wait = data.draw(st.sampled_from(waits)) if waits else 0
    place = data.draw(st.sampled_from(sorted(player.case.places)))
    match kind:
        case "bring":
            return _brought(player, player.case.waits.get(wait), told, data)
        case "throw":
            code = data.draw(st.sampled_from(["E1", "late", "other"]))
            return bpmn.Throw(at, wait, code, told, data.draw(st.booleans()))
        case "trouble":
            return bpmn.Trouble(at, wait, "broken")
        case "resume":
            return bpmn.Resume(at, wait, told)
        case "skip":
            return bpmn.Skip(at, place, told)
        case "move":
            ids = sorted(player.definition.main.by_id)
            return bpmn.Move(at, place, data.draw(st.sampled_from(ids)))
        case _:
            return bpmn.Change(at, told, place)


def _brought(
    player: WatchedPlayer, wait: Wait | None, told: bpmn.Variables, data: st.DataObject
) -> Command:
    if wait is None:
        return bpmn.Bring(player.at, 1, told)
    if wait.kind is Kind.CHOICE:
        choices = wait.about["choices"]
        assert isinstance(choices, list)
        return bpmn.Choose(
            player.at, wait.key, data.draw(st.sampled_from(["", *map(str, choices)]))
        )
    if wait.kind is Kind.INCIDENT:
        return bpmn.Resume(player.at, wait.key, told)
    if wait.due is not None:
        player.at = max(player.at, wait.due)
    return bpmn.Bring(player.at, wait.key, told)


@SLOW
@given(models(), st.data())
def test_whatever_is_done_to_a_case_its_books_balance(model: str, data: st.DataObject) -> None:
    work_at(begun(model), data)


def work_at(player: WatchedPlayer, data: st.DataObject) -> None:
    """Do something with a case, many times."""
    for _ in range(data.draw(st.integers(0, 25))):
        if player.case.status is not bpmn.Status.RUNNING:
            break
        try:
            player.do(some_command(data, player))
        except (bpmn.CommandUnfit, SignalsUnending):
            continue


@SLOW
@given(broken_models(), st.data())
def test_a_model_that_is_wrong_is_refused_or_runs_by_the_same_laws(
    model: bytes, data: st.DataObject
) -> None:
    try:
        player = WatchedPlayer(bpmn.read(model))
        player.start(dict(BEGIN))
    except (bpmn.ProcessModelUnfit, bpmn.CommandUnfit, SignalsUnending):
        return
    work_at(player, data)


@SLOW
@given(models())
def test_a_case_that_is_only_worked_on_ends_or_waits(model: str) -> None:
    player = begun(model)
    with suppress(SignalsUnending):
        assert play_through(player, {}, most=60) or player.case.waits


@SLOW
@given(models())
def test_a_model_is_the_same_read_from_what_was_written(model: str) -> None:
    definition = bpmn.read(drawn(model))
    again = bpmn.read(definition.document.xml())
    assert again.hash == definition.hash
    assert list(again.main.by_id) == list(definition.main.by_id)


@SLOW
@given(models(), st.integers(1, 10_000))
def test_a_case_that_is_cancelled_leaves_nothing(model: str, hours: int) -> None:
    player = begun(model)
    player.at += timedelta(hours=hours)
    if player.case.status is bpmn.Status.RUNNING:
        player.do(bpmn.Cancel(player.at))
    assert not player.case.waits
