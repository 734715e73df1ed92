"""転居 B市→A市: A asks B, under a provision in force, for a guardian's income; all can prove it.

docs/procedures/lawful-question.md tells the story; the numbers of its steps stand at the tests.
"""

import json
import shutil
import urllib.error
import urllib.request
from dataclasses import replace

import pytest
from bench.demonstrate import refusals

from renkei import identity, law
from renkei.app.demo.demonstration import Narrator, ask_all, prove
from renkei.app.demo.ecosystem import H1, A, B, L
from renkei.app.demo.evidence import gather
from renkei.app.demo.scenarios import DOWN, SCENARIOS, UP_AGAIN
from renkei.standard import shipped_folder
from renkei.standard.synthetic import movers

pytestmark = pytest.mark.xdist_group("ecosystem-bodies")

KINDS = {scenario.name: scenario for scenario in SCENARIOS}


@pytest.mark.parametrize("name", KINDS)
def test_every_kind_of_question_ends_as_the_law_says(unit, name):
    told = unit.told(KINDS[name])
    assert (told.outcome, told.reason) == (KINDS[name].outcome, KINDS[name].reason)


def test_the_answer_is_the_value_the_other_town_holds(stage, unit):
    told = unit.told(KINDS["statute"])
    day = stage.day
    moves = movers(B.tenant, A.tenant, people=stage.people, seed=stage.seed, day=day)
    held = {g.register_number: g.total_income for move in moves for g in move.guardians}
    assert told.record is not None
    assert told.record["total_income"] == held[told.ask.subject]


@pytest.mark.clause("RK-1.12")
def test_the_books_balance_after_a_mixed_hour(stage, unit):
    told = unit.ask(*(unit.ready(s, n) for n in range(3) for s in SCENARIOS))
    verdict = prove(stage, told)
    assert verdict.defects == ()
    assert verdict.answered == sum(t.outcome in ("answered", "not-held") for t in told)


def test_a_book_that_lacks_an_entry_does_not_balance(stage, unit):
    told = unit.told(KINDS["statute"])
    verdict = prove(stage, [replace(told, inquiry="never-asked")])
    assert len(verdict.defects) == 6


def test_a_book_with_another_receipt_does_not_balance(stage, unit):
    told = unit.told(KINDS["statute"])
    assert not prove(stage, [replace(told, receipt="")]).balance


def test_the_citizen_verifies_the_own_list_at_every_party(stage, unit):
    told = unit.told(KINDS["own-use"])
    assert prove(stage, [told]).balance
    evidence = gather(stage.ecosystem, stage.members, told)
    for side in evidence.lists:
        assert side.verdict().whole
        assert told.inquiry in {logged.entry.request for logged in side.entries}
        assert [logged.seq for logged in side.entries] == list(range(1, len(side.entries) + 1))


@pytest.mark.clause("RK-9.7")
def test_a_protected_persons_entries_stand_in_no_open_list(stage, unit):
    told = unit.told(KINDS["protected"])
    assert prove(stage, [told]).balance
    evidence = gather(stage.ecosystem, stage.members, told)
    assert all(side.entries for side in evidence.sides)
    assert not any(side.entries for side in evidence.lists)


def test_the_steps_of_a_question_are_told_in_their_order(stage, unit):
    told = unit.told(KINDS["statute"])
    url = f"{stage.ecosystem.staff(A)}/questions/{told.ask.message}/steps"
    with urllib.request.urlopen(url, timeout=10) as answer:
        found = json.load(answer)
    names = [step["name"] for step in found["steps"]]
    assert names == [
        *("received", "permitted", "blinded", "converted", "converted"),
        *("receipted", "provided", "finished"),
    ]
    assert found["ended"]


class Edge:
    """A unit that says what it should not."""

    def __init__(self, stage, unit, kind: str = "statute") -> None:
        self.stage = stage
        ask = unit.ready(KINDS[kind])
        self.path = ask.target(stage.members)
        self.headers = ask.headers(stage.members, stage.ecosystem.tokens["a"]["15"])

    def send(self, *, drop: str = "", body: bytes | None = None, **headers: str):
        """Send it and return status and JSON."""
        status, _, told = self.told(drop=drop, body=body, **headers)
        return status, told

    def told(self, *, drop: str = "", body: bytes | None = None, **headers: str):
        """Send it and return status, headers and JSON."""
        said = {k: v for k, v in self.headers.items() if k != drop}
        said |= {name.replace("_", "-"): value for name, value in headers.items()}
        url = self.stage.ecosystem.staff(A) + self.path
        request = urllib.request.Request(url, headers=said, data=body, method="GET")
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:
                return answer.status, answer.headers, json.load(answer)
        except urllib.error.HTTPError as error:
            return error.code, error.headers, json.load(error)


@pytest.fixture
def edge(stage, unit) -> Edge:
    return Edge(stage, unit)


def test_the_edge_answers_a_question_that_says_everything(edge):
    status, body = edge.send()
    assert (status, body["outcome"]) == (200, "answered")


@pytest.mark.clause("RK-1.3", "RK-1.5", "RK-1.7", "RK-1.8", "RK-10.1")
@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"drop": "X-Road-Client"}, 500, "header-missing"),
        ({"drop": "PF-Procedure"}, 400, "inquiry-incomplete"),
        ({"drop": "PF-Subject"}, 400, "inquiry-incomplete"),
        ({"drop": "Authorization"}, 401, "token-refused"),
        ({"Authorization": "Bearer forged"}, 401, "token-refused"),
        ({"X_Road_Client": "JP/MUN/131024/15"}, 401, "token-refused"),
        ({"X_Road_Client": "JP/MUN/131016/17"}, 401, "token-refused"),
        ({"PF_Colour": "blue"}, 400, "header-unknown"),
        ({"PF_Mode": "production"}, 400, "mode-differs"),
        ({"PF_Mode": "perhaps"}, 400, "header-malformed"),
        ({"PF_Subject": "983205673214"}, 400, "personal-number-in-header"),
        ({"body": b"x" * (2 << 20)}, 400, "body-too-large"),
    ],
)
def test_the_edge_names_what_is_wrong_in_both_languages(edge, change, status, code):
    got, body = edge.send(**change)
    assert (got, body["code"]) == (status, code)
    assert body["message"]
    assert body["message_ja"]


FACT = {
    *("inquiry", "outcome", "by", "reason", "provision"),
    *("table", "record", "receipt", "entry", "release", "losses"),
}


@pytest.mark.clause("RK-1.10")
@pytest.mark.parametrize(
    ("kind", "status"),
    [("statute", 200), ("not-held", 200), ("unknown-person", 404), ("no-code", 409)],
)
def test_a_fact_has_exactly_its_members_and_what_is_not_there_is_empty(stage, unit, kind, status):
    got, headers, fact = Edge(stage, unit, kind).told()
    assert (got, headers["PF-Outcome"]) == (status, KINDS[kind].outcome)
    assert set(fact) == FACT
    if kind == "statute":
        assert set(fact["record"]) == set(KINDS[kind].items.split(","))
        assert {type(value) for value in fact["record"].values()} <= {str, int, type(None)}
        assert fact["by"] == B.tenant
        assert len(fact["entry"]) == 43
        return
    assert fact["record"] is None
    assert (fact["reason"], fact["outcome"]) == ("", KINDS[kind].outcome)
    assert bool(fact["receipt"]) is (kind == "not-held")


@pytest.mark.clause("RK-1.11", "RK-6.1")
@pytest.mark.parametrize(("kind", "by"), [("wrong-item", A), ("protected", B)])
def test_a_refusal_has_403_and_says_who_refused_under_which_provision(stage, unit, kind, by):
    status, headers, fault = Edge(stage, unit, kind).told()
    assert status == 403
    assert headers["X-Road-Error"] == fault["type"] == "server.clientproxy.access_denied"
    assert (headers["PF-Outcome"], headers["PF-Refused-By"]) == ("refused", by.tenant)
    assert headers["PF-Provision"]
    assert set(fault) == {"type", "message", "detail", "code", "message_ja"}
    assert fault["code"] == KINDS[kind].reason


def test_the_edge_refuses_a_member_nobody_knows(edge):
    edge.path = edge.path.replace(f"/MUN/{B.tenant}/", "/MUN/131032/")
    assert edge.send()[1]["code"] == "peer-unknown"


@pytest.mark.clause("RK-1.4")
def test_the_edge_asks_once_under_one_message_id(edge):
    assert edge.send()[0] == 200
    assert edge.send()[1]["code"] == "request-id-reused"


def test_the_oversight_door_wants_its_token(stage):
    url = f"{stage.ecosystem.staff(L)}/oversight/checkpoint"
    with pytest.raises(urllib.error.HTTPError, match="401"):
        urllib.request.urlopen(url, timeout=10)


@pytest.mark.clause("RK-4.3")
def test_a_converter_with_a_false_key_is_named_and_nothing_is_answered(stage, unit):
    eco = stage.ecosystem
    file = eco.settings["h1"].keys / "converter.json"
    right = file.read_bytes()
    eco.stop(H1)
    try:
        false = identity.ConverterKeys.draw(H1.tenant, (A.tenant, B.tenant, L.tenant))
        file.write_text(identity.secret_text(false), encoding="utf-8")
        eco.start(H1)
        told = unit.told(KINDS["statute"])
        assert (told.outcome, told.reason, told.record) == ("failed", "peer-refused-call", None)
    finally:
        eco.stop(H1)
        file.write_bytes(right)
        eco.start(H1)
    assert unit.told(KINDS["statute"]).outcome == "answered"


@pytest.mark.clause("RK-2.2")
def test_a_holder_that_is_down_fails_its_own_questions_only(stage, unit):
    stage.ecosystem.stop(B)
    try:
        failed, refused = unit.told(DOWN), unit.told(KINDS["wrong-item"])
        assert (failed.outcome, failed.reason) == ("failed", "peer-unreachable")
        assert refused.as_expected
    finally:
        stage.ecosystem.start(B)
    assert unit.told(UP_AGAIN).as_expected


def test_every_question_of_the_demo_ends_as_it_should_whoever_was_away_meanwhile(stage):
    told = ask_all(stage, 200, Narrator("en", quiet=True))
    assert len(told) == 200
    assert [(one.outcome, one.reason) for one in told if not one.as_expected] == []


@pytest.mark.parametrize("database", [False, True], ids=["process", "database"])
def test_a_killed_holder_comes_back_with_its_books(stage, unit, database):
    before = unit.told(KINDS["statute"])
    stage.ecosystem.kill(B, database=database)
    if not database:
        stage.ecosystem.start(B)
    stage.ecosystem.await_health(B)
    after = unit.told(KINDS["statute"], 1)
    assert prove(stage, [before, after]).balance
    assert after.outcome == "answered"


def test_every_reason_of_the_law_is_reached_and_stands_on_record(stage):
    """Demonstration (f), on the stories' own towns."""
    verdict = refusals.judged(stage)
    assert verdict.holds, verdict.text()
    named = {finding.en.partition(":")[0] for finding in verdict.findings}
    assert named == {"a lawful question", *(reason.value for reason in law.Reason)}


def test_a_change_of_the_law_is_tried_on_what_was_asked(stage, unit, tmp_path):
    """The table for which nobody but the household may be asked about, tried on A's own log."""
    unit.told(KINDS["statute"])
    shutil.copytree(str(shipped_folder()), tmp_path / "table")
    rows = tmp_path / "table/provisions.tsv"
    text = rows.read_text(encoding="utf-8")
    narrower = text.replace("\tapplicant household\t", "\thousehold\t")
    rows.write_text(narrower, encoding="utf-8")
    told = stage.ecosystem.run(A, "law", "simulate", "--table", str(rows.parent), "--by", "1004")
    assert told["newly_permitted"] == 0
    assert told["newly_refused"] > 0

    assert told["decisions"] == told["same"] + told["newly_refused"] + told["otherwise"]
