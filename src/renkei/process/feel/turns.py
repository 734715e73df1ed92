"""The turns of a loop: the values a variable goes through, alone or with others."""

from collections.abc import Iterator
from decimal import Decimal

from renkei.process.feel.running import Code, Place, Scope
from renkei.process.feel.temporal import Date
from renkei.process.feel.types import type_of
from renkei.process.feel.values import Range, Value

Domains = list[tuple[str, Code, Code | None, Place]]


def turns(domains: Domains, scope: Scope) -> Iterator[Scope] | None:
    """Return a scope per turn, the last variable fastest; None if a domain is none.

    A later domain may speak of the earlier variables.
    """
    if len(domains) == 1:
        name, code, end, place = domains[0]
        values = _values(code, end, place, scope)
        return None if values is None else _single(name, values, scope)
    return _nested(domains, scope)


def _single(name: str, values: Iterator[Value], scope: Scope) -> Iterator[Scope]:
    run = scope.run
    for value in values:
        run.spend(1)
        yield Scope({name: value}, run, scope)


def _nested(domains: Domains, scope: Scope) -> Iterator[Scope] | None:
    (name, code, end, place), rest = domains[0], domains[1:]
    values = _values(code, end, place, scope)
    if values is None:
        return None
    found = []
    for outer in _single(name, values, scope):
        inner = turns(rest, outer)
        if inner is None:
            return None
        found.append(inner)
    return (turn for turns_ in found for turn in turns_)


def _values(code: Code, end: Code | None, place: Place, scope: Scope) -> Iterator[Value] | None:
    value = code(scope)
    if end is not None:
        return _counted(value, end(scope), place, scope)
    if type(value) is list:
        return iter(value)
    if type(value) is Range:
        return _of_range(value, place, scope)
    return None if value is None else iter([value])


def _counted(first: Value, last: Value, place: Place, scope: Scope) -> Iterator[Value] | None:
    """Count from one whole number or day to another, up or down."""
    if isinstance(first, Decimal) and isinstance(last, Decimal):
        if first == int(first) and last == int(last):
            return _numbers(int(first), int(last))
    elif isinstance(first, Date) and isinstance(last, Date):
        return _days(first.days, last.days)
    if first is not None and last is not None:
        facts = {"left": type_of(first), "right": type_of(last)}
        scope.run.note("feel-loop-unfit", place, facts)
    return None


def _of_range(of: Range, place: Place, scope: Scope) -> Iterator[Value] | None:
    if of.start is None or of.end is None:
        scope.run.note(
            "feel-loop-unfit", place, {"left": type_of(of.start), "right": type_of(of.end)}
        )
        return None
    values = _counted(of.start, of.end, place, scope)
    if values is None:
        return None
    left_out = [
        end for end, kept in ((of.start, of.start_included), (of.end, of.end_included)) if not kept
    ]
    return (value for value in values if value not in left_out)


def _numbers(first: int, last: int) -> Iterator[Value]:
    step = 1 if first <= last else -1
    return (Decimal(n) for n in range(first, last + step, step))


def _days(first: int, last: int) -> Iterator[Value]:
    step = 1 if first <= last else -1
    return (Date(n) for n in range(first, last + step, step))
