"""Where a case is seen: at what a person would point to, not at what catches something for it."""

from collections.abc import Mapping

from renkei.process.bpmn.model import Definition, Element, EventContainer


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
