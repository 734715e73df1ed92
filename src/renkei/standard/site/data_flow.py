"""The data-flow diagram of a unit (機能情報関連図): providers, the unit, consumers.

The unit's box is as tall as its neighbours together, so every edge is one horizontal line with
its name above it; however many there are, nothing crosses and nothing overlaps.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from renkei.kit import Language
from renkei.standard.linkage import Interface, Party, Timing
from renkei.standard.model import Unit
from renkei.standard.site import addresses
from renkei.standard.site.book import Book, symbol
from renkei.standard.site.drawing import ROW, SIZE, Drawing, width
from renkei.standard.site.wording import word

MANY = 6
"""An interface with so many consumers is drawn once, with all of them in one box."""

GAP = 12.0
PAD = 10.0
WIDEST_NAME = 22 * SIZE
WIDEST_EDGE = 30 * SIZE


@dataclass(frozen=True, slots=True)
class Block:
    """Neighbours that are given, or give, the same interfaces: one box, one edge for each."""

    members: tuple[str, ...]
    interfaces: tuple[Interface, ...]

    @property
    def columns(self) -> int:
        """Return in how many columns the neighbours stand in their box."""
        return 1 if len(self.members) <= MANY else 2

    @property
    def height(self) -> float:
        """Return the height of the box."""
        rows = -(-len(self.members) // self.columns)
        return max(rows, len(self.interfaces)) * ROW + PAD


def data_flow(book: Book, unit: Unit, language: Language, base: str) -> Markup | None:
    """Return the diagram; None for a unit that neither gives nor is given anything."""
    left = [Block((one,), given) for one, given in book.given_to.get(unit.id, {}).items()]
    right = consumers(book, unit.id)
    if not left and not right:
        return None
    return _Sketch(book, unit, language, base).draw(left, right)


def consumers(book: Book, unit: str) -> list[Block]:
    """Return who is given something by a unit, those given the same in one block."""
    offered = book.standard.interfaces_of(unit)
    asking = {one.name: book.standard.consumers(one) for one in offered}
    wide = _alike({one: asking[one.name] for one in offered if len(asking[one.name]) >= MANY})
    blocks = [Block(members, interfaces) for members, interfaces in wide.items()]
    rest: dict[str, list[Interface]] = {}
    for one in offered:
        if len(asking[one.name]) < MANY:
            for member in asking[one.name]:
                rest.setdefault(member, []).append(one)
    alike: dict[tuple[Interface, ...], list[str]] = {}
    for member in sorted(rest):
        alike.setdefault(tuple(rest[member]), []).append(member)
    blocks += [Block(tuple(members), interfaces) for interfaces, members in alike.items()]
    return blocks


def _alike(
    asked: Mapping[Interface, tuple[str, ...]],
) -> dict[tuple[str, ...], tuple[Interface, ...]]:
    found: dict[tuple[str, ...], tuple[Interface, ...]] = {}
    for interface, members in asked.items():
        found[members] = (*found.get(members, ()), interface)
    return found


@dataclass
class _Sketch:
    """One diagram being drawn: the columns and their widths."""

    book: Book
    unit: Unit
    language: Language
    base: str

    def draw(self, left: Sequence[Block], right: Sequence[Block]) -> Markup:
        """Set the columns from the widest text of each and draw block by block."""
        name = self._label(self.unit.id)
        drawing = Drawing(word("diagram-flow-title", self.language, name=name))
        giver, given = self._names(left), self._edges(left)
        taker, taken = self._names(right), self._edges(right)
        middle = giver + given if left else 0
        centre = width(name) + 4 * PAD
        high = max(_height(left), _height(right))
        drawing.box(middle, 0, centre, high, "unit")
        drawing.text(middle + 2 * PAD, min(high / 2, 240) + 5, name, "strong")
        y = 0.0
        for block in left:
            self._members(drawing, block, 0, y, giver)
            self._interfaces(drawing, block, giver, y, middle)
            y += block.height + GAP
        y = 0.0
        for block in right:
            begin, end = middle + centre, middle + centre + taken
            self._interfaces(drawing, block, begin, y, end)
            self._members(drawing, block, end, y, taker)
            y += block.height + GAP
        return drawing.svg()

    def _members(self, drawing: Drawing, block: Block, x: float, y: float, wide: float) -> None:
        drawing.box(x, y, wide, block.height, "neighbour")
        rows = -(-len(block.members) // block.columns)
        for index, member in enumerate(block.members):
            column, row = divmod(index, rows)
            address = self._address(member)
            label = self._neighbour(member)
            place = x + PAD + column * (wide - PAD) / block.columns
            drawing.link(place, y + row * ROW + 21, label, address, label, WIDEST_NAME)

    def _interfaces(
        self, drawing: Drawing, block: Block, begin: float, y: float, end: float
    ) -> None:
        for row, interface in enumerate(block.interfaces):
            asked = set(interface.timings) == {Timing.immediate}
            kind = "asked" if asked else "sent"
            level = y + row * ROW + 26
            drawing.line([(begin, level), (end - 6, level)], kind)
            drawing.arrow(end, level, kind)
            tip = f"{self._name(interface)} ({interface.name})"
            address = self.base + addresses.interface(interface)
            drawing.link(begin + PAD, level - 5, self._edge(interface), address, tip, WIDEST_EDGE)

    def _names(self, blocks: Sequence[Block]) -> float:
        """Return the width of a column of neighbours."""
        widths = [
            block.columns * (min(width(self._neighbour(member)), WIDEST_NAME) + PAD) + PAD
            for block in blocks
            for member in block.members
        ]
        return max(widths, default=0)

    def _edges(self, blocks: Sequence[Block]) -> float:
        """Return the width of a column of edges."""
        widths = [
            min(width(self._edge(interface)), WIDEST_EDGE) + 3 * PAD
            for block in blocks
            for interface in block.interfaces
        ]
        return max(widths, default=0)

    def _edge(self, interface: Interface) -> str:
        return f"{symbol([interface])} {self._name(interface)}"

    def _name(self, interface: Interface) -> str:
        return interface.ja if self.language == "ja" else interface.en

    def _label(self, number: str) -> str:
        member = self.book.members[number]
        return f"{number} {member.ja if self.language == 'ja' else member.en}"

    def _neighbour(self, number: str) -> str:
        """Name a neighbour; where it is the unit itself, it is that of another organisation."""
        other = word("diagram-elsewhere", self.language) if number == self.unit.id else ""
        return self._label(number) + other

    def _address(self, number: str) -> str:
        is_party = isinstance(self.book.members[number], Party)
        return self.base + (addresses.party if is_party else addresses.unit)(number)


def _height(blocks: Sequence[Block]) -> float:
    return sum(block.height + GAP for block in blocks) - GAP if blocks else 2 * ROW
