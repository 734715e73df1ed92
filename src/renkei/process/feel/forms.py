"""Reading the forms that begin with a word or a bracket: if, for, some, function, [, {, (."""

from renkei.process.feel import syntax
from renkei.process.feel.reading import Reader
from renkei.process.feel.running import Place
from renkei.process.feel.types import ANY, NUMBER, ContextOf, FunctionOf, ListOf, RangeOf, Type
from renkei.process.feel.types_reading import read_type

_NO_NAME = (*"()[]{},:", "return", "satisfies")
MOST_VARIABLES = 20  # of one loop: its turns run one within the other
COMPARISONS = frozenset(["=", "!=", "<", "<=", ">", ">="])


class Forms(Reader):
    """The forms; what stands within them is read by `expression`."""

    def expression(self, rank: int = 0, *, closing: bool = False) -> syntax.Node:
        """Read an expression of operators above a rank; `closing` if a range may end with it."""
        raise NotImplementedError

    def conditional(self, at: Place) -> syntax.Node:
        """Read what follows `if`; a ladder of `else if` is one form."""
        branches = []
        while True:
            condition = self.expression()
            self.expect("then")
            branches.append((condition, self.expression()))
            self.expect("else")
            if not self.take("if"):
                break
        return syntax.If(at, tuple(branches), self.expression(), type=branches[0][1].type)

    def loop(self, at: Place, kind: str) -> syntax.Node:
        """Read what follows `for`, `some` or `every`."""
        iterators: list[syntax.Iterator] = []
        with self.knowing({}) as layer:
            while True:
                iterator, item = self._iterator()
                iterators.append(iterator)
                if len(iterators) > MOST_VARIABLES:
                    self.fail(f"at most {MOST_VARIABLES} variables")
                layer.learn(iterator.name, item)
                if not self.take(","):
                    break
            if kind == "for":
                self.expect("return")
                layer.learn("partial", None)
                start = self.at
                body = self.expression()
                back = any(token.text == "partial" for token in self.tokens[start : self.at])
                of = body.type and ListOf(body.type)
                return syntax.For(at, tuple(iterators), body, back, type=of)
            self.expect("satisfies")
            return syntax.Quantified(
                at, "some" if kind == "some" else "every", tuple(iterators), self.expression()
            )

    def _iterator(self) -> tuple[syntax.Iterator, Type | None]:
        at = self.place
        name = self._name_before_in()
        domain = self.expression()
        if self.take(".."):
            return syntax.Iterator(at, name, domain, self.expression()), NUMBER
        of = domain.type
        item = of.item if isinstance(of, ListOf | RangeOf) else None
        return syntax.Iterator(at, name, domain), item

    def _name_before_in(self) -> str:
        start = self.at
        while not self.stands("in"):
            if self.token.kind not in {"word", "number", "symbol"} or self.stands(*_NO_NAME):
                self.fail("a name and “in”")
            self.at += 1
        if self.at == start:
            self.fail("a name")
        said = self.text[self.tokens[start].start : self.tokens[self.at - 1].end]
        self.expect("in")
        return " ".join(said.split())

    def definition(self, at: Place) -> syntax.Node:
        """Read what follows `function`."""
        self.expect("(")
        parameters: list[tuple[str, Type]] = []
        while not self.take(")"):
            parameters.append(self._parameter())
            if not self.stands(")"):
                self.expect(",")
        types = tuple(of for _, of in parameters)
        if self.take("external"):
            self.expression()
            return syntax.Definition(at, tuple(parameters), None, type=FunctionOf(types, ANY))
        with self.knowing(dict(parameters)):
            body = self.expression()
        return syntax.Definition(
            at, tuple(parameters), body, type=FunctionOf(types, body.type or ANY)
        )

    def _parameter(self) -> tuple[str, Type]:
        name = self.name_before(":")
        if name is not None:
            return name, read_type(self)
        start = self.token
        while not self.stands(",", ")"):
            if self.token.kind not in {"word", "number", "symbol"} or self.stands(*"([]{}"):
                self.fail("the name of a parameter")
            self.at += 1
        end = self.tokens[self.at - 1].end
        if end <= start.start:
            self.fail("the name of a parameter")
        return " ".join(self.text[start.start : end].split()), ANY

    def context(self, at: Place) -> syntax.Node:
        """Read what follows {."""
        entries: list[tuple[str, syntax.Node]] = []
        known: dict[str, Type | None] = {}
        with self.knowing({}) as layer:
            while not self.take("}"):
                if self.token.kind == "string":
                    key = self.token.text
                    self.at += 1
                    self.expect(":")
                else:
                    key = self.name_before(":") or self.fail("a name and “:”")
                if key in known:
                    self.fail("a name not yet used in this context")
                value = self.expression()
                entries.append((key, value))
                known[key] = value.type
                self.written_key(key, value.type)
                layer.learn(key, value.type)
                if not self.stands("}"):
                    self.expect(",")
        types = {name: of or ANY for name, of in known.items()}
        return syntax.ContextOfNodes(at, tuple(entries), type=ContextOf(types))

    def bracket(self, at: Place, opening: str) -> syntax.Node:
        """Read what follows [, ( or ]: a range, a list, or an expression within parentheses."""
        if opening == "(" and self.stands("="):
            return self._range_of_one(at)
        if opening == "[" and self.take("]"):
            return syntax.ListOfNodes(at, (), type=ListOf(ANY))
        first = self.expression()
        if self.take(".."):
            return self.range_end(at, opening, first)
        if opening == "]":
            self.fail("“..”")
        if opening == "(":
            self.expect(")")
            return first
        items = [first]
        while not self.take("]"):
            self.expect(",")
            items.append(self.expression())
        of = first.type
        return syntax.ListOfNodes(at, tuple(items), type=of and ListOf(of))

    def range_end(self, at: Place, opening: str, start: syntax.Node) -> syntax.Node:
        """Read what follows the two dots of a range."""
        end = self.expression(closing=True)
        included = self.stands("]")
        self.expect("]", ")", "[")
        return syntax.RangeOfNodes(
            at, start, end, opening == "[", included, type=RangeOf(start.type or end.type or ANY)
        )

    def open_range(self, at: Place) -> syntax.Node:
        """Read an operator and a value: the range of all on one side of it."""
        operator = self.token.text
        self.at += 1
        value = self.expression(3)
        of = RangeOf(value.type or ANY)
        if operator in {"<", "<="}:
            return syntax.RangeOfNodes(at, None, value, False, operator == "<=", type=of)
        return syntax.RangeOfNodes(at, value, None, operator == ">=", False, type=of)

    def _range_of_one(self, at: Place) -> syntax.Node:
        self.expect("=")
        value = self.expression()
        self.expect(")")
        return syntax.RangeOfNodes(at, value, value, True, True, type=RangeOf(value.type or ANY))
