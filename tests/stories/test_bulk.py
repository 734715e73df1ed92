"""A unit of A asks B about many at once: each answer is one person's, each person has an entry.

All of it is real: six processes, their databases, the lines between them.
"""

import csv
import io
import json
import subprocess
import time
import urllib.error
import urllib.request
from collections import Counter
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import msgspec
import pytest
from tests.stories.test_evidence import verified

from renkei import audit, kit
from renkei.app.demo.asker import Asker
from renkei.app.demo.demonstration import settle
from renkei.app.demo.ecosystem import H1, H2, A, B, L
from renkei.app.demo.scenarios import SCENARIOS, one
from renkei.app.keeping.findings_told import lacks_of
from renkei.app.keeping.reconciliation import reconcile_at
from renkei.app.proofs.books import read_log
from renkei.app.sign_in.staff import password_hash

pytestmark = pytest.mark.xdist_group("ecosystem-doors")

KINDS = {scenario.name: scenario for scenario in SCENARIOS}
SECONDS = 90  # a lease of a node that was killed ends after 20
SET = 10
FEW = f"""
[bulk]
fewest = {SET}
"""


class Many:
    """A unit of A that asks about many."""

    def __init__(self, stage) -> None:
        self.stage, self.url = stage, stage.ecosystem.staff(A)
        self.cast = stage.cast

    def ready(self, *, unit: str = "15", **more: str):
        """Return target and headers of an inquiry."""
        ask = one(KINDS["statute"], self.cast, 0, self.stage.year, Asker.new_message())
        said = ask.headers(self.stage.members, self.stage.ecosystem.tokens["a"][unit])
        del said["PF-Subject"]
        said |= {"Content-Type": "application/json"}
        said |= {name.replace("_", "-"): value for name, value in more.items()}
        return ask.target(self.stage.members).replace("/r1/", "/bulk/"), said

    def send(self, path: str, headers: dict[str, str], body: bytes | None = None):
        request = urllib.request.Request(self.url + path, headers=headers, data=body)
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return answer.status, answer.headers, answer.read()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.headers, error.read()

    def hand_over(self, people, *, order: str = "ordered", **more: str):
        """Hand a list over and return its number and headers."""
        target, headers = self.ready(**more)
        body = json.dumps({"persons": [{"subject": each} for each in people]}).encode()
        status, answered, said = self.send(f"{target}&order={order}", headers, body)
        told = json.loads(said)
        assert (status, told.get("state"), told.get("persons")) == (202, "accepted", len(people)), (
            said
        )
        assert answered["Location"] == f"/bulk/{told['number']}"
        return told["number"], headers

    def told(self, number: str, headers: dict[str, str], media: str = "application/json"):
        """Wait until it is over and return the answer."""
        deadline = time.monotonic() + SECONDS
        while self.send(f"/bulk/{number}", headers)[0] == 202:
            assert time.monotonic() < deadline
            time.sleep(0.1)
        status, _, body = self.send(f"/bulk/{number}/answer", headers | {"Accept": media})
        assert status == 200, body
        return body

    def asked(self, people, **more: str):
        """Ask and return the answer."""
        return json.loads(self.told(*self.hand_over(people, **more)))

    def entries(self, part, number: str):
        """Return what a party entered about an inquiry, once all of it is published."""
        settle(self.stage.ecosystem)
        member = self.stage.members.by_id(part.tenant)
        read_log(member, self.stage.ecosystem.settings[part.name].state / "log")
        folder = self.stage.ecosystem.settings[part.name].state / "log"
        return [
            entry
            for data in audit.published_entries(folder, audit.Verifier.parse(member.log_key))
            if (entry := audit.Leaf.parse(data).entry()).details.get("bulk") == number
        ]


@pytest.fixture
def many(stage) -> Many:
    return Many(stage)


@pytest.fixture(scope="module")
def mixed(stage):
    """A list with everybody who can end in another way, and its answer."""
    many, cast = Many(stage), stage.cast
    people = [
        *cast.held[:2],
        cast.without_code[0],
        cast.protected[0],
        cast.unknown,
        cast.not_held[0],
        cast.held[2],
    ]
    number, headers = many.hand_over(people)
    return people, number, headers, json.loads(many.told(number, headers))


@pytest.mark.clause("RK-41.1", "RK-41.2")
def test_everybody_is_answered_in_the_order_asked_and_no_bad_one_loses_the_others(mixed):
    people, number, _, told = mixed
    assert [one["subject"] for one in told["answers"]] == people
    assert [one["outcome"] for one in told["answers"]] == [
        *["answered"] * 2,
        *("code-not-issued", "refused", "subject-unknown", "not-held", "answered"),
    ]
    assert told["answers"][3]["reason"] == "automatic-answer-withheld"
    assert (told["number"], told["persons"], told["set"]) == (number, 7, [])
    assert told["outcomes"]["answered"] == 3


@pytest.mark.clause("RK-41.2")
def test_a_value_is_the_one_that_a_single_question_is_told(stage, unit, mixed):
    _, _, _, told = mixed
    single = unit.told(KINDS["statute"], 1)
    of_many = told["answers"][1]
    assert (of_many["subject"], of_many["record"]) == (single.ask.subject, single.record)


@pytest.mark.clause("RK-41.2")
def test_the_same_answer_as_a_file_for_a_spreadsheet(many, mixed):
    people, number, headers, told = mixed
    text = many.told(number, headers, "text/csv").decode()
    header, *rows = csv.reader(io.StringIO(text))
    assert header[:3] == ["宛名番号", "結果", "理由"]
    assert [row[0] for row in rows] == people
    assert [row[1] for row in rows] == [one["outcome"] for one in told["answers"]]


@pytest.mark.clause("RK-41.5", "RK-41.13")
def test_no_party_is_blind_to_anybody(many, mixed):
    _, number, _, _ = mixed
    at_asker = Counter((e.kind.value, e.outcome) for e in many.entries(A, number))
    assert at_asker == {
        ("request", "asked"): 5,
        ("refusal", "code-not-issued"): 1,
        ("refusal", "subject-unknown"): 1,
        ("answer", "answered"): 3,
        ("answer", "not-held"): 1,
        ("refusal", "refused"): 1,
    }
    at_holder = many.entries(B, number)
    assert Counter(e.outcome for e in at_holder) == {"answered": 3, "not-held": 1, "refused": 1}
    at_log = many.entries(L, number)
    assert Counter(e.outcome for e in at_log) == {"receipted": 5}
    assert len({e.label for e in at_log}) == 5
    # Whom A withholds goes in a batch of their own.
    at_converter = [int(e.details["persons"]) for e in many.entries(H1, number)]
    assert sorted(at_converter) == [1, 4]


@pytest.mark.clause("RK-41.9")
def test_each_answer_rests_on_a_receipt_of_an_entry_that_stands_in_the_log(many, mixed):
    _, _, _, told = mixed
    keys = [audit.Verifier.parse(many.stage.members.by_id(L.tenant).log_key)]
    promised = {
        audit.Receipt.read(one["receipt"], keys).core_hash
        for one in told["answers"]
        if one["receipt"]
    }
    folder = many.stage.ecosystem.settings["l"].state / "log"
    standing = {
        audit.Leaf.parse(data).core_hash for data in audit.published_entries(folder, keys[0])
    }
    assert len(promised) == 5
    assert promised <= standing


@pytest.mark.clause("RK-41.3")
def test_the_same_message_again_is_the_same_inquiry_and_another_list_is_not(many):
    number, headers = many.hand_over(many.cast.held[:2])
    target, _ = many.ready()
    same = json.dumps({"persons": [{"subject": s} for s in many.cast.held[:2]]}).encode()
    _, _, body = many.send(f"{target}&order=ordered", headers, same)
    assert json.loads(body)["number"] == number
    other = json.dumps({"persons": [{"subject": many.cast.held[0]}]}).encode()
    status, _, body = many.send(f"{target}&order=ordered", headers, other)
    assert (status, json.loads(body)["code"]) == (400, "request-id-reused")
    many.told(number, headers)


@pytest.mark.clause("RK-41.3")
def test_a_list_outlives_the_nodes_that_were_killed_over_it(many):
    eco = many.stage.ecosystem
    eco.kill(B)
    try:
        number, headers = many.hand_over(many.cast.held[:3])
        time.sleep(1)
        status, _, body = many.send(f"/bulk/{number}", headers)
        assert (status, json.loads(body)["answered"]) == (202, 0)
        early = many.send(f"/bulk/{number}/answer", headers)
        assert (early[0], json.loads(early[2])["code"]) == (409, "bulk-unanswered")
        eco.kill(A)
    finally:
        eco.start(B, A)
    told = json.loads(many.told(number, headers))
    assert told["outcomes"] == {"answered": 3}
    answered = [e for e in many.entries(A, number) if e.kind is audit.Kind.ANSWER]
    assert len(answered) == 3


@pytest.mark.clause("RK-41.3")
def test_what_could_not_be_answered_in_time_has_failed_by_name(many):
    eco = many.stage.ecosystem
    eco.stop(B)
    try:
        until = datetime.now(UTC) + timedelta(seconds=2)
        number, headers = many.hand_over(many.cast.held[:2], PF_Expires=until.isoformat())
        told = json.loads(many.told(number, headers))
    finally:
        eco.start(B)
    assert {(one["outcome"], one["reason"]) for one in told["answers"]} == {
        ("failed", "task-expired")
    }


@pytest.fixture
def few(stage):
    """Let everybody take a smaller set: the cast is small."""
    eco, parties = stage.ecosystem, (A, B, H1, H2, L)
    before = {part.name: eco.file(part).read_text(encoding="utf-8") for part in parties}
    eco.stop(*parties)
    for part in parties:
        eco.file(part).write_text(before[part.name] + FEW, encoding="utf-8")
    eco.start(*parties)
    yield
    for part in parties:
        eco.file(part).write_text(before[part.name], encoding="utf-8")


@pytest.mark.clause("RK-41.15", "RK-41.16")
def test_a_set_is_answered_without_a_link_to_who_was_asked_about(many, few):
    people = [*many.cast.held, *many.cast.not_held][:SET]
    told = many.asked(people, order="shuffled")
    assert [one["outcome"] for one in told["answers"]] == ["answered-in-set"] * SET
    assert not any(one["record"] or one["receipt"] for one in told["answers"])
    assert {one["subject"] for one in told["set"]} == {""}
    ordered = many.asked(people)
    assert incomes(told["set"]) == incomes(ordered["answers"])
    entries = [e for e in many.entries(A, told["number"]) if e.kind is audit.Kind.ANSWER]
    assert len({e.label for e in entries}) == SET
    assert not any("receipt" in e.details or "holder_entry" in e.details for e in entries)


def incomes(answers) -> list[int]:
    """Return what is told of everybody, whoever it is."""
    return sorted(one["record"]["total_income"] if one["record"] else 0 for one in answers)


@pytest.mark.clause("RK-41.1")
@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "bulk-list-wrong"),
        (b'{"persons": []}', "bulk-list-empty"),
        (b'{"persons": [{"subject": "1", "name": "x"}]}', "bulk-list-wrong"),
        (b'{"persons": [{"subject": "1", "relation": "aunt"}]}', "bulk-list-wrong"),
        (b'{"persons": [{"subject": ""}]}', "bulk-list-wrong"),
        (b'{"persons": [{"subject": "983205673214"}]}', "bulk-list-wrong"),
        (
            b'{"persons": [{"subject": "1"}, {"subject": "2"}, {"subject": "1"}]}',
            "bulk-person-twice",
        ),
        (
            msgspec.json.encode({"persons": [{"subject": str(n)} for n in range(65_536)]}),
            "bulk-list-large",
        ),
    ],
)
def test_a_list_that_is_wrong_anywhere_is_not_taken(many, body, code):
    target, headers = many.ready()
    status, _, said = many.send(target, headers, body or b"[")
    assert (status // 100, json.loads(said)["code"]) == (4, code)


@pytest.mark.clause("RK-41.1")
@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"PF_Subject": "1"}, "header-unknown"),
        ({"PF_Consent": "1"}, "header-unknown"),
        ({"PF_Mode": "production"}, "mode-differs"),
        ({"Authorization": "Bearer forged"}, "token-refused"),
        ({"PF_Expires": "tomorrow"}, "parameter-malformed"),
    ],
)
def test_what_is_asked_is_held_to_the_rules_of_one_question(many, more, code):
    target, headers = many.ready(**more)
    _, _, said = many.send(target, headers, b'{"persons": [{"subject": "1"}]}')
    assert json.loads(said)["code"] == code


@pytest.mark.clause("RK-41.15")
def test_a_set_too_small_and_an_order_unknown_are_not_taken(many):
    target, headers = many.ready()
    body = b'{"persons": [{"subject": "1"}]}'
    for order, code in (("shuffled", "bulk-set-small"), ("sorted", "parameter-malformed")):
        _, _, said = many.send(f"{target}&order={order}", headers, body)
        assert json.loads(said)["code"] == code


def test_a_list_in_csv_says_whom_it_is_about(many):
    target, headers = many.ready(Content_Type="text/csv")
    body = f"宛名番号,対象者\n{many.cast.held[0]},\n{many.cast.held[1]},minor\n".encode()
    _, _, said = many.send(target, headers, body)
    told = json.loads(many.told(json.loads(said)["number"], headers))
    assert [one["outcome"] for one in told["answers"]] == ["answered", "refused"]
    assert told["answers"][1]["reason"] == "person-not-named"
    for wrong in ("番号\n1\n", "宛名番号,宛名番号\n1,1\n", "宛名番号\n1,2\n", '宛名番号\n"1\n'):
        status, _, said = many.send(target, headers, wrong.encode())
        assert status == 400
        assert json.loads(said)["code"] == "bulk-list-wrong"


def test_another_unit_is_told_nothing(many):
    number, headers = many.hand_over(many.cast.held[:2])
    tokens = many.stage.ecosystem.tokens["a"]
    other = {"X-Road-Client": f"JP/MUN/{A.tenant}/17", "Authorization": f"Bearer {tokens['17']}"}
    for path, said in (
        (f"/bulk/{number}", other),
        (f"/bulk/{number}/answer", other),
        (f"/bulk/{uuid4()}", headers),
        ("/bulk/none", headers),
    ):
        status, _, body = many.send(path, said)
        assert (status, json.loads(body)["code"]) == (404, "task-unknown")
    many.told(number, headers)


@pytest.mark.clause("RK-41.5", "RK-41.9")
def test_three_parties_give_evidence_about_one_person_of_a_list_that_agrees(
    stage, many, mixed, tmp_path
):
    _, _, _, told = mixed
    assert settle(stage.ecosystem) == []
    inquiry = told["answers"][0]["inquiry"]
    parties = {
        part.name: stage.ecosystem.oversight(part, f"evidence/{inquiry}") for part in (A, B, L)
    }
    status, said = verified(tmp_path, stage, parties)
    assert status == 0, said
    assert "the entry the receipt names is in the log of" in said.lower()


@pytest.mark.clause("RK-41.5", "RK-41.16")
def test_the_three_logs_of_lists_and_sets_agree(stage, mixed):
    assert settle(stage.ecosystem) == []
    for part in (A, B):
        day = kit.day_of(datetime.now(UTC))
        found = reconcile_at(stage.ecosystem.settings[part.name], day)
        assert (lacks_of(found), found.unreached) == ([], ())


class Desk:
    """Officials of A who ask by the command line."""

    def __init__(self, stage, folder) -> None:
        self.stage, self.folder = stage, folder
        file = stage.ecosystem.file(A)
        self.settings = file.with_name("staffed.toml")
        staff = "".join(
            f"""
[staff."{number}"]
name = "職員"
roles = ["{role}"]
password = "{password_hash(number * 4, cost=16)}"
"""
            for number, role in (("1004", "officer"), ("1005", "officer"), ("1006", "auditor"))
        )
        self.settings.write_text(file.read_text(encoding="utf-8") + staff, encoding="utf-8")

    def run(self, *words: str, said: str = ""):
        """Run a command and return its exit code, its facts and what it complained of."""
        program = self.stage.ecosystem.program(A)
        command = [*program, "bulk", *words, "--settings", str(self.settings), "--json"]
        done = subprocess.run(command, input=said, capture_output=True, check=False, text=True)
        return done.returncode, json.loads(done.stdout or "{}"), done.stderr

    def ask(
        self, people, *words: str, by: str = "1004", purpose: str = "現況の確認", said: str = ""
    ):
        """Ask about people."""
        listed = self.folder / "list.csv"
        listed.write_text("宛名番号\n" + "".join(f"{one}\n" for one in people), encoding="utf-8")
        scenario = KINDS["statute"]
        what = (
            *("--service", f"MUN/{B.tenant}/06/income/{self.stage.year}", "--unit", "15"),
            *("--procedure", scenario.procedure, "--items", scenario.items),
        )
        return self.run(
            *("ask", str(listed), *what, "--purpose", purpose, "--by", by, *words), said=said
        )


@pytest.fixture
def desk(stage, tmp_path) -> Desk:
    return Desk(stage, tmp_path)


def test_an_official_asks_sees_how_far_it_is_and_takes_the_answer(many, desk):
    code, told, said = desk.ask(many.cast.held[:2])
    assert (code, told.get("persons")) == (0, 2), said
    deadline = time.monotonic() + SECONDS
    while True:
        _, listed, _ = desk.run("list")
        mine = next(one for one in listed["bulks"] if one["number"] == told["number"])
        if mine["answered"] == mine["persons"]:
            break
        assert time.monotonic() < deadline
    out = desk.folder / "answer.csv"
    code, facts, said = desk.run("answer", told["number"], "--out", str(out))
    assert (code, facts.get("answered")) == (0, 2), said
    assert out.read_text(encoding="utf-8").count("\n") == 3
    assert desk.run("answer", told["number"], "--out", str(out))[0] == 1  # overwrites nothing
    asked = [e for e in many.entries(A, told["number"]) if e.outcome == "asked"]
    assert {e.details["staff"] for e in asked} == {"1004"}


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ({"by": "1006"}, "staff-right-missing"),
        ({"by": "9999"}, "bulk-not-of-staff"),
        ({"purpose": " "}, "staff-right-missing"),
    ],
)
def test_an_official_without_the_right_is_refused(many, desk, words, code):
    ended, _, said = desk.ask(many.cast.held[:2], **words)
    assert ended != 0
    assert said.startswith(code), said


def test_about_somebody_under_protection_two_officials_ask(many, desk):
    people = (*many.cast.held[:1], *many.cast.protected[:1])
    ended, _, said = desk.ask(people)
    assert (ended, said.partition(":")[0]) == (1, "staff-right-missing")
    along = ("--second", "1005")
    assert desk.ask(people, *along, said="wrong\n")[0] == 1
    ended, told, said = desk.ask(people, *along, said="1005" * 4 + "\n")
    assert (ended, told.get("persons")) == (0, 2), said
    settle(many.stage.ecosystem)
    folder, key = (
        many.stage.ecosystem.settings["a"].state / "log",
        many.stage.members.by_id(A.tenant),
    )
    entries = [
        audit.Leaf.parse(data).entry()
        for data in audit.published_entries(folder, audit.Verifier.parse(key.log_key))
    ]
    refused = [e for e in entries if e.details.get("act") == "inquire"]
    assert "second-missing" in {e.details["staff_reason"] for e in refused}
    assert all(e.withheld for e in refused if e.details["staff_reason"] == "second-missing")
