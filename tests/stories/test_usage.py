"""A portal of A shows a person who looked at their data, with what proves the list."""

import http.client
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import msgspec
import pytest
from tests.stories.conftest import Unit
from tests.stories.listing import wait_for
from tests.stories.test_evidence import verified
from tests.stories.test_reconciliation import hidden

from renkei import audit, federation, standard
from renkei.app.demo.demonstration import Stage, settle
from renkei.app.demo.ecosystem import A, B, Ecosystem
from renkei.app.demo.scenarios import SCENARIOS
from renkei.app.membership.initiation import authority_signer, write_members
from renkei.app.proofs.three_ways import Lack

pytestmark = pytest.mark.xdist_group("ecosystem-looks")

KINDS = {one.name: one for one in SCENARIOS}
PORTAL = KINDS["statute"].unit


@dataclass(frozen=True)
class Portal:
    """A unit of A that asks for a person."""

    stage: Stage
    unit: str = PORTAL
    holder: str = A.tenant

    def ask(self, path: str, **more: str) -> tuple[int, Any]:
        """Return status and what was told; an underscore of a header stands for a hyphen."""
        status, data = self.fetch(path, **more)
        return status, json.loads(data)

    def fetch(self, path: str, **more: str) -> tuple[int, bytes]:
        """Return status and the bytes of an answer."""
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
            target = f"/r1/JP/MUN/{self.holder}/usage/findUsage/v2{path}"
            line.request("GET", target, headers=said)
            answer = line.getresponse()
            return answer.status, answer.read()
        finally:
            line.close()

    def find(self, person: str, more: str = "", *, user: str = "") -> dict[str, Any]:
        status, told = self.ask(f"/findUsage?userCode={person}{more}", X_Road_UserId=user or person)
        assert status == 200, told
        return dict(told)

    def settle(self) -> None:
        """Wait until all that was entered has its place."""
        part = A if self.holder == A.tenant else B
        while json.loads(self.stage.ecosystem.oversight(part, "checkpoint"))["pending"]:
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


def relisted(eco: Ecosystem, portals: tuple[str, ...]) -> None:
    """Issue the next list, in which these units of A are portals, and wait until all have it."""
    public = eco.folder / A.name / "public.json"
    row = msgspec.json.decode(public.read_bytes(), type=federation.Member)
    public.write_bytes(msgspec.json.encode(msgspec.structs.replace(row, portals=portals)))
    file = eco.folder / "members.json"
    version = json.loads(file.read_bytes())["list"]["version"] + 1
    rows = [eco.folder / name / "public.json" for name in eco.settings]
    authority = authority_signer(eco.folder / "authority.key")
    write_members(rows, file, authority, version=version, at=datetime.now(UTC))
    # Of those that run: another test may have stopped one.
    running = [name for name, process in eco.processes.items() if process.poll() is None]
    kept = [eco.settings[name].state / "members.json" for name in running]
    wait_for(lambda: all(json.loads(k.read_bytes())["list"]["version"] >= version for k in kept))


@pytest.fixture(scope="module")
def abroad(portal: Portal, stage: Stage) -> Iterator[Portal]:
    """Give A's portal, which the list names as one, asking B."""
    relisted(stage.ecosystem, (PORTAL,))
    yield Portal(stage, holder=B.tenant)
    relisted(stage.ecosystem, ())


@pytest.mark.clause("RK-40.7", "RK-40.8", "RK-40.9")
def test_a_portal_of_another_house_shows_who_looked_there_and_is_entered_there(abroad, stage):
    person = stage.cast.held[2]
    told = Unit(stage).told(KINDS["statute"], 2)
    abroad.settle()
    found = abroad.find(person)
    (one,) = (usage for usage in found["usages"] if usage["request"] == told.inquiry)
    assert (one["receiverCode"], one["holderCode"], one["outcome"]) == (
        *(A.tenant, B.tenant),
        "answered",
    )
    # B was told no purpose in words: the procedure tells it.
    assert one["action"] == standard.catalogue().procedure("JT99000000001501").ja
    abroad.settle()
    again = abroad.find(person)
    assert again["totalUsages"] == found["totalUsages"] + 1
    newest = again["usages"][0]
    assert (newest["action"], newest["provision"], newest["receiverCode"]) == (
        *("usage", "OWN-ACCESS"),
        A.tenant,
    )
    page = abroad.find(person, "&offset=1&limit=1")
    assert len(page["usages"]) == 1
    assert page["totalUsages"] >= again["totalUsages"]


@pytest.mark.clause("RK-40.9")
def test_the_bundle_of_another_house_proves_itself_and_names_nobody(abroad, stage):
    person = stage.cast.held[2]
    status, bundle = abroad.ask(f"/bundle?userCode={person}", X_Road_UserId=person)
    assert status == 200
    data = json.dumps(bundle, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()
    verdict = audit.verify_bundle(
        data, [audit.Verifier.parse(stage.members.by_id(B.tenant).log_key)]
    )
    assert verdict.whole
    assert {one.entry.holder for one in verdict.entries} == {B.tenant}
    assert person not in data.decode()


@pytest.mark.clause("RK-40.10")
def test_another_house_says_since_when_and_whether_it_answers_to_portals_alone(abroad, stage):
    assert abroad.ask("/heartbeat") == (200, {"status": "OK"})
    status, period = abroad.ask("/usagePeriod")
    assert (status, set(period)) == (200, {"periodStart"})
    person = stage.cast.held[2]
    assert period["periodStart"] <= abroad.find(person)["usages"][-1]["logtime"]


@pytest.mark.clause("RK-40.7", "RK-40.8")
def test_another_house_is_asked_for_who_is_logged_in_and_by_listed_portals_alone(abroad, stage):
    one, other = stage.cast.held[2], stage.cast.held[0]
    status, told = abroad.ask(f"/findUsage?userCode={one}", X_Road_UserId=other)
    assert told["code"] == "representation-elsewhere", status
    assert B.tenant in told["message_ja"]
    status, told = abroad.ask(f"/findUsage?userCode={one}&limit=0x", X_Road_UserId=one)
    assert told["code"] == "parameter-malformed", status
    uncoded = stage.cast.without_code[0]
    status, told = abroad.ask(f"/bundle?userCode={uncoded}", X_Road_UserId=uncoded)
    assert (status, told["outcome"]) == (409, "code-not-issued")
    relisted(stage.ecosystem, ())
    status, told = abroad.ask(f"/findUsage?userCode={one}", X_Road_UserId=one)
    assert (status, told["code"]) == (403, "asker-not-named")
    status, told = abroad.ask("/usagePeriod")
    assert told["code"] == "peer-refused-call", status
    relisted(stage.ecosystem, (PORTAL,))


@pytest.mark.clause("RK-40.8", "RK-39.9")
def test_what_a_portal_was_shown_is_compared_in_three_logs(abroad, stage, compared):
    person, eco = stage.cast.held[2], stage.ecosystem
    abroad.find(person)
    assert settle(eco) == []
    newest = abroad.find(person)["usages"][0]
    assert settle(eco) == []
    for part in (A, B):
        assert compared(part)[1] == []
    with hidden(stage, B, newest["request"], "view"):
        assert compared(A)[1] == [Lack(newest["request"], B.tenant, "provision")]


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


@pytest.mark.clause("RK-40.6")
def test_the_evidence_is_verified_by_the_program_that_comes_in_it(portal, stage, tmp_path):
    person = stage.cast.held[1]
    portal.settle()
    status, data = portal.fetch(f"/evidence?userCode={person}", X_Road_UserId=person)
    assert status == 200
    status, said = verified(tmp_path, stage, {"own": data})
    assert status == 0, said
    assert person not in said


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
