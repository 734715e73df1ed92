"""A portal of A shows a person who looked at their data, with what proves the list."""

import http.client
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4

import pytest
from tests.stories.conftest import Unit

from renkei import audit
from renkei.app.demo.demonstration import Stage
from renkei.app.demo.ecosystem import A, B
from renkei.app.demo.scenarios import SCENARIOS

pytestmark = pytest.mark.xdist_group("ecosystem")

KINDS = {one.name: one for one in SCENARIOS}
PORTAL = KINDS["statute"].unit
PATH = f"/r1/JP/MUN/{A.tenant}/usage/findUsage/v2"


@dataclass(frozen=True)
class Portal:
    """A unit of A that asks for a person."""

    stage: Stage
    unit: str = PORTAL

    def ask(self, path: str, **more: str) -> tuple[int, Any]:
        """Return status and what was told; an underscore of a header stands for a hyphen."""
        eco = self.stage.ecosystem
        said = {
            "X-Road-Client": f"JP/MUN/{A.tenant}/{self.unit}",
            "X-Road-Id": f"usage-{uuid4()}",
            "Authorization": f"Bearer {eco.tokens[A.name][self.unit]}",
            "PF-Mode": "test",
        } | {name.replace("_", "-"): value for name, value in more.items() if value}
        door = eco.settings[A.name].staff_door
        line = http.client.HTTPConnection(door.host, door.port, timeout=30)
        try:
            line.request("GET", PATH + path, headers=said)
            answer = line.getresponse()
            return answer.status, json.loads(answer.read())
        finally:
            line.close()

    def find(self, person: str, more: str = "", *, user: str = "") -> dict[str, Any]:
        status, told = self.ask(f"/findUsage?userCode={person}{more}", X_Road_UserId=user or person)
        assert status == 200, told
        return dict(told)

    def settle(self) -> None:
        """Wait until all that was entered has its place."""
        while json.loads(self.stage.ecosystem.oversight(A, "checkpoint"))["pending"]:
            pass


@pytest.fixture(scope="module")
def portal(stage: Stage) -> Iterator[Portal]:
    eco = stage.ecosystem
    text = eco.file(A).read_text(encoding="utf-8")
    eco.stop(A)
    eco.file(A).write_text(f'{text}\n[usage]\nunits = ["{PORTAL}"]\n', encoding="utf-8")
    eco.start(A)
    yield Portal(stage)
    eco.stop(A)
    eco.file(A).write_text(text, encoding="utf-8")
    eco.start(A)


@pytest.mark.clause("RK-40.3", "RK-40.6")
def test_a_person_sees_each_question_once_with_its_end_and_that_the_list_was_shown(portal, stage):
    person = stage.cast.held[1]
    told = Unit(stage).told(KINDS["statute"], 1)
    portal.settle()
    found = portal.find(person)
    (one,) = (usage for usage in found["usages"] if usage["request"] == told.inquiry)
    assert (one["receiverCode"], one["holderCode"]) == (A.tenant, B.tenant)
    assert (one["receiverName"], one["outcome"]) == ("A市", "answered")
    assert one["receiverSystem"] == f"JP/MUN/{A.tenant}/{PORTAL}"
    assert one["provision"]
    assert one["procedure"] == "JT99000000001501"
    assert one["action"].startswith("児童手当の認定")
    assert len(one["entries"]) == 2
    portal.settle()
    again = portal.find(person)
    assert again["totalUsages"] == found["totalUsages"] + 1
    assert (again["usages"][0]["action"], again["usages"][0]["outcome"]) == ("usage", "answered")
    portal.settle()
    portal.find(person, user=stage.cast.held[0])
    portal.settle()
    assert portal.find(person)["usages"][0]["action"] == "usage-for-another"


@pytest.mark.clause("RK-40.2", "RK-40.3")
def test_the_bundle_proves_the_list_and_names_nobody(portal, stage):
    person = stage.cast.held[1]
    status, bundle = portal.ask(f"/bundle?userCode={person}", X_Road_UserId=person)
    assert status == 200
    data = json.dumps(bundle, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()
    key = audit.Verifier.parse(stage.members.by_id(A.tenant).log_key)
    verdict = audit.verify_bundle(data, [key])
    assert verdict.whole
    listed = {place for usage in portal.find(person)["usages"] for place in usage["entries"]}
    assert {one.index for one in verdict.entries} <= listed
    assert person not in data.decode()


@pytest.mark.clause("RK-40.3")
def test_the_period_and_the_page_are_those_asked_for(portal, stage):
    person = stage.cast.held[1]
    whole = portal.find(person)["usages"]
    times = [datetime.fromisoformat(one["logtime"]) for one in whole]
    assert times == sorted(times, reverse=True)
    portal.settle()
    first = whole[-1]["logtime"]
    until = portal.find(person, f"&periodEnd={first}")
    assert [one["request"] for one in until["usages"]] == [whole[-1]["request"]]
    page = portal.find(person, "&offset=1&limit=1")
    assert len(page["usages"]) == 1
    assert page["totalUsages"] > len(whole)
    status, period = portal.ask("/usagePeriod")
    assert (status, period["periodStart"] <= first) == (200, True)
    assert portal.ask("/heartbeat") == (200, {"status": "OK"})


@pytest.mark.clause("RK-40.4")
def test_a_protected_person_is_told_what_the_law_lets_be_told_alone(portal, stage):
    person = stage.cast.protected[0]
    told = Unit(stage).told(KINDS["protected"], 0)
    portal.settle()
    found = portal.find(person)
    assert told.inquiry not in {one["request"] for one in found["usages"]}
    assert found["totalUsages"] == len(found["usages"])


@pytest.mark.clause("RK-40.5")
def test_who_has_no_code_is_not_told_that_nobody_looked(portal, stage):
    person = stage.cast.without_code[0]
    status, told = portal.ask(f"/findUsage?userCode={person}", X_Road_UserId=person)
    assert (status, told["code"]) == (500, "person-without-code")
    assert "符号" in told["message_ja"]


@pytest.mark.clause("RK-40.1")
def test_another_unit_is_refused(portal, stage):
    other = next(unit for unit in stage.ecosystem.tokens[A.name] if unit in ("06", "17"))
    person = stage.cast.held[0]
    status, told = Portal(stage, other).ask(f"/findUsage?userCode={person}", X_Road_UserId=person)
    assert (status, told["code"]) == (500, "unit-no-portal")


@pytest.mark.clause("RK-40.2")
@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("", "parameter-malformed"),
        ("?userCode=", "parameter-malformed"),
        ("?userCode=1&userCode=2", "parameter-malformed"),
        ("?userCode=1&limit=1001", "parameter-malformed"),
        ("?userCode=1&offset=-1", "parameter-malformed"),
        ("?userCode=1&periodStart=2026-11-28", "parameter-malformed"),
        ("?userCode=1&periodStart=2026-11-28T09:00:00", "parameter-malformed"),
        ("?userCode=1&more=1", "parameter-malformed"),
    ],
)
def test_what_is_malformed_is_refused_by_its_name(portal, query, code):
    status, told = portal.ask(f"/findUsage{query}", X_Road_UserId="1")
    assert told["code"] == code, (status, told)
    assert "{" not in told["message"] + told["message_ja"]


def test_a_look_without_anybody_looking_is_refused(portal, stage):
    status, told = portal.ask(f"/findUsage?userCode={stage.cast.held[0]}")
    assert "X-Road-UserId" in told["message"], status
