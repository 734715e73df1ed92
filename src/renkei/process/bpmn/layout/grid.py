"""Which column and row: as far right as the longest way to it, on the row of what led there."""

from collections.abc import Mapping, Sequence

from renkei.process.bpmn.layout.nodes import Link, Node


class Grid:
    """Nodes in cells, no two in one."""

    def __init__(self, nodes: Sequence[Node], links: Sequence[Link], lanes: int = 1) -> None:
        """Take them in the order of the flow, and how many lanes there are."""
        self.nodes = {one.id: one for one in nodes}
        self.links = [one for one in links if one.source in self.nodes and one.target in self.nodes]
        self._turn = {one.id: turn for turn, one in enumerate(nodes)}
        self._taken: set[tuple[int, int, int]] = set()
        self._set_columns(nodes)
        self._set_rows(nodes)
        self._join_lanes(nodes, lanes)
        self.cells = {(one.column, one.row): one for one in nodes}

    @property
    def columns(self) -> int:
        """Return how many there are."""
        return 1 + max((one.column for one in self.nodes.values()), default=0)

    def is_forward(self, link: Link) -> bool:
        """Tell whether a link goes the way the page does."""
        return self._turn[link.source] < self._turn[link.target]

    def is_free(self, columns: range, row: int) -> bool:
        """Tell whether nothing stands in these columns of a row."""
        return not any((column, row) in self.cells for column in columns)

    def is_open(self, column: int, rows: range) -> bool:
        """Tell whether nothing stands in these rows of a column."""
        return not any((column, row) in self.cells for row in rows)

    def _forward(self) -> Mapping[str, list[Link]]:
        """Return by what each node is reached."""
        found: dict[str, list[Link]] = {one: [] for one in self.nodes}
        for link in self.links:
            if link.is_flow and self.is_forward(link):
                found[link.target].append(link)
        return found

    def _set_columns(self, nodes: Sequence[Node]) -> None:
        reached = self._forward()
        for node in nodes:
            before = [self.nodes[link.source].column for link in reached[node.id]]
            node.column = max(before, default=-1) + 1
            beside = self._beside(node)
            if not before and beside is not None:
                node.column = beside.column + (1 if node.element is not None else 0)

    def _beside(self, node: Node) -> Node | None:
        """Return what data, a remark or an activity that undoes is joined with."""
        for link in self.links:
            if not link.is_flow and node.id in {link.source, link.target}:
                other = link.source if node.id == link.target else link.target
                if self._turn[other] < self._turn[node.id]:
                    return self.nodes[other]
        return None

    def _set_rows(self, nodes: Sequence[Node]) -> None:
        reached = self._forward()
        for node in nodes:
            wanted = 0
            before = [one for one in reached[node.id] if self.nodes[one.source].lane == node.lane]
            beside = self._beside(node)
            if node.is_apart:
                wanted = self._last(node.lane) + 1
            elif before:
                wanted = min(self.nodes[one.source].row + bool(one.boundary) for one in before)
            elif beside is not None and not reached[node.id]:
                wanted = beside.row + 1 if beside.lane == node.lane else 0
            while (node.lane, node.column, wanted) in self._taken:
                wanted += 1
            node.row = wanted
            self._taken.add((node.lane, node.column, wanted))

    def _last(self, lane: int) -> int:
        return max((row for held, _, row in self._taken if held == lane), default=-1)

    def _join_lanes(self, nodes: Sequence[Node], lanes: int) -> None:
        """Let the rows of each lane follow those of the one above it."""
        self.lanes: list[range] = []
        first = 0
        for lane in range(lanes):
            rows = max(self._last(lane) + 1, 1)
            self.lanes.append(range(first, first + rows))
            first += rows
        for node in nodes:
            node.row += self.lanes[node.lane].start
        self.rows = first
