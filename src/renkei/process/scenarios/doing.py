"""What is done in a step of a scenario.

`start [ELEMENT]`, `done ELEMENT`, `error` and `escalate ELEMENT CODE`, `trouble ELEMENT CODE`,
`resume`, `skip` and `choose ELEMENT`, `move ELEMENT ELEMENT`, `message NAME [KEY]`, `signal NAME`,
`pass DURATION`, `until MOMENT`, `set [ELEMENT]`, `cancel`; behind it stand variables, `name=VALUE`,
as FEEL or as plain words.
"""

import shlex
from datetime import UTC, datetime

from renkei import kit
from renkei.process import bpmn, feel
from renkei.process.bpmn import Kind, Variables
from renkei.process.bpmn.times import later
from renkei.process.scenarios.playing import Player


class ScenarioWrong(ValueError):
    """A line that is neither a step nor what came of one."""


def do(player: Player, words: str) -> None:
    """Do what the words of a step say."""
    verb, *rest = shlex.split(words)
    names = [one for one in rest if "=" not in one]
    told = {
        name: _value(text) for name, _, text in (one.partition("=") for one in rest if "=" in one)
    }
    match verb, names:
        case "start", _:
            player.start(told, *names)
        case "done", [element]:
            player.done(element, told)
        case "error" | "escalate", [element, code]:
            wait = player.find({Kind.TASK, Kind.JOB}, element)
            is_escalation = verb == "escalate"
            player.do(bpmn.Throw(player.at, wait.key, code, told, is_escalation))
        case "trouble", [element, code]:
            wait = player.find({Kind.TASK, Kind.JOB}, element)
            player.do(bpmn.Trouble(player.at, wait.key, code))
        case "message", [name, *key]:
            player.message(name, key[0] if key else "", told)
        case "signal", [name]:
            player.signal(name, told)
        case "pass", [duration]:
            player.until(later(player.at, duration))
        case "until", [moment]:
            player.until(datetime.fromisoformat(moment).replace(tzinfo=UTC))
        case _:
            _help(player, words, names, told)


def _help(player: Player, words: str, names: list[str], told: Variables) -> None:
    """Do what people do with a case that does not go on by itself."""
    match words.split()[0], names:
        case "resume", [element]:
            wait = player.find({Kind.INCIDENT}, element)
            player.do(bpmn.Resume(player.at, wait.key, told))
        case "skip", [element]:
            player.do(bpmn.Skip(player.at, _place(player, element), told))
        case "move", [element, target]:
            player.do(bpmn.Move(player.at, _place(player, element), target))
        case "choose", [element, *chosen]:
            wait = player.find({Kind.CHOICE}, element)
            player.do(bpmn.Choose(player.at, wait.key, *chosen))
        case "set", _:
            place = _place(player, names[0]) if names else 0
            player.do(bpmn.Change(player.at, told, place))
        case "cancel", []:
            player.do(bpmn.Cancel(player.at))
        case _:
            raise ScenarioWrong(words)


def _place(player: Player, element: str) -> int:
    """Return the oldest place at an element; of several at once one of them, not their whole."""
    found = [one for one in player.case.places.values() if one.element == element]
    return min(((one.loop is not None, one.key) for one in found), default=(False, 0))[1]


def _value(text: str) -> feel.Value:
    """Return a value as it is written in a scenario: FEEL, or a word."""
    try:
        result = feel.expression(text).evaluate({})
    except kit.NodeError:
        return text
    return text if result.problems else result.value
