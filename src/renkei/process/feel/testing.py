"""Closures of tests: the cells of a decision table, and what follows `in`."""

from collections.abc import Callable

from renkei.process.feel import syntax
from renkei.process.feel.comparing import ORDERS, equal, order, passes
from renkei.process.feel.compiling import Compiler
from renkei.process.feel.running import Scope
from renkei.process.feel.values import Value

Test = Callable[[Value, Scope], bool | None]


def test_code(compiler: Compiler, node: syntax.Node) -> Test:
    """Return the closure of one test."""
    if isinstance(node, syntax.Against):
        return _against(compiler, node)
    if isinstance(node, syntax.Passing):
        return _passing(compiler, node)
    raise TypeError(node)


def _against(compiler: Compiler, node: syntax.Against) -> Test:
    code = compiler.code(node.value)
    if node.operator in {"=", "!="}:
        wanted = node.operator == "="

        def equality(value: Value, scope: Scope) -> bool | None:
            same = equal(value, code(scope), scope.run)
            return None if same is None else same is wanted

        return equality
    holds = ORDERS[node.operator]

    def ordering(value: Value, scope: Scope) -> bool | None:
        at = order(value, code(scope))
        return None if at is None else holds(at)

    return ordering


def _passing(compiler: Compiler, node: syntax.Passing) -> Test:
    code = compiler.code(node.expression)
    if isinstance(node.expression, syntax.RangeOfNodes):
        # A range without one of its ends is none: whether a value lies in it is unknown.

        def ranged(value: Value, scope: Scope) -> bool | None:
            found = code(scope)
            return None if found is None else passes(value, found, scope.run)

        return ranged
    if node.asks:

        def asked(value: Value, scope: Scope) -> bool | None:
            found = code(scope)
            if found is True or found is False or found is None:
                return found
            return passes(value, found, scope.run)

        return asked

    listed = isinstance(node.expression, syntax.ListOfNodes)

    def tested(value: Value, scope: Scope) -> bool | None:
        found = code(scope)
        if found is True and type(value) is not bool:
            return True
        return passes(value, found, scope.run, listed=listed)

    return tested
