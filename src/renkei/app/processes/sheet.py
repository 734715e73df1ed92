"""A process on one page of HTML: the picture, what its signs mean, and the outline. No script."""

from collections.abc import Mapping
from importlib.resources import files

from markupsafe import Markup

from renkei import kit
from renkei.app import rendering
from renkei.process import bpmn
from renkei.process.bpmn.diagram import diagrams
from renkei.process.bpmn.drawing import Mark, draw, signs
from renkei.process.bpmn.outline import Outline
from renkei.process.bpmn.words import flat, phrase

HERE = files("renkei.app.processes")
TEMPLATES = rendering.environment(HERE, rendering.TEMPLATES)
NONE: Mapping[str, Mark] = {}


def sheet(
    definition: bpmn.Definition, language: kit.Language, *, marks: Mapping[str, Mark] = NONE
) -> str:
    """Return the page of a model: every diagram of it, and the whole outline."""
    return TEMPLATES.get_template("sheet.html").render(
        language=language,
        style=Markup((HERE / "sheet.css").read_text(encoding="utf-8")),  # noqa: S704 # a file of ours
        **parts_of(definition, language, marks=marks),
    )


def parts_of(
    definition: bpmn.Definition,
    language: kit.Language,
    *,
    marks: Mapping[str, Mark] = NONE,
    title: str = "",
) -> dict[str, object]:
    """Return what a page shows of a model: pictures, what their signs mean, and the outline.

    It is titled as the main process is, unless a title is given.
    """
    outline = Outline(definition, language)
    entries = [entry.element.id for entry in outline.entries]
    links = {id_: f"#outline-{id_}" for id_ in entries}
    pages = range(max(len(diagrams(definition.document)), 1))
    pictures = [
        draw(
            definition,
            page=page,
            marks=marks,
            links=links,
            language=language,
            prefix="element-" if page == 0 else f"page{page + 1}-",
        )
        for page in pages
    ]
    return {
        "say": lambda code: phrase(code, language),
        "title": flat(title or definition.main.title),
        "pictures": [Markup(one) for one in pictures],  # noqa: S704 # made by us, escaped there
        "signs": [(Markup(svg), words) for svg, words in signs(definition, language)],  # noqa: S704
        "parts": outline.parts,
        "marks": {id_: mark.words(language) for id_, mark in marks.items()},
    }
