"""Reading an expression: operators by rank, names by what is known where they stand."""

from typing import Literal

from renkei.process.feel import syntax
from renkei.process.feel.errors import FeelSyntaxError
from renkei.process.feel.forms import COMPARISONS, Forms
from renkei.process.feel.moments import at_literal
from renkei.process.feel.names import NO_NAMES, Names
from renkei.process.feel.reading import KEYWORDS
from renkei.process.feel.running import Place
from renkei.process.feel.types import (
    ANY,
    BOOLEAN,
    NUMBER,
    STRING,
    FunctionOf,
    ListOf,
    Type,
    type_of,
)
from renkei.process.feel.types_reading import read_type
from renkei.process.feel.values import NUMBERS

_RANKS = {
    "or": 1,
    "and": 2,
    "between": 3,
    "in": 3,
    "+": 4,
    "-": 4,
    "*": 5,
    "/": 5,
    "**": 6,
    "instance": 8,
}
_RANKS |= dict.fromkeys(COMPARISONS, 3)
_CONSTANTS: dict[str, tuple[bool | None, Type | None]] = {
    "true": (True, BOOLEAN),
    "false": (False, BOOLEAN),
    "null": (None, None),
}
# Nothing that begins with one of these is an expression: a bracket before them closes a range.
_NO_BEGINNING = frozenset(
    [")", "]", "}", ",", "=", "!=", "<", "<=", ">", ">=", "*", "/", "**", ":", "..", "+"]
) | frozenset(["in", "return", "then", "else", "satisfies", "and", "or", "between", "instance"])


class Parser(Forms):
    """The parser of expressions and unary tests."""

    def whole(self) -> syntax.Node:
        """Read an expression that is the whole text."""
        node = self.expression()
        if self.token.kind != "end":
            self.fail("an operator or the end")
        return node

    def expression(self, rank: int = 0, *, closing: bool = False) -> syntax.Node:
        self.deeper()
        node = self._postfixed(self._beginning(closing=closing), closing=closing)
        while (of := _RANKS.get(self._said[self.at], 0)) > rank:
            node = self._operator(node, of, closing=closing)
        self.higher()
        return node

    def _beginning(self, *, closing: bool) -> syntax.Node:
        token, at = self.token, self.place
        match token.kind:
            case "number":
                self.at += 1
                value = NUMBERS.create_decimal(token.text)
                return syntax.Constant(at, value if value.is_finite() else None, type=NUMBER)
            case "string":
                self.at += 1
                return syntax.Constant(at, token.text, type=STRING)
            case "at":
                self.at += 1
                moment = at_literal(token.text)
                if moment is None:
                    return syntax.BadMoment(at, token.text)
                return syntax.Constant(at, moment, type=type_of(moment))
            case "word":
                return self._word(at)
            case "symbol" if token.text in {"[", "(", "]"}:
                self.at += 1
                return self.bracket(at, token.text)
            case "symbol" if token.text in {"<", "<=", ">", ">="}:
                return self.open_range(at)
        if (known := self.known_name()) is not None:
            return syntax.Name(at, known[0], type=known[1])
        if self.take("{"):
            return self.context(at)
        if self.take("-"):
            operand = self.expression(7, closing=closing)
            return syntax.Negation(at, operand, type=operand.type)
        raise self.failure("an expression")

    def _word(self, at: Place) -> syntax.Node:
        known = self.known_name()
        if known is not None:
            return syntax.Name(at, known[0], type=known[1])
        word = self.token.text
        if word in _CONSTANTS:
            self.at += 1
            value, of = _CONSTANTS[word]
            return syntax.Constant(at, value, type=of)
        if word not in KEYWORDS:
            return syntax.Name(at, self.loose_name(), known=False)
        self.at += 1
        match word:
            case "if":
                return self.conditional(at)
            case "for" | "some" | "every":
                return self.loop(at, word)
            case "function":
                return self.definition(at)
        self.at -= 1
        raise self.failure("an expression")

    def _postfixed(self, node: syntax.Node, *, closing: bool) -> syntax.Node:
        """Read paths, filters and calls after an expression."""
        height = 0
        while self.token.kind == "symbol" and self.token.text in {".", "[", "("}:
            height += 1
            if height > 40:
                self.fail("an end to the path")
            at = self.place
            if self.token.text == "[" and closing and self._closes_range():
                break
            match self.tokens[self.at].text:
                case ".":
                    self.at += 1
                    name, of = self.entry_name(self.entries(node.type))
                    if of is not None and isinstance(node.type, ListOf):
                        of = ListOf(of)
                    node = syntax.Path(at, node, name, type=of)
                case "[":
                    self.at += 1
                    node = self._filter(at, node)
                case _:
                    self.at += 1
                    node = self._call(at, node)
        return node

    def _closes_range(self) -> bool:
        following = self.tokens[self.at + 1]
        return following.kind == "end" or (
            following.kind in {"symbol", "word"} and following.text in _NO_BEGINNING
        )

    def _filter(self, at: Place, base: syntax.Node) -> syntax.Node:
        of = base.type
        item = of.item if isinstance(of, ListOf) else of
        entries = self.entries(item)
        unknown = item is None or item is ANY
        known = [self._given.fields, self._keys] if unknown else [entries or NO_NAMES]
        with self.knowing(*known, {"item": item}):
            test = self.expression()
        self.expect("]")
        by_position = test.type is NUMBER
        result = item if by_position else (of if isinstance(of, ListOf) else of and ListOf(of))
        return syntax.Filter(at, base, test, type=result)

    def _call(self, at: Place, function: syntax.Node) -> syntax.Node:
        of = function.type.result if isinstance(function.type, FunctionOf) else None
        positional: list[syntax.Node] = []
        named: list[tuple[str, syntax.Node]] = []
        while not self.take(")"):
            name = self.name_before(":")
            if name is not None:
                named.append((name, self.expression()))
            else:
                positional.append(self.expression())
            if named and positional:
                self.fail("arguments all by name, or none")
            if not self.stands(")"):
                self.expect(",")
        if named:
            return syntax.Call(at, function, (), tuple(named), type=of)
        return syntax.Call(at, function, tuple(positional), type=of)

    def _operator(self, left: syntax.Node, rank: int, *, closing: bool) -> syntax.Node:
        at, word = self.place, self.token.text
        match word:
            case "and" | "or":
                parts = [left]
                while self.take(word):
                    parts.append(self.expression(rank, closing=closing))
                operator: Literal["and", "or"] = "and" if word == "and" else "or"
                return syntax.Logic(at, operator, tuple(parts), type=BOOLEAN)
            case "+" | "-" | "*" | "/" | "**":
                return self._chain(left, rank, closing=closing)
            case "instance":
                self.at += 1
                self.expect("of")
                return syntax.InstanceOf(at, left, self._type_asked_for(), type=BOOLEAN)
            case "between":
                self.at += 1
                low = self.expression(3)
                self.expect("and")
                return syntax.Between(
                    at, left, low, self.expression(3, closing=closing), type=BOOLEAN
                )
            case "in":
                self.at += 1
                return syntax.In(at, left, self._in_tests(), type=BOOLEAN)
        self.at += 1
        right = self.expression(rank, closing=closing)
        return syntax.Compare(at, word, left, right, type=BOOLEAN)  # type: ignore[arg-type]  # the rank tells

    def _type_asked_for(self) -> Type | None:
        """Read the type after `instance of`; one that lacks its parts, or is unknown, is none."""
        bare = self.stands("list", "context", "range", "function")
        if bare and self.tokens[self.at + 1].text != "<":
            self.at += 1
            return None
        start = self.at
        try:
            return read_type(self)
        except FeelSyntaxError:
            if self.at != start or self.token.kind != "word":
                raise
            self.loose_name()
            return None

    def _chain(self, first: syntax.Node, rank: int, *, closing: bool) -> syntax.Node:
        rest = []
        while _RANKS.get(self._said[self.at], 0) == rank:
            at, operator = self.place, self.token.text
            self.at += 1
            rest.append((operator, at, self.expression(rank, closing=closing)))
        of = first.type if first.type in (NUMBER, STRING) else None
        return syntax.Chain(rest[0][1], first, tuple(rest), type=of)

    def _in_tests(self) -> tuple[syntax.Node, ...]:
        """Read what follows `in`: one test, or several within parentheses."""
        if not self.stands("("):
            return (self.positive_test(rank=3),)
        at = self.place
        self.at += 1
        first = self.positive_test()
        if isinstance(first, syntax.Passing) and self.take(".."):
            end = self.range_end(at, "(", first.expression)
            return (syntax.Passing(at, end, False),)
        tests = [first]
        while not self.take(")"):
            self.expect(",")
            tests.append(self.positive_test())
        return tuple(tests)

    def positive_test(self, rank: int = 0) -> syntax.Node:
        """Read one test: an operator and a value, or an expression."""
        at = self.place
        if self.token.kind == "symbol" and self.token.text in COMPARISONS:
            operator = self.token.text
            self.at += 1
            return syntax.Against(at, operator, self.expression(3))  # type: ignore[arg-type]  # one of them
        start = self.at
        node = self.expression(rank)
        asks = any(t.text == "?" and t.kind == "word" for t in self.tokens[start : self.at])
        return syntax.Passing(at, node, asks)

    def unary_tests(self) -> tuple[bool, tuple[syntax.Node, ...]]:
        """Read a cell's tests: whether they are negated, and one by one; none of them is `-`."""
        if self.token.kind == "symbol" and self.token.text == "-" and self.tokens[1].kind == "end":
            return False, ()
        if self.stands("not") and self.tokens[self.at + 1].text == "(":
            self.at += 2
            negated = self._positive_tests()
            if self.take(")") and self.token.kind == "end":
                return True, negated
            self.at = 0  # an expression that begins with the function `not`
        tests = self._positive_tests()
        if self.token.kind != "end":
            self.fail("“,” or the end")
        return False, tests

    def _positive_tests(self) -> tuple[syntax.Node, ...]:
        tests = [self.positive_test()]
        while self.take(","):
            tests.append(self.positive_test())
        return tuple(tests)


def parse(text: str, names: Names, library: Names) -> syntax.Node:
    """Read a whole expression."""
    return Parser(text, names, library).whole()
