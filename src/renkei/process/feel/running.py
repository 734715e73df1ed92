"""What an evaluation carries: its limits, its clock, the names in force, what went wrong."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final, NamedTuple

from renkei.kit import Language, say
from renkei.process.feel.values import Value

Clock = Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class Limits:
    """How much an evaluation may use before it ends with a problem."""

    steps: int = 1_000_000  # some two operations each, or an element made or looked at
    size: int = 1_000_000  # elements of a list
    text: int = 200_000  # characters of a text
    frames: int = 500  # of Python's stack, counted by us
    problems: int = 20  # kept; the first are the causes


LIMITS: Final = Limits()


class Place(NamedTuple):
    """Line and column in the expression's text, counted from 1."""

    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a value is null: a code, the place in the text, and the facts of the reason.

    Facts are types, names and numbers of the text, never the values it was evaluated on.
    """

    code: str
    place: Place
    facts: Mapping[str, object] = field(default_factory=dict)

    def text(self, language: Language) -> str:
        """Return the reason, and its place if it has one, for a person to read."""
        reason = say(self.code, language, **self.facts)
        if self.place == NOWHERE:
            return reason
        return say(
            "feel-at-place", language, line=self.place.line, column=self.place.column, reason=reason
        )


class Refused:
    """What a function returns instead of a value: the code and the facts of a problem."""

    __slots__ = ("code", "facts")

    def __init__(self, code: str, **facts: object) -> None:
        """Name the problem; the caller knows the place."""
        self.code = code
        self.facts = facts


class Exhausted(Exception):
    """The evaluation has used up what it may."""

    def __init__(self, code: str, **facts: object) -> None:
        """Name the limit that was met."""
        self.problem = Problem(code, NOWHERE, facts)

    def met_at(self, place: "Place") -> "Exhausted":
        """Name the place, unless a part within it did."""
        if self.problem.place == NOWHERE:
            self.problem = replace(self.problem, place=place)
        return self


NOWHERE: Final = Place(0, 0)


class Run:
    """One evaluation: what it may still use, and the problems met so far."""

    __slots__ = ("clock", "frames", "limits", "problems", "steps")

    def __init__(self, clock: Clock | None = None, limits: Limits = LIMITS) -> None:
        """Begin with everything unused."""
        self.clock = clock
        self.limits = limits
        self.steps = limits.steps
        self.frames = 0
        self.problems: list[Problem] = []

    def spend(self, steps: int) -> None:
        """Use up steps; with none left the evaluation ends."""
        self.steps -= steps
        if self.steps < 0:
            raise Exhausted("feel-steps-exhausted", most=self.limits.steps)

    def check_size(self, size: int) -> None:
        """End the evaluation if a list grows beyond the limit."""
        if size > self.limits.size:
            raise Exhausted("feel-size-exceeded", most=self.limits.size)

    def check_text(self, size: int) -> None:
        """End the evaluation if a text grows beyond the limit."""
        if size > self.limits.text:
            raise Exhausted("feel-size-exceeded", most=self.limits.text)

    def weigh(self, value: Value) -> None:
        """Use up a step for each part of a value, however often it stands in it.

        Lists within lists may share their parts, and be a thousand million parts in few bytes.
        """
        waiting = [value]
        while waiting:
            part = waiting.pop()
            if type(part) is list:
                self.spend(len(part))
                waiting.extend(part)
            elif type(part) is dict:
                self.spend(len(part))
                waiting.extend(part.values())

    def weighed(self, value: Value) -> Value:
        """Return a value that was weighed, before it leaves the evaluation."""
        if type(value) is list or type(value) is dict:
            self.weigh(value)
        return value

    def enter(self, frames: int) -> None:
        """Go deeper by so many frames; `leave` them when the call is over."""
        self.frames += frames
        if self.frames > self.limits.frames:
            raise Exhausted("feel-depth-exceeded")

    def leave(self, frames: int) -> None:
        """Come back from a call."""
        self.frames -= frames

    def note(self, code: str, place: Place, facts: Mapping[str, object]) -> None:
        """Keep a problem; its value is null."""
        if len(self.problems) < self.limits.problems:
            self.problems.append(Problem(code, place, facts))


class Scope:
    """Names in force at one place of the text, above those around it."""

    __slots__ = ("names", "run", "up")

    def __init__(self, names: Mapping[str, Value], run: Run, up: "Scope | None" = None) -> None:
        """Put names above those of `up`."""
        self.names = names
        self.run = run
        self.up = up


Code = Callable[[Scope], Value]
