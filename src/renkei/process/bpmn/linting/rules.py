"""What every rule gives: a place in the file, a clause, and what it is about."""

from collections.abc import Iterator

from renkei.process.bpmn.document import Xml, line_of, local
from renkei.process.bpmn.findings import Finding
from renkei.process.bpmn.model import Container, Definition, Element, Flow


def at(element: Element, clause: str, about: str = "") -> Finding:
    """Return a finding at an element."""
    return Finding(element.line, element.id, clause, about)


def at_flow(flow: Flow, clause: str) -> Finding:
    """Return a finding at a flow, about the flow."""
    return Finding(flow.line, flow.source.id, clause, flow.name or flow.id)


def at_xml(xml: Xml, clause: str, about: str = "") -> Finding:
    """Return a finding at something that no token comes to."""
    return Finding(line_of(xml), xml.get("id", local(xml)), clause, about)


def elements_of(definition: Definition) -> Iterator[Element]:
    """Yield every element of a model, but its processes."""
    for process in definition.processes.values():
        yield from process.inner()


def containers_of(definition: Definition) -> Iterator[Container]:
    """Yield every process and sub-process."""
    for process in definition.processes.values():
        yield process
        for one in process.inner():
            if isinstance(one, Container):
                yield one


def element_of(container: Container) -> Element | None:
    """Return a container as the element it is as well."""
    return container if isinstance(container, Element) else None


def is_gateway(element: Element) -> bool:
    """Tell whether it is one."""
    return element.tag.endswith("Gateway")


def triggers(element: Element) -> list[str]:
    """Return what an event is about, by the names in a file."""
    return [one.tag for one in getattr(element, "triggers", ())]
