"""Who catches what is thrown: scope by scope outward, event sub-processes before boundaries."""

from typing import TYPE_CHECKING

from renkei.process.bpmn.case import Place, Variables
from renkei.process.bpmn.event import CatchingEvent
from renkei.process.bpmn.expressions import Problem
from renkei.process.bpmn.happenings import Happened
from renkei.process.bpmn.model import Container, Element
from renkei.process.bpmn.undoing import UNDOING

if TYPE_CHECKING:
    from renkei.process.bpmn.run import Run

Catcher = tuple[Place, CatchingEvent]
"""The place it is at, and the start or boundary event."""


def throw_error(run: "Run", at: Place, code: str, told: Variables, *, by: Element) -> None:
    """Let an error go out from a place; that nobody catches it is a Problem."""
    found = _find(run, at, "errorEventDefinition", code)
    if found is None:
        raise Problem("error-uncaught", code)
    run.happened(Happened.THROWN, by.id, at.key, {"error": code})
    place, catcher = found
    catcher.overcome(run, place, told)


def is_caught(run: "Run", at: Place, code: str) -> bool:
    """Tell whether somebody would catch an error that goes out from a place."""
    return _find(run, at, "errorEventDefinition", code) is not None


def escalate(run: "Run", at: Place, code: str, told: Variables, *, by: Element) -> bool:
    """Let an escalation go out from a place; tell whether who catches it interrupts the place."""
    run.happened(Happened.THROWN, by.id, at.key, {"escalation": code})
    found = _find(run, at, "escalationEventDefinition", code)
    if found is None:
        return False
    place, catcher = found
    catcher.overcome(run, place, told)
    return catcher.interrupts


def _find(run: "Run", at: Place, tag: str, code: str) -> Catcher | None:
    """Return the nearest that catches; one that names the code comes before one for all."""
    inside: Element | None = None
    for place in run.scopes(at):
        element = run.element(place)
        if isinstance(element, Container) and inside not in element.events:
            starts = [start for sub in element.events for start in sub.elements]
            if (found := _fitting(starts, tag, code)) is not None:
                return place, found
        is_whole = place.turn < 0 and not place.notes.get(UNDOING)
        if is_whole and (found := _fitting(element.boundaries, tag, code)) is not None:
            return place, found
        inside = element
    return None


def _fitting(events: list[Element], tag: str, code: str) -> CatchingEvent | None:
    for_all: CatchingEvent | None = None
    for event in events:
        if not isinstance(event, CatchingEvent):
            continue
        for trigger in event.triggers:
            if trigger.tag == tag and trigger.name == code and code:
                return event
            if trigger.tag == tag and not trigger.name:
                for_all = for_all or event
    return for_all
