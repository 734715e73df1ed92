"""A file given to the editor of drafts: what it would change in the draft, before that is kept."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Literal

from renkei.app.console.frame import Visit
from renkei.law import drafting
from renkei.standard.amending import COLUMNS, OWN_COLUMNS, Line, lines_of

FIELD = "file"


@dataclass(frozen=True, slots=True)
class Difference:
    """One row of the file: what it does to the draft, and each cell as it was and as it is."""

    line: Line
    does: Literal["adds", "replaces", "takes-out", "same"]
    cells: Sequence[tuple[str, str, str]]


def uploaded(visit: Visit) -> str:
    """Return the lines of the file that came with a form; `DraftFileWrong` says where it is wrong.

    An empty field is a file without rows.
    """
    given = visit.files.get(FIELD)
    return drafting.rows_of_file(given.data if given else b"")


def differences(given: str, draft: Iterable[Line], table: Iterable[Line]) -> list[Difference]:
    """Compare the lines of a file with those of the draft, else with the rows of the table."""
    known = {(one.kind, one.name): one.cells for one in (*table, *draft)}
    return [_difference(one, known.get((one.kind, one.name))) for one in lines_of(given)]


def _difference(line: Line, was: tuple[str, ...] | None) -> Difference:
    if not line.cells:
        return Difference(line, "takes-out" if was != () else "same", ())
    columns = COLUMNS if line.kind == "provision" else OWN_COLUMNS
    cells = [
        (column, before, now)
        for column, before, now in zip_longest(columns, was or (), line.cells, fillvalue="")
        if before != now
    ]
    if not cells:
        return Difference(line, "same", ())
    return Difference(line, "replaces" if was else "adds", cells)
