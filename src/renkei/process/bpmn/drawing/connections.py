"""Flows and whatever else joins two elements: the line, its ends, what is written at it."""

import math
from itertools import pairwise

from renkei.process.bpmn.diagram import Box, Line, Point
from renkei.process.bpmn.document import Xml, local
from renkei.process.bpmn.drawing.figures import draw_icon
from renkei.process.bpmn.drawing.paper import INK, PAPER, lines, part, path
from renkei.process.bpmn.drawing.wrapping import LEADING, widest, width, wrap
from renkei.process.bpmn.model import Flow
from renkei.process.bpmn.shapes import ENVELOPE

BEND = 6.0
LABEL = 11.0
SHORTEST = 40.0
"""Of a part of a line at which a name is written."""
WIDEST = 130.0
"""Of a label, if the file does not say it."""
DASHES = {"messageFlow": "8 5", "association": "2 4"}


def way(points: tuple[Point, ...]) -> str:
    """Return a line through points as SVG has it, its corners round."""
    parts = [f"M{points[0][0]:.1f} {points[0][1]:.1f}"]
    for before, at, after in zip(points, points[1:], points[2:], strict=False):
        into, out = math.dist(before, at), math.dist(at, after)
        bend = min(BEND, into / 2, out / 2)
        if bend < 1:
            parts.append(f"L{at[0]:.1f} {at[1]:.1f}")
            continue
        start, end = _towards(at, before, bend), _towards(at, after, bend)
        parts.append(
            f"L{start[0]:.1f} {start[1]:.1f}Q{at[0]:.1f} {at[1]:.1f} {end[0]:.1f} {end[1]:.1f}"
        )
    return "".join(parts) + f"L{points[-1][0]:.1f} {points[-1][1]:.1f}"


def _towards(start: Point, goal: Point, far: float) -> Point:
    whole = math.dist(start, goal) or 1.0
    share = far / whole
    return start[0] + (goal[0] - start[0]) * share, start[1] + (goal[1] - start[1]) * share


def _arrow(at: Xml, points: tuple[Point, ...], *, is_open: bool) -> None:
    """Draw the point of an arrow at the end of a line."""
    tip = points[-1]
    before = next((one for one in reversed(points[:-1]) if math.dist(one, tip) > 0.5), points[0])
    angle = math.atan2(tip[1] - before[1], tip[0] - before[0])
    size = 9.0
    wings = [
        (tip[0] - size * math.cos(angle + turn), tip[1] - size * math.sin(angle + turn))
        for turn in (0.42, -0.42)
    ]
    said = [f"{x:.1f} {y:.1f}" for x, y in (wings[0], tip, wings[1])]
    if is_open:
        path(at, "M" + "L".join(said), fill=PAPER, stroke=INK, stroke_width=1.3)
    else:
        path(at, "M" + "L".join(said) + "Z", fill=INK)


def draw_flow(at: Xml, line: Line, flow: Flow, *, share: float | None = None) -> None:
    """Draw a sequence flow: its condition or default at its beginning, an arrow at its end."""
    thick = 1.5 if share is None else 1.0 + 6.0 * share
    path(at, way(line.points), fill="none", stroke=INK, stroke_width=thick)
    _arrow(at, line.points, is_open=False)
    start, then = line.points[0], line.points[1]
    angle = math.atan2(then[1] - start[1], then[0] - start[0])
    turned = f"translate({start[0]:.1f} {start[1]:.1f}) rotate({math.degrees(angle):.0f})"
    if flow.source.default is flow:
        path(at, "M6 6L14 -6", transform=turned, stroke=INK, stroke_width=1.6)
    elif flow.condition is not None and not _splits(flow):
        diamond = "M0 0L8 -5L16 0L8 5Z"
        path(at, diamond, transform=turned, fill=PAPER, stroke=INK, stroke_width=1.3)


def _splits(flow: Flow) -> bool:
    return flow.source.tag.endswith("Gateway")


def draw_other(at: Xml, line: Line, xml: Xml) -> None:
    """Draw a message flow, an association, or the way of data."""
    tag = local(xml)
    is_message = tag == "messageFlow"
    dash = DASHES.get(tag, DASHES["association"])
    path(at, way(line.points), fill="none", stroke=INK, stroke_width=1.3, stroke_dasharray=dash)
    if is_message:
        x, y = line.points[0]
        part(at, "circle", cx=x, cy=y, r=4, fill=PAPER, stroke=INK, stroke_width=1.3)
    if tag != "association" or xml.get("associationDirection", "None") != "None":
        _arrow(at, line.points, is_open=True)
    if line.has_message:
        x, y = halfway(line.points)
        draw_icon(at, ENVELOPE, Box(x - 12, y - 9, 24, 18))


def halfway(points: tuple[Point, ...]) -> Point:
    """Return the point in the middle of a line."""
    left = sum(math.dist(one, other) for one, other in pairwise(points)) / 2
    for one, other in pairwise(points):
        far = math.dist(one, other)
        if far >= left and far > 0:
            return _towards(one, other, left)
        left -= far
    return points[0]


def draw_flow_name(at: Xml, line: Line, name: str) -> None:
    """Write the name of a flow, or its condition: where the file says, else where it is alone."""
    if line.label is not None:
        box = line.label
        said = wrap(name, max(box.width * 1.15, 60, min(widest(name, LABEL), WIDEST)), LABEL)
        lines(at, said, (box.centre[0], box.y + LABEL * 0.6), LABEL, has_halo=True)
        return
    (ax, ay), (bx, by) = _own_part(line.points)
    if abs(bx - ax) >= abs(by - ay):
        said = wrap(name, max(min(abs(bx - ax) - 16, WIDEST), 60), LABEL)
        high = (len(said) - 1) * LABEL * LEADING
        wide = max((width(one, LABEL) for one in said), default=0)
        left = ax + math.copysign(wide / 2 + 8, bx - ax)
        lines(at, said, (left, (ay + by) / 2 - 9 - high), LABEL, has_halo=True)
    else:
        said = wrap(name, WIDEST, LABEL)
        top = ay + math.copysign(14, by - ay) - (0 if by > ay else (len(said) - 1) * LABEL)
        lines(at, said, (ax + 6, top), LABEL, anchor="start", has_halo=True)


def _own_part(points: tuple[Point, ...]) -> tuple[Point, Point]:
    """Return the part of a line at which its name stands: the first may be shared with others."""
    pairs = list(pairwise(points))
    level = [pair for pair in pairs[1:] if abs(pair[1][0] - pair[0][0]) >= SHORTEST]
    long = [pair for pair in pairs if math.dist(*pair) >= SHORTEST]
    return next(iter(level or long), max(pairs, key=lambda pair: math.dist(*pair)))
