"""The oversight body comes in at the log operator's, and sees what two towns asked each other."""

import csv
import io
import re
from datetime import UTC, datetime

import pytest
from tests.app.seat import Seat
from tests.stories.test_reconciliation import forget, hidden

from renkei import kit
from renkei.app.demo.demonstration import settle
from renkei.app.demo.ecosystem import OVERSEER, A, B, L
from renkei.app.demo.scenarios import SCENARIOS
from renkei.app.keeping.findings_told import lacks_of
from renkei.app.keeping.left_questions import compare_ends
from renkei.app.keeping.reconciliation import reconcile_at
from renkei.app.proofs.three_ways import Lack

pytestmark = pytest.mark.xdist_group("ecosystem-looks")

KINDS = {scenario.name: scenario for scenario in SCENARIOS}


@pytest.fixture
def overseer(stage) -> Seat:
    """Give the oversight body's browser at the log operator's console."""
    seat = Seat(stage.ecosystem.settings[L.name].staff_door.port)
    token = stage.ecosystem.tokens[L.name]["overseer"]
    assert seat.sign_in(OVERSEER, token).status == 303
    return seat


def asked(stage, unit) -> str:
    """Ask a lawful question, and return its number once it stands in every log."""
    inquiry: str = unit.told(KINDS["statute"]).inquiry
    assert settle(stage.ecosystem) == []
    return inquiry


@pytest.mark.clause("RK-49.5")
def test_what_a_town_asked_is_found_decided_again_and_taken_away(stage, unit, overseer):
    inquiry = asked(stage, unit)
    page = overseer.get(f"/console/record?asker={A.tenant}&holder={B.tenant}&outcome=receipted")
    assert inquiry in page.text
    one = overseer.get(f"/console/record/show?request={inquiry}")
    assert "ログにあることを確かめました" in one.plain
    replayed = overseer.get(f"/console/oversight/replay?asker={A.tenant}").text
    [row] = [one for one in re.findall(r"<tr.*?</tr>", replayed, re.DOTALL) if inquiry in one]
    assert "一致" in row
    taken = overseer.get(f"/console/oversight/entries.csv?asker={A.tenant}").body
    rows = list(csv.DictReader(io.StringIO(taken.decode("utf-8-sig"))))
    assert inquiry in {row["request"] for row in rows}
    assert settle(stage.ecosystem) == []
    looks = overseer.get("/console/record?kind=view").plain
    assert looks.count("監督機関による確認") >= 2


def left(stage):
    """Let the log operator compare today, and return what it finds itself."""
    settings = stage.ecosystem.settings[L.name]
    found = reconcile_at(settings, kit.day_of(datetime.now(UTC)), compare_ends)
    assert found.compared > 0
    return found, [one for one in lacks_of(found) if not one.by]


@pytest.mark.clause("RK-49.1", "RK-49.2")
def test_a_question_of_which_no_party_has_an_end_is_found_by_the_log_operator(
    stage, unit, overseer
):
    inquiry = asked(stage, unit)
    found, lacks = left(stage)
    assert (found.unreached, [one for one in lacks if one.request == inquiry]) == ((), [])
    with hidden(stage, A, inquiry, "answer"):
        assert inquiry not in {one.request for one in left(stage)[1]}, "the holder has its end"
        with hidden(stage, B, inquiry, "provision"):
            assert Lack(inquiry, A.tenant, "answer", "left") in left(stage)[1]
            assert inquiry in overseer.get("/console/oversight").text
            page = overseer.get("/console/oversight/anomalies")
            assert inquiry in page.text.rpartition("使われていないもの")[2]
    assert inquiry not in {one.request for one in left(stage)[1]}
    forget(stage, L)
