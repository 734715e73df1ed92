"""Where a case is seen: at what a person would point to, not at what catches something for it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from renkei.process.bpmn.model import Definition, Element, EventContainer


@dataclass(slots=True)
class There:
    """How many cases are seen at an element, how many are stuck, and the longest, in seconds."""

    here: int = 0
    stuck: int = 0
    longest: float = 0.0


def counted_at(
    waits: Iterable[tuple[str, bool, int, float]], seen: Mapping[str, str]
) -> dict[str, There]:
    """Return by element how many cases are there.

    A wait is what catches it, whether it is an incident, how many there are, and the longest.
    """
    there = dict[str, There]()
    for handler, is_stuck, count, longest in waits:
        id_ = handler if is_stuck else seen.get(handler)
        if id_ is None:
            continue
        known = there.setdefault(id_, There())
        known.longest = max(known.longest, longest)
        if is_stuck:
            known.stuck += count
        else:
            known.here = max(known.here, count)  # a gateway awaits each of its events
    for one in there.values():
        one.here += one.stuck
    return there


def seen_at(definition: Definition) -> Mapping[str, str]:
    """Return, by what catches something, the element at which a case that waits for it is seen.

    What comes behind an event gateway is awaited at the gateway. What watches over others, at a
    boundary or at the beginning of an event sub-process, is not in it: the case is where they are.
    """
    return {
        id_: _place(element)
        for id_, element in definition.elements.items()
        if not _watches(element)
    }


def _watches(element: Element) -> bool:
    begins = element.tag == "startEvent" and isinstance(element.container, EventContainer)
    return begins or element.host is not None


def _place(element: Element) -> str:
    before = (flow.source for flow in element.incoming)
    return next((one.id for one in before if one.tag == "eventBasedGateway"), element.id)
