"""What would be if (試行): a case, or a definition, played on a copy by hand; nothing is written.

Steps are those of scenarios (`done ELEMENT name=VALUE`, `pass P30D`, `message NAME KEY` …). What a
business rule task asks is decided by the books as of the day of the application, as it would be.
"""

import re
import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from renkei import kit
from renkei.app.errors import StepsTooMany, StepUnreadable
from renkei.app.processes.decision_jobs import FAILED, DecisionDesk
from renkei.process import bpmn
from renkei.process.bpmn import Happened, Kind
from renkei.process.scenarios import Player, ScenarioWrong
from renkei.process.scenarios.doing import do
from renkei.process.scenarios.playing import SignalsUnending

_WORD = re.compile(r"""(?:[^\s"']|"[^"]*"|'[^']*')+""")
MOST = 30
"""Steps of one play."""
LONGEST = 300
MOST_DECISIONS = 100
TOLD = (
    *(Happened.ENTERED, Happened.COMPLETED, Happened.CAUGHT, Happened.THROWN),
    *(Happened.CANCELLED, Happened.TROUBLED, Happened.MOVED, Happened.ENDED),
)
"""Kinds of events that people are told of a play."""


@dataclass(frozen=True, slots=True)
class Played:
    """One step: when, what came of it, and why it was refused."""

    words: str
    at: datetime
    events: Sequence[bpmn.Event]
    decided: Sequence[str]
    """By which book, version and article."""
    sent: Sequence[bpmn.Sent]
    refused: kit.NodeError | None = None


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """A play: where the case stood, each step, and where it would stand."""

    definition: bpmn.Definition
    before: bpmn.Case | None
    steps: Sequence[Played]
    after: bpmn.Case
    at: datetime

    @property
    def timers(self) -> list[bpmn.Wait]:
        """Return the timers that would come next, the first one first."""
        found = [one for one in self.after.waits.values() if one.due is not None]
        return sorted(found, key=lambda one: (one.due, one.key))


def rehearse(
    definition: bpmn.Definition,
    case: bpmn.Case | None,
    words: Sequence[str],
    desk: DecisionDesk,
    *,
    on: date,
    at: datetime,
) -> Rehearsal:
    """Play steps on a copy, from where a case stands or from the beginning of a definition."""
    given = [one.strip() for one in words if one.strip()]
    if len(given) > MOST or any(len(one) > LONGEST for one in given):
        raise StepsTooMany(most=MOST, longest=LONGEST)
    player = Player(definition, at=at)
    if case is not None:
        player.case = case
    steps = list[Played]()
    for one in given:
        steps.append(_step(player, one, desk, on=on))
        if steps[-1].refused is not None:
            break
    return Rehearsal(definition, case, steps, player.case, player.at)


def _step(player: Player, words: str, desk: DecisionDesk, *, on: date) -> Played:
    player.events.clear()
    player.sent.clear()
    decided, refused = list[str](), None
    try:
        do(player, kept(words))
        decided = _decide(player, desk, on=on)
    except kit.NodeError as error:
        refused = error
    except SignalsUnending as error:
        refused = StepUnreadable(step=f"{words}: {error}"[:LONGEST])
    except (ScenarioWrong, ValueError, IndexError, OverflowError):
        refused = StepUnreadable(step=words[:LONGEST])
    told = tuple(one for one in player.events if one.kind in TOLD)
    return Played(words, player.at, told, decided, tuple(player.sent), refused)


def kept(words: str) -> str:
    r"""Return a step whose quotation marks are those of FEEL, not of a shell.

    >>> kept('done a on=date("2027-04-01") note="甲 乙"')
    'done a \'on=date("2027-04-01")\' \'note="甲 乙"\''
    """
    return shlex.join(one.strip("'") for one in _WORD.findall(words))


def _decide(player: Player, desk: DecisionDesk, *, on: date) -> list[str]:
    """Let the books decide what the case waits for them to; return by which versions."""
    said = list[str]()
    for _ in range(MOST_DECISIONS):
        jobs = (one for one in player.waiting(Kind.JOB) if one.name in desk.names)
        wait = next(jobs, None)
        if wait is None:
            break
        known = bpmn.visible(player.definition, player.case, wait.key)
        told, trouble, basis = desk.decide(wait.name, wait.about, known, on=on, at=player.at)
        if trouble:
            player.do(bpmn.Trouble(player.at, wait.key, FAILED, trouble))
        else:
            said.append(basis)
            player.do(bpmn.Bring(player.at, wait.key, told))
    return said


def lines_of(found: Rehearsal, names: dict[str, str], language: kit.Language) -> list[str]:
    """Return a play as lines for a person."""
    lines = list[str]()
    for one in found.steps:
        lines.append(f"{kit.in_japan(one.at):%Y-%m-%d %H:%M} {one.words}")
        lines += [f"  {said}" for said in came_of(one, names, language)]
    return lines


def came_of(step: Played, names: dict[str, str], language: kit.Language) -> list[str]:
    """Return what came of a step, a line each."""
    said = [
        ": ".join(
            (names.get(one.element, one.element), kit.say(f"case-event-{one.kind}", language))
        )
        for one in step.events
    ]
    said += [kit.say("rehearsal-decided", language, basis=one) for one in step.decided]
    said += [kit.say("rehearsal-sent", language, name=one.name) for one in step.sent]
    if step.refused is not None:
        said.append(kit.say("rehearsal-refused", language, why=step.refused.text(language)))
    return said


def standing(found: Rehearsal, names: dict[str, str], language: kit.Language) -> list[str]:
    """Return what the case would wait for at the end, a line each."""
    said = list[str]()
    for _, one in sorted(found.after.waits.items()):
        due = "" if one.due is None else f" ({kit.in_japan(one.due):%Y-%m-%d %H:%M})"
        kind = kit.say(f"case-wait-{one.kind.value}", language)
        said.append(f"{names.get(one.handler, one.handler)}: {kind}{due}")
    return said
