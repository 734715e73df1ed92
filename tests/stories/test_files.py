"""A unit that can only put files down asks what others ask, and is told the same, once."""

import json
import random
import time
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from tests.stories.dropping import SECONDS, Files

from renkei.app.demo.ecosystem import A, B
from renkei.app.demo.scenarios import SCENARIOS, Ask

pytestmark = pytest.mark.xdist_group("ecosystem-doors")

KINDS = {scenario.name: scenario for scenario in SCENARIOS}


@pytest.fixture
def files(places) -> Files:
    found: Files = places["folder"]
    return found


@pytest.mark.clause("RK-16.7")
@pytest.mark.parametrize("where", ["folder", "bucket"])
def test_many_questions_in_one_file_are_answered_in_another(places, where, unit):
    """A line for each question, told as REST tells it."""
    files = places[where]
    asks = [files.ready(KINDS["statute"], number) for number in range(1, 9)]
    rows = files.answers(*asks)
    for ask, row, number in zip(asks, rows, range(1, 9), strict=True):
        told = unit.told(KINDS["statute"], number)
        assert (row["電文番号"], row["照会_宛名番号"]) == (ask.message, ask.subject)
        assert row["合計所得金額"] == str(told.record["total_income"])
        assert all(row[name] for name in ("照会番号", "根拠", "受領証", "提供記録"))


@pytest.mark.clause("RK-16.11")
def test_the_command_shows_what_waits_and_what_is_done(files):
    """How far a file is can be seen."""
    eco = files.stage.ecosystem
    eco.stop(B)
    try:
        dropper = files.dropper(KINDS["statute"])
        name = dropper.drop(files.row(files.ready(KINDS["statute"], 11)))
        files.await_name(dropper, f"{name}.ack.json")
        now = files.progress()[name]
        assert (now["state"], now["questions"], now["ended"]) == ("waiting", 1, 0)
    finally:
        eco.start(B)
    files.await_name(dropper, f"{name}.answer.manifest.json")
    now = files.progress()[name]
    assert (now["state"], now["ended"], now["unanswered"]) == ("answered", 1, 0)


@pytest.mark.clause("RK-16.8")
def test_a_holder_that_is_away_is_asked_until_the_file_expires(files):
    """Questions are asked again until they expire, and told as failed then."""
    eco = files.stage.ecosystem
    eco.stop(B)
    try:
        until = (datetime.now(UTC) + timedelta(seconds=4)).isoformat()
        (row,) = files.answers(files.ready(KINDS["statute"], 12), expires=until)
    finally:
        eco.start(B)
    assert (row["結果"], row["理由"]) == ("failed", "task-expired")


@pytest.mark.clause("RK-16.4")
def test_a_purpose_is_entered_as_it_stands_in_the_manifest(files):
    """Every character of the purpose reaches the entry, as it does by REST."""
    purpose = "髙島\u3000𠮷野 葛\U000e0100城の認定"
    (row,) = files.answers(files.ready(KINDS["statute"], 13), purpose=purpose)
    time.sleep(0.5)  # until the log's keeper has given the entries their places
    bundle = files.stage.ecosystem.oversight(A, f"requests/{row['照会番号']}")
    entered = {one["leaf"]["core"]["purpose"] for one in json.loads(bundle)["entries"]}
    assert entered == {purpose}


@pytest.mark.clause("RK-16.6")
def test_killed_at_any_moment_nothing_is_lost_and_nothing_asked_twice(files):
    """SIGKILL while files are taken and answered; each has one effect."""
    chance = random.Random(16)  # noqa: S311  # no secret
    eco = files.stage.ecosystem
    dropper = files.dropper(KINDS["statute"])
    dropped: dict[str, list[Ask]] = {}
    acknowledged: dict[str, bytes] = {}

    def look() -> None:
        for name in dropped:
            if f"{name}.ack.json" in dropper.answers():
                ack = dropper.get(f"{name}.ack.json")
                assert acknowledged.setdefault(name, ack) == ack

    def ours_waiting() -> list[str]:
        return [name for name in dropper.waiting() if name.startswith("k-")]

    eco.stop(B)  # nothing is under way then when A is killed, and no lease has to end
    for turn in range(3):
        for number in range(2):
            asks = [
                files.ready(KINDS["statute"], 20 + 10 * turn + 5 * number + k) for k in range(5)
            ]
            name = f"k-{uuid4().hex[:8]}"
            dropper.drop(*map(files.row, asks), name=name)
            dropped[name] = asks
            time.sleep(chance.uniform(0.0, 0.7))
        eco.kill(A)
        look()
        eco.start(A)
    for name in dropped:
        files.await_name(dropper, f"{name}.ack.json")
    look()
    eco.start(B)
    time.sleep(chance.uniform(0.5, 1.5))
    eco.kill(A)
    eco.start(A)
    answers = {}
    for name, asks in dropped.items():
        files.await_name(dropper, f"{name}.answer.manifest.json")
        rows = dropper.answer(name)
        assert [row["電文番号"] for row in rows] == [ask.message for ask in asks]
        assert {row["結果"] for row in rows} == {"answered"}
        answers[name] = dropper.get(f"{name}.answer.csv")
    look()
    assert not ours_waiting()

    size = files.entries()
    for name, asks in dropped.items():
        dropper.drop(*map(files.row, asks), name=name)
    deadline = time.monotonic() + SECONDS
    while ours_waiting():
        assert time.monotonic() < deadline
        time.sleep(0.1)
    look()
    assert {name: dropper.get(f"{name}.answer.csv") for name in dropped} == answers
    assert files.entries() == size
