"""Functions that call a function they are given: not, sort, list replace."""

from typing import Final

from renkei.process.feel.calling import invoke
from renkei.process.feel.functions.lists import replace_at
from renkei.process.feel.functions.signature import function
from renkei.process.feel.running import NOWHERE, Refused, Run
from renkei.process.feel.types import coerced
from renkei.process.feel.values import Function, Value


def ask(run: Run, question: Function, items: list[Value]) -> bool | None:
    """Return the truth a function of these items gives, null if it gives none."""
    handed = []
    for parameter, item in zip(question.parameters, items, strict=True):
        fits, value = coerced(item, parameter.type)
        if not fits:
            return None
        handed.append(value)
    found = invoke(run, question, handed, NOWHERE)
    return found if isinstance(found, bool) else None


class _Unanswered(Exception):
    """A comparing function gave no truth value."""


def sort(run: Run, items: list[Value], precedes: Function) -> Value | Refused:
    """Return the items in the order a function gives: true if its first argument comes first."""
    if len(precedes.parameters) != 2:
        return Refused("feel-argument-count", wanted=2, given=len(precedes.parameters))
    run.spend(len(items))

    class Item:
        """An item that stands before another if the function says so."""

        __slots__ = ("value",)

        def __init__(self, value: Value) -> None:
            self.value = value

        def __lt__(self, other: "Item") -> bool:
            found = ask(run, precedes, [self.value, other.value])
            if found is None:
                raise _Unanswered
            return found

    try:
        return [item.value for item in sorted([Item(value) for value in items])]
    except _Unanswered:
        return Refused("feel-test-no-truth", type="Any")


def replace_matching(run: Run, items: list[Value], match: Function, new: Value) -> Value | Refused:
    """Return the list with another item wherever a function of both says so."""
    if len(match.parameters) != 2:
        return Refused("feel-argument-count", wanted=2, given=len(match.parameters))
    made: list[Value] = []
    for item in items:
        run.spend(1)
        found = ask(run, match, [item, new])
        if found is None:
            return Refused("feel-test-no-truth", type="Any")
        made.append(new if found else item)
    return made


CALLBACKS: Final = [
    function("not", ("negand: boolean?", lambda _, truth: None if truth is None else not truth)),
    function("sort", ("list: list, precedes: function", sort)),
    function(
        "list replace",
        ("list: list, position: number, newItem: Any?", replace_at),
        ("list: list, match: function, newItem: Any?", replace_matching),
    ),
]
