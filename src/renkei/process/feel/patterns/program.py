"""A pattern as a program of small steps: take a letter, try two ways, remember a place."""

from dataclasses import dataclass
from typing import Literal

from renkei.process.feel.patterns.letters import Letters

LONGEST_PATTERN = 1_000
LONGEST_PROGRAM = 5_000
MOST_TIMES = 1_000


class PatternMalformed(Exception):
    """The text is no pattern."""


Kind = Literal["letter", "either", "jump", "save", "start", "end", "back", "match"]


@dataclass(frozen=True, slots=True)
class Step:
    """One step: its kind, where it goes on, and what it asks."""

    kind: Kind
    first: int = 0
    second: int = 0
    letters: Letters | None = None


@dataclass(frozen=True, slots=True)
class Pattern:
    """A program, the number of its groups, and whether it refers back to them."""

    steps: tuple[Step, ...]
    groups: int
    refers_back: bool
    lines: bool
    caseless: bool


class Writer:
    """Writes steps one after the other."""

    def __init__(self) -> None:
        """Begin with none."""
        self.steps: list[Step] = []
        self.refers_back = False

    def add(
        self, kind: Kind, first: int = 0, second: int = 0, letters: Letters | None = None
    ) -> int:
        """Write a step and return its place."""
        if len(self.steps) >= LONGEST_PROGRAM:
            raise PatternMalformed
        self.steps.append(Step(kind, first, second, letters))
        return len(self.steps) - 1

    def either(self, at: int, first: int, second: int, *, lazy: bool) -> None:
        """Fill in a step that tries two ways, the second first if it is lazy."""
        ways = (second, first) if lazy else (first, second)
        self.steps[at] = Step("either", *ways)
