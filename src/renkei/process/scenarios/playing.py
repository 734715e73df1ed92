"""Playing a case by hand: a clock that is set, services that are told, and all that happened.

What outside is a database, a queue and a clock is here three small dicts, so that a model can be
tried, and a change of it, before it is used.
"""

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import TypeVar

from renkei.process import bpmn
from renkei.process.bpmn import Kind, Variables, Wait

BEGINNING = datetime(2027, 4, 1, tzinfo=UTC)
"""The first moment of every play, so that the same is the same."""
MOST_TIMERS = 10_000
MOST_SIGNALS = 100
"""Signals of one step that the case throws to itself; more call for one another without an end."""

_T = TypeVar("_T")


class SignalsUnending(RuntimeError):
    """The signals of a case call for one another without an end."""


class Player:
    """One case of one model, and the time."""

    def __init__(
        self, definition: bpmn.Definition, *, process: str = "", at: datetime = BEGINNING
    ) -> None:
        """Take the model, and which of its processes is not the main one; nothing has begun."""
        self.definition = definition
        self.at = at
        self.case = bpmn.new_case(definition, process)
        self.events: list[bpmn.Event] = []
        """Of the last step."""
        self.sent: list[bpmn.Sent] = []
        """Of the last step: what left the case."""
        self.ended: bpmn.Ended | None = None
        self._heard: deque[bpmn.Sent] = deque()

    def do(self, command: bpmn.Command) -> None:
        """Let the case take a command; signals it throws come to itself too."""
        self.take(command)
        for _ in range(MOST_SIGNALS):
            if not self._heard or self.case.status is not bpmn.Status.RUNNING:
                self._heard.clear()
                return
            sent = self._heard.popleft()
            for wait in self._listening(sent.name):
                if wait.key in self.case.waits:  # one before it may have interrupted this
                    self.take(bpmn.Bring(self.at, wait.key, sent.variables))
        self._heard.clear()
        raise SignalsUnending(sent.name)

    def take(self, command: bpmn.Command) -> None:
        """Let the case take a command, and nothing else."""
        outcome = bpmn.advance(self.definition, self.case, command)
        self.case = outcome.case
        self.events += outcome.events
        for effect in outcome.effects:
            match effect:
                case bpmn.Sent():
                    self.sent.append(effect)
                    if effect.kind == "signal":
                        self._heard.append(effect)
                case bpmn.Ended():
                    self.ended = effect
                case bpmn.Opened() | bpmn.Closed():
                    pass

    def _listening(self, name: str) -> list[Wait]:
        return [one for one in self.waiting(Kind.SIGNAL) if one.name == name]

    def waiting(self, kind: Kind) -> Iterator[Wait]:
        """Yield what is waited for, the oldest first."""
        yield from sorted(
            (one for one in self.case.waits.values() if one.kind is kind), key=lambda one: one.key
        )

    def start(self, variables: Variables, element: str = "") -> None:
        """Begin."""
        self.do(bpmn.Start(self.at, variables, element))

    def find(self, kinds: set[Kind], handler: str) -> Wait:
        """Return the oldest wait of one of these kinds at an element."""
        found = (one for one in self.case.waits.values() if one.kind in kinds)
        wait = next((one for one in sorted(found, key=_key) if one.handler == handler), None)
        if wait is None:
            raise bpmn.CommandUnfit("nothing-waits-at", element=handler)
        return wait

    def done(self, element: str, variables: Variables) -> None:
        """A task or a job is done."""
        wait = self.find({Kind.TASK, Kind.JOB}, element)
        self.do(bpmn.Bring(self.at, wait.key, variables))

    def message(self, name: str, key: str, variables: Variables) -> None:
        """A message comes: to the oldest that waits for it."""
        for wait in self.waiting(Kind.MESSAGE):
            if wait.name == name and wait.correlation == key:
                self.do(bpmn.Bring(self.at, wait.key, variables))
                return
        raise bpmn.CommandUnfit("message-not-awaited", name=f"{name} {key}".rstrip())

    def signal(self, name: str, variables: Variables) -> None:
        """A signal comes: to all that wait for it now."""
        waits = self._listening(name)
        if not waits:
            raise bpmn.CommandUnfit("signal-not-awaited", name=name)
        for wait in waits:
            if wait.key in self.case.waits:  # one before it may have interrupted this
                self.do(bpmn.Bring(self.at, wait.key, variables))

    def until(self, at: datetime) -> None:
        """Let time pass; what is due on the way comes when it is due."""
        for _ in range(MOST_TIMERS):
            due = [one for one in self.waiting(Kind.TIMER) if one.due is not None and one.due <= at]
            if not due:
                self.at = max(self.at, at)
                return
            first = min(due, key=lambda one: (one.due, one.key))
            self.at = max(self.at, first.due or at)
            self.do(bpmn.Bring(self.at, first.key))
        raise bpmn.CommandUnfit("too-many-timers", most=MOST_TIMERS, at=at.isoformat())


def _key(wait: Wait) -> int:
    return wait.key


def play_through(
    player: Player,
    answers: Mapping[str, Callable[[Wait], Variables]],
    *,
    most: int = 1_000,
) -> bool:
    """Play a case to its end with services that answer at once; tell whether it came to it.

    Tasks and jobs are done by `answers`, by their element, or with nothing; messages and signals
    come when nothing else moves; timers are due at last.
    """
    for _ in range(most):
        if player.case.status is not bpmn.Status.RUNNING:
            return True
        if not _one_more(player, answers):
            return False
    return False


def _one_more(player: Player, answers: Mapping[str, Callable[[Wait], Variables]]) -> bool:
    for kind in (Kind.JOB, Kind.TASK, Kind.MESSAGE, Kind.SIGNAL):
        for wait in player.waiting(kind):
            told = answers.get(wait.handler, _nothing)(wait)
            player.do(bpmn.Bring(player.at, wait.key, told))
            return True
    for wait in player.waiting(Kind.CHOICE):
        player.do(bpmn.Choose(player.at, wait.key))
        return True
    timers = sorted((one.due, one.key) for one in player.waiting(Kind.TIMER) if one.due is not None)
    if timers:
        player.until(timers[0][0])
        return True
    return False


def _nothing(_: Wait) -> Variables:
    return {}
