"""Functions that make one value of a list: sums, means, extremes, all and any."""

from collections import Counter
from collections.abc import Callable
from decimal import Decimal
from typing import Final

from renkei.process.feel.arithmetic import finite
from renkei.process.feel.comparing import order
from renkei.process.feel.functions.signature import over_list
from renkei.process.feel.running import Refused, Run
from renkei.process.feel.types import type_of
from renkei.process.feel.values import NUMBERS, Value

Numbers = list[Decimal]


def _of_numbers(
    compute: Callable[[Numbers], Value | Refused], least: int = 1
) -> Callable[[Run, list[Value]], Value | Refused]:
    """Return a function of a list all of whose items must be numbers."""

    def run(run: Run, items: list[Value]) -> Value | Refused:
        run.spend(len(items))
        for item in items:
            if type(item) is not Decimal:
                return Refused("feel-item-unfit", wanted="number")
        if len(items) < least:
            return Refused("feel-list-too-short", least=least)
        return compute(items)  # type: ignore[arg-type]  # all of them numbers

    return run


def total(numbers: Numbers) -> Decimal | Refused:
    """Return the sum."""
    result = Decimal(0)
    for number in numbers:
        result = NUMBERS.add(result, number)
    return finite(result)


def product(numbers: Numbers) -> Decimal | Refused:
    """Return the product."""
    result = Decimal(1)
    for number in numbers:
        result = NUMBERS.multiply(result, number)
    return finite(result)


def mean(numbers: Numbers) -> Decimal | Refused:
    """Return the arithmetic mean."""
    sum_ = total(numbers)
    return (
        sum_ if isinstance(sum_, Refused) else finite(NUMBERS.divide(sum_, Decimal(len(numbers))))
    )


def median(numbers: Numbers) -> Decimal | Refused:
    """Return the middle number, or the mean of the two middle ones."""
    ordered = sorted(numbers)
    middle = len(ordered) // 2
    return ordered[middle] if len(ordered) % 2 else mean(ordered[middle - 1 : middle + 1])


def deviation(numbers: Numbers) -> Decimal | Refused:
    """Return the sample standard deviation."""
    centre = mean(numbers)
    if isinstance(centre, Refused):
        return centre
    squares = total([NUMBERS.power(NUMBERS.subtract(n, centre), Decimal(2)) for n in numbers])
    if isinstance(squares, Refused):
        return squares
    return finite(NUMBERS.sqrt(NUMBERS.divide(squares, Decimal(len(numbers) - 1))))


def mode(numbers: Numbers) -> Value:
    """Return the most frequent numbers in ascending order."""
    counts = Counter(numbers)
    most = max(counts.values(), default=0)
    return [number for number in sorted(counts) if counts[number] == most]


def _extreme(sign: int) -> Callable[[Run, list[Value]], Value | Refused]:
    def run(run: Run, items: list[Value]) -> Value | Refused:
        run.spend(len(items))
        if not items:
            return None
        best = items[0]
        if order(best, best) is None:
            return Refused("feel-incomparable", left=type_of(best), right=type_of(best))
        for item in items[1:]:
            at = order(item, best)
            if at is None:
                return Refused("feel-incomparable", left=type_of(item), right=type_of(best))
            if at == sign:
                best = item
        return best

    return run


def _logical(decisive: bool) -> Callable[[Run, list[Value]], Value | Refused]:
    def run(run: Run, items: list[Value]) -> Value | Refused:
        run.spend(len(items))
        if decisive in [item for item in items if type(item) is bool]:
            return decisive
        for item in items:
            if item is not None and type(item) is not bool:
                return Refused("feel-item-unfit", wanted="boolean")
        return None if None in items else not decisive

    return run


SUMS: Final = [
    over_list("min", _extreme(-1)),
    over_list("max", _extreme(1)),
    over_list("sum", _of_numbers(total)),
    over_list("product", _of_numbers(product)),
    over_list("mean", _of_numbers(mean)),
    over_list("median", _of_numbers(median)),
    over_list("stddev", _of_numbers(deviation, least=2)),
    over_list("mode", _of_numbers(mode, least=0)),
    over_list("all", _logical(decisive=False)),
    over_list("any", _logical(decisive=True)),
]
