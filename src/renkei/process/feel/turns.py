"""The turns of a loop: the values a variable goes through, alone or with others."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from renkei.process.feel.running import Code, Place, Scope
from renkei.process.feel.temporal import Date
from renkei.process.feel.types import type_of
from renkei.process.feel.values import Range, Value

FARTHEST = Decimal(10) ** 15  # to which a loop counts


@dataclass(frozen=True, slots=True)
class Domain:
    """What a variable goes through: a list or range, or from one value to another."""

    name: str
    code: Code
    end: Code | None
    place: Place


def turns(domains: list[Domain], price: int, scope: Scope) -> Iterator[Scope | None]:
    """Give a scope per turn, the last variable fastest; None, and no more, if a domain is none.

    A later domain may speak of the earlier variables. Each turn costs its price in steps.
    """
    first, rest = domains[0], domains[1:]
    run, name = scope.run, first.name
    values = _values(first, scope)
    if values is None:
        yield None
        return
    for value in values:
        run.spend(price)
        turn = Scope({name: value}, run, scope)
        if not rest:
            yield turn
            continue
        for inner in turns(rest, price, turn):
            yield inner
            if inner is None:
                return


def _values(domain: Domain, scope: Scope) -> Iterator[Value] | None:
    value = domain.code(scope)
    if domain.end is not None:
        return _counted(value, domain.end(scope), domain.place, scope)
    if type(value) is list:
        return iter(value)
    if type(value) is Range:
        return _of_range(value, domain.place, scope)
    return None if value is None else iter([value])


def _counted(first: Value, last: Value, place: Place, scope: Scope) -> Iterator[Value] | None:
    """Count from one whole number or day to another, up or down."""
    if isinstance(first, Decimal) and isinstance(last, Decimal):
        if all(abs(n) <= FARTHEST and n == int(n) for n in (first, last)):
            return _numbers(int(first), int(last))
    elif isinstance(first, Date) and isinstance(last, Date):
        return _days(first.days, last.days)
    if first is not None and last is not None:
        facts = {"left": type_of(first), "right": type_of(last)}
        scope.run.note("feel-loop-unfit", place, facts)
    return None


def _of_range(of: Range, place: Place, scope: Scope) -> Iterator[Value] | None:
    if of.start is None or of.end is None:
        facts = {"left": type_of(of.start), "right": type_of(of.end)}
        scope.run.note("feel-loop-unfit", place, facts)
        return None
    values = _counted(of.start, of.end, place, scope)
    if values is None:
        return None
    ends = ((of.start, of.start_included), (of.end, of.end_included))
    left_out = [end for end, is_included in ends if not is_included]
    return (value for value in values if value not in left_out)


def _numbers(first: int, last: int) -> Iterator[Value]:
    step = 1 if first <= last else -1
    return (Decimal(n) for n in range(first, last + step, step))


def _days(first: int, last: int) -> Iterator[Value]:
    step = 1 if first <= last else -1
    return (Date(n) for n in range(first, last + step, step))
