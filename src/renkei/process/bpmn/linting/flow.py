"""Rules of the flow: where it begins and ends, what is reached, what a gateway is good for."""

from collections.abc import Iterator

from renkei.process.bpmn.activity import Activity
from renkei.process.bpmn.findings import Finding
from renkei.process.bpmn.linting.rules import (
    at,
    at_flow,
    containers_of,
    element_of,
    is_gateway,
    triggers,
)
from renkei.process.bpmn.model import Container, Definition, Element, EventContainer, Process
from renkei.process.bpmn.order import after

CHOOSING = frozenset({"exclusiveGateway", "inclusiveGateway", "complexGateway"})
ALL_WAYS = frozenset({"parallelGateway", "eventBasedGateway"})
WAITING = frozenset({"intermediateCatchEvent", "receiveTask"})
AD_HOC = "adHocSubProcess"


def check(definition: Definition) -> Iterator[Finding]:
    """Yield what is wrong in the flow of a model."""
    for container in containers_of(definition):
        yield from _beginning(container)
        yield from _reaching(container)
        for element in (*container.elements, *container.events):
            yield from _leaving(element)
            if is_gateway(element):
                yield from _gateway(element)
            if isinstance(element, Activity):
                yield from _activity(element)


# Where it begins ----------------------------------------------------------------------------------


def _beginning(container: Container) -> Iterator[Finding]:
    element = element_of(container)
    if element is None:
        return
    starts = [one for one in container.elements if one.tag == "startEvent"]
    if not container.elements and not container.events:
        yield at(element, "process-empty" if isinstance(element, Process) else "sub-empty")
    elif isinstance(element, EventContainer):
        if not any(triggers(one) for one in starts):
            yield at(element, "event-sub-without-event")
    elif element.tag != AD_HOC:
        yield from _starts(element, starts)


def _starts(element: Element, starts: list[Element]) -> Iterator[Finding]:
    if not starts:
        yield at(element, "start-missing")
    if sum(1 for one in starts if not triggers(one)) > 1:
        yield at(element, "start-many")
    if not isinstance(element, Process):
        yield from (at(one, "sub-start-with-event") for one in starts if triggers(one))


def _reaching(container: Container) -> Iterator[Finding]:
    """Find what nothing leads to; what undoes is reached by what it undoes."""
    starts = [one for one in container.elements if one.tag == "startEvent"]
    waiting = [*starts, *container.beginnings]
    reached: set[Element] = set()
    while waiting:
        element = waiting.pop()
        if element in reached:
            continue
        reached |= {element, *element.boundaries}
        waiting += after(element)
    undoing = {one.compensation for one in container.elements}
    for one in container.elements:
        is_undoing = one in undoing or triggers(one) == ["compensateEventDefinition"]
        is_at_edge = one.tag == "boundaryEvent"
        if one not in reached and not is_undoing and not is_at_edge:
            yield at(one, "element-unreachable")


# Where it goes on ---------------------------------------------------------------------------------


def _leaving(element: Element) -> Iterator[Finding]:
    conditions = [one.condition for one in element.outgoing]
    if element.tag in ALL_WAYS:
        yield from (at_flow(one, "condition-ignored") for one in element.outgoing if one.condition)
    elif all(conditions) and conditions and element.default is None:
        yield at(element, "default-missing")
    if not element.outgoing and _must_go_on(element):
        yield at(element, "end-missing" if element.host is None else "boundary-dead-end")


def _must_go_on(element: Element) -> bool:
    is_within = getattr(element.container, "tag", "") == AD_HOC
    if element.tag == "endEvent" or isinstance(element, EventContainer) or is_within:
        return False
    is_undoing = getattr(element, "undoes", False)
    about = triggers(element)
    is_link = "linkEventDefinition" in about and element.tag == "intermediateThrowEvent"
    return not (is_undoing or is_link or about == ["compensateEventDefinition"])


def _gateway(element: Element) -> Iterator[Finding]:
    ways_in, ways_out = len(element.incoming), len(element.outgoing)
    if element.tag == "eventBasedGateway":
        yield from _event_gateway(element)
    elif ways_in <= 1 and ways_out <= 1:
        yield at(element, "gateway-useless")
    if ways_in > 1 and ways_out > 1:
        yield at(element, "gateway-mixed")
    if element.tag == "exclusiveGateway" and ways_out > 1:
        for flow in element.outgoing:
            if flow.condition is None and flow is not element.default:
                yield at_flow(flow, "condition-missing")


def _event_gateway(element: Element) -> Iterator[Finding]:
    if len(element.outgoing) == 1:
        yield at(element, "event-gateway-single")
    for flow in element.outgoing:
        target = flow.target
        waits = target.tag == "receiveTask" or (target.tag in WAITING and triggers(target))
        if not waits:
            yield at(element, "event-gateway-target", target.title)


def _activity(activity: Activity) -> Iterator[Finding]:
    repetition = activity.repetition
    if repetition is not None and not repetition.is_counted and repetition.condition is None:
        yield at(activity, "repetition-endless")
