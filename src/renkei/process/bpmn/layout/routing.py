"""How lines go: along free rows and, between the rows and columns, on tracks of their own."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

from renkei.process.bpmn.diagram import Point
from renkei.process.bpmn.drawing.wrapping import width, wrap
from renkei.process.bpmn.layout.grid import Grid
from renkei.process.bpmn.layout.nodes import Link, Node

TRACK = 10.0
"""Between two lines side by side."""
LETTERS = 11.0
COLUMN_GAP, ROW_GAP, LANE_EDGE = 44.0, 24.0, 12.0

Way = Callable[["Places"], list[Point]]
"""A line, once it is known where rows and columns are."""


@dataclass(slots=True)
class Tracks:
    """The lines between two columns, or two rows: each has its own, those of one end share one."""

    held: dict[tuple[int, str], int]

    def take(self, place: int, key: str) -> int:
        """Return the track for a line, at a place between columns or rows."""
        if (place, key) not in self.held:
            self.held[place, key] = self.count(place)
        return self.held[place, key]

    def count(self, place: int) -> int:
        """Return how many there are at a place."""
        return sum(1 for held, _ in self.held if held == place)


class Places:
    """Where rows and columns are, and what lies between them."""

    def __init__(self, grid: Grid) -> None:
        """Choose the way of every line, then make room for them all."""
        self._grid = grid
        self._channels, self._gaps = Tracks({}), Tracks({})
        self.boundary: dict[str, Point] = {}
        """The foot of each event at an edge."""
        self._ways = [(link, self._choose(link)) for link in grid.links]
        self._set_columns()
        self._set_rows()

    def lines(self) -> list[tuple[Link, list[Point]]]:
        """Return every line; the nodes know where they are by now."""
        return [(link, _straight(way(self))) for link, way in self._ways]

    # Room -----------------------------------------------------------------------------------------

    def _set_columns(self) -> None:
        x, self._left = 0.0, []
        for column in range(self._grid.columns + 1):
            gap = self._name_gap(column) if column else 0.0
            x += gap + TRACK * max(self._channels.count(column) - 1, 0)
            held = [one for one in self._grid.nodes.values() if one.column == column]
            wide = max((_width(one) for one in held), default=0.0)
            self._left.append(x)
            for one in held:
                one.x = x + (one.width if one.is_apart else wide) / 2
            x += wide
        self.width = x - COLUMN_GAP - TRACK * max(self._channels.count(self._grid.columns) - 1, 0)
        if self._channels.count(self._grid.columns):
            self.width = x
        apart = [one for one in self._grid.nodes.values() if one.is_apart]
        self.width = max([self.width, *(one.x + one.width / 2 for one in apart)])

    def _name_gap(self, column: int) -> float:
        """Return how far a column is from the one before: the names of flows need room."""
        nodes = self._grid.nodes
        named = [
            max(width(one, LETTERS) for one in wrap(link.name, 90, LETTERS))
            for link in self._grid.links
            if link.name.strip() and nodes[link.source].column == column - 1
        ]
        return max([COLUMN_GAP, *(wide + 28 for wide in named)])

    def _set_rows(self) -> None:
        y, self._top = 0.0, []
        edge = LANE_EDGE if len(self._grid.lanes) > 1 else 0.0
        edges = {rows.start for rows in self._grid.lanes}
        self.lane_tops: list[float] = []
        for row in range(self._grid.rows):
            if row in edges:
                y += edge
                self.lane_tops.append(y)
                y += edge
            y += ROW_GAP / 2 + TRACK * self._gaps.count(row)
            held = [one for one in self._grid.nodes.values() if one.row == row]
            up = max((one.height / 2 + one.above for one in held), default=0.0)
            down = max((one.height / 2 + one.below for one in held), default=0.0)
            self._top.append(y)
            for one in held:
                one.y = y + up
            y += up + down + ROW_GAP / 2
        below = self._gaps.count(self._grid.rows)
        y += TRACK * below + (ROW_GAP / 2 if below else 0)
        self._top.append(y)
        y += edge
        self.lane_tops.append(y)
        self.height = y

    def channel(self, column: int, track: int) -> float:
        """Return where a track to the left of a column is."""
        return self._left[column] - 18 - TRACK * track

    def gap(self, row: int, track: int) -> float:
        """Return where a track above a row is."""
        return self._top[row] - 6 - TRACK * track

    # Ways -----------------------------------------------------------------------------------------

    def _choose(self, link: Link) -> Way:
        source, target = self._grid.nodes[link.source], self._grid.nodes[link.target]
        if link.boundary:
            return self._from_boundary(link, source, target)
        if not link.is_flow:
            return self._beside(source, target)
        if target.column > source.column:
            return self._forward(source, target)
        return self._back(source, target)

    def _forward(self, source: Node, target: Node) -> Way:
        between = range(source.column + 1, target.column)
        if source.row == target.row and self._grid.is_free(between, source.row):
            return lambda _: [source.right, target.left]
        if source.row != target.row:
            rows = _between(source.row, target.row)
            is_open = self._grid.is_open(source.column, rows)
            if (
                source.is_gateway
                and is_open
                and self._grid.is_free(range(source.column, target.column), target.row)
            ):
                return lambda _: [_corner(source, target), (source.x, target.y), target.left]
            is_open = self._grid.is_open(target.column, rows)
            if (
                target.is_gateway
                and is_open
                and self._grid.is_free(range(source.column + 1, target.column + 1), source.row)
            ):
                return lambda _: [source.right, (target.x, source.y), _corner(target, source)]
            if source.is_gateway:  # each way by a corner of its own, so that its name is alone
                is_down = target.row > source.row
                return self._around(source, target, source.row + is_down)
            if self._grid.is_free(between, source.row):
                into = self._channels.take(target.column, f"in {target.id}")
                return lambda at: _step(source.right, target.left, at.channel(target.column, into))
            if self._grid.is_free(between, target.row):
                out = self._channels.take(source.column + 1, f"out {source.id}")
                after = source.column + 1
                return lambda at: _step(source.right, target.left, at.channel(after, out))
        return self._around(source, target, max(source.row, target.row))

    def _around(self, source: Node, target: Node, row: int) -> Way:
        """Go out, along above a row, and in."""
        track = self._gaps.take(row, f"{source.id} {target.id}")
        into = self._channels.take(target.column, f"in {target.id}")
        rows = range(source.row + 1, row) if row > source.row else range(row, source.row)
        if source.is_gateway and self._grid.is_open(source.column, rows):

            def from_corner(at: Places) -> list[Point]:
                start = source.bottom if row > source.row else source.top
                last, y = at.channel(target.column, into), at.gap(row, track)
                return [start, (source.x, y), (last, y), (last, target.y), target.left]

            return from_corner
        out = self._channels.take(source.column + 1, f"out {source.id}")

        def way(at: Places) -> list[Point]:
            first, last = at.channel(source.column + 1, out), at.channel(target.column, into)
            y = at.gap(row, track)
            corners = [(first, source.y), (first, y), (last, y), (last, target.y)]
            return [source.right, *corners, target.left]

        return way

    def _back(self, source: Node, target: Node) -> Way:
        """Go back below both."""
        row = max(source.row, target.row) + 1
        if source.row != target.row or source.below or target.below:
            return self._around(source, target, row)
        track = self._gaps.take(row, f"{source.id} {target.id}")

        def way(at: Places) -> list[Point]:
            y = at.gap(row, track)
            shift = 12.0 if source is target else 0.0
            start = (source.bottom[0] + shift, source.bottom[1])
            end = (target.bottom[0] - shift, target.bottom[1])
            return [start, (start[0], y), (end[0], y), end]

        return way

    def _from_boundary(self, link: Link, source: Node, target: Node) -> Way:
        row = source.row + 1
        is_near = target.row == row and target.column > source.column
        if is_near and self._grid.is_free(range(source.column, target.column), row):
            return lambda at: [
                at.boundary[link.boundary],
                (at.boundary[link.boundary][0], target.y),
                target.left,
            ]
        track = self._gaps.take(row, link.id)
        into = self._channels.take(target.column, f"in {target.id}")

        def way(at: Places) -> list[Point]:
            start, y = at.boundary[link.boundary], at.gap(row, track)
            x = at.channel(target.column, into)
            return [start, (start[0], y), (x, y), (x, target.y), target.left]

        return way

    def _beside(self, source: Node, target: Node) -> Way:
        """Join what belongs together by the shortest line."""

        def way(_: Places) -> list[Point]:
            if source.row == target.row:
                pair = (source.right, target.left)
                return list(pair if source.x < target.x else (source.left, target.right))
            pair = (source.bottom, target.top)
            return list(pair if source.y < target.y else (source.top, target.bottom))

        return way


def _width(node: Node) -> float:
    """Return how wide the column of a node must be; what has a row of its own needs none."""
    if node.is_apart:
        return 0.0
    is_named = (node.above or node.below) and not node.has_boundary
    return max(node.width, 90.0 if is_named else 0.0)


def _between(row: int, other: int) -> range:
    """Return the rows behind the first one, up to and with the other."""
    return range(row + 1, other + 1) if row < other else range(other, row)


def _corner(node: Node, other: Node) -> Point:
    return node.bottom if other.y > node.y else node.top


def _step(start: Point, end: Point, x: float) -> list[Point]:
    return [start, (x, start[1]), (x, end[1]), end]


def _straight(points: list[Point]) -> list[Point]:
    """Leave out points that lie on the way anyhow."""
    kept = points[:1]
    for at, after in pairwise(points[1:]):
        before = kept[-1]
        is_same = abs(before[0] - at[0]) < 0.5 and abs(before[1] - at[1]) < 0.5  # half a pixel
        is_along = (before[0] == at[0] == after[0]) or (before[1] == at[1] == after[1])
        if not is_same and not is_along:
            kept.append(at)
    return [*kept, points[-1]]
