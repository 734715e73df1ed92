"""The table of contents of the scenarios. Write it anew with `python -m tests.process.contents`."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.process.matrix import CELLS

from renkei.process.scenarios import Scenario

FOLDER = Path(__file__).parent / "scenarios"
PAGE = Path(__file__).parents[2] / "docs" / "processes" / "scenarios.md"

PATTERNS = (
    "Sequence", "Parallel split", "Synchronisation", "Exclusive choice", "Simple merge",
    "Multi-choice", "Structured synchronising merge", "Multi-merge", "Structured discriminator",
    "Arbitrary cycles", "Implicit termination", "Multiple instances without synchronisation",
    "Multiple instances, number known at design time",
    "Multiple instances, number known at run time",
    "Multiple instances, number not known before", "Deferred choice",
    "Interleaved parallel routing", "Milestone", "Cancel task", "Cancel case", "Structured loop",
    "Recursion", "Transient trigger", "Persistent trigger", "Cancel region",
    "Cancel multiple instance activity", "Complete multiple instance activity",
    "Blocking discriminator", "Cancelling discriminator", "Structured partial join",
    "Blocking partial join", "Cancelling partial join", "Generalised AND-join",
    "Static partial join for multiple instances", "Cancelling partial join for multiple instances",
    "Dynamic partial join for multiple instances", "Local synchronising merge",
    "General synchronising merge", "Critical section", "Interleaved routing", "Thread merge",
    "Thread split", "Explicit termination",
)  # fmt: skip
"""The control-flow patterns WCP-1 to WCP-43 of the workflow patterns initiative, in their order."""

NOT_IN_BPMN = {
    36: "The number of instances is fixed when the activity begins; none can be added later. "
    "An ad-hoc sub-process (WCP-15) and a condition at its boundary (WCP-34) come near.",
    39: "BPMN has nothing that two branches can hold in turn. Within one ad-hoc sub-process, "
    "work is done one at a time (WCP-40); across branches, the case would need a resource.",
}
"""What no element of BPMN says, and what comes nearest."""

IN_PART = {
    12: "An event sub-process that interrupts nothing begins an instance at each signal; the case "
    "ends after the last of them, since BPMN lets no token outlive its scope.",
    15: "Instances are added to an ad-hoc sub-process by whoever is in charge.",
    17: "An ad-hoc sub-process in sequence; which order is allowed, its inner flows say.",
    18: "The milestone is that an activity is under way: its boundary waits, and no longer.",
    24: "Triggers are not kept by the case. What must not be lost changes a variable; messages "
    "for nobody yet are kept by the inbox of the cases, outside of the model.",
    34: "A condition at the boundary goes on beside the others, and the activity's own way ends.",
}
"""What BPMN only nears, and how."""


CHOICES = (
    (
        "What was done last is undone first, by when it was completed.",
        "in the order in which they were done, though begun in another",
    ),
    (
        "What a called process did is undone by the call's own activity only.",
        "what a called process did is not undone from outside",
    ),
    (
        "What nobody catches or no gateway lets go on waits for a person; an escalation is passed.",
        "ending with an error that nobody catches",
    ),
    (
        "A condition that is watched and cannot be reckoned yet does not hold yet.",
        "a condition about what is not known yet",
    ),
    (
        "What one event alone begins can be begun by hand; a plain start begins no other start.",
        "begun by the only event that begins it",
    ),
    (
        "What a task brings under a name that it took in stays within it, as with Zeebe.",
        "a variable that a task takes in under a name stays within it",
    ),
    (
        "After an interrupting event sub-process began, no other of its scope does.",
        "after one interrupted, no other begins",
    ),
    (
        "An activity that wants more tokens than can come begins with those that came.",
        "more tokens are wanted than can come: those that came are enough",
    ),
    (
        "A complex gateway that went on swallows what comes by the other flows, then begins anew.",
        "what came late is swallowed, and what waited behind it begins the next round",
    ),
    (
        "An ad-hoc sub-process whose condition holds at the beginning is done at once.",
        "a condition that holds at the beginning",
    ),
    (
        "A cycle whose beginning is past goes on from now; what it missed is not made up for.",
        "a cycle that began long ago goes on from now",
    ),
    (
        "A command that enters more than 100,000 elements goes in circles: an incident.",
        "gateways that go in circles without waiting",
    ),
)
"""Where BPMN is silent or leaves a choice: what holds here, and the scenario that shows it."""


@dataclass(frozen=True, slots=True)
class Found:
    """One scenario, and in which file it stands."""

    file: str
    scenario: Scenario

    @property
    def name(self) -> str:
        """Return what a test calls it."""
        return f"{self.file.removesuffix('.txt')}: {self.scenario.title}"


def scenarios() -> list[Found]:
    """Return every scenario, by file and in the order of its file."""
    return [
        Found(path.relative_to(FOLDER).as_posix(), one)
        for path in sorted(FOLDER.rglob("*.txt"))
        for one in Scenario.parse_all(path.read_text(encoding="utf-8"))
    ]


def page() -> str:
    """Return the page: the patterns, and the elements by position, with what shows them."""
    return "\n".join(_lines(scenarios())) + "\n"


def _lines(found: list[Found]) -> Iterator[str]:
    yield "# 業務プロセスのシナリオ (scenarios)"
    yield ""
    yield (
        "プロセスの実行が BPMN 2.0.2 のとおりかを、小さなプロセスで確かめます。"
        "`tests/process/scenarios` の各ファイルに、モデル、操作、起こるべきことが"
        "平文で書いてあります。"
        "このページは `python -m tests.process.contents` が作ります。"
    )
    yield ""
    yield (
        f"{len(found)} small processes in plain text hold the core to BPMN 2.0.2: a model, what "
        "is done to it, and what must come of it. `pytest tests/process/test_scenarios.py` plays "
        "them. How a file is written stands in `renkei.process.scenarios`."
    )
    yield from _patterns(found)
    yield from _choices(found)
    yield from _cells(found)


def _patterns(found: list[Found]) -> Iterator[str]:
    yield from ("", "## Workflow patterns (WCP)", "")
    yield from ("| no. | pattern | shown by |", "|---|---|---|")
    for number, name in enumerate(PATTERNS, start=1):
        shown = [_link(one) for one in found if f"WCP-{number}" in one.scenario.shows]
        note = NOT_IN_BPMN.get(number) or IN_PART.get(number, "")
        head = "not in BPMN: " if number in NOT_IN_BPMN else ""
        yield f"| {number} | {name} | {'; '.join(filter(None, (*shown, head + note)))} |"


def _choices(found: list[Found]) -> Iterator[str]:
    by_title = {one.scenario.title: one for one in found}
    yield from ("", "## Where BPMN is silent", "")
    yield from (f"- {says} {_link(by_title[title])}" for says, title in CHOICES)


def _cells(found: list[Found]) -> Iterator[str]:
    yield from ("", "## Elements and positions", "")
    yield from ("| element | scenarios | the first |", "|---|---|---|")
    for cell in CELLS:
        shown = [one for one in found if cell in one.scenario.shows]
        yield f"| {cell} | {len(shown)} | {_link(shown[0]) if shown else '-'} |"


def _link(one: Found) -> str:
    return f"[{one.scenario.title}](../../tests/process/scenarios/{one.file})"


if __name__ == "__main__":
    PAGE.parent.mkdir(parents=True, exist_ok=True)
    PAGE.write_text(page(), encoding="utf-8")
