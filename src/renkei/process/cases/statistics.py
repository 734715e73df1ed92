"""What the cases of a definition show together at a glance: where they are, how long a step takes.

What a page can afford. All the cases of a period are in `passages.report`.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta

from renkei.kit import Connection, Tenant, queries
from renkei.process import bpmn
from renkei.process.bpmn import Kind
from renkei.process.bpmn.seen import There, counted_at, seen_at

sql = queries("renkei.process")


NEWEST = 1_000
"""Of how many cases passages and times are reckoned, those that began last."""


@dataclass(frozen=True, slots=True)
class ElementFigures:
    """Of one element: cases that are there, incidents, passages, and how long one takes.

    The first two are of all cases, the others of the newest.
    """

    here: int = 0
    incidents: int = 0
    passed: int = 0
    median: timedelta | None = None
    share: float | None = None
    """Of all the time that these cases spent in elements: where the load is."""


@dataclass(frozen=True, slots=True)
class Tally:
    """How many cases of a definition run, are completed, were cancelled, and how many are stuck."""

    running: int = 0
    completed: int = 0
    cancelled: int = 0
    incidents: int = 0


def figures(
    conn: Connection, tenant: Tenant, definition: bpmn.Definition, *, newest: int = NEWEST
) -> dict[str, ElementFigures]:
    """Return the figures of each element of a definition that any case came to."""
    asked = {"tenant": tenant, "definition": definition.hash, "newest": newest}
    waits = conn.execute(sql.standing, asked)
    told = ((handler, kind == Kind.INCIDENT, count, 0.0) for handler, kind, count in waits)
    there, none = counted_at(told, seen_at(definition)), There()
    rows = conn.execute(sql.passages, asked).fetchall()
    passed = {element: count for element, count, _, _ in rows}
    medians = {element: timedelta(seconds=float(one)) for element, _, one, _ in rows if one}
    spent = {element: float(total) for element, _, _, total in rows if total}
    whole = sum(spent.values())
    return {
        element: ElementFigures(
            there.get(element, none).here,
            there.get(element, none).stuck,
            passed.get(element, 0),
            medians.get(element),
            spent[element] / whole if whole and element in spent else None,
        )
        for element in {*there, *passed}
    }


def tallies(conn: Connection, tenant: Tenant) -> dict[str, Tally]:
    """Return how many cases of each definition there are."""
    found: dict[str, dict[str, int]] = defaultdict(dict)
    for definition, status, count in conn.execute(sql.counted_cases, {"tenant": tenant}):
        found[definition][status] = count
    for definition, count in conn.execute(sql.counted_incidents, {"tenant": tenant}):
        found[definition]["incidents"] = count
    return {definition: Tally(**counts) for definition, counts in found.items()}
