"""The kinds of elements, a file each: how one is read, what it does, what it is called.

A kind is known here as soon as its file is there: put one in, and its scenarios beside the others.
"""

from typing import TYPE_CHECKING

from renkei.process.bpmn.kinds import kinds_in
from renkei.process.bpmn.model import Element

if TYPE_CHECKING:
    from renkei.process.bpmn.document import Xml


KINDS: dict[str, list[type[Element]]] = {}
"""Every kind by its name in a file; of a name, first the one that fits least often."""

for _kind in sorted(
    kinds_in(__name__, __path__, Element), key=lambda kind: "fits" not in vars(kind)
):
    if _kind not in KINDS.setdefault(_kind.tag, []):
        KINDS[_kind.tag].append(_kind)


def kind_of(xml: "Xml", tag: str) -> type[Element] | None:
    """Return the kind of an element of a file; None where it is none that a token comes to."""
    return next((kind for kind in KINDS.get(tag, ()) if kind.fits(xml)), None)
