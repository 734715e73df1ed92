"""A change of the provision table as it is drafted: some rows over those of a catalogue, checked.

A line is a row as it stands in `provisions.tsv`; it takes the place of the row of that name, or is
a new one. `-ROW` takes a row out. What a whole catalogue is held to holds for the result.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources.abc import Traversable

from renkei.standard.checks import check
from renkei.standard.draft import Draft
from renkei.standard.findings import Finding, Place
from renkei.standard.linkage import OwnUse, Provision
from renkei.standard.reading import provision_fields, read_draft
from renkei.standard.sources import Document, Row

FILE = "draft"
COLUMNS = Provision.__struct_fields__
ABOUT = frozenset({"provision", "own_use", "interface"})


@dataclass(frozen=True, slots=True)
class Amended:
    """The rows as they would be, and what is wrong with them by line of the draft or file."""

    provisions: tuple[Provision, ...]
    own_uses: tuple[OwnUse, ...]
    findings: tuple[Finding, ...]


def amended(folder: Traversable, overlays: Sequence[Traversable], text: str) -> Amended:
    """Return the table of a catalogue folder with a draft upon it."""
    draft = read_draft(folder, overlays)
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip() and not line.startswith("#") and not line.startswith("row\t"):
            _amend(draft, line, Place(FILE, number))
    check(draft)
    found = tuple(one for one in draft.findings if one.kind in ABOUT)
    return Amended(tuple(draft.provisions), tuple(draft.own_uses), found)


def _amend(draft: Draft, line: str, place: Place) -> None:
    if line.startswith("-"):
        name = line[1:].strip()
        if not _take_out(draft, name):
            facts: dict[str, str | int] = {"name": name, "wanted": name}
            draft.findings.append(Finding("catalogue-reference-unknown", place, "provision", facts))
        return
    cells = line.split("\t")
    if len(cells) != len(COLUMNS):
        counts: dict[str, str | int] = {"wanted": len(COLUMNS), "found": len(cells)}
        draft.findings.append(Finding("catalogue-cells-wrong", place, "provision", counts))
        return
    row = Row(place, dict(zip(COLUMNS, cells, strict=True)))
    _take_out(draft, cells[0])
    draft.add_name("provision", cells[0], place)
    made = draft.shape(Provision, provision_fields(row), "provision", Document.line(place))
    if made is not None:
        draft.provisions.append(made)


def _take_out(draft: Draft, name: str) -> bool:
    draft.provisions = [row for row in draft.provisions if row.row != name]
    return draft.places.pop(("provision", name), None) is not None
