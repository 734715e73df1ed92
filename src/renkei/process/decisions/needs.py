"""What an element needs, and the order in which values are given: what is needed first, each once.

The order is kept by a stack of our own, so that a long chain of decisions is no deep recursion.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from renkei.process import feel
from renkei.process.decisions.places import Place
from renkei.process.decisions.running import Evaluation
from renkei.process.feel import Value


class Element(Protocol):
    """Something with a name that has a value in an evaluation."""

    key: str
    name: str
    place: Place

    def type(self) -> feel.Type | None:
        """Return the type its value has, as far as it is known beforehand."""

    def needs(self) -> "Sequence[Need]":
        """Return what must have its value before."""

    def give(self, run: Evaluation) -> Value:
        """Return its value; what it needs has been settled."""


@dataclass(frozen=True, slots=True)
class Need:
    """An element that is needed; `prefix` is the import it comes from, if it does."""

    element: Element
    prefix: str = ""


def settle(wanted: Iterable[Element], run: Evaluation) -> None:
    """Give every wanted element its value, and before it all those it needs, each once."""
    values = run.values
    waiting: set[str] = set()
    stack = list(wanted)
    while stack:
        top = stack[-1]
        if top.key in values:
            stack.pop()
            continue
        missing = [need.element for need in top.needs() if need.element.key not in values]
        if missing and top.key not in waiting:
            waiting.add(top.key)
            stack += reversed(missing)
            continue
        stack.pop()
        if missing:
            run.tell("decision-circle", top.place, name=top.name)
            values[top.key] = None
        else:
            values[top.key] = top.give(run)


def order(wanted: Element) -> "tuple[Element, ...] | None":
    """Return an element with all it needs, what is needed first; nothing for a circle."""
    found: dict[str, Element] = {}
    waiting: set[str] = set()
    stack = [wanted]
    while stack:
        top = stack[-1]
        missing = [n.element for n in top.needs() if n.element.key not in found]
        if top.key in found or not missing:
            found.setdefault(top.key, stack.pop())
        elif top.key in waiting:
            return None
        else:
            waiting.add(top.key)
            stack += reversed(missing)
    return tuple(found.values())


def bound(needs: "Sequence[Need]", run: Evaluation) -> dict[str, Value]:
    """Return the names an element sees: its needs, those of imports inside a context of theirs."""
    values = run.values
    names: dict[str, Value] = {}
    for need in needs:
        if not need.prefix:
            names[need.element.name] = values[need.element.key]
            continue
        inside = names.setdefault(need.prefix, {})
        if isinstance(inside, dict):
            inside[need.element.name] = values[need.element.key]
    return names


def plain_names(needs: "Sequence[Need]") -> tuple[tuple[str, str], ...]:
    """Return names and keys where none is imported, else nothing."""
    if any(need.prefix for need in needs):
        return ()
    return tuple((need.element.name, need.element.key) for need in needs)
