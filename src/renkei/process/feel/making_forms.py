"""Closures of the forms: if, for, some, every, functions and their calls."""

from renkei.process.feel import syntax
from renkei.process.feel.calling import call_by_name, call_in_order
from renkei.process.feel.compiling import Compiler
from renkei.process.feel.running import Code, Place, Run, Scope
from renkei.process.feel.turns import Domains, turns
from renkei.process.feel.types import ANY, type_of
from renkei.process.feel.values import Function, Parameter, Value

FRAMES_OF_A_CALL = 4


def conditional(compiler: Compiler, node: syntax.If) -> Code:
    """Return what stands under the first condition that is true."""
    branches = [
        (compiler.code(test), compiler.code(then), test.place) for test, then in node.branches
    ]
    otherwise = compiler.code(node.otherwise)

    def run(scope: Scope) -> Value:
        for test, then, place in branches:
            found = test(scope)
            if found is True:
                return then(scope)
            if found is not False and found is not None:
                scope.run.note("feel-test-no-truth", place, {"type": type_of(found)})
                return None
        return otherwise(scope)

    return run


def _domains(compiler: Compiler, node: syntax.For | syntax.Quantified) -> Domains:
    return [
        (
            iterator.name,
            compiler.code(iterator.domain),
            None if iterator.end is None else compiler.code(iterator.end),
            iterator.place,
        )
        for iterator in node.iterators
    ]


def loop(compiler: Compiler, node: syntax.For) -> Code:
    """Return the list of what each turn gives; `partial` is that list so far."""
    domains, body = _domains(compiler, node), compiler.code(node.body)

    def run(scope: Scope) -> Value:
        partial: list[Value] = []
        found = turns(domains, Scope({"partial": partial}, scope.run, scope))
        if found is None:
            return None
        for turn in found:
            partial.append(body(turn))
            scope.run.check_size(len(partial))
        return partial

    return run


def quantified(compiler: Compiler, node: syntax.Quantified) -> Code:
    """Say whether some turn, or every turn, is true; unknown if that hangs on unknown turns."""
    domains, body, place = _domains(compiler, node), compiler.code(node.body), node.body.place
    decisive = node.kind == "some"
    other = not decisive

    def run(scope: Scope) -> Value:
        found = turns(domains, scope)
        if found is None:
            return None
        result: bool | None = other
        for turn in found:
            value = body(turn)
            if value is decisive:
                return decisive
            if value is None:
                result = None
            elif value is not other:
                scope.run.note("feel-test-no-truth", place, {"type": type_of(value)})
                return None
        return result

    return run


def definition(compiler: Compiler, node: syntax.Definition) -> Code:
    """Return a function that sees the names around it."""
    parameters = tuple(Parameter(name, of) for name, of in node.parameters)
    names = [name for name, _ in node.parameters]
    if node.body is None:
        return _outside(parameters, node.place)
    body, height = compiler.apart(node.body)
    frames = height + FRAMES_OF_A_CALL

    def run(scope: Scope) -> Value:
        def call(run: Run, arguments: list[Value]) -> Value:
            return body(Scope(dict(zip(names, arguments, strict=True)), run, scope))

        return Function(parameters, ANY, call, frames, written=(node, scope))

    return run


def _outside(parameters: tuple[Parameter, ...], place: Place) -> Code:
    def call(run: Run, _: list[Value]) -> Value:
        run.note("feel-function-outside", place, {})
        return None

    return lambda _: Function(parameters, ANY, call)


def call(compiler: Compiler, node: syntax.Call) -> Code:
    """Call a function with arguments in order, or by name."""
    function, place = compiler.code(node.function), node.place
    if node.named is not None:
        named = [(name, compiler.code(argument)) for name, argument in node.named]

        def by_name(scope: Scope) -> Value:
            called = function(scope)
            arguments = {name: argument(scope) for name, argument in named}
            return call_by_name(scope.run, called, arguments, place)

        return by_name
    codes = [compiler.code(argument) for argument in node.arguments]

    def in_order(scope: Scope) -> Value:
        return call_in_order(scope.run, function(scope), [code(scope) for code in codes], place)

    return in_order
