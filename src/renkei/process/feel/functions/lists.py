"""Functions of lists; each returns a new one."""

from decimal import Decimal
from typing import Final

from renkei.process.feel.comparing import equal
from renkei.process.feel.functions.signature import function, over_list
from renkei.process.feel.running import Refused, Run
from renkei.process.feel.temporal import Date
from renkei.process.feel.values import Value

List = list[Value]
_KEYED = (Decimal, str, Date)


def position_in(position: Decimal, size: int) -> int | Refused:
    """Return the index of a position counted from 1, or from the end by -1.

    >>> position_in(Decimal(1), 3), position_in(Decimal(-1), 3)
    (0, 2)
    """
    if abs(position) <= size:
        at = int(position)
        if at > 0:
            return at - 1
        if at < 0:
            return size + at
    return Refused("feel-position-outside", size=size)


def contains(run: Run, items: List, element: Value) -> bool:
    """Say whether an element is in a list."""
    run.spend(len(items))
    return any(equal(item, element, run) is True for item in items)


def sublist(run: Run, items: List, start: Decimal, length: Decimal | None) -> Value | Refused:
    """Return the items from a position, all or so many."""
    run.spend(len(items))
    at = position_in(start, len(items))
    if isinstance(at, Refused):
        return at
    if length is None:
        return items[at:]
    if length < 0 or length > len(items) - at:
        return Refused("feel-position-outside", size=len(items) - at)
    return items[at : at + int(length)]


def append(run: Run, items: List, more: List) -> Value:
    """Return the list with items after its last."""
    run.spend(len(items) + len(more))
    run.check_size(len(items) + len(more))
    return [*items, *more]


def concatenate(run: Run, lists: List) -> Value | Refused:
    """Return the items of several lists as one."""
    made: List = []
    for part in lists:
        if part is None:
            return Refused("feel-argument-null", parameter="list")
        made.extend(part if isinstance(part, list) else [part])
        run.check_size(len(made))
    run.spend(len(made) + 1)
    return made


def insert_before(run: Run, items: List, position: Decimal, new: Value) -> Value | Refused:
    """Return the list with an item put before a position."""
    run.spend(len(items))
    at = position_in(position, len(items))
    if isinstance(at, Refused):
        return at
    return [*items[:at], new, *items[at:]]


def remove(run: Run, items: List, position: Decimal) -> Value | Refused:
    """Return the list without the item at a position."""
    run.spend(len(items))
    at = position_in(position, len(items))
    if isinstance(at, Refused):
        return at
    return [*items[:at], *items[at + 1 :]]


def replace_at(run: Run, items: List, position: Decimal, new: Value) -> Value | Refused:
    """Return the list with another item at a position."""
    run.spend(len(items))
    at = position_in(position, len(items))
    if isinstance(at, Refused):
        return at
    return [*items[:at], new, *items[at + 1 :]]


def reverse(run: Run, items: List) -> Value:
    """Return the items from the last to the first."""
    run.spend(len(items))
    return items[::-1]


def index_of(run: Run, items: List, match: Value) -> Value:
    """Return the positions at which an element stands."""
    run.spend(len(items))
    return [Decimal(n) for n, item in enumerate(items, 1) if equal(item, match, run) is True]


def distinct(run: Run, items: List) -> Value:
    """Return each item once, where it stands first."""
    keys: set[object] = set()
    others: List = []
    made: List = []
    for item in items:
        run.spend(1)
        if isinstance(item, _KEYED):
            if (type(item), item) in keys:
                continue
            keys.add((type(item), item))
        else:
            run.spend(len(others))
            if any(equal(item, other, run) is True for other in others):
                continue
            others.append(item)
        made.append(item)
    return made


def union(run: Run, lists: List) -> Value | Refused:
    """Return the items of several lists, each once."""
    joined = concatenate(run, lists)
    return distinct(run, joined) if isinstance(joined, list) else joined


def flatten(run: Run, items: List) -> Value:
    """Return the items of lists within lists, as one list."""
    made: List = []
    waiting = [iter(items)]
    while waiting:
        for item in waiting[-1]:
            run.spend(1)
            if isinstance(item, list):
                waiting.append(iter(item))
                break
            made.append(item)
        else:
            waiting.pop()
    return made


LISTS: Final = [
    function("list contains", ("list: list, element: Any?", contains)),
    over_list("count", lambda _, items: Decimal(len(items))),
    function("sublist", ("list: list, start position: number, length?: number", sublist)),
    function("append", ("list: list, items...: Any", append)),
    function("concatenate", ("lists...: Any", concatenate)),
    function("insert before", ("list: list, position: number, newItem: Any?", insert_before)),
    function("remove", ("list: list, position: number", remove)),
    function("reverse", ("list: list", reverse)),
    function("index of", ("list: list, match: Any?", index_of)),
    function("union", ("lists...: Any", union)),
    function("distinct values", ("list: list", distinct)),
    function("flatten", ("list: list", flatten)),
]
