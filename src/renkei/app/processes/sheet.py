"""A process on one page of HTML: the picture, what its signs mean, and the outline. No script."""

from base64 import b64encode
from collections.abc import Mapping
from hashlib import sha256
from importlib.resources import files

from markupsafe import Markup

from renkei import kit
from renkei.app.rendering import environment
from renkei.process import bpmn
from renkei.process.bpmn.diagram import diagrams
from renkei.process.bpmn.drawing import Mark, draw, signs
from renkei.process.bpmn.outline import Outline
from renkei.process.bpmn.words import flat, phrase

HERE = files("renkei.app.processes")
TEMPLATES = environment(HERE)
NONE: Mapping[str, Mark] = {}


def style_hash() -> str:
    """Return the hash by which a policy of content lets the style of the page count."""
    style = (HERE / "sheet.css").read_bytes()
    return "sha256-" + b64encode(sha256(style).digest()).decode()


def sheet(
    definition: bpmn.Definition,
    language: kit.Language,
    *,
    marks: Mapping[str, Mark] = NONE,
    title: str = "",
) -> str:
    """Return the page of a model: every diagram of it, and the whole outline.

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
    return TEMPLATES.get_template("sheet.html").render(
        language=language,
        say=lambda code: phrase(code, language),
        title=flat(title or definition.main.title),
        pictures=[Markup(one) for one in pictures],  # noqa: S704 # made by us, escaped there
        signs=[(Markup(svg), words) for svg, words in signs(definition, language)],  # noqa: S704
        parts=outline.parts,
        marks={id_: mark.words(language) for id_, mark in marks.items()},
        style=Markup((HERE / "sheet.css").read_text(encoding="utf-8")),  # noqa: S704 # a file of ours
    )
