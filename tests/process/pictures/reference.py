"""Models the pictures are tried on: the manual's example, the scenarios, the reference models."""

from functools import cache
from pathlib import Path

from renkei.process import bpmn
from renkei.process.scenarios import Scenario
from renkei.process.scenarios import bpmn as model_of

ROOT = Path(__file__).parents[3]
EXAMPLES = ROOT / "docs" / "processes" / "examples"
EXAMPLE = EXAMPLES / "child-allowance.bpmn"
SCENARIOS = ROOT / "tests" / "process" / "scenarios"
MIWG = ROOT.parent / "shared" / "data" / "miwg"


@cache
def example() -> bpmn.Definition:
    """Return the example, which has no diagram."""
    return bpmn.read(EXAMPLE.read_bytes(), EXAMPLE.name)


def scenario_models() -> list[bpmn.Definition]:
    """Return the model of every scenario, each once."""
    texts = dict.fromkeys(
        one.model
        for file in sorted(SCENARIOS.rglob("*.txt"))
        for one in Scenario.parse_all(file.read_text(encoding="utf-8"))
    )
    return [bpmn.read(model_of(text), text) for text in texts]


def reference_models() -> list[bpmn.Definition]:
    """Return the reference models of the interchange group; none where they are not here."""
    return [bpmn.read(one.read_bytes(), one.name) for one in sorted(MIWG.glob("*.bpmn"))]
