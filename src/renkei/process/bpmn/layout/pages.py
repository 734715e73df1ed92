"""Whole pages: pools and lanes around what was placed, events at edges, sub-processes within."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from renkei.process.bpmn.diagram import Box, Diagram, Figure, Line, with_diagrams
from renkei.process.bpmn.document import MODEL, Document, Xml, child, children, text
from renkei.process.bpmn.layout.grid import Grid
from renkei.process.bpmn.layout.messages import Message, drawn
from renkei.process.bpmn.layout.nodes import NAME, Link, Node, links_of, name_height, nodes_of
from renkei.process.bpmn.layout.routing import TRACK, Places
from renkei.process.bpmn.model import Container, Definition, Element, EventContainer, Process

PADDING, HEAD, BAND, GAP, FOOT = 24.0, 36.0, 30.0, 50.0, 14.0
EVENT = 36.0
WIDEST = 1200.0
"""Before event sub-processes begin a new row."""
CLOSED = 60.0
"""The height of a pool whose inside is not shown."""


@dataclass(slots=True)
class Placed:
    """What is in a container, from its upper left corner."""

    width: float
    height: float
    figures: list[Figure] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)

    def moved(self, right: float, down: float) -> "Placed":
        """Return it elsewhere."""
        figures = [
            Figure(
                one.element,
                one.box.moved(right, down),
                one.label and one.label.moved(right, down),
                one.is_expanded,
                one.is_horizontal,
            )
            for one in self.figures
        ]
        lines = [
            Line(one.element, tuple((x + right, y + down) for x, y in one.points))
            for one in self.lines
        ]
        return Placed(self.width, self.height, figures, lines)


def laid_out(definition: Definition) -> Document:
    """Return the document with pages of ours, in place of those it has."""
    return with_diagrams(definition.document, lay_out(definition))


def lay_out(definition: Definition) -> list[Diagram]:
    """Return pages for a model: one for a collaboration, else one for each process."""
    collaboration = child(definition.document.root, "collaboration")
    if collaboration is not None and definition.participants and collaboration.get("id"):
        return [_collaboration(definition, collaboration)]
    filled = [one for one in definition.processes.values() if one.elements]
    return [_process(one) for one in filled or definition.processes.values()]


def _process(process: Process) -> Diagram:
    page = Diagram(process.id, process.name)
    placed = _inside(process)
    page.figures, page.lines = placed.figures, placed.lines
    if not page.figures:  # an empty process is an empty pool
        page.figures = [Figure(process.id, Box(0, 0, 300, CLOSED))]
    return page


def _collaboration(definition: Definition, xml: Xml) -> Diagram:
    page = Diagram(xml.get("id", ""), xml.get("name", ""))
    messages = list(Message.of(definition, children(xml, "messageFlow")))
    open_below = frozenset(end for one in messages for end in one.open_below)
    insides: list[tuple[str, Placed | None]] = []
    for one in definition.participants:
        process = definition.processes.get(one.process)
        is_shown = process is not None and process.elements
        placed = _inside(process, open_below) if process is not None and is_shown else None
        insides.append((one.id, placed))
    taken = {one.process for one in definition.participants}
    free = [one for id_, one in definition.processes.items() if id_ not in taken and one.elements]
    insides += [("", _inside(one)) for one in free]
    wide = max((one.width for _, one in insides if one is not None), default=540.0)
    y = 0.0
    for number, (id_, placed) in enumerate(insides):
        high = CLOSED if placed is None else placed.height
        if id_:
            page.figures.append(Figure(id_, Box(0, y, wide + BAND, high)))
        if placed is not None:
            inner = placed.moved(BAND, y)
            page.figures += [_as_wide(one, wide, definition) for one in inner.figures]
            page.lines += inner.lines
        y += high + GAP + TRACK * sum(1 for one in messages if one.upper == number)
    page.lines += drawn(page, messages)
    return page


def _as_wide(figure: Figure, wide: float, definition: Definition) -> Figure:
    """Let a lane reach as far as its pool."""
    box = figure.box
    lanes = definition.document.root.iter(f"{{{MODEL}}}lane")
    if all(one.get("id") != figure.element for one in lanes):
        return figure
    reach = BAND + wide - box.x
    return Figure(figure.element, Box(box.x, box.y, reach, box.height))


# Inside -------------------------------------------------------------------------------------------


def _inside(container: Container, open_below: frozenset[str] = frozenset()) -> Placed:
    """Place what is in a container: first what is within it, to know how large that is."""
    within = {
        one.id: _padded(_inside(one), FOOT if one.picture.markers else 0.0)
        for one in (*container.elements, *container.events)
        if isinstance(one, Container) and (one.elements or one.events)
    }
    sizes = {id_: (one.width, one.height) for id_, one in within.items()}
    nodes = list(nodes_of(container, sizes, open_below))
    lanes = _Lanes.of(container)
    below: list[tuple[Node, Placed | None]] = []
    if lanes is None:  # event sub-processes stand apart: nothing leads to them
        apart = [one for one in nodes if isinstance(one.element, EventContainer)]
        below = [(one, within.get(one.id)) for one in apart]
        nodes = [one for one in nodes if one not in apart]
    for node in nodes:
        node.lane = lanes.index(node) if lanes is not None else 0
    links = list(links_of(container, frozenset(one.id for one in nodes)))
    if lanes is not None:
        lanes.put_data(nodes, links)
    grid = Grid(nodes, links, lanes.count if lanes is not None else 1)
    places = Places(grid)
    placed = Placed(places.width + PADDING, places.height)
    _put_boundaries(container, grid, places, placed)
    figures = [_figure(node) for node in nodes]
    for node in nodes:
        if node.id in within:
            left, up = node.x - node.width / 2, node.y - node.height / 2
            inner = within[node.id].moved(left, up)
            figures += inner.figures
            placed.lines += inner.lines
    placed.figures = [*figures, *placed.figures]
    placed.lines += [Line(link.id, tuple(points)) for link, points in places.lines()]
    shift = PADDING if lanes is None else PADDING + BAND * lanes.depth
    placed = placed.moved(shift, 0)
    placed.width += shift
    if lanes is not None:
        placed.figures = [*lanes.figures(placed.width, places.lane_tops), *placed.figures]
        placed.height = places.lane_tops[-1]
        placed = placed.moved(0, -places.lane_tops[0])
        placed.height -= places.lane_tops[0]
    return _with_below(placed, below)


def _with_below(placed: Placed, below: list[tuple[Node, Placed | None]]) -> Placed:
    """Put event sub-processes below everything else, one beside the other."""
    x, high = PADDING, 0.0
    top = placed.height + (GAP / 2 if placed.figures else PADDING / 2)
    for node, inner in below:
        if x > PADDING and x + node.width > max(placed.width, WIDEST):
            x, top, high = PADDING, top + high + GAP / 2, 0.0
        placed.figures.append(Figure(node.id, Box(x, top, node.width, node.height)))
        if inner is not None:
            moved = inner.moved(x, top)
            placed.figures += moved.figures
            placed.lines += moved.lines
        x, high = x + node.width + GAP / 2, max(high, node.height)
        placed.width = max(placed.width, x)
    if below:
        placed.height = top + high + PADDING
    return placed


def _padded(placed: Placed, foot: float) -> Placed:
    """Leave room for the name above, and for the markers below."""
    moved = placed.moved(0, HEAD - PADDING)
    return Placed(placed.width, placed.height + HEAD - PADDING + foot, moved.figures, moved.lines)


def _figure(node: Node) -> Figure:
    box = Box(node.x - node.width / 2, node.y - node.height / 2, node.width, node.height)
    if node.above:
        label = Box(node.x - NAME / 2, box.y - node.above, NAME, node.above - 4)
        return Figure(node.id, box, label)
    return Figure(node.id, box)


def _put_boundaries(container: Container, grid: Grid, places: Places, placed: Placed) -> None:
    """Put the events at an edge side by side on it."""
    by_host: dict[str, list[Element]] = {}
    for one in container.elements:
        if one.host is not None and one.host.id in grid.nodes:
            by_host.setdefault(one.host.id, []).append(one)
    for id_, events in by_host.items():
        host = grid.nodes[id_]
        step = min((host.width - EVENT) / max(len(events) - 1, 1), EVENT + 48)
        for number, event in enumerate(reversed(events)):
            x = host.x + host.width / 2 - EVENT * 0.7 - step * number
            y = host.y + host.height / 2
            box = Box(x - EVENT / 2, y - EVENT / 2, EVENT, EVENT)
            places.boundary[event.id] = (x, box.bottom)
            high = name_height(event.name)
            label = Box(box.right + 2, box.bottom - 6, 70, high) if high else None
            placed.figures.append(Figure(event.id, box, label))


class _Lanes:
    """The lanes of a process, the inner ones in their outer ones."""

    def __init__(self, top: list[Xml]) -> None:
        self._top = top
        self._leaves = [leaf for lane in top for leaf in _leaves(lane)]
        self._by_element = {
            text(held).rpartition(":")[2]: number
            for number, leaf in enumerate(self._leaves)
            for held in children(leaf, "flowNodeRef")
        }
        self.count = len(self._leaves)
        self.depth = max(_depth(one) for one in top)

    @classmethod
    def of(cls, container: Container) -> "_Lanes | None":
        """Return the lanes of a container, if it has some."""
        xml = container.xml if isinstance(container, Element) else None
        held = child(xml, "laneSet") if xml is not None else None
        top = children(held, "lane") if held is not None else []
        return cls(top) if top else None

    def index(self, node: Node) -> int:
        """Return in which lane something is; what is in none is in the first, or stands last."""
        return self._by_element.get(node.id, self.count - 1 if node.is_apart else 0)

    def put_data(self, nodes: list[Node], links: list[Link]) -> None:
        """Let data and remarks be in the lane of what they are joined with."""
        lanes: Mapping[str, int] = {one.id: one.lane for one in nodes}
        for node in nodes:
            if node.element is None:
                joined = [
                    link.source if link.target == node.id else link.target
                    for link in links
                    if node.id in {link.source, link.target}
                ]
                node.lane = lanes[joined[0]] if joined else 0

    def figures(self, wide: float, tops: list[float]) -> list[Figure]:
        """Return them, as wide as the pool; `tops` are their upper edges and the last lower one."""
        made: list[Figure] = []

        def put(lane: Xml, first: int, x: float) -> int:
            inner = _inner(lane)
            spot = len(made)
            last = first
            for one in inner:
                last = put(one, last, x + BAND)
            last = last if inner else first + 1
            box = Box(x, tops[first], wide - x, tops[last] - tops[first])
            made.insert(spot, Figure(lane.get("id", ""), box))
            return last

        at = 0
        for lane in self._top:
            at = put(lane, at, 0.0)
        return made


def _inner(lane: Xml) -> list[Xml]:
    held = child(lane, "childLaneSet")
    return children(held, "lane") if held is not None else []


def _leaves(lane: Xml) -> Iterator[Xml]:
    inner = _inner(lane)
    if not inner:
        yield lane
    for one in inner:
        yield from _leaves(one)


def _depth(lane: Xml) -> int:
    return 1 + max((_depth(one) for one in _inner(lane)), default=0)
