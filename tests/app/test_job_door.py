"""A unit does the jobs of cases that are its own, once in effect, told no more than it needs."""

import hashlib
import json
from dataclasses import replace
from datetime import date
from uuid import UUID, uuid4

import pytest
import uvicorn
from starlette.applications import Starlette
from tests.app.seat import AT, Clock, Seat, staffed_site
from tests.exchange.serving import serving

from renkei.app.demo.ecosystem import A
from renkei.app.processes.job_door import JobDoor
from renkei.process import bpmn, cases

UNITS = {"15": "the token of unit 15", "06": "the token of unit 06"}
NAME = "15/weigh"
MODEL = f"""
<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL"
             xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" targetNamespace="urn:test">
  <process id="weighing" isExecutable="true">
    <startEvent id="s"/><sequenceFlow id="f" sourceRef="s" targetRef="weigh"/>
    <serviceTask id="weigh"><extensionElements>
      <zeebe:taskDefinition type="{NAME}" retries="2"/>
      <zeebe:taskHeaders><zeebe:header key="scale" value="kg"/></zeebe:taskHeaders>
      <zeebe:ioMapping><zeebe:input source="= height" target="height"/>
        <zeebe:output source="= kilos" target="kilos"/></zeebe:ioMapping>
    </extensionElements></serviceTask>
    <boundaryEvent id="unknown" attachedToRef="weigh">
      <errorEventDefinition errorRef="nobody"/></boundaryEvent>
    <sequenceFlow id="g" sourceRef="weigh" targetRef="looked"/>
    <sequenceFlow id="h" sourceRef="unknown" targetRef="asked"/>
    <userTask id="looked"/><userTask id="asked"/>
  </process>
  <error id="nobody" errorCode="nobody"/>
</definitions>
"""
SECRET = "秘密の値"


class Unit:
    """A unit at the door of a site that has begun cases."""

    def __init__(self, site, port: int, clock: Clock) -> None:
        self.site, self.seat, self.clock = site, Seat(port), clock

    def begun(self) -> UUID:
        """Begin a case that waits for the unit."""
        at = self.clock()
        with self.site.database.transaction(A.tenant) as conn:
            day, definition = date(2026, 4, 1), bpmn.read(MODEL.encode(), "weighing.bpmn")
            held = cases.deploy(
                conn, A.tenant, definition, valid_from=day, by="t", signer=self.site.signer, at=at
            )
            start = bpmn.Start(at, {"height": "170", "note": SECRET})
            one = cases.Begun(uuid4(), held, day, start, "staff:1002")
            cases.begin(conn, A.tenant, [one], cases.Library([self.site.signer.verifier]), at=at)
        return one.case

    def post(self, path: str, body: object, unit: str = "15", token: str = ""):
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        shown = token or UNITS[unit]
        said = {"authorization": f"Bearer {shown}", "x-road-client": f"JP/MUN/{A.tenant}/{unit}"}
        answer = self.seat.ask("POST", f"/jobs/{path}", data, **said)
        return answer.status, json.loads(answer.text)

    def claim(self, **wanted):
        return self.post("claim", {"names": [NAME], **wanted})[1]["jobs"]

    def done(self, job, unit: str = "15", **what):
        facts = {name: job[name] for name in ("case", "wait", "fence")}
        return self.post("done", {"done": [{**facts, **what}]}, unit)

    def waits(self, case: UUID) -> set[str]:
        with self.site.database.transaction(A.tenant) as conn:
            return {one.handler for one in cases.case_of(conn, A.tenant, case).case.waits.values()}


@pytest.fixture(scope="module")
def unit(folder, database):
    with staffed_site(folder / "sites", database) as found:
        tokens = {name: hashlib.sha256(one.encode()).hexdigest() for name, one in UNITS.items()}
        site = replace(found, settings=replace(found.settings, units=tokens))
        clock = Clock(AT)
        app = Starlette(routes=JobDoor(site, clock).routes())
        with serving(uvicorn.Config(app, "127.0.0.1", 0, log_config=None)) as port:
            yield Unit(site, port, clock)


@pytest.fixture
def case(unit):
    """Give a new case, when no job of another is left."""
    case = unit.begun()
    yield case
    unit.clock.wait(days=1)
    for job in unit.claim(most=200):
        unit.done(job, error="nobody")


@pytest.mark.clause("RK-53.1", "RK-53.2")
def test_a_unit_is_told_what_is_mapped_into_the_task_and_nothing_else(unit, case):
    [job] = unit.claim()
    assert (job["case"], job["name"], job["tries"]) == (str(case), NAME, 1)
    assert job["headers"] == {"retries": "2", "scale": "kg"}
    assert job["variables"] == {"height": "170"}
    assert unit.claim() == []


@pytest.mark.clause("RK-53.4")
def test_what_it_brings_has_its_effect_once_however_often_it_comes(unit, case):
    [job] = unit.claim()
    outcomes = [unit.done(job, variables={"kilos": 70})[1]["done"][0]["outcome"] for _ in "12"]
    assert outcomes == ["taken", "taken-before"]
    assert unit.waits(case) == {"looked"}


@pytest.mark.clause("RK-53.3")
def test_a_lease_that_ended_brings_nothing(unit, case):
    [job] = unit.claim(lease_seconds=5)
    unit.clock.wait(seconds=6)
    [other] = unit.claim()
    [late] = unit.done(job)[1]["done"]
    assert (late["outcome"], late["code"]) == ("refused", "lease-lost")
    assert "期限" in late["message_ja"]
    assert unit.done(other, variables={"kilos": 1})[1]["done"][0]["outcome"] == "taken"
    assert unit.waits(case) == {"looked"}


@pytest.mark.clause("RK-53.5")
def test_what_fails_is_tried_again_as_often_as_the_model_says_then_waits_for_a_person(unit, case):
    [job] = unit.claim()
    assert unit.done(job, trouble="busy")[1]["done"][0]["outcome"] == "tried-again"
    assert unit.claim() == []
    unit.clock.wait(seconds=11)
    [job] = unit.claim()
    assert job["tries"] == 2
    assert unit.done(job, trouble="busy")[1]["done"][0]["outcome"] == "taken"
    with unit.site.database.transaction(A.tenant) as conn:
        waits = cases.case_of(conn, A.tenant, case).case.waits.values()
    assert {(one.kind, one.about["reason"]) for one in waits} == {("incident", "busy")}


@pytest.mark.clause("RK-53.5")
def test_an_error_the_model_knows_goes_the_way_the_model_says(unit, case):
    [job] = unit.claim()
    unit.done(job, error="nobody")
    assert unit.waits(case) == {"asked"}


@pytest.mark.clause("RK-53.1")
def test_a_job_of_another_unit_is_neither_claimed_nor_brought(unit, case):
    [job] = unit.claim()
    status, said = unit.post("claim", {"names": [NAME]}, "06")
    assert (status, said["code"]) == (403, "job-not-ours")
    status, said = unit.done(job, "06", variables={"kilos": 70})
    assert (status, said["code"]) == (403, "job-not-ours")
    assert "weigh" in unit.waits(case)


@pytest.mark.clause("RK-53.1")
def test_who_shows_no_token_of_the_unit_is_told_nothing(unit):
    status, said = unit.post("claim", {"names": [NAME]}, token=UNITS["06"])
    assert (status, said["code"]) == (401, "token-refused")


LEASE = {"case": str(UUID(int=1)), "wait": 1, "fence": 1}


@pytest.mark.clause("RK-53.6")
@pytest.mark.parametrize(
    ("path", "body", "says"),
    [
        ("claim", b"", "jobs-malformed"),
        ("claim", b"\xff\xfe", "jobs-malformed"),
        ("claim", {"names": []}, "jobs-malformed"),
        ("claim", {"names": [NAME] * 51}, "jobs-malformed"),
        ("claim", {"names": [NAME], "most": 0}, "jobs-malformed"),
        ("claim", {"names": [NAME], "lease_seconds": 86_400}, "jobs-malformed"),
        ("claim", {"names": [NAME], "wait": 1}, "jobs-malformed"),
        ("done", {"done": [LEASE] * 201}, "jobs-malformed"),
        ("done", {"done": [{**LEASE, "error": "a", "trouble": "b"}]}, "jobs-malformed"),
        ("done", {"done": [{**LEASE, "variables": {"x": {"@date": "never"}}}]}, "jobs-malformed"),
        ("done", {"done": [{**LEASE, "variables": {"x": 1.5}}]}, "jobs-malformed"),
        ("done", {"done": [{**LEASE, "fence": 0}]}, "jobs-malformed"),
        ("done", {"done": [{**LEASE, "trouble": "\0"}]}, "jobs-malformed"),
        ("claim", {"names": ["15/\0"]}, "jobs-malformed"),
        ("done", b" " * (4 * 2**20 + 1), "body-too-large"),
    ],
)
def test_what_is_no_request_about_jobs_is_refused_and_changes_nothing(unit, path, body, says):
    status, said = unit.post(path, body)
    assert (status // 100, said["code"]) == (4, says)
    assert said["message_ja"] != said["message"]


@pytest.mark.clause("RK-53.4")
def test_of_several_one_that_is_refused_stops_no_other(unit, case):
    [job] = unit.claim()
    good = {name: job[name] for name in ("case", "wait", "fence")} | {"variables": {"kilos": 7}}
    _, said = unit.post("done", {"done": [LEASE, good]})
    assert [one["outcome"] for one in said["done"]] == ["refused", "taken"]
    assert unit.waits(case) == {"looked"}


@pytest.mark.clause("RK-53.4")
@pytest.mark.parametrize("value", ["\0", "\ud800", {"\0": 1}, ["\0"]])
def test_what_no_database_keeps_is_refused_and_the_job_stays(unit, case, value):
    [job] = unit.claim()
    facts = {name: job[name] for name in ("case", "wait", "fence")}
    body = json.dumps({"done": [{**facts, "variables": {"kilos": value}}]}).encode()
    _, said = unit.post("done", body)
    assert said.get("code") == "jobs-malformed" or said["done"][0]["code"] == "feel-text-not-kept"
    assert "weigh" in unit.waits(case)
    assert unit.done(job, variables={"kilos": 1})[1]["done"][0]["outcome"] == "taken"


def test_a_claim_that_nobody_brings_comes_back_to_whoever_claims_next(unit, case):
    assert len(unit.claim(lease_seconds=60)) == 1
    unit.clock.wait(seconds=61)
    [again] = unit.claim()
    assert (again["case"], again["tries"]) == (str(case), 2)
