"""What the signs of a picture mean: each kind that a model has, small, with its name."""

from collections.abc import Iterator

from lxml import etree

from renkei import kit
from renkei.process.bpmn.diagram import Box, Figure
from renkei.process.bpmn.drawing.figures import draw_outline, draw_signs
from renkei.process.bpmn.drawing.paper import SVG, part
from renkei.process.bpmn.model import Container, Definition, Element
from renkei.process.bpmn.outline import Outline
from renkei.process.bpmn.shapes import Form
from renkei.process.bpmn.words import joined, kind, phrase

SIZES = {Form.BOX: (52, 36), Form.CIRCLE: (32, 32), Form.DIAMOND: (40, 40)}


def signs(definition: Definition, language: kit.Language) -> Iterator[tuple[str, str]]:
    """Yield every sign of a model once, as SVG, with what it means; in the order of the flow."""
    told: set[str] = set()
    for entry in Outline(definition, language).entries:
        element = entry.element
        words = kind(element, language)
        if element.host is not None:
            manner = "outline-beside" if element.picture.is_dashed else "outline-interrupts"
            words = phrase(manner, language, kind=words)
        if words in told:
            continue
        told.add(words)
        wide, high = SIZES[element.picture.shape.form]
        figure = Figure(element.id, Box((56 - wide) / 2, (44 - high) / 2, wide, high))
        root = etree.Element(f"{{{SVG}}}svg", nsmap={None: SVG})  # type: ignore[dict-item] # lxml takes it
        for name, value in {"width": "56", "height": "44", "aria-hidden": "true"}.items():
            root.set(name, value)
        group = part(root, "g")
        draw_outline(group, figure, element.picture, element.picture.shape.tint)
        draw_signs(group, figure, element.picture, is_folded=isinstance(element, Container))
        yield etree.tostring(root, encoding="unicode"), _meaning(element, words, language)


def _meaning(element: Element, words: str, language: kit.Language) -> str:
    """Return what a sign means: what is done there, and what it is about."""
    turn = language == "en"
    about = [one.meaning[turn] for one in getattr(element, "triggers", ())]
    said = {"kind": words, "meaning": element.meaning[turn]}
    if not about:
        return phrase("sign", language, **said)
    return phrase("sign-about", language, **said, about=joined(about, language))
