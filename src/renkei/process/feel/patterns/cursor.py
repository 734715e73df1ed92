"""A cursor over a pattern that reads escapes and classes of letters."""

from typing import NoReturn

from renkei.process.feel.patterns import letters as sets
from renkei.process.feel.patterns.letters import Letters
from renkei.process.feel.patterns.program import PatternMalformed

DEEPEST = 40
PLAIN = {"n": "\n", "r": "\r", "t": "\t"} | {letter: letter for letter in r"\|.-^?*+{}()[]$"}


class Cursor:
    """A place in a pattern's text."""

    def __init__(self, text: str, *, caseless: bool) -> None:
        """Stand before the first letter."""
        self.text = text
        self.caseless = caseless
        self.at = 0
        self._depth = 0

    def _fail(self) -> NoReturn:
        raise PatternMalformed

    def _next(self) -> str:
        return self.text[self.at : self.at + 1]

    def _take(self) -> str:
        letter = self._next()
        if not letter:
            self._fail()
        self.at += 1
        return letter

    def _escaped(self, letter: str) -> Letters:
        if letter in PLAIN:
            return sets.single(PLAIN[letter], caseless=self.caseless)
        if letter in sets.ESCAPES:
            return sets.ESCAPES[letter]
        if letter not in "pP" or self._take() != "{":
            self._fail()
        end = self.text.find("}", self.at)
        found = sets.category(self.text[self.at : end]) if end > 0 else None
        if found is None:
            self._fail()
        self.at = end + 1
        known = found
        return known if letter == "p" else lambda one: not known(one)

    def _class(self) -> Letters:
        self._depth += 1
        if self._depth > DEEPEST:
            self._fail()
        negative = self._next() == "^"
        self.at += negative
        parts: list[Letters] = []
        without = None
        while self._next() != "]" or not parts:
            if self._next() == "-" and self.text.startswith("-[", self.at) and parts:
                self.at += 2
                without = self._class()
                break
            parts.append(self._class_part())
        if self._take() != "]":
            self._fail()
        self._depth -= 1
        return sets.group(parts, without, negative=negative)

    def _class_part(self) -> Letters:
        first = self._class_letter()
        if not isinstance(first, str):
            return first
        following = self.text[self.at : self.at + 2]
        if following[:1] != "-" or following in {"-]", "-["}:
            return sets.span(first, first, caseless=self.caseless)
        self.at += 1
        last = self._class_letter()
        if not isinstance(last, str) or last < first:
            self._fail()
        return sets.span(first, last, caseless=self.caseless)

    def _class_letter(self) -> str | Letters:
        letter = self._take()
        if letter == "\\":
            letter = self._take()
            return PLAIN[letter] if letter in PLAIN else self._escaped(letter)
        if letter in "[]":
            self._fail()
        return letter
