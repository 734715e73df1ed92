"""A unit hands a question over and fetches the answer later, whatever stops meanwhile."""

import json
import time
import urllib.error
import urllib.request
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from renkei import audit
from renkei.app.demo.asker import Asker
from renkei.app.demo.demonstration import settle
from renkei.app.demo.ecosystem import A, B
from renkei.app.demo.scenarios import SCENARIOS, one

pytestmark = pytest.mark.xdist_group("ecosystem-doors")

KINDS = {scenario.name: scenario for scenario in SCENARIOS}
SECONDS = 90  # a lease of a node that was killed ends after 60


class Later:
    """A unit of A that does not wait."""

    def __init__(self, stage, unit) -> None:
        self.stage, self.unit = stage, unit

    def send(self, path: str, headers: dict[str, str]):
        request = urllib.request.Request(self.stage.ecosystem.staff(A) + path, headers=headers)
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:
                return answer.status, answer.headers, json.load(answer)
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.headers, json.load(error)

    def headers(self, ask, **more: str) -> dict[str, str]:
        token = self.stage.ecosystem.tokens["a"][ask.scenario.unit]
        said: dict[str, str] = ask.headers(self.stage.members, token)
        return (
            {"Prefer": "respond-async"}
            | said
            | {name.replace("_", "-"): value for name, value in more.items()}
        )

    def hand_over(self, name: str, number: int = 0, **more: str):
        """Hand a question over; return its number and the headers it went with."""
        ask = one(KINDS[name], self.stage.cast, number, self.stage.year, Asker.new_message())
        headers = self.headers(ask, **more)
        status, answered, body = self.send(ask.target(self.stage.members), headers)
        assert (status, body["state"]) == (202, "accepted"), body
        assert answered["Preference-Applied"] == "respond-async"
        assert answered["Location"] == f"/tasks/{body['number']}"
        return body["number"], ask, headers

    def fetch(self, number: str, headers: dict[str, str]):
        """Poll until the task has ended."""
        deadline = time.monotonic() + SECONDS
        while time.monotonic() < deadline:
            found = self.send(f"/tasks/{number}", headers)
            if found[0] != 202:
                return found
            time.sleep(0.1)
        raise AssertionError("the task did not end")


@pytest.fixture
def later(stage, unit) -> Later:
    return Later(stage, unit)


@pytest.mark.clause("RK-1.15")
@pytest.mark.parametrize(
    ("name", "status", "outcome"),
    [("statute", 200, "answered"), ("not-held", 200, "not-held"), ("protected", 403, "refused")],
)
def test_what_is_fetched_is_what_would_have_been_told_at_once(later, name, status, outcome):
    number, ask, headers = later.hand_over(name)
    got, answered, body = later.fetch(number, headers)
    assert (got, answered["PF-Outcome"]) == (status, outcome)
    assert answered["X-Road-Id"] == ask.message
    if outcome == "answered":
        assert body["record"] == later.unit.told(KINDS[name]).record


@pytest.mark.clause("RK-1.15")
def test_the_same_message_again_is_the_same_task(later):
    number, ask, headers = later.hand_over("statute", 1)
    _, _, again = later.send(ask.target(later.stage.members), headers)
    assert again["number"] == number
    later.fetch(number, headers)
    _, _, again = later.send(ask.target(later.stage.members), headers)
    assert again["number"] == number


@pytest.mark.clause("RK-1.16")
def test_a_peer_that_is_away_is_asked_again_when_it_is_back(later):
    eco, began = later.stage.ecosystem, datetime.now(UTC)
    eco.stop(B)
    try:
        number, _, headers = later.hand_over("statute", 2)
        time.sleep(1.5)
        assert later.send(f"/tasks/{number}", headers)[0] == 202
    finally:
        eco.start(B)
    _, _, fact = later.fetch(number, headers)
    assert fact["outcome"] == "answered"
    folder, key = eco.settings["a"].state / "log", later.stage.members.by_id(A.tenant).log_key
    settle(eco)
    inquiries = {
        entry.request: entry.kind
        for data in audit.published_entries(folder, audit.Verifier.parse(key))
        if (entry := audit.Leaf.parse(data).entry()).at >= began
    }
    assert inquiries.pop(fact["inquiry"]) is audit.Kind.ANSWER
    assert set(inquiries.values()) == {audit.Kind.FAILURE}


@pytest.mark.clause("RK-1.15")
def test_a_task_outlives_the_node_that_took_it(later):
    eco = later.stage.ecosystem
    eco.stop(B)
    number, _, headers = later.hand_over("statute", 3)
    eco.kill(A)
    eco.start(B, A)
    status, _, body = later.fetch(number, headers)
    assert (status, body["outcome"]) == (200, "answered")


@pytest.mark.clause("RK-1.15")
def test_what_could_not_be_answered_in_time_expires(later):
    eco = later.stage.ecosystem
    eco.stop(B)
    try:
        until = datetime.now(UTC) + timedelta(seconds=2)
        number, _, headers = later.hand_over("statute", 4, PF_Expires=until.isoformat())
        status, _, body = later.fetch(number, headers)
    finally:
        eco.start(B)
    assert (status, body["code"]) == (410, "task-expired")


@pytest.mark.clause("RK-1.15")
def test_another_unit_and_another_number_fetch_nothing(later):
    number, _, headers = later.hand_over("statute", 5)
    tokens = later.stage.ecosystem.tokens["a"]
    others = {"X-Road-Client": f"JP/MUN/{A.tenant}/17", "Authorization": f"Bearer {tokens['17']}"}
    for path, said in ((f"/tasks/{number}", others), (f"/tasks/{uuid4()}", headers)):
        status, _, body = later.send(path, said)
        assert (status, body["code"]) == (404, "task-unknown")
    forged = headers | {"Authorization": "Bearer forged"}
    assert later.send(f"/tasks/{number}", forged)[2]["code"] == "token-refused"
    assert later.send("/tasks/none", headers)[0] == 404


@pytest.mark.clause("RK-1.15")
@pytest.mark.parametrize("expires", ["tomorrow", "2001-01-01T00:00:00Z", "2999-01-01T00:00:00Z"])
def test_an_expiry_that_cannot_be_is_refused(later, expires):
    ask = one(KINDS["statute"], later.stage.cast, 6, later.stage.year, Asker.new_message())
    headers = later.headers(ask, PF_Expires=expires)
    status, _, body = later.send(ask.target(later.stage.members), headers)
    assert (status, body["code"]) == (400, "parameter-malformed")
