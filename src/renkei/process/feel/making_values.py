"""Closures of values: constants, names, paths, filters, lists, contexts, ranges."""

from decimal import Decimal
from typing import Final

from renkei.process.feel import syntax
from renkei.process.feel.comparing import order
from renkei.process.feel.compiling import Compiler
from renkei.process.feel.parts import PARTS
from renkei.process.feel.running import Code, Place, Scope
from renkei.process.feel.types import type_of
from renkei.process.feel.values import Range, Value

_MISSING: Final = object()


def constant(_: Compiler, node: syntax.Constant) -> Code:
    """Return what is written."""
    value = node.value
    return lambda _: value


def bad_moment(_: Compiler, node: syntax.BadMoment) -> Code:
    """Return null, and say what was written."""
    place = node.place

    def run(scope: Scope) -> Value:
        scope.run.note("feel-moment-malformed", place, {})
        return None

    return run


def name(_: Compiler, node: syntax.Name) -> Code:
    """Return the value of a variable: of the innermost names that hold it."""
    said, place = node.name, node.place

    def run(scope: Scope) -> Value:
        at: Scope | None = scope
        while at is not None:
            value = at.names.get(said, _MISSING)
            if value is not _MISSING:
                return value  # type: ignore[return-value]  # a Value, not the mark
            at = at.up
        scope.run.note("feel-name-unknown", place, {"name": said[:60]})
        return None

    return run


def path(compiler: Compiler, node: syntax.Path) -> Code:
    """Return a part of a value; of a list, that of each of its items."""
    base, said, place = compiler.code(node.base), node.name, node.place

    def run(scope: Scope) -> Value:
        value = base(scope)
        if type(value) is dict:
            return value.get(said)
        if type(value) is list:
            scope.run.spend(len(value))
            return [part(scope, item, said, place) for item in value]
        return part(scope, value, said, place)

    return run


def part(scope: Scope, value: Value, said: str, place: Place) -> Value:
    """Return a part of one value."""
    if type(value) is dict:
        return value.get(said)
    if value is None:
        return None
    of = PARTS.get(type(value), {}).get(said)
    if of is None:
        scope.run.note("feel-part-unknown", place, {"part": said[:60], "type": type_of(value)})
        return None
    return of(value)


def filter_(compiler: Compiler, node: syntax.Filter) -> Code:
    """Return the item at a position, or the items that pass."""
    base, place = compiler.code(node.base), node.place
    test, price = compiler.priced(node.test)

    def run(scope: Scope) -> Value:
        value = base(scope)
        if value is None:
            return None
        items: list[Value] = value if type(value) is list else [value]
        scope.run.spend(price * (len(items) + 1))
        kept: list[Value] = []
        for item in items:
            found = test(item_scope(item, scope))
            if found is True:
                kept.append(item)
            elif type(found) is Decimal:
                return at_position(items, found)
            elif found is not False and found is not None:
                scope.run.note("feel-test-no-truth", place, {"type": type_of(found)})
                return None
        if not items and type(test(scope)) is Decimal:
            return None
        return kept

    return run


def item_scope(item: Value, scope: Scope) -> Scope:
    """Return the scope of a filter's test: `item`, and above it the entries of a context."""
    inner = Scope({"item": item}, scope.run, scope)
    return Scope(item, scope.run, inner) if type(item) is dict else inner


def at_position(items: list[Value], position: Decimal) -> Value:
    """Return the item at a position counted from 1, or from the end by -1; null if none is."""
    if abs(position) > len(items) or position != int(position):
        return None
    at = int(position)
    return items[at - 1] if at > 0 else items[at] if at < 0 else None


def list_(compiler: Compiler, node: syntax.ListOfNodes) -> Code:
    """Return a new list."""
    items = [compiler.code(item) for item in node.items]
    price = len(items) + 1

    def run(scope: Scope) -> Value:
        scope.run.spend(price)
        return [item(scope) for item in items]

    return run


def context(compiler: Compiler, node: syntax.ContextOfNodes) -> Code:
    """Return a new context; each entry sees those before it."""
    entries = [(key, compiler.code(value)) for key, value in node.entries]

    price = len(entries) + 1

    def run(scope: Scope) -> Value:
        scope.run.spend(price)
        made: dict[str, Value] = {}
        inner = Scope(made, scope.run, scope)
        for key, value in entries:
            made[key] = value(inner)
        return made

    return run


def range_(compiler: Compiler, node: syntax.RangeOfNodes) -> Code:
    """Return a range whose ends are of one kind and in order; null if an end is null."""
    start = compiler.code(node.start) if node.start is not None else None
    end = compiler.code(node.end) if node.end is not None else None
    place, closed = node.place, (node.start_included, node.end_included)

    def run(scope: Scope) -> Value:
        first = start(scope) if start is not None else None
        last = end(scope) if end is not None else None
        if (start is not None and first is None) or (end is not None and last is None):
            return None
        if start is not None and end is not None and order(first, last) not in {-1, 0}:
            scope.run.note("feel-range-unfit", place, {})
            return None
        return Range(first, last, *closed)

    return run
