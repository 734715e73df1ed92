"""A change of the provision table as it is drafted: some rows over those of a catalogue, checked.

A line is a row as it stands in `provisions.tsv` or `own_use.tsv`, told apart by its number of
cells; it takes the place of the row of that name, or is a new one. `-ROW` takes a row out,
`-ORGANISATION PROCEDURE SINCE` an own use. Only the uppermost layer is changed: a row of the layers
below it belongs to somebody else. What a whole catalogue is held to holds for the result.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from importlib.resources.abc import Traversable
from typing import Literal

from renkei.standard.checks import check
from renkei.standard.draft import D, Draft
from renkei.standard.findings import Finding, Place
from renkei.standard.linkage import ItemTerm, OwnUse, Provision
from renkei.standard.model import Definition
from renkei.standard.provision_checks import own_use_name
from renkei.standard.reading import own_use_fields, provision_fields
from renkei.standard.sources import Document, Row
from renkei.standard.unchanged import read_unchanged

FILE = "draft"
COLUMNS = Provision.__struct_fields__
OWN_COLUMNS = OwnUse.__struct_fields__
ABOUT = frozenset({"provision", "own_use", "interface"})
Kind = Literal["provision", "own_use"]


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a draft: the row it is about, its cells; none where the row is taken out."""

    number: int
    kind: Kind
    name: str
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Amended:
    """The rows as they would be, and what is wrong with them by line of the draft or file."""

    provisions: tuple[Provision, ...]
    own_uses: tuple[OwnUse, ...]
    findings: tuple[Finding, ...]


def lines_of(text: str) -> Iterator[Line]:
    """Give the lines of a draft that say something; headings and comments do not."""
    for number, line in enumerate(text.split("\n"), 1):
        cells = tuple(line.split("\t"))
        if not line.strip() or line.startswith("#") or cells in (COLUMNS, OWN_COLUMNS):
            continue
        if line.startswith("-"):
            name = line[1:].strip()
            yield Line(number, "own_use" if name.count(" ") == 2 else "provision", name, ())
        elif len(cells) == len(OWN_COLUMNS):
            yield Line(number, "own_use", " ".join((cells[0], cells[1], cells[5])), cells)
        else:
            yield Line(number, "provision", cells[0], cells)


def amended(folder: Traversable, overlays: Sequence[Traversable], text: str) -> Amended:
    """Return the table of a catalogue folder with a draft upon it."""
    draft = read_unchanged(folder, overlays)
    own = f"{overlays[-1].name or 'overlay'}/" if overlays else ""
    seen: set[tuple[str, str]] = set()
    for line in lines_of(text):
        place = Place(FILE, line.number)
        if (line.kind, line.name) in seen:
            _find(draft, "catalogue-draft-repeated", line, name=line.name)
        elif _is_below(draft, line, own):
            _find(draft, "catalogue-draft-elsewhere", line, name=line.name)
        else:
            _amend(draft, line, place)
        seen.add((line.kind, line.name))
    check(draft)
    found = tuple(one for one in draft.findings if one.kind in ABOUT)
    return Amended(tuple(draft.provisions), tuple(draft.own_uses), found)


def _is_below(draft: Draft, line: Line, own: str) -> bool:
    """Tell whether a row stands in a layer below the one that is changed."""
    place = draft.places.get((line.kind, line.name))
    return place is not None and place.file != FILE and not place.file.startswith(own)


def _amend(draft: Draft, line: Line, place: Place) -> None:
    if line.kind == "provision":
        shaped = partial(_shaped, draft, line, Provision, COLUMNS, provision_fields)
        _put(draft, line, place, draft.provisions, lambda row: row.row, shaped)
    else:
        shaped_use = partial(_shaped, draft, line, OwnUse, OWN_COLUMNS, own_use_fields)
        _put(draft, line, place, draft.own_uses, own_use_name, shaped_use)


def _put(
    draft: Draft,
    line: Line,
    place: Place,
    rows: list[D],
    name_of: Callable[[D], str],
    shaped: Callable[[Place], D | None],
) -> None:
    """Put a row where the one of its name stood, or behind the others; or take it out."""
    at = next((n for n, row in enumerate(rows) if name_of(row) == line.name), len(rows))
    known = draft.places.pop((line.kind, line.name), None)
    del rows[at : at + 1]
    if not line.cells:
        if known is None:
            _find(draft, "catalogue-reference-unknown", line, name=line.name, wanted=line.name)
        return
    draft.add_name(line.kind, line.name, place)
    made = shaped(place)
    if made is not None:
        rows.insert(at, made)


def _shaped(
    draft: Draft,
    line: Line,
    model: type[D],
    columns: tuple[str, ...],
    fields: Callable[[Row], dict[str, object]],
    place: Place,
) -> D | None:
    """Return the row a line holds, or note what keeps it from being one."""
    if len(line.cells) != len(columns):
        _find(draft, "catalogue-cells-wrong", line, wanted=len(columns), found=len(line.cells))
        return None
    row = Row(place, dict(zip(columns, line.cells, strict=True)))
    return draft.shape(model, fields(row), line.kind, Document.line(place))


def _find(draft: Draft, code: str, line: Line, **facts: str | int) -> None:
    draft.findings.append(Finding(code, Place(FILE, line.number), line.kind, dict(facts)))


def folded(text: str, kind: Kind, rows: str) -> str:
    """Return a file of the table with a draft's lines of its kind in it; once more is no change.

    A line takes the place of that of its name, a new one stands at the end; comments stay.
    """
    drafted = {line.name: line for line in lines_of(rows) if line.kind == kind}
    if not drafted:
        return text
    columns = COLUMNS if kind == "provision" else OWN_COLUMNS
    kept, known = text.replace("\r\n", "\n").rstrip("\n").split("\n") if text else [], set()
    written = [] if kept else ["\t".join(columns)]
    for whole in kept:
        found = next((one for one in lines_of(whole) if one.cells and one.kind == kind), None)
        change = drafted.get(found.name) if found else None
        if change is None:
            written.append(whole)
        else:
            known.add(change.name)
            written += ["\t".join(change.cells)] if change.cells else []
    new = [one for one in drafted.values() if one.cells and one.name not in known]
    return "\n".join([*written, *("\t".join(one.cells) for one in new)]) + "\n"


def lines_of_table(provisions: Sequence[Provision], own_uses: Sequence[OwnUse]) -> list[Line]:
    """Return the rows of a table as lines of its files."""
    return [
        *(_line("provision", row.row, row, COLUMNS) for row in provisions),
        *(_line("own_use", own_use_name(use), use, OWN_COLUMNS) for use in own_uses),
    ]


def _line(kind: Kind, name: str, row: Definition, columns: tuple[str, ...]) -> Line:
    return Line(0, kind, name, tuple(_cell(getattr(row, column)) for column in columns))


def _cell(value: object) -> str:
    """Return a field as its cell."""
    match value:
        case None:
            return ""
        case tuple():
            return " ".join(map(_cell, value))
        case ItemTerm(item=item, since=since, until=until):
            return f"{item}@{since or ''}/{until or ''}"
        case date():
            return value.isoformat()
    return str(value)
