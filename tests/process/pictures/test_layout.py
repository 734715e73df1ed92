"""A model without a diagram gets one: nothing lies upon anything else, and the rest stays."""

from itertools import combinations

from lxml import etree
from tests.process.pictures.reference import example, reference_models, scenario_models

from renkei.process import bpmn
from renkei.process.bpmn.diagram import DI, Box, Diagram, diagrams
from renkei.process.bpmn.layout import laid_out, lay_out
from renkei.process.bpmn.model import Container, Definition

MODELS = [example(), *scenario_models(), *reference_models()]


def without_pages(document: bpmn.Document) -> bytes:
    root = etree.fromstring(document.xml())
    for one in root.findall(f"{{{DI}}}BPMNDiagram"):
        root.remove(one)
    for one in root.iter():  # where a page was taken out, only blanks tell it
        one.tail = (one.tail or "").strip() or None
        one.text = (one.text or "").strip() or None
    return bpmn.Document("", root).xml()


def leaves(model: Definition, page: Diagram) -> list[tuple[str, Box]]:
    """Return what lies on a page and holds nothing: those must not lie upon each other."""
    elements = {e.id: e for p in model.processes.values() for e in p.inner()}
    return [
        (one.element, one.box)
        for one in page.figures
        if (held := elements.get(one.element)) is not None
        and held.host is None
        and not (isinstance(held, Container) and held.elements)
    ]


def overlap(one: Box, other: Box) -> bool:
    return (
        one.x < other.right
        and other.x < one.right
        and one.y < other.bottom
        and other.y < one.bottom
    )


def test_nothing_lies_upon_anything_else() -> None:
    for model in MODELS:
        for page in lay_out(model):
            for (one, box), (other, its) in combinations(leaves(model, page), 2):
                assert not overlap(box, its), (model.document.name, one, other)


def test_everything_has_a_place_and_every_flow_a_line() -> None:
    for model in MODELS:
        pages = lay_out(model)
        placed = {one.element for page in pages for one in page.figures}
        joined = {one.element for page in pages for one in page.lines}
        for process in model.processes.values():
            for element in process.inner():
                assert element.id in placed, (model.document.name, element.id)
                assert {flow.id for flow in element.outgoing} <= joined


def test_what_is_in_a_sub_process_lies_in_it() -> None:
    for model in MODELS:
        boxes = {one.element: one.box for page in lay_out(model) for one in page.figures}
        for process in model.processes.values():
            for element in process.inner():
                if isinstance(element, Container):
                    for inner in element.elements:
                        assert boxes[element.id].holds(boxes[inner.id]), model.document.name


def test_what_marks_a_sub_process_lies_on_nothing_in_it() -> None:
    marked = set[str]()
    for model in MODELS:
        inner = [one for process in model.processes.values() for one in process.inner()]
        elements, around = {one.id: one for one in inner}, {id(one.container) for one in inner}
        for page in lay_out(model):
            for figure in page.figures:
                held, box = elements.get(figure.element), figure.box
                if held is None or id(held) not in around or not held.picture.markers:
                    continue
                marked.add(held.tag)
                foot = Box(box.x, box.bottom - 18, box.width, 18)
                assert not [name for name, one in leaves(model, page) if overlap(one, foot)]
    assert {"subProcess", "adHocSubProcess"} <= marked


def test_lines_begin_and_end_at_their_elements() -> None:
    for model in MODELS:
        boxes = {one.element: one.box for page in lay_out(model) for one in page.figures}
        lines = {one.element: one.points for page in lay_out(model) for one in page.lines}
        for process in model.processes.values():
            for element in process.inner():
                for flow in element.outgoing:
                    ends = (lines[flow.id][0], lines[flow.id][-1])
                    for (x, y), box in zip(
                        ends, (boxes[element.id], boxes[flow.target.id]), strict=True
                    ):
                        around = Box(box.x - 1, box.y - 1, box.width + 2, box.height + 2)
                        assert around.holds(Box(x, y, 0, 0)), (model.document.name, flow.id)


def test_the_same_model_gets_the_same_places() -> None:
    assert laid_out(example()).xml() == laid_out(example()).xml()


def test_all_but_the_pages_stays_as_it_was() -> None:
    for model in MODELS[:1] + reference_models():
        made = laid_out(model)
        assert without_pages(made) == without_pages(model.document)
        assert bpmn.define(made).processes.keys() == model.processes.keys()


def test_what_was_laid_out_is_read_again_as_it_was_placed() -> None:
    made = diagrams(laid_out(example()))
    placed = lay_out(example())
    assert [one.plane for one in made] == [one.plane for one in placed]
    assert [one.element for one in made[0].figures] == [one.element for one in placed[0].figures]


def test_ids_of_pages_are_those_that_nothing_has() -> None:
    made = laid_out(example())
    ids = [one.get("id") for one in made.root.iter() if isinstance(one.tag, str) and one.get("id")]
    assert len(ids) == len(set(ids))
