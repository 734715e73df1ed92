"""The decision once more, straight from the rows, slowly: what the compiled table is held against.

Nothing of `renkei.law` but its words is used here.
"""

from collections.abc import Iterable
from datetime import date

from renkei.law import Request
from renkei.standard import OwnUse, Provision


def permitting(
    request: Request, rows: Iterable[Provision], uses: Iterable[OwnUse], on: date
) -> list[str]:
    """Return the rows that permit a request on a day."""
    return [row.row for row in rows if _permits(request, row, list(uses), on)]


def _permits(request: Request, row: Provision, uses: list[OwnUse], on: date) -> bool:
    def between(since: date | None, until: date | None) -> bool:
        return (since or date.min) <= on <= (until or date.max)

    asked = (request.procedure, request.asker_kind, request.asker_unit, request.holder_kind)
    if asked != (row.procedure, row.asker_kind, row.asker_unit, row.holder_kind):
        return False
    if request.information != row.information or not between(row.since, row.until):
        return False
    if request.holder_kind == "own" and request.asker != request.holder:
        return False
    for item in request.items:
        terms = [term for term in row.item_terms if term.item == item]
        if item not in row.items or not all(between(t.since, t.until) for t in terms):
            return False
    is_noted = any(
        (use.organisation, use.procedure) == (request.asker, row.procedure)
        and between(max(use.since, use.notified), use.until)
        for use in uses
    )
    wanted = {
        "own-use": is_noted,
        "consent": bool(request.consent),
        "guardian-consent": bool(request.consent) or request.relation != "minor",
    }
    return (
        bool(request.items)
        and (not row.persons or request.relation in row.persons)
        and all(wanted[condition] for condition in row.conditions)
        and _is_year_named(request.year, row.years, on)
    )


def _is_year_named(year: int | None, rule: str, on: date) -> bool:
    if not rule:
        return True
    begins = int(rule[4:] or "1")
    counted = on.year if on.month >= begins else on.year - 1
    return year is not None and counted - int(rule[2]) <= year <= counted - int(rule[0])
