"""A scenario: a model in plain text, the steps of a play, and what must come of each.

    title: 期限を過ぎると次へ
    shows: boundary timer duration interrupting
    model:
      start s -> a
      user a -> e
      boundary late on=a timer=PT24H -> r
      user r -> e
      end e
    play:
      start amount=100
        = s a+
        ? a
      pass PT24H
        = a! <late r+
        ? r

A file holds one or several, each beginning with its title. A step's line says what is done, as
`doing` has it. Below it, `=` says what happened, in order: `a+` entered, `a` done, `a!`
interrupted, `x>f` passed by the flow to f, `>e` thrown, `<e` caught, `a?` an incident, `a/` tried
again, `a~` undone, `a*` changed, `a^` moved, `.` the end. `?` says what is waited for then (`-`:
nothing), `:` what the case knows, `!` what is sent, and `#` why a step is refused. What no sign
asks for is not looked at.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Self

from renkei.process import bpmn, feel
from renkei.process.bpmn import Happened, Kind, Variables
from renkei.process.scenarios.doing import ScenarioWrong, do
from renkei.process.scenarios.notation import bpmn as model_of
from renkei.process.scenarios.playing import Player

SIGNS = "=?:!#"
MARKS = {
    Happened.ENTERED: "{}+",
    Happened.COMPLETED: "{}",
    Happened.CANCELLED: "{}!",
    Happened.CAUGHT: "<{}",
    Happened.THROWN: ">{}",
    Happened.TROUBLED: "{}?",
    Happened.RESUMED: "{}/",
    Happened.COMPENSATED: "{}~",
    Happened.CHANGED: "{}*",
    Happened.MOVED: "{}^",
}
SHOWN = {Kind.TASK: "", Kind.JOB: "", Kind.INCIDENT: "?", Kind.CHOICE: "choice:"}


@dataclass(slots=True)
class Step:
    """What is done, and what must come of it: by sign, a line each."""

    words: str
    wanted: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Scenario:
    """One scenario, as its text has it."""

    title: str
    shows: tuple[str, ...]
    """What it covers, of the list of elements and positions, and of the patterns."""
    model: str
    steps: list[Step]
    clauses: tuple[str, ...] = ()

    @classmethod
    def parse_all(cls, text: str) -> list[Self]:
        """Read the scenarios of a file."""
        found: list[list[str]] = []
        for line in text.splitlines():
            if line.startswith("title:"):
                found.append([])
            if found:
                found[-1].append(line)
        return [cls.parse("\n".join(lines)) for lines in found]

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a scenario."""
        facts: dict[str, str] = {}
        parts: dict[str, list[str]] = {"model": [], "play": []}
        part = ""
        for line in text.splitlines():
            if line.rstrip() in {"model:", "play:"}:
                part = line.rstrip(":").strip()
            elif part:
                parts[part].append(line.removeprefix("  "))
            elif line.strip() and not line.startswith("#"):
                name, _, value = line.partition(":")
                facts[name.strip()] = value.strip()
        shows = tuple(one.strip() for one in facts.get("shows", "").split(",") if one.strip())
        return cls(
            facts.get("title", ""), shows, "\n".join(parts["model"]), list(_steps(parts["play"]))
        )

    def text(self) -> str:
        """Return it as it is written."""
        lines = [f"title: {self.title}", f"shows: {', '.join(self.shows)}", "model:"]
        lines += [f"  {line}".rstrip() for line in self.model.strip("\n").splitlines()]
        lines.append("play:")
        for step in self.steps:
            lines.append(f"  {step.words}")
            lines += [
                f"    {sign} {step.wanted[sign]}".rstrip() for sign in SIGNS if sign in step.wanted
            ]
        return "\n".join(lines) + "\n"

    def played(self, kind: type[Player] = Player) -> Iterator[tuple[Step, dict[str, str]]]:
        """Play it; yield each step with what came of it, by sign."""
        player = kind(bpmn.read(model_of(self.model), self.title))
        for step in self.steps:
            player.events.clear()
            player.sent.clear()
            try:
                do(player, step.words)
            except bpmn.CommandUnfit as error:
                yield step, {"#": str(error.facts["reason"])}
                continue
            yield step, _told(player)


def _steps(lines: list[str]) -> Iterator[Step]:
    step: Step | None = None
    for line in lines:
        words = line.strip()
        if not words or words.startswith("//"):
            continue
        if words[0] in SIGNS and line.startswith("  ") and step is not None:
            step.wanted[words[0]] = words[1:].strip()
        elif not line.startswith(" "):
            if step is not None:
                yield step
            step = Step(words)
        else:
            raise ScenarioWrong(line)
    if step is not None:
        yield step


def _told(player: Player) -> dict[str, str]:
    told = {"=": " ".join(_marks(player.events)), "?": " ".join(_waits(player)) or "-"}
    if player.sent:
        told["!"] = " ".join(_sent(one) for one in player.sent)
    known = player.ended.variables if player.ended is not None else _known(player)
    told[":"] = " ".join(f"{name}={shown(value)}" for name, value in sorted(known.items()))
    return told


def _known(player: Player) -> Variables:
    places = player.case.places
    return places[min(places)].variables if places else {}


def _marks(events: list[bpmn.Event]) -> Iterator[str]:
    for event in events:
        match event.kind:
            case Happened.STARTED:
                continue
            case Happened.PASSED:
                flows = event.data["flows"]
                assert isinstance(flows, list)  # noqa: S101 # of a gateway
                yield f"{event.element}>" + ",".join(
                    str(flow).removeprefix(f"{event.element}-") for flow in flows
                )
            case Happened.ENDED:
                yield "." if event.data["status"] == "completed" else f".{event.data['status']}"
            case _:
                yield MARKS[event.kind].format(event.element)


def _waits(player: Player) -> Iterator[str]:
    for wait in sorted(player.case.waits.values(), key=lambda one: one.key):
        match wait.kind:
            case Kind.TIMER:
                yield f"{wait.handler}@{_in_utc(wait.due)}"
            case Kind.MESSAGE:
                yield f"{wait.handler}({' '.join(filter(None, (wait.name, wait.correlation)))})"
            case Kind.SIGNAL | Kind.CONDITION:
                yield f"{wait.handler}({wait.name or 'if'})"
            case Kind.INCIDENT:
                yield f"{wait.handler}?{wait.name}"
            case Kind.CHOICE:
                yield f"{wait.handler}(choice)"
            case Kind.TASK | Kind.JOB:
                yield wait.handler


def _in_utc(due: datetime | None) -> str:
    return "" if due is None else f"{due.astimezone(UTC):%Y-%m-%dT%H:%M}"


def _sent(sent: bpmn.Sent) -> str:
    return f"{sent.name}({sent.correlation})" if sent.kind == "message" else f"~{sent.name}"


def shown(value: feel.Value) -> str:
    """Return a value as a scenario writes it."""
    match value:
        case bool():
            return str(value).lower()
        case Decimal() | None:
            return "null" if value is None else str(value)
        case str():
            return f"'{value}'" if " " in value or not value else value
        case list():
            return "[" + ",".join(shown(one) for one in value) + "]"
        case dict():
            return "{" + ",".join(f"{name}:{shown(one)}" for name, one in value.items()) + "}"
        case _:
            return str(value)
