"""A cursor over the tokens of a text that knows which names stand where it is."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import NoReturn

from renkei.process.feel.errors import FeelSyntaxError, FeelTextTooDeep
from renkei.process.feel.lexer import Token, line_starts, place, syntax_error, tokens
from renkei.process.feel.names import NO_NAMES, UNSAYABLE, Names, entries_of
from renkei.process.feel.running import Place
from renkei.process.feel.types import Type

DEEPEST = 60

KEYWORDS = frozenset(
    [
        "for",
        "in",
        "return",
        "if",
        "then",
        "else",
        "some",
        "every",
        "satisfies",
        "instance",
        "function",
        "and",
        "or",
        "between",
        "true",
        "false",
        "null",
    ]
)
_NOT_IN_NAMES = frozenset([*"()[]{},:<>=", "<=", ">=", "!=", "->"])


class Reader:
    """The cursor, and the layers of names: the innermost last."""

    def __init__(self, text: str, names: Names, library: Names) -> None:
        """Stand before the first token."""
        self.text = text
        self.tokens = tokens(text)
        self._lines = line_starts(text)
        self.at = 0
        self.types = names.types
        self._layers: list[Names] = [library, names]
        self._given = names
        self._keys = Names()  # entries written in this text so far
        self._entries: dict[int, tuple[Type, Names | None]] = {}
        self._said = [
            UNSAYABLE if token.kind in {"string", "at", "end"} else token.text
            for token in self.tokens
        ]
        self._depth = 0

    @property
    def token(self) -> Token:
        """The token the cursor is before."""
        return self.tokens[self.at]

    @property
    def place(self) -> Place:
        """Where the cursor is."""
        return self.place_of(self.token)

    def place_of(self, token: Token) -> Place:
        """Return line and column of a token."""
        return Place(*place(self._lines, token.start))

    def stands(self, *texts: str) -> bool:
        """Say whether a symbol or keyword comes next, one of these."""
        token = self.tokens[self.at]
        return token.text in texts and token.kind in {"symbol", "word"}

    def take(self, *texts: str) -> bool:
        """Pass over one of these, if it comes next."""
        if self.stands(*texts):
            self.at += 1
            return True
        return False

    def expect(self, *texts: str) -> None:
        """Pass over one of these, which must come next."""
        if not self.take(*texts):
            self.fail(" / ".join(f"“{text}”" for text in texts))

    def fail(self, expected: str) -> NoReturn:
        """End reading: something else was expected here."""
        raise self.failure(expected)

    def failure(self, expected: str) -> FeelSyntaxError:
        """Return the error of something else standing here."""
        return syntax_error(self.text, self.token.start, expected)

    def deeper(self) -> None:
        """Go one level into the text; `higher` when it is read."""
        self._depth += 1
        if self._depth > DEEPEST:
            line, column = self.place
            raise FeelTextTooDeep(most=DEEPEST, line=line, column=column)

    def higher(self) -> None:
        """Come back from a level of the text."""
        self._depth -= 1

    @contextmanager
    def knowing(self, *layers: Mapping[str, Type | None] | Names) -> Iterator[Names]:
        """Read with these names above those known, the last above all; more may be learnt."""
        before = len(self._layers)
        self._layers += [of if isinstance(of, Names) else Names(of) for of in layers]
        yield self._layers[-1]
        del self._layers[before:]

    def known_name(self) -> tuple[str, Type | None] | None:
        """Pass over the longest known name that comes next, and return it with its type."""
        best: tuple[str, int] | None = None
        layer = NO_NAMES
        for names in reversed(self._layers):
            found = names.longest(self._said, self.at)
            if found is not None and (best is None or found[1] > best[1]):
                best, layer = found, names
        if best is None or (best[1] == self.at + 1 and self.token.text in KEYWORDS):
            return None
        self.at = best[1]
        return best[0], layer.of[best[0]]

    def entry_name(self, of: Names | None) -> tuple[str, Type | None]:
        """Pass over the name of a part, by what is known of the value it is a part of."""
        for names in (of, self._keys, self._given.fields):
            found = names.longest(self._said, self.at) if names is not None else None
            if found is not None and names is not None:
                self.at = found[1]
                return found[0], names.of[found[0]] if names is of else None
        return self.loose_name(), None

    def loose_name(self) -> str:
        """Pass over words that follow each other: nothing else they could be but one name."""
        if self.token.kind != "word":
            self.fail("a name")
        words = [self.token.text]
        self.at += 1
        while self.token.kind in {"word", "number"} and self.token.text not in KEYWORDS:
            words.append(self.token.text)
            self.at += 1
        return " ".join(words)

    def name_before(self, mark: str) -> str | None:
        """Pass over a new name and the mark after it, if that is what comes next."""
        at = self.at
        while (token := self.tokens[at]).text != mark or token.kind != "symbol":
            if token.kind not in {"word", "number", "symbol"} or token.text in _NOT_IN_NAMES:
                return None
            at += 1
        if at == self.at:
            return None
        said = self.text[self.token.start : self.tokens[at - 1].end]
        self.at = at + 1
        return " ".join(said.split())

    def written_key(self, key: str, of: Type | None) -> None:
        """Remember an entry written in this text."""
        self._keys.learn(key, of)

    def entries(self, of: Type | None) -> Names | None:
        """Return the names within a value of a type."""
        if of is None:
            return None
        if id(of) not in self._entries:
            self._entries[id(of)] = (of, entries_of(of))
        return self._entries[id(of)][1]
