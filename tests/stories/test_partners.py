"""Two towns run one procedure by letters, whoever is away meanwhile (転入・転出, 乳幼児医療).

docs/partners.md tells what becomes of a letter.
"""

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from renkei import audit
from renkei.app.demo.ecosystem import A, B, Part

pytestmark = pytest.mark.xdist_group("ecosystem-bodies")

EXAMPLES = Path(__file__).parents[2] / "docs" / "processes" / "examples"
SECONDS = 60
BY = ("--by", "1002")


class Handover:
    """The cases of A and B and the letters between them, as the command line shows them."""

    def __init__(self, stage) -> None:
        self.stage, self.eco = stage, stage.ecosystem

    def deploy(self, part: Part, model: str) -> None:
        day = self.stage.day.isoformat()
        self.eco.run(part, "cases", "deploy", str(EXAMPLES / model), "--from", day, *BY)

    def begin(self, process: str, person: str, *told: str) -> str:
        """Begin A's case about somebody who came from B."""
        said = (f'宛名番号="{person}"', f"所得年={self.stage.year}", *told)
        return str(self.eco.run(A, "cases", "begin", process, *said, *BY)["case"])

    def begun(self, process: str, task: str) -> str:
        """Return B's case of a process, once it waits at a task."""
        words = ("cases", "list", "--process", process, "--at", task)
        self.come(lambda: bool(self.eco.run(B, *words)["cases"]))
        [line] = self.eco.run(B, *words)["cases"]
        return str(line).split()[0]

    def done(self, part: Part, case: str, task: str, *told: str) -> None:
        self.eco.run(part, "cases", "done", case, task, *told, *BY)

    def waits(self, part: Part, case: str) -> str:
        return " ".join(self.eco.run(part, "cases", "show", case)["waits"])

    def until(self, part: Part, case: str, task: str) -> None:
        self.come(lambda: f" {task}" in f" {self.waits(part, case)}")

    def come(self, what: Callable[[], bool]) -> None:
        deadline = time.monotonic() + SECONDS
        while not what():
            assert time.monotonic() < deadline, "it did not come to pass"
            time.sleep(0.2)

    def letters(self, part: Part, *words: str) -> list[dict[str, str]]:
        """Return the register of a town, the oldest first."""
        found = self.eco.run(part, "partners", "fates", *words)["letters"]
        assert isinstance(found, list)
        return list(reversed(found))

    def taken(self, part: Part, case: str) -> list[dict[str, str]]:
        """Return the letters of a case that were taken; those of a trial were not."""
        return [one for one in self.letters(part, "--case", case) if one["answer"] == "taken"]

    def outcomes(self, part: Part, letter: str) -> list[str]:
        """Return what a town's access record says of a letter, once it stands there."""
        member = self.stage.members.by_id(part.tenant)
        data = self.eco.oversight(part, f"requests/{letter}")
        found = audit.verify_bundle(data, [audit.Verifier.parse(member.log_key)])
        assert all(one.entry.label is not None for one in found.entries)
        return [one.entry.outcome for one in found.entries]


@pytest.fixture
def handover(stage) -> Handover:
    return Handover(stage)


@pytest.mark.clause("RK-52.7", "RK-52.11", "RK-52.12")
def test_two_towns_hand_over_and_take_back_whoever_is_away_meanwhile(handover):
    # 1. A asks for the income, lawfully; that question says whom all letters are about.
    handover.deploy(A, "child-allowance-new-town.bpmn")
    ours = handover.begin("認定-転入", handover.stage.cast.held[0], f'転出元="{B.tenant}"')
    handover.until(A, ours, "examine")
    probes = handover.eco.run(A, "partners", "try", ours, *BY)["probes"]
    assert isinstance(probes, list)
    assert [line for line in probes if not line.startswith("✓")] == []
    # 2. A's notice comes before B has a process for it, and comes three times.
    handover.done(A, ours, "examine")
    handover.until(A, ours, "withdrawal")
    [notice] = handover.letters(A, "--case", ours)
    assert notice["fate"] == "waiting"
    for _ in range(2):
        again = handover.eco.run(A, "partners", "resend", notice["id"], *BY)
        assert again["letter"] == notice["id"]
    handover.deploy(B, "child-allowance-old-town.bpmn")
    theirs = handover.begun("消滅-転出", "look-up")
    # 3. B's answers wait while A is away; A is none the worse, and nothing comes twice.
    handover.done(B, theirs, "look-up", "受給者=true")
    handover.until(B, theirs, "end-payments")
    handover.eco.stop(A)
    handed = '支給の引継ぎ={消滅年月: "2026-11", 月額合計: 10000}'
    handover.done(B, theirs, "end-payments", handed)
    assert "hand-over" in handover.waits(B, theirs)
    handover.eco.start(A)
    handover.until(A, ours, "pay")
    # 4. The applicant withdraws: B undoes what it did, and says so.
    handover.done(A, ours, "withdrawal")
    handover.until(B, theirs, "restore")
    handover.done(B, theirs, "restore")
    handover.come(lambda: not handover.waits(A, ours))
    # 5. Both registers and both access records say the same; nothing of the probes was taken.
    names = ["転入の知らせ", "受理", "支給の引継ぎ", "取下げ", "取下げの確認"]
    for part, case in ((A, ours), (B, theirs)):
        assert [one["name"] for one in handover.taken(part, case)] == names
    for one in handover.taken(B, theirs):
        sender, receiver = (A, B) if one["direction"] == "in" else (B, A)
        assert handover.outcomes(sender, one["id"]) == ["letter-sent", "letter-taken"]
        assert handover.outcomes(receiver, one["id"]) == ["letter-received"]


def test_what_no_machine_may_answer_an_official_answers_by_letter(handover):
    """A protected person: the question is refused, and yet says whom the letters are about."""
    handover.deploy(A, "child-medical-asking-town.bpmn")
    handover.deploy(B, "child-medical-tax-town.bpmn")
    told = f'課税地="{B.tenant}"', '同意番号="C-2026-0001"'
    ours = handover.begin("医療費助成-認定", handover.stage.cast.protected[0], *told)
    theirs = handover.begun("所得の回答", "decide")
    answer = "所得確認の回答={合計所得金額: 1200000, 市町村民税所得割額: 30000}"
    handover.done(B, theirs, "decide", "回答可=true", answer)
    handover.until(A, ours, "examine")
    having = "所得確認の回答.合計所得金額=1200000"
    found = handover.eco.run(A, "cases", "list", "--having", having)["cases"]
    assert [ours in str(line) for line in found] == [True]
    request, answered = handover.letters(A, "--case", ours)
    assert (request["name"], answered["name"]) == ("所得確認の依頼", "所得確認の回答")
    assert handover.outcomes(A, answered["id"]) == ["letter-received"]
