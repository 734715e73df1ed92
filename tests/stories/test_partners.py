"""転入・転出: two towns hand a child allowance over, by letters, whoever is away meanwhile.

docs/partners.md tells what becomes of a letter.
"""

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from renkei import audit
from renkei.app.demo.ecosystem import A, B, Part

pytestmark = pytest.mark.xdist_group("ecosystem")

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

    def begin(self) -> str:
        """Begin A's case about a guardian who came from B."""
        said = (
            f'宛名番号="{self.stage.cast.held[0]}"',
            f'転出元="{B.tenant}"',
            f"所得年={self.stage.year}",
        )
        return str(self.eco.run(A, "cases", "begin", "認定-転入", *said, *BY)["case"])

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
    ours = handover.begin()
    handover.until(A, ours, "examine")
    # 2. A's notice comes before B has a process for it, and comes three times.
    handover.done(A, ours, "examine")
    handover.until(A, ours, "withdrawal")
    [notice] = handover.letters(A, "--case", ours)
    assert notice["fate"] == "waiting"
    for _ in range(2):
        again = handover.eco.run(A, "partners", "resend", notice["id"], *BY)
        assert again["letter"] == notice["id"]
    handover.deploy(B, "child-allowance-old-town.bpmn")
    handover.come(lambda: bool(handover.eco.run(B, "cases", "list", "--at", "look-up")["cases"]))
    [line] = handover.eco.run(B, "cases", "list", "--process", "消滅-転出")["cases"]
    theirs = str(line).split()[0]
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
    # 5. Both registers and both access records say the same.
    names = ["転入の知らせ", "受理", "支給の引継ぎ", "取下げ", "取下げの確認"]
    for part, case in ((A, ours), (B, theirs)):
        kept = handover.letters(part, "--case", case)
        assert [one["name"] for one in kept] == names
        assert {one["answer"] for one in kept} == {"taken"}
    for one in handover.letters(B, "--case", theirs):
        sender, receiver = (A, B) if one["direction"] == "in" else (B, A)
        assert handover.outcomes(sender, one["id"]) == ["letter-sent", "letter-taken"]
        assert handover.outcomes(receiver, one["id"]) == ["letter-received"]
