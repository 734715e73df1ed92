"""The order in which people read a process: as it flows, the first way of each first."""

from collections.abc import Iterable, Iterator

from renkei.process.bpmn.model import Container, Element


def in_order(container: Container) -> list[Element]:
    """Return what is in a process or sub-process as it flows; what no way leads to comes last.

    Events at a boundary stand with their activity, event sub-processes at the end.
    """
    plain = [one for one in container.elements if one.host is None]
    begins = [*container.beginnings, *(one for one in plain if one.starts), *plain]
    return [*_sorted(begins), *container.events]


def _sorted(begins: Iterable[Element]) -> list[Element]:
    """Return each element behind those that lead to it, but where the way goes in a circle."""
    found: dict[Element, None] = {}
    whole: list[Element] = []
    for begin in begins:
        behind: list[Element] = []
        stack: list[tuple[Element, Iterator[Element]]] = []
        if begin not in found:
            found[begin] = None
            stack.append((begin, reversed(after(begin))))
        while stack:
            element, rest = stack[-1]
            follower = next((one for one in rest if one not in found), None)
            if follower is None:
                stack.pop()
                behind.append(element)
            else:
                found[follower] = None
                stack.append((follower, reversed(after(follower))))
        whole += reversed(behind)
    return whole


def after(element: Element) -> list[Element]:
    """Return where a token can come to next: by a flow, from its boundary, or by a link."""
    flows = [flow.target for flow in element.outgoing]
    flows += [flow.target for boundary in element.boundaries for flow in boundary.outgoing]
    return [*flows, *_linked(element)]


def _linked(element: Element) -> list[Element]:
    names = _links(element)
    if not names or element.tag != "intermediateThrowEvent" or element.container is None:
        return []
    others = (one for one in element.container.elements if one.tag == "intermediateCatchEvent")
    return [one for one in others if names & _links(one)]


def _links(element: Element) -> set[str]:
    triggers = getattr(element, "triggers", ())
    return {one.name for one in triggers if one.tag == "linkEventDefinition"}
