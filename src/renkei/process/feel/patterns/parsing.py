"""Reading a pattern of XPath (Functions and Operators 3.1, 5.6) into a program."""

from collections.abc import Callable
from functools import lru_cache

from renkei.process.feel.patterns import letters as sets
from renkei.process.feel.patterns.cursor import DEEPEST, Cursor
from renkei.process.feel.patterns.letters import Letters
from renkei.process.feel.patterns.program import (
    LONGEST_PATTERN,
    MOST_TIMES,
    Pattern,
    PatternMalformed,
    Step,
    Writer,
)

_FLAGS = frozenset("smixq")
_QUANTIFIERS = {"?": (0, 1), "*": (0, None), "+": (1, None)}

Part = Callable[[], None]  # writes its steps


class Parsing(Cursor):
    """A cursor over a pattern that writes the program as it reads."""

    def __init__(self, text: str, flags: str) -> None:
        """Stand before the first letter."""
        if len(text) > LONGEST_PATTERN or not set(flags) <= _FLAGS:
            raise PatternMalformed
        self.quoted = "q" in flags
        spaced = "x" in flags and not self.quoted
        super().__init__(_without_space(text) if spaced else text, caseless="i" in flags)
        self.lines = "m" in flags
        self.dots = "s" in flags
        self.groups = 0
        self._closed: set[int] = set()
        self._writer = Writer()

    def whole(self) -> Pattern:
        """Read the pattern to its end."""
        if self.quoted:
            parts = [self._letter(sets.single(c, caseless=self.caseless)) for c in self.text]
            self.at = len(self.text)
            body = self._sequence(parts)
        else:
            body = self._alternatives()
        if self.at != len(self.text):
            self._fail()
        self._writer.add("save", 0)
        body()
        self._writer.add("save", 1)
        self._writer.add("match")
        writer = self._writer
        return Pattern(
            tuple(writer.steps), self.groups, writer.refers_back, self.lines, self.caseless
        )

    def _alternatives(self) -> Part:
        self._depth += 1
        if self._depth > DEEPEST:
            self._fail()
        branches = [self._branch()]
        while self._next() == "|":
            self.at += 1
            branches.append(self._branch())
        self._depth -= 1
        return self._either(branches)

    def _branch(self) -> Part:
        parts = []
        while self._next() not in {"", "|", ")"}:
            parts.append(self._quantified(self._atom()))
        return self._sequence(parts)

    def _quantified(self, part: Part) -> Part:
        mark = self._next()
        if mark in _QUANTIFIERS:
            self.at += 1
            least, most = _QUANTIFIERS[mark]
        elif mark == "{":
            least, most = self._times()
        else:
            return part
        lazy = self._next() == "?"
        self.at += lazy
        return self._repeated(part, least, most, lazy=lazy)

    def _times(self) -> tuple[int, int | None]:
        end = self.text.find("}", self.at)
        least, comma, most = self.text[self.at + 1 : end].partition(",")
        if end < 0 or not all(n.isascii() and n.isdigit() for n in (least, most or "0")):
            self._fail()
        if len(least) > 4 or len(most) > 4:
            self._fail()
        self.at = end + 1
        low = int(least)
        high = None if comma and not most else int(most or least)
        if low > MOST_TIMES or (high is not None and not low <= high <= MOST_TIMES):
            self._fail()
        return low, high

    def _atom(self) -> Part:
        letter = self._take()
        match letter:
            case "(":
                return self._group()
            case "[":
                return self._letter(self._class())
            case "\\":
                return self._escape()
            case ".":
                return self._letter(_anything if self.dots else _no_line_end)
            case "^":
                return lambda: void(self._writer.add("start"))
            case "$":
                return lambda: void(self._writer.add("end"))
            case "*" | "+" | "?" | "{" | "}" | "]":
                self._fail()
        return self._letter(sets.single(letter, caseless=self.caseless))

    def _group(self) -> Part:
        if self.text.startswith("?:", self.at):
            self.at += 2
            body = self._alternatives()
            self._close()
            return body
        self.groups += 1
        number = self.groups
        body = self._alternatives()
        self._close()
        self._closed.add(number)

        def write() -> None:
            self._writer.add("save", 2 * number)
            body()
            self._writer.add("save", 2 * number + 1)

        return write

    def _close(self) -> None:
        if self._take() != ")":
            self._fail()

    def _escape(self) -> Part:
        letter = self._take()
        if letter in "123456789":
            return self._back(int(letter))
        return self._letter(self._escaped(letter))

    def _back(self, number: int) -> Part:
        while (
            self._next().isascii()
            and self._next().isdigit()
            and number * 10 + int(self._next()) <= self.groups
        ):
            number = number * 10 + int(self._take())
        if number not in self._closed:
            self._fail()

        def write() -> None:
            self._writer.refers_back = True
            self._writer.add("back", number)

        return write

    def _letter(self, letters: Letters) -> Part:
        return lambda: void(self._writer.add("letter", letters=letters))

    def _sequence(self, parts: list[Part]) -> Part:
        def write() -> None:
            for part in parts:
                part()

        return write

    def _either(self, branches: list[Part]) -> Part:
        if len(branches) == 1:
            return branches[0]
        writer = self._writer

        def write() -> None:
            ends = []
            for branch in branches[:-1]:
                at = writer.add("either")
                branch()
                ends.append(writer.add("jump"))
                writer.either(at, at + 1, len(writer.steps), lazy=False)
            branches[-1]()
            for end in ends:
                writer.steps[end] = Step("jump", len(writer.steps))

        return write

    def _repeated(self, part: Part, least: int, most: int | None, *, lazy: bool) -> Part:
        writer = self._writer

        def write() -> None:
            for _ in range(least):
                part()
            if most is None:
                at = writer.add("either")
                part()
                writer.add("jump", at)
                writer.either(at, at + 1, len(writer.steps), lazy=lazy)
                return
            ways = []
            for _ in range(most - least):
                ways.append(writer.add("either"))
                part()
            for at in ways:
                writer.either(at, at + 1, len(writer.steps), lazy=lazy)

        return write


@lru_cache(maxsize=256)
def pattern(text: str, flags: str) -> Pattern:
    """Read a pattern under its flags; a text that is none raises `PatternMalformed`."""
    return Parsing(text, flags).whole()


def void(_: object) -> None:
    """Give nothing back."""


def _anything(_: str) -> bool:
    return True


def _no_line_end(letter: str) -> bool:
    return letter not in "\n\r"


def _without_space(text: str) -> str:
    """Drop white space, but within a class (flag x)."""
    kept = []
    depth = 0
    escaped = False
    for letter in text:
        if not escaped:
            depth += (letter == "[") - (letter == "]")
        escaped = letter == "\\" and not escaped
        if depth > 0 or letter not in " \t\n\r":
            kept.append(letter)
    return "".join(kept)
