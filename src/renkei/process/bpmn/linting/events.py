"""Rules of what is thrown and caught: nothing goes out in vain, nothing is waited for in vain."""

from collections.abc import Iterator

from renkei.process.bpmn.elements.call_activity import CallActivity
from renkei.process.bpmn.event import EventElement
from renkei.process.bpmn.findings import Finding
from renkei.process.bpmn.job import JobActivity
from renkei.process.bpmn.linting.rules import at, element_of, elements_of
from renkei.process.bpmn.model import Container, Definition, Element, EventContainer
from renkei.process.bpmn.trigger import Trigger

KINDS = {"errorEventDefinition": "error", "escalationEventDefinition": "escalation"}


def check(definition: Definition) -> Iterator[Finding]:
    """Yield what is wrong with the events of a model."""
    for element in elements_of(definition):
        for trigger in getattr(element, "triggers", ()):
            yield from _thrown(definition, element, trigger)
            yield from _caught(element, trigger)


def _thrown(definition: Definition, element: Element, trigger: Trigger) -> Iterator[Finding]:
    if not element.is_full:
        return
    kind = KINDS.get(trigger.tag)
    if kind is not None and trigger.name and not _is_caught(definition, element, trigger):
        yield at(element, f"{kind}-uncaught", trigger.name)
    is_outside = getattr(element.container, "tag", "") != "transaction"
    if trigger.tag == "cancelEventDefinition" and is_outside:
        yield at(element, "cancel-outside")
    if trigger.tag == "compensateEventDefinition" and not _can_be_undone(element, trigger):
        yield at(element, "compensation-nothing")


def _is_caught(definition: Definition, element: Element, trigger: Trigger) -> bool:
    """Tell whether something around catches it, also around a call of the process."""
    waiting, seen = [element], {element}
    for inside in waiting:  # grows while it is gone through
        scope = inside.container
        starts = [one for event in scope.events for one in event.elements] if scope else []
        is_within = scope is not None and inside in scope.events
        if (not is_within and _catches(starts, trigger)) or _catches(inside.boundaries, trigger):
            return True
        around = element_of(scope) if scope is not None else None
        outer = [around] if around is not None else _calls(definition, inside)
        new = [one for one in outer if one not in seen]
        waiting += new
        seen.update(new)
    return False


def _calls(definition: Definition, process: Element) -> list[Element]:
    """Return what calls a process."""
    calls = (one for one in elements_of(definition) if isinstance(one, CallActivity))
    return [one for one in calls if one.named == process.id]


def _catches(events: list[Element], trigger: Trigger) -> bool:
    return any(
        one.tag == trigger.tag and one.name in {"", trigger.name}
        for event in events
        for one in getattr(event, "triggers", ())
    )


def _caught(element: Element, trigger: Trigger) -> Iterator[Finding]:
    """Find what catches and has nothing inside that throws."""
    kind = KINDS.get(trigger.tag)
    if kind is None or element.is_full or not isinstance(element, EventElement):
        return
    if element.host is not None:
        inside: list[Element] = [element.host]
    elif isinstance(element.container, EventContainer):
        around = element.container.container
        inside = list(around.elements) if around is not None else []
    else:
        return
    if not any(_throws(one, trigger) for one in inside):
        yield at(element, f"{kind}-never-thrown", trigger.name)


def _throws(element: Element, trigger: Trigger) -> bool:
    """Tell whether an element or something in it can throw this; services and people can."""
    if isinstance(element, Container):
        return any(_throws(one, trigger) for one in (*element.elements, *element.events))
    if isinstance(element, CallActivity) or element.tag == "userTask":
        return True
    if isinstance(element, JobActivity):
        return getattr(element, "formula", None) is None and not getattr(element, "message", None)
    return element.is_full and any(
        one.tag == trigger.tag and trigger.name in {"", one.name}
        for one in getattr(element, "triggers", ())
    )


def _can_be_undone(element: Element, trigger: Trigger) -> bool:
    around = element.container
    if isinstance(around, EventContainer) and around.container is not None:
        around = around.container
    wanted = getattr(trigger, "activity", "")
    held = list(around.inner()) if around is not None else []
    if wanted:
        named = [one for one in held if one.id == wanted]
        held = [*named, *(i for one in named if isinstance(one, Container) for i in one.inner())]
    calls = any(isinstance(one, CallActivity) for one in held)
    return calls or any(one.compensation is not None for one in held)
