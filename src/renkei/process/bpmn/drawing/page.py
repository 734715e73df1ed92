"""One page as SVG: put together in the order in which things lie upon each other."""

from collections.abc import Iterable, Mapping

from lxml import etree

from renkei import kit
from renkei.process.bpmn.diagram import Box, Diagram, Figure, Line, diagrams
from renkei.process.bpmn.document import MODEL, Xml, local, namespace
from renkei.process.bpmn.drawing.connections import (
    draw_flow,
    draw_flow_name,
    draw_other,
    halfway,
)
from renkei.process.bpmn.drawing.figures import (
    draw_label,
    draw_name,
    draw_outline,
    draw_signs,
)
from renkei.process.bpmn.drawing.marks import (
    Mark,
    draw_legend,
    draw_mark,
    draw_note,
    kinds_of,
    tint,
)
from renkei.process.bpmn.drawing.paper import FONTS, PAPER, SVG, part, rectangle, title
from renkei.process.bpmn.drawing.surroundings import draw_surrounding, name_of, words_of
from renkei.process.bpmn.layout import lay_out
from renkei.process.bpmn.model import Container, Definition, Element, Flow
from renkei.process.bpmn.outline import Outline
from renkei.process.bpmn.shapes import Form
from renkei.process.bpmn.words import flat, formula, heading, joined, phrase

MARGIN = 24.0
BEHIND = ("participant", "lane", "group")
NONE: Mapping[str, Mark] = {}
NO_LINKS: Mapping[str, str] = {}


def draw(
    definition: Definition,
    *,
    page: int = 0,
    marks: Mapping[str, Mark] = NONE,
    links: Mapping[str, str] = NO_LINKS,
    language: kit.Language = "ja",
    prefix: str = "element-",
) -> str:
    """Return one page of a model as SVG; a model without a diagram is laid out first.

    `marks` and `links` are by the id of an element or a flow; `prefix` begins every id in the
    picture, so that two of them can stand in one document.
    """
    pages = diagrams(definition.document) or lay_out(definition)
    chosen = pages[min(max(page, 0), len(pages) - 1)]
    return _Page(definition, chosen, marks, links, language, prefix).svg()


class _Page:
    """One page while it is drawn."""

    def __init__(
        self,
        definition: Definition,
        diagram: Diagram,
        marks: Mapping[str, Mark],
        links: Mapping[str, str],
        language: kit.Language,
        prefix: str,
    ) -> None:
        self._diagram, self._marks, self._links = diagram, marks, links
        self._language, self._prefix = language, prefix
        root = definition.document.root
        self._xml: dict[str, Xml] = {}
        for one in root.iter():
            if isinstance(one.tag, str) and namespace(one) == MODEL and (id_ := one.get("id")):
                self._xml.setdefault(id_, one)
        self._outline = Outline(definition, language)
        inner = [e for process in definition.processes.values() for e in process.inner()]
        self._elements: dict[str, Element] = {one.id: one for one in inner}
        self._flows: dict[str, Flow] = {f.id: f for one in inner for f in one.outgoing}
        self._shown = {one.element for one in diagram.figures}
        named = self._xml.get(diagram.plane)
        process = next((one for one in definition.processes.values() if one.elements), None)
        self._name = diagram.name or (name_of(named, self._xml) if named is not None else "")
        self._name = flat(self._name) or (process.title if process is not None else "")

    def svg(self) -> str:
        """Return the whole picture."""
        edge = self._edge()
        root = etree.Element(f"{{{SVG}}}svg", nsmap={None: SVG})  # type: ignore[dict-item] # lxml takes it
        legend = kinds_of([one for id_, one in self._marks.items() if self._is_here(id_)])
        high = edge.height + 32.0 * len(legend) + (8 if legend else 0)
        wide = max(edge.width, 420.0) if legend else edge.width
        self._head(root, Box(edge.x, edge.y, wide, high))
        for figure in self._diagram.figures:
            self._draw_behind(root, figure)
        for line in self._diagram.lines:
            self._draw_line(root, line)
        for figure in self._in_order():
            self._draw_figure(root, figure)
        for line in self._diagram.lines:
            self._draw_line_name(root, line)
        for figure in self._diagram.figures:  # above all else
            if figure.element in self._elements and figure.element in self._marks:
                draw_mark(root, figure.box, self._marks[figure.element], self._language)
        if legend:
            draw_legend(root, (edge.x + MARGIN, edge.bottom), legend, self._language)
        for one in root:  # a line each; blanks within a text would be seen
            one.tail = "\n"
        return etree.tostring(root, encoding="unicode") + "\n"

    def _is_here(self, id_: str) -> bool:
        return id_ in self._shown or any(line.element == id_ for line in self._diagram.lines)

    def _head(self, root: Xml, edge: Box) -> None:
        root.set("viewBox", f"{edge.x:.0f} {edge.y:.0f} {edge.width:.0f} {edge.height:.0f}")
        root.set("width", f"{edge.width:.0f}")
        root.set("height", f"{edge.height:.0f}")
        root.set("lang", self._language)
        root.set("role", "group")
        root.set("font-family", FONTS)
        names = f"{self._prefix}title", f"{self._prefix}about"
        root.set("aria-labelledby", names[0])
        root.set("aria-describedby", names[1])
        part(root, "title", id=names[0]).text = phrase(
            "picture-title", self._language, name=self._name
        )
        counts = {
            "elements": sum(1 for one in self._shown if one in self._elements),
            "flows": sum(1 for one in self._diagram.lines if one.element in self._flows),
        }
        part(root, "desc", id=names[1]).text = phrase("picture-about", self._language, **counts)
        rectangle(root, edge, fill=PAPER)

    def _edge(self) -> Box:
        """Return what the picture covers, with what is written beside the elements."""
        boxes = [one.box for one in self._diagram.figures]
        boxes += [one.label for one in self._diagram.figures if one.label is not None]
        boxes += [one.label for one in self._diagram.lines if one.label is not None]
        boxes += [
            Box(one.box.centre[0] - 55, one.box.bottom, 110, 40)
            for one in self._diagram.figures
            if one.label is None and self._is_named_below(one)
        ]
        points = [at for line in self._diagram.lines for at in line.points]
        left = min([one.x for one in boxes] + [x for x, _ in points]) - MARGIN
        top = min([one.y for one in boxes] + [y for _, y in points]) - MARGIN
        right = max([one.right for one in boxes] + [x for x, _ in points]) + MARGIN
        bottom = max([one.bottom for one in boxes] + [y for _, y in points]) + MARGIN
        return Box(left, top, right - left, bottom - top)

    def _is_named_below(self, figure: Figure) -> bool:
        element = self._elements.get(figure.element)
        if element is None:
            xml = self._xml.get(figure.element)
            return xml is not None and local(xml).startswith("data") and bool(xml.get("name"))
        return element.picture.shape.form is not Form.BOX and bool(element.name)

    def _in_order(self) -> Iterable[Figure]:
        """Return the figures as the process flows: this is how they are read out."""
        turns = {entry.element.id: turn for turn, entry in enumerate(self._outline.entries)}
        last = len(turns)
        return sorted(self._diagram.figures, key=lambda one: turns.get(one.element, last))

    # One thing ------------------------------------------------------------------------------------

    def _group(self, root: Xml, id_: str, said: str) -> Xml:
        """Begin the part of the picture that is one thing, with its name."""
        at = root
        if id_ in self._links:
            at = part(root, "a", href=self._links[id_])
        group = part(at, "g", id=f"{self._prefix}{id_}", role="img")
        mark = self._marks.get(id_)
        words = joined(
            [said, *(mark.words(self._language) if mark is not None else ())], self._language
        )
        group.set("aria-label", words)
        title(group, words)
        return group

    def _draw_behind(self, root: Xml, figure: Figure) -> None:
        """Draw what others stand on: pools, lanes, groups, and open sub-processes."""
        element = self._elements.get(figure.element)
        if element is not None:
            if self._is_open(element, figure):
                self._draw_element(root, figure, element, is_open=True)
            return
        xml = self._xml.get(figure.element)
        if xml is not None and local(xml) in BEHIND:
            self._draw_other(root, figure, xml)

    def _draw_figure(self, root: Xml, figure: Figure) -> None:
        element = self._elements.get(figure.element)
        if element is not None:
            if not self._is_open(element, figure):
                self._draw_element(root, figure, element, is_open=False)
            return
        xml = self._xml.get(figure.element)
        if xml is not None and local(xml) not in BEHIND:
            self._draw_other(root, figure, xml)

    def _is_open(self, element: Element, figure: Figure) -> bool:
        """Tell whether what is in an activity is shown in it, as files do of called ones too."""
        if element.picture.shape.form is not Form.BOX or not figure.is_expanded:
            return False
        if isinstance(element, Container):
            return any(one.id in self._shown for one in element.inner())
        others = (one for one in self._diagram.figures if one.element in self._elements)
        return any(figure.box.holds(one.box) for one in others if one is not figure)

    def _draw_element(self, root: Xml, figure: Figure, element: Element, *, is_open: bool) -> None:
        entry = self._outline.entry(element)
        said = (
            f"{entry.number} {entry.heading}"
            if entry is not None
            else heading(element, self._language)
        )
        group = self._group(root, element.id, said)
        mark, picture = self._marks.get(element.id), element.picture
        is_folded = isinstance(element, Container) and not is_open
        draw_outline(group, figure, picture, tint(mark, picture.shape.tint))
        draw_signs(group, figure, picture, is_folded=is_folded)
        has_marker = is_folded or bool(picture.markers)
        draw_name(group, figure, element, is_open=is_open, has_marker=has_marker)

    def _draw_other(self, root: Xml, figure: Figure, xml: Xml) -> None:
        name = flat(name_of(xml, self._xml))
        said = words_of(xml, self._language)
        shown = phrase("heading", self._language, kind=said, name=name) if name else said
        draw_surrounding(self._group(root, figure.element, shown), figure, xml, name)

    # Lines ----------------------------------------------------------------------------------------

    def _draw_line(self, root: Xml, line: Line) -> None:
        flow, xml = self._flows.get(line.element), self._xml.get(line.element)
        if flow is not None:
            group = self._group(root, flow.id, self._flow_said(flow))
            mark = self._marks.get(flow.id)
            draw_flow(group, line, flow, share=mark.heat if mark is not None else None)
        elif xml is not None:
            draw_other(self._group(root, line.element, words_of(xml, self._language)), line, xml)

    def _flow_said(self, flow: Flow) -> str:
        ends = (self._outline.entry(flow.source), self._outline.entry(flow.target))
        source, target = (one.number if one is not None else "" for one in ends)
        condition = self._flow_name(flow)
        code = "flow-between-if" if condition else "flow-between"
        return phrase(code, self._language, source=source, target=target, condition=condition)

    @staticmethod
    def _flow_name(flow: Flow) -> str:
        return flat(flow.name) or (formula(flow.condition.text) if flow.condition else "")

    def _draw_line_name(self, root: Xml, line: Line) -> None:
        flow, xml = self._flows.get(line.element), self._xml.get(line.element)
        name = self._flow_name(flow) if flow is not None else ""
        if flow is None and xml is not None and local(xml) == "messageFlow":
            name = flat(xml.get("name", ""))
        mark = self._marks.get(line.element)
        group = part(root, "g", aria_hidden="true")  # the name of the flow says it
        if name and flow is not None:
            draw_flow_name(group, line, name)
        elif name:
            x, y = halfway(line.points)
            draw_label(group, name, line.label or Box(x + 8, y - 8, 90, 16), size=11.0)
        if mark is not None and mark.passed is not None:
            said = phrase("unit-cases", self._language, count=mark.passed)
            x, y = halfway(line.points)
            draw_note(group, Box(x, y + 20, 0, 0), said)
        if not len(group):
            root.remove(group)
