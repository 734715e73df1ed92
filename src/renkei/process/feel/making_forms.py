"""Closures of the forms: if, for, some, every, functions and their calls."""

from renkei.process.feel import syntax
from renkei.process.feel.calling import finished, ready_by_name, ready_in_order
from renkei.process.feel.compiling import Compiler
from renkei.process.feel.running import Code, Exhausted, Place, Run, Scope
from renkei.process.feel.turns import Domain, turns
from renkei.process.feel.types import ANY, type_of
from renkei.process.feel.values import Function, Parameter, Value

FRAMES_OF_A_BODY = 2


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


def _domains(compiler: Compiler, node: syntax.For | syntax.Quantified) -> list[Domain]:
    return [
        Domain(
            iterator.name,
            compiler.code(iterator.domain),
            None if iterator.end is None else compiler.code(iterator.end),
            iterator.place,
        )
        for iterator in node.iterators
    ]


def loop(compiler: Compiler, node: syntax.For) -> Code:
    """Return the list of what each turn gives; `partial` is that list so far."""
    domains, place = _domains(compiler, node), node.place
    body, price = compiler.priced(node.body)

    def run(scope: Scope) -> Value:
        made: list[Value] = []
        try:
            for turn in turns(domains, price, scope):
                if turn is None:
                    return None
                made.append(body(turn))
        except Exhausted as ended:
            raise ended.met_at(place) from None
        return made

    def looking_back(scope: Scope) -> Value:
        made: list[Value] = []
        run = scope.run
        try:
            for turn in turns(domains, price, scope):
                if turn is None:
                    return None
                run.spend(len(made) >> 4)
                made.append(body(Scope({"partial": made[:]}, run, turn)))
        except Exhausted as ended:
            raise ended.met_at(place) from None
        return made

    return looking_back if node.looks_back else run


def quantified(compiler: Compiler, node: syntax.Quantified) -> Code:
    """Say whether some turn, or every turn, is true; unknown if that hangs on unknown turns."""
    domains, place = _domains(compiler, node), node.body.place
    body, price = compiler.priced(node.body)
    decisive = node.kind == "some"
    other = not decisive

    def run(scope: Scope) -> Value:
        result: bool | None = other
        try:
            for turn in turns(domains, price, scope):
                value = None if turn is None else body(turn)
                if value is decisive:
                    return decisive
                if value is None:
                    result = None
                elif value is not other:
                    scope.run.note("feel-test-no-truth", place, {"type": type_of(value)})
                    return None
        except Exhausted as ended:
            raise ended.met_at(place) from None
        return result

    return run


def definition(compiler: Compiler, node: syntax.Definition) -> Code:
    """Return a function that sees the names around it."""
    parameters = tuple(Parameter(name, of) for name, of in node.parameters)
    names = [name for name, _ in node.parameters]
    if node.body is None:
        return _outside(parameters, node.place)
    body, price = compiler.apart(node.body)

    def run(scope: Scope) -> Value:
        def call(run: Run, arguments: list[Value]) -> Value:
            run.spend(price)
            return body(Scope(dict(zip(names, arguments, strict=True)), run, scope))

        return Function(parameters, ANY, call, FRAMES_OF_A_BODY, written=(node, scope))

    return run


def _outside(parameters: tuple[Parameter, ...], place: Place) -> Code:
    def call(run: Run, _: list[Value]) -> Value:
        run.note("feel-function-outside", place, {})
        return None

    return lambda _: Function(parameters, ANY, call)


def call(compiler: Compiler, node: syntax.Call) -> Code:
    """Call a function with arguments in order, or by name.

    The function is called from the closure itself: each frame in between would shorten recursion.
    """
    function, place, level = compiler.code(node.function), node.place, compiler.level
    if node.named is not None:
        named = [(name, compiler.code(argument)) for name, argument in node.named]

        def by_name(scope: Scope) -> Value:
            run = scope.run
            arguments = {name: argument(scope) for name, argument in named}
            ready = ready_by_name(run, function(scope), arguments, place)
            if ready is None:
                return None
            called, handed = ready
            try:
                run.enter(level + called.frames)
                value = called.call(run, handed)
            except Exhausted as ended:
                raise ended.met_at(place) from None
            run.leave(level + called.frames)
            return finished(run, called, value, place)

        return by_name
    codes = [compiler.code(argument) for argument in node.arguments]

    def in_order(scope: Scope) -> Value:
        run = scope.run
        ready = ready_in_order(run, function(scope), [code(scope) for code in codes], place)
        if ready is None:
            return None
        called, handed = ready
        try:
            run.enter(level + called.frames)
            value = called.call(run, handed)
        except Exhausted as ended:
            raise ended.met_at(place) from None
        run.leave(level + called.frames)
        return finished(run, called, value, place)

    return in_order
