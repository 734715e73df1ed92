"""Expressions and unary tests, read and compiled once, evaluated often."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from renkei.process.feel import making_forms, making_operators, making_values, syntax
from renkei.process.feel.compiling import Compiler, Maker
from renkei.process.feel.functions.library import CONFORMANCE, Library
from renkei.process.feel.names import NO_NAMES, Names
from renkei.process.feel.parser import Parser, parse
from renkei.process.feel.running import LIMITS, Clock, Code, Exhausted, Limits, Problem, Run, Scope
from renkei.process.feel.testing import Test, test_code
from renkei.process.feel.types import Type
from renkei.process.feel.values import Value

MAKERS: Final[dict[type[syntax.Node], Maker]] = {
    syntax.Constant: making_values.constant,
    syntax.BadMoment: making_values.bad_moment,
    syntax.Name: making_values.name,
    syntax.Path: making_values.path,
    syntax.Filter: making_values.filter_,
    syntax.ListOfNodes: making_values.list_,
    syntax.ContextOfNodes: making_values.context,
    syntax.RangeOfNodes: making_values.range_,
    syntax.Chain: making_operators.chain,
    syntax.Logic: making_operators.logic,
    syntax.Negation: making_operators.negation,
    syntax.Compare: making_operators.compare,
    syntax.Between: making_operators.between,
    syntax.In: making_operators.membership,
    syntax.InstanceOf: making_operators.instance_of,
    syntax.If: making_forms.conditional,
    syntax.For: making_forms.loop,
    syntax.Quantified: making_forms.quantified,
    syntax.Definition: making_forms.definition,
    syntax.Call: making_forms.call,
}


@dataclass(frozen=True, slots=True)
class Result:
    """What an evaluation gave, and why it is null where it is."""

    value: Value
    problems: tuple[Problem, ...] = ()


class Expression:
    """An expression that was read and compiled."""

    __slots__ = ("_library", "code", "node", "text")

    def __init__(self, text: str, names: Names, library: Library) -> None:
        """Read and compile a text."""
        self.text = text
        self.node = parse(text, names, library.names)
        compiler = Compiler(MAKERS)
        self.code: Code = compiler.code(self.node)
        self._library = library.functions

    @property
    def is_constant(self) -> bool:
        """Whether the text is a literal, whose value needs no names."""
        return isinstance(self.node, syntax.Constant)

    @property
    def is_name(self) -> bool:
        """Whether the text is nothing but a known name, whose value is as it was handed over."""
        return isinstance(self.node, syntax.Name) and self.node.known

    @property
    def type(self) -> Type | None:
        """The type, where the text alone tells."""
        return self.node.type

    def evaluate(
        self,
        context: Mapping[str, Value],
        *,
        clock: Clock | None = None,
        limits: Limits = LIMITS,
    ) -> Result:
        """Return the value, null where it has none, and the problems met on the way."""
        run = Run(clock, limits)
        value = self.within(run, context)
        return Result(value, tuple(run.problems))

    def value(self, context: Mapping[str, Value]) -> Value:
        """Return the value alone."""
        return self.within(Run(), context)

    def within(self, run: Run, context: Mapping[str, Value]) -> Value:
        """Return the value as part of a larger evaluation."""
        try:
            return run.weighed(self.code(Scope(context, run, Scope(self._library, run))))
        except Exhausted as reached:
            run.problems.append(reached.problem)
        except RecursionError:
            run.problems.append(Exhausted("feel-depth-exceeded").problem)
        return None


class Tests:
    """The tests of a cell that was read and compiled."""

    __slots__ = ("_library", "_tests", "negated", "nodes", "text")

    def __init__(self, text: str, names: Names, library: Library) -> None:
        """Read and compile a text."""
        self.text = text
        parser = Parser(text, names, library.names)
        with parser.knowing({"?": names.of.get("?")}):
            self.negated, self.nodes = parser.unary_tests()
        compiler = Compiler(MAKERS)
        self._tests: tuple[Test, ...] = tuple(test_code(compiler, node) for node in self.nodes)
        self._library = library.functions

    def matches(self, value: Value, context: Mapping[str, Value]) -> bool | None:
        """Say whether a value passes; null if that cannot be said."""
        return self.within(Run(), value, context)

    def within(self, run: Run, value: Value, context: Mapping[str, Value]) -> bool | None:
        """Say whether a value passes, as part of a larger evaluation."""
        scope = Scope({"?": value}, run, Scope(context, run, Scope(self._library, run)))
        try:
            return self.code(value, scope)
        except Exhausted as reached:
            run.problems.append(reached.problem)
        except RecursionError:
            run.problems.append(Exhausted("feel-depth-exceeded").problem)
        return None

    def code(self, value: Value, scope: Scope) -> bool | None:
        """Say whether a value passes, in a scope that knows it as `?`."""
        if not self._tests:
            return True
        result: bool | None = False
        for test in self._tests:
            passed = test(value, scope)
            if passed:
                return not self.negated
            if passed is None:
                result = None
        return None if result is None else result is not self.negated


def expression(text: str, names: Names = NO_NAMES, *, library: Library = CONFORMANCE) -> Expression:
    """Read an expression; a text that is no FEEL raises `FeelSyntaxError`.

    >>> from decimal import Decimal
    >>> expression("Monthly Income - 3", Names(["Monthly Income"])).value(
    ...     {"Monthly Income": Decimal(10)}
    ... )
    Decimal('7')
    """
    return Expression(text, names, library)


def unary_tests(text: str, names: Names = NO_NAMES, *, library: Library = CONFORMANCE) -> Tests:
    """Read the tests of a cell.

    >>> from decimal import Decimal
    >>> unary_tests("[18..65), 99").matches(Decimal(65), {})
    False
    """
    return Tests(text, names, library)
