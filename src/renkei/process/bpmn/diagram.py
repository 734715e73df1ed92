"""Where things stand on a page: the part of a file that is about its picture (BPMN DI)."""

import math
from collections.abc import Iterator
from dataclasses import dataclass, field

from lxml import etree

from renkei.process.bpmn.document import Document, Xml, is_yes, local

DI = "http://www.omg.org/spec/BPMN/20100524/DI"
DC = "http://www.omg.org/spec/DD/20100524/DC"
DD = "http://www.omg.org/spec/DD/20100524/DI"
FARTHEST = 1_000_000.0
"""A number of a file that is larger is no place on a page."""

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle of the page."""

    x: float
    y: float
    width: float
    height: float

    @property
    def right(self) -> float:
        """Return where it ends to the right."""
        return self.x + self.width

    @property
    def bottom(self) -> float:
        """Return where it ends below."""
        return self.y + self.height

    @property
    def centre(self) -> Point:
        """Return its middle."""
        return self.x + self.width / 2, self.y + self.height / 2

    def holds(self, other: "Box") -> bool:
        """Tell whether another one lies in it."""
        return (
            self.x <= other.x
            and self.y <= other.y
            and other.right <= self.right
            and other.bottom <= self.bottom
        )

    def moved(self, right: float, down: float) -> "Box":
        """Return it elsewhere."""
        return Box(self.x + right, self.y + down, self.width, self.height)


@dataclass(frozen=True, slots=True)
class Figure:
    """An element at its place."""

    element: str
    box: Box
    label: Box | None = None
    """Where its name stands, if not in it or below."""
    is_expanded: bool = True
    is_horizontal: bool = True
    """Of a pool or a lane: its name stands at the left, else above."""


@dataclass(frozen=True, slots=True)
class Line:
    """A flow, or whatever else joins two elements."""

    element: str
    points: tuple[Point, ...]
    label: Box | None = None
    has_message: bool = False


@dataclass(slots=True)
class Diagram:
    """One page: what stands on it, in the order in which it is drawn."""

    plane: str
    """The process, collaboration or sub-process it is of."""
    name: str = ""
    figures: list[Figure] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)

    def figure(self, element: str) -> Figure | None:
        """Return where an element stands."""
        return next((one for one in self.figures if one.element == element), None)


def diagrams(document: Document) -> list[Diagram]:
    """Return the pages of a file that show something, in its order."""
    found = (_diagram(one) for one in document.root.iter(f"{{{DI}}}BPMNDiagram"))
    return [one for one in found if one.figures]


def _diagram(xml: Xml) -> Diagram:
    plane = next(xml.iter(f"{{{DI}}}BPMNPlane"), None)
    made = Diagram("" if plane is None else _reference(plane), xml.get("name", "").strip())
    for one in plane if plane is not None else ():
        if local(one) == "BPMNShape" and (box := _box(one.find(f"{{{DC}}}Bounds"))) is not None:
            made.figures.append(
                Figure(
                    _reference(one),
                    box,
                    _label(one),
                    is_yes(one, "isExpanded", otherwise=True),
                    is_yes(one, "isHorizontal", otherwise=True),
                )
            )
        elif local(one) == "BPMNEdge" and len(points := tuple(_points(one))) > 1:
            has_message = one.get("messageVisibleKind") is not None
            made.lines.append(Line(_reference(one), points, _label(one), has_message))
    return made


def _reference(xml: Xml) -> str:
    """Return the element that a part of the page is of, without the prefix of its namespace."""
    name = xml.get("bpmnElement", "")
    head, colon, tail = name.partition(":")
    return tail if colon and head in xml.nsmap else name


def _label(xml: Xml) -> Box | None:
    found = xml.find(f"{{{DI}}}BPMNLabel/{{{DC}}}Bounds")
    box = _box(found)
    return box if box is not None and box.width > 0 else None


def _box(xml: Xml | None) -> Box | None:
    if xml is None:
        return None
    numbers = [_number(xml.get(name, "")) for name in ("x", "y", "width", "height")]
    x, y, width, height = numbers
    if x is None or y is None or width is None or height is None or min(width, height) < 0:
        return None
    return Box(x, y, width, height)


def _points(xml: Xml) -> Iterator[Point]:
    for one in xml.iterfind(f"{{{DD}}}waypoint"):
        x, y = _number(one.get("x", "")), _number(one.get("y", ""))
        if x is not None and y is not None:
            yield x, y


def _number(words: str) -> float | None:
    try:
        number = float(words)
    except ValueError:
        return None
    return number if math.isfinite(number) and abs(number) <= FARTHEST else None


def with_diagrams(document: Document, pages: list[Diagram]) -> Document:
    """Return the document with these pages instead of its own; all else in it stays as it is."""
    root = _copied(document.root)
    for one in root.findall(f"{{{DI}}}BPMNDiagram"):
        root.remove(one)
    taken = {one.get("id") for one in root.iter() if isinstance(one.tag, str)}
    where = _end_of_model(root)
    for number, page in enumerate(pages):
        made = _written(page, _free(f"diagram-{number + 1}", taken), taken)
        root.insert(where + number, made)
    return Document(document.name, root)


def _copied(root: Xml) -> Xml:
    """Return the tree once more, with what stands before and behind its root."""
    return etree.fromstring(etree.tostring(root.getroottree()), _parser())


def _parser() -> etree.XMLParser:
    return etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)


def _end_of_model(root: Xml) -> int:
    """Return where pages stand: before the relationships, which are the last of a file."""
    places = [n for n, one in enumerate(root) if local(one) == "relationship"]
    return places[0] if places else len(root)


def _free(wanted: str, taken: set[str | None]) -> str:
    """Return an id that nothing has yet."""
    id_, number = wanted, 2
    while id_ in taken:
        id_, number = f"{wanted}-{number}", number + 1
    taken.add(id_)
    return id_


def _written(page: Diagram, id_: str, taken: set[str | None]) -> Xml:
    top = etree.Element(f"{{{DI}}}BPMNDiagram", nsmap={"bpmndi": DI, "dc": DC, "di": DD}, id=id_)
    if page.name:
        top.set("name", page.name)
    plane = _part(top, DI, "BPMNPlane", id=_free(f"{id_}-plane", taken), bpmnElement=page.plane)
    for figure in page.figures:
        id_ = _free(f"{figure.element}-shape", taken)
        shape = _part(plane, DI, "BPMNShape", id=id_, bpmnElement=figure.element)
        if not figure.is_expanded:
            shape.set("isExpanded", "false")
        _part(shape, DC, "Bounds", **_bounds(figure.box))
        _write_label(shape, figure.label)
    for line in page.lines:
        id_ = _free(f"{line.element}-edge", taken)
        edge = _part(plane, DI, "BPMNEdge", id=id_, bpmnElement=line.element)
        for x, y in line.points:
            _part(edge, DD, "waypoint", x=_shown(x), y=_shown(y))
        _write_label(edge, line.label)
    return top


def _write_label(xml: Xml, label: Box | None) -> None:
    if label is not None:
        _part(_part(xml, DI, "BPMNLabel"), DC, "Bounds", **_bounds(label))


def _part(parent: Xml, space: str, name: str, **attributes: str) -> Xml:
    return etree.SubElement(parent, f"{{{space}}}{name}", attributes)


def _bounds(box: Box) -> dict[str, str]:
    names = ("x", "y", "width", "height")
    return {name: _shown(getattr(box, name)) for name in names}


def _shown(number: float) -> str:
    """Return a number as files have it: without a fraction that is none."""
    return f"{number:.1f}".removesuffix(".0")
