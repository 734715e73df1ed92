"""What is put on a page: each thing with its size, and what it is joined with."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from renkei.process.bpmn.diagram import Point
from renkei.process.bpmn.document import MODEL, Xml, children, local, text
from renkei.process.bpmn.drawing.wrapping import wrap
from renkei.process.bpmn.model import Container, Element, EventContainer
from renkei.process.bpmn.order import in_order
from renkei.process.bpmn.shapes import Form
from renkei.process.bpmn.words import formula

LETTERS = 12.0
LINE = 15.0
NAME = 110.0
"""How wide a name beside its element is."""
DATA = {
    "dataObjectReference": (40, 54),
    "dataStoreReference": (50, 50),
    "textAnnotation": (140, 60),
}


@dataclass(slots=True, eq=False)
class Node:
    """One thing: how large, how much room its name needs above or below it."""

    id: str
    width: float
    height: float
    element: Element | None = None
    above: float = 0.0
    below: float = 0.0
    column: int = 0
    row: int = 0
    lane: int = 0
    x: float = 0.0
    """Its middle."""
    y: float = 0.0

    @property
    def is_gateway(self) -> bool:
        """Tell whether lines come to its corners."""
        return self.element is not None and self.element.picture.shape.form is Form.DIAMOND

    @property
    def has_boundary(self) -> bool:
        """Tell whether its lower edge is taken."""
        return self.below > 0 and self.element is not None and not self.is_circle

    @property
    def is_circle(self) -> bool:
        """Tell whether it is an event."""
        return self.element is not None and self.element.picture.shape.form is Form.CIRCLE

    @property
    def is_apart(self) -> bool:
        """Tell whether no flow comes to it or leaves it, and it has a row of its own."""
        return isinstance(self.element, EventContainer)

    @property
    def left(self) -> Point:
        """Return the middle of its left edge."""
        return self.x - self.width / 2, self.y

    @property
    def right(self) -> Point:
        """Return the middle of its right edge."""
        return self.x + self.width / 2, self.y

    @property
    def top(self) -> Point:
        """Return the middle of its upper edge."""
        return self.x, self.y - self.height / 2

    @property
    def bottom(self) -> Point:
        """Return the middle of its lower edge."""
        return self.x, self.y + self.height / 2


@dataclass(frozen=True, slots=True)
class Link:
    """Something that joins two nodes, or an event at the edge of the first one with the other."""

    id: str
    source: str
    target: str
    boundary: str = ""
    """The event at the edge of the source where it begins."""
    is_flow: bool = True
    name: str = ""


def nodes_of(
    container: Container,
    sizes: Mapping[str, tuple[float, float]],
    open_below: frozenset[str] = frozenset(),
) -> Iterator[Node]:
    """Yield what a container holds, in the order of the flow; data and remarks come last.

    `open_below` is what messages come to, or leave, at its lower edge: its name stands above.
    """
    watched = {one.host for one in container.elements if one.host is not None}
    for element in in_order(container):
        size = sizes.get(element.id, element.picture.shape.size)
        node = Node(element.id, *size, element)
        room = name_height(element.name)
        if node.is_gateway or (node.is_circle and element.id in open_below):
            node.above = room
        elif node.is_circle:
            node.below = room
        elif element in watched:
            node.below = 20 + LINE * 2
        yield node
    xml = container.xml if isinstance(container, Element) else None
    for one in xml if xml is not None else ():
        if local(one) in DATA and one.get("id"):
            below = name_height(one.get("name", "")) if local(one) != "textAnnotation" else 0.0
            yield Node(one.get("id", ""), *DATA[local(one)], below=below)


def name_height(name: str) -> float:
    """Return how high a name beside its element is."""
    return len(wrap(name, NAME, LETTERS)) * LINE + 4 if name.strip() else 0.0


def links_of(container: Container, ids: frozenset[str]) -> Iterator[Link]:
    """Yield what joins the nodes of a container."""
    for element in container.elements:
        home = element.host.id if element.host is not None else element.id
        boundary = element.id if element.host is not None else ""
        for flow in element.outgoing:
            named = flow.name or (formula(flow.condition.text) if flow.condition else "")
            yield Link(flow.id, home, flow.target.id, boundary, name=named)
    if not isinstance(container, Element):
        return
    hosts = {one.id: one.host.id for one in container.elements if one.host is not None}
    for id_, source, target in _joined(container.xml):
        home = hosts.get(source, source)
        if home in ids and target in ids:
            yield Link(id_, home, target, source if source in hosts else "", is_flow=False)


def _joined(xml: Xml) -> Iterator[tuple[str, str, str]]:
    """Yield the associations, also of data, that have an id: only such can be drawn."""
    for one in children(xml, "association"):
        if one.get("id"):
            yield one.get("id", ""), one.get("sourceRef", ""), one.get("targetRef", "")
    for activity in xml:
        for tag in ("dataInputAssociation", "dataOutputAssociation"):
            for one in children(activity, tag) if isinstance(activity.tag, str) else ():
                other = "sourceRef" if tag == "dataInputAssociation" else "targetRef"
                data = text(one.find(f"{{{MODEL}}}{other}"))
                if one.get("id") and data:
                    own = activity.get("id", "")
                    ends = (data, own) if tag == "dataInputAssociation" else (own, data)
                    yield one.get("id", ""), *ends
