"""XML of a model, read with suspicion: nothing of it is fetched, expanded or unbounded.

Refused whole, before anything of it is used: a document type and its entities, a file too large,
too deep or of too many elements. Comments and processing instructions are passed over.
"""

from collections.abc import Iterator
from typing import TypeAlias, cast

from lxml import etree

from renkei.process.decisions.errors import (
    ModelDeclares,
    ModelNotXml,
    ModelTooDeep,
    ModelTooLarge,
)

Element: TypeAlias = etree._Element  # noqa: SLF001 - lxml has no other name for it

BYTES = 8 * 1024 * 1024
ELEMENTS = 200_000
DEPTH = 100


def parse(data: bytes, file: str) -> Element:
    """Return the root of a document; `file` is what refusals call it."""
    if len(data) > BYTES:
        raise ModelTooLarge(file=file, found=f"{len(data)} bytes", most=f"{BYTES} bytes")
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError, LookupError) as error:
        line = getattr(error, "lineno", None) or 1
        # libxml2 itself stops at 256 levels.
        if "depth" in str(error):
            raise ModelTooDeep(file=file, line=line, most=DEPTH) from None
        raise ModelNotXml(file=file, line=line) from None
    if root.getroottree().docinfo.internalDTD is not None:
        raise ModelDeclares(file=file)
    _check_extent(root, file)
    return root


def line_of(element: Element) -> int:
    """Return the line an element begins in."""
    return cast("int | None", element.sourceline) or 0


def text_of(element: Element) -> str:
    """Return all text inside an element."""
    return "".join(cast("Iterator[str]", element.itertext()))


def _check_extent(root: Element, file: str) -> None:
    """Refuse what is too deep or has too many elements."""
    count, depth = 0, 0
    for event, element in etree.iterwalk(root, events=("start", "end")):
        if event == "end":
            depth -= 1
            continue
        count, depth = count + 1, depth + 1
        if depth > DEPTH:
            raise ModelTooDeep(file=file, line=line_of(element), most=DEPTH)
        if count > ELEMENTS:
            raise ModelTooLarge(file=file, found=f"> {ELEMENTS}", most=f"{ELEMENTS} elements")
