"""Closures of operators: arithmetic, comparison, logic, membership."""

from collections.abc import Callable
from decimal import Decimal

from renkei.process.feel import syntax
from renkei.process.feel.arithmetic import OPERATIONS, Operation, opposite
from renkei.process.feel.comparing import ORDERS, equal, order
from renkei.process.feel.compiling import Compiler
from renkei.process.feel.running import Code, Place, Refused, Scope
from renkei.process.feel.testing import test_code
from renkei.process.feel.types import type_of
from renkei.process.feel.values import NUMBERS, Value

_FAST: dict[str, Callable[[Decimal, Decimal], Decimal]] = {
    "+": NUMBERS.add,
    "-": NUMBERS.subtract,
    "*": NUMBERS.multiply,
}


def chain(compiler: Compiler, node: syntax.Chain) -> Code:
    """Compute from left to right."""
    first = compiler.code(node.first)
    steps = [
        (_FAST.get(operator), operator, place, compiler.code(right))
        for operator, place, right in node.rest
    ]
    if len(steps) == 1:
        return _single(first, *steps[0])

    def run(scope: Scope) -> Value:
        value = first(scope)
        for fast, operator, place, right in steps:
            value = apply(scope, fast, operator, place, value, right(scope))
        return value

    return run


def _single(
    left: Code,
    fast: Callable[[Decimal, Decimal], Decimal] | None,
    operator: str,
    place: Place,
    right: Code,
) -> Code:
    def run(scope: Scope) -> Value:
        return apply(scope, fast, operator, place, left(scope), right(scope))

    return run


def apply(
    scope: Scope,
    fast: Callable[[Decimal, Decimal], Decimal] | None,
    operator: str,
    place: Place,
    left: Value,
    right: Value,
) -> Value:
    """Apply an operator to two values; numbers take the short way."""
    if fast is not None and type(left) is Decimal and type(right) is Decimal:
        result: Value | Refused = fast(left, right)
        if result.is_finite():  # type: ignore[union-attr]  # a Decimal
            return result  # type: ignore[return-value]  # a Decimal
        scope.run.note("feel-number-undefined", place, {})
        return None
    if left is None or right is None:
        return None
    operation: Operation | None = OPERATIONS[operator].get((type(left), type(right)))
    if operation is None:
        facts = {"operator": operator, "left": type_of(left), "right": type_of(right)}
        scope.run.note("feel-operands-unfit", place, facts)
        return None
    result = operation(left, right)
    if type(result) is Refused:
        scope.run.note(result.code, place, result.facts)
        return None
    if type(result) is str:
        scope.run.check_text(len(result))
        scope.run.spend(len(result) >> 6)
    return result  # type: ignore[return-value]  # no Refused any more


def negation(compiler: Compiler, node: syntax.Negation) -> Code:
    """Turn the sign."""
    operand, place = compiler.code(node.operand), node.place

    def run(scope: Scope) -> Value:
        result = opposite(operand(scope))
        if type(result) is Refused:
            scope.run.note(result.code, place, result.facts)
            return None
        return result  # type: ignore[return-value]  # no Refused any more

    return run


def logic(compiler: Compiler, node: syntax.Logic) -> Code:
    """And, or of three values; what is no truth value counts as unknown."""
    parts = [compiler.code(part) for part in node.parts]
    decisive = node.operator == "or"
    other = not decisive

    def run(scope: Scope) -> Value:
        result: Value = other
        for part in parts:
            value = part(scope)
            if value is decisive:
                return decisive
            if value is not other:
                result = None
        return result

    return run


def compare(compiler: Compiler, node: syntax.Compare) -> Code:
    """Compare two values."""
    left, right, place = compiler.code(node.left), compiler.code(node.right), node.place
    if node.operator in {"=", "!="}:
        wanted = node.operator == "="

        def equality(scope: Scope) -> Value:
            a, b = left(scope), right(scope)
            same = equal(a, b, scope.run)
            if same is None:
                _incomparable(scope, place, a, b)
                return None
            return same is wanted

        return equality
    holds = ORDERS[node.operator]

    def ordering(scope: Scope) -> Value:
        a, b = left(scope), right(scope)
        at = order(a, b)
        if at is None:
            _incomparable(scope, place, a, b)
            return None
        return holds(at)

    return ordering


def _incomparable(scope: Scope, place: Place, left: Value, right: Value) -> None:
    if left is not None and right is not None:
        facts = {"left": type_of(left), "right": type_of(right)}
        scope.run.note("feel-incomparable", place, facts)


def between(compiler: Compiler, node: syntax.Between) -> Code:
    """Say whether a value lies between two, both included."""
    value, low, high = (compiler.code(part) for part in (node.value, node.low, node.high))
    place = node.place

    def run(scope: Scope) -> Value:
        it, first, last = value(scope), low(scope), high(scope)
        above, below = order(first, it), order(it, last)
        if above is None or below is None:
            _incomparable(scope, place, it, last if above is not None else first)
            return None
        return above <= 0 and below <= 0

    return run


def membership(compiler: Compiler, node: syntax.In) -> Code:
    """Say whether a value passes one of some tests."""
    value = compiler.code(node.value)
    tests = [test_code(compiler, test) for test in node.tests]

    def run(scope: Scope) -> Value:
        it = value(scope)
        inner = Scope({"?": it}, scope.run, scope)
        result: bool | None = False
        for test in tests:
            passed = test(it, inner)
            if passed:
                return True
            if passed is None:
                result = None
        return result

    return run


def instance_of(compiler: Compiler, node: syntax.InstanceOf) -> Code:
    """Say whether a value is of a type; null is of none but its own."""
    value, of, place = compiler.code(node.value), node.of, node.place
    if of is None:

        def unknown(scope: Scope) -> Value:
            scope.run.note("feel-type-unknown", place, {})
            return None

        return unknown

    def run(scope: Scope) -> Value:
        it = value(scope)
        if of.is_deep:
            scope.run.weigh(it)
        if it is None:
            return of.is_null
        return of.holds(it)

    return run
