"""Messages between pools: out at an edge, along between them, and in, on tracks of their own."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from renkei.process.bpmn.diagram import Box, Diagram, Line, Point
from renkei.process.bpmn.document import Xml
from renkei.process.bpmn.layout.routing import TRACK
from renkei.process.bpmn.model import Definition

STEP = 14.0
"""Between two messages at one edge."""
POOL = 300.0
"""What is wider is a pool: a message comes to it from straight above or below."""


@dataclass(frozen=True, slots=True)
class Message:
    """One of them, and between which pools, counted from above, it goes."""

    id: str
    source: str
    target: str
    pools: tuple[int, int]

    @classmethod
    def of(cls, definition: Definition, flows: Sequence[Xml]) -> Iterator["Message"]:
        """Yield those of a collaboration that can be drawn."""
        pool = {one.id: number for number, one in enumerate(definition.participants)}
        for number, one in enumerate(definition.participants):
            process = definition.processes.get(one.process)
            for element in process.inner() if process is not None else ():
                pool[element.id] = number
        for flow in flows:
            ends = [flow.get(end, "").rpartition(":")[2] for end in ("sourceRef", "targetRef")]
            if flow.get("id") and all(end in pool for end in ends):
                source, target = ends
                yield cls(flow.get("id", ""), source, target, (pool[source], pool[target]))

    @property
    def upper(self) -> int:
        """Return the pool below which it goes along."""
        return min(self.pools)

    @property
    def open_below(self) -> Iterator[str]:
        """Yield which of its ends has it at the lower edge."""
        if self.pools[0] < self.pools[1]:
            yield self.source
        elif self.pools[1] < self.pools[0]:
            yield self.target


def drawn(page: Diagram, messages: Sequence[Message]) -> Iterator[Line]:
    """Yield the lines of all messages, once everything else is in its place."""
    boxes = {one.element: one.box for one in page.figures}
    shown = [one for one in messages if one.source in boxes and one.target in boxes]
    ends = [(message, end) for message in shown for end in (message.source, message.target)]
    levels: dict[int, int] = {}
    for message in shown:
        source, target = boxes[message.source], boxes[message.target]
        track = levels[message.upper] = levels.get(message.upper, 0) + 1
        xs = [_spot(boxes[end], end, message, ends) for end in (message.source, message.target)]
        below = _bottom(page, boxes, message) + 10 + TRACK * track
        yield Line(message.id, tuple(_points(source, target, xs, below)))


def _spot(box: Box, end: str, message: Message, ends: list[tuple[Message, str]]) -> float:
    """Return where along an edge a message is: beside the others of the same edge."""
    here = [
        one for one, other in ends if other == end and _is_down(one, end) == _is_down(message, end)
    ]
    place = here.index(message) - (len(here) - 1) / 2
    return box.centre[0] + place * min(STEP, box.width / (len(here) + 1))


def _is_down(message: Message, end: str) -> bool:
    own, other = message.pools if end == message.source else message.pools[::-1]
    return own < other


def _bottom(page: Diagram, boxes: dict[str, Box], message: Message) -> float:
    """Return where the upper pool ends."""
    upper = message.source if message.pools[0] <= message.pools[1] else message.target
    around = [one.box for one in page.figures if one.box.holds(boxes[upper])]
    return max(one.bottom for one in around)


def _points(source: Box, target: Box, xs: list[float], level: float) -> list[Point]:
    x, other = xs
    if source.width > POOL:
        x = other
    elif target.width > POOL:
        other = x
    is_down = source.y < target.y
    start = (x, source.bottom if is_down else source.y)
    end = (other, target.y if is_down else target.bottom)
    return [start, end] if x == other else [start, (x, level), (other, level), end]
