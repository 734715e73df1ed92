"""Scenarios as they were played: what came of each step, and what should have come."""

from collections.abc import Iterator
from dataclasses import dataclass

from renkei import kit
from renkei.app.errors import ScenarioUnreadable
from renkei.process.scenarios import NotationWrong, Scenario, ScenarioWrong, Step

SIGNS = "=?:!#"


@dataclass(frozen=True, slots=True)
class Played:
    """One scenario, with what came of each of its steps."""

    title: str
    steps: list[tuple[Step, dict[str, str]]]

    @property
    def is_as_wanted(self) -> bool:
        """Tell whether everything came out as it says."""
        return not any(_otherwise(step, came) for step, came in self.steps)

    def facts(self) -> dict[str, object]:
        """Return it for programs."""
        steps = [
            {"step": step.words, "came": came, "otherwise": _otherwise(step, came)}
            for step, came in self.steps
        ]
        return {"title": self.title, "as_wanted": self.is_as_wanted, "steps": steps}


def played(scenario: Scenario, file: str) -> Played:
    """Play a scenario to its end."""
    try:
        return Played(scenario.title, list(scenario.played()))
    except (NotationWrong, ScenarioWrong) as error:
        raise ScenarioUnreadable(file=file, line=str(error).strip()) from None


def _otherwise(step: Step, came: dict[str, str]) -> dict[str, str]:
    """Return what should have come and did not, by sign; of a refusal a part is enough."""
    wrong = {
        sign: wanted
        for sign, wanted in step.wanted.items()
        if (wanted not in came.get(sign, "") if sign == "#" else came.get(sign, "") != wanted)
    }
    if "#" in came and "#" not in step.wanted:
        wrong["#"] = ""
    return wrong


def lines(one: Played, language: kit.Language) -> Iterator[tuple[str, str]]:
    """Yield what came of every step, and, in another colour, what should have come."""
    yield one.title, "bright_blue"
    for step, came in one.steps:
        yield f"  {step.words}", ""
        wrong = _otherwise(step, came)
        for sign in SIGNS:
            if came.get(sign):
                yield f"    {sign} {came[sign]}", "red" if sign in wrong else "green"
            if sign in wrong:
                wanted = wrong[sign] or "-"
                yield f"    {sign} {kit.say('process-wanted', language, wanted=wanted)}", "yellow"
    said = "process-as-wanted" if one.is_as_wanted else "process-otherwise"
    yield f"  {kit.say(said, language)}", "green" if one.is_as_wanted else "red"
