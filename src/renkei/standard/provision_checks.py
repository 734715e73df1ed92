"""The checks of the provision table as a whole: what two rows say of one request on one day.

Each row for itself is held to the catalogue in `linkage_checks`.
"""

from collections.abc import Iterable
from datetime import date, timedelta
from itertools import combinations, pairwise

from renkei.standard.draft import Draft
from renkei.standard.linkage import ItemTerm, OwnUse, Provision

SLIP = timedelta(days=31)
"""Days without law between two rows of one request: so few are a slip, more are the law's will."""

Key = tuple[str, str, str, str, str]


def check_table(draft: Draft) -> None:
    """Note rows that overlap, leave a gap, or set what nobody could meet."""
    rows: dict[Key, list[Provision]] = {}
    for row in draft.provisions:
        key = (row.procedure, row.asker_kind, row.asker_unit, row.holder_kind, row.information)
        rows.setdefault(key, []).append(row)
        _check_terms(draft, row)
        if "guardian-consent" in row.conditions and "minor" not in row.persons:
            draft.find("catalogue-guardian-idle", "provision", row.row)
    for same in rows.values():
        _check_overlaps(draft, same)
        _check_gaps(draft, same)
    _check_years(draft)
    _check_own_uses(draft)


def _check_terms(draft: Draft, row: Provision) -> None:
    """Hold the days of single items to the row and its days."""
    for term in row.item_terms:
        facts = {"item": term.item}
        if term.item not in row.items:
            draft.find("catalogue-term-elsewhere", "provision", row.row, **facts)
        elif not _has_days(term, row):
            draft.find("catalogue-term-outside", "provision", row.row, **facts)
    for one, other in combinations(row.item_terms, 2):
        if one.item == other.item:
            draft.find("catalogue-term-outside", "provision", row.row, item=one.item)


def _has_days(term: ItemTerm, row: Provision) -> bool:
    """Tell whether a term narrows the days of its row and leaves some."""
    since, until = term.since or row.since, term.until or row.until or date.max
    last = row.until or date.max
    return row.since <= since <= until <= last and (since, until) != (row.since, last)


def _check_overlaps(draft: Draft, rows: list[Provision]) -> None:
    """Note two rows that name one item on one day under the same conditions: which is the law?"""
    for one, other in combinations(rows, 2):
        under = [(set(r.conditions), r.years, set(r.persons)) for r in (one, other)]
        if under[0] != under[1]:
            continue
        shared = sorted(
            item for item in set(one.items) & set(other.items) if _meet(item, one, other)
        )
        if shared:
            facts = {"other": one.row, "items": " ".join(shared)}
            draft.find("catalogue-provisions-overlap", "provision", other.row, **facts)


def _meet(item: str, one: Provision, other: Provision) -> bool:
    """Tell whether two rows name an item on one day."""
    spans = [_span(item, row) for row in (one, other)]
    return max(since for since, _ in spans) <= min(until for _, until in spans)


def _span(item: str, row: Provision) -> tuple[date, date]:
    """Return the first and the last day on which a row names an item."""
    term = next((term for term in row.item_terms if term.item == item), None)
    since = term and term.since
    until = term and term.until
    return since or row.since, until or row.until or date.max


def _check_gaps(draft: Draft, rows: list[Provision]) -> None:
    """Note a few days between two rows of one request in which none is law."""
    ends: date | None = None
    for before, after in pairwise(sorted(rows, key=lambda row: row.since)):
        last = before.until or date.max
        ends = last if ends is None else max(ends, last)
        if ends < date.max and timedelta(days=1) < after.since - ends <= SLIP:
            facts = {
                "other": before.row,
                "first": (ends + timedelta(days=1)).isoformat(),
                "last": (after.since - timedelta(days=1)).isoformat(),
            }
            draft.find("catalogue-provision-gap", "provision", after.row, **facts)


def _check_years(draft: Draft) -> None:
    """Note a row that names years of what is asked without a year, or in the wrong order."""
    dated = {one.information.code for one in draft.interfaces if one.parameters}
    known = {one.information.code for one in draft.interfaces}
    for row in draft.provisions:
        if not row.years:
            continue
        newest, oldest = row.years[0], row.years[2]
        if newest > oldest or (row.information in known and row.information not in dated):
            draft.find("catalogue-years-idle", "provision", row.row, years=row.years)


def _check_own_uses(draft: Draft) -> None:
    """Note an ordinance no row waits for, and two of one use on one day."""
    waiting = {row.procedure for row in draft.provisions if "own-use" in row.conditions}
    for use in draft.own_uses:
        if use.procedure not in waiting and draft.knows("procedure", use.procedure):
            draft.find("catalogue-own-use-idle", "own_use", own_use_name(use))
    for one, other in _of_one_use(draft):
        if max(one.since, other.since) <= min(one.until or date.max, other.until or date.max):
            facts = {"other": one.ordinance}
            draft.find("catalogue-own-uses-overlap", "own_use", own_use_name(other), **facts)


def _of_one_use(draft: Draft) -> Iterable[tuple[OwnUse, OwnUse]]:
    for one, other in combinations(draft.own_uses, 2):
        if (one.organisation, one.procedure) == (other.organisation, other.procedure):
            yield one, other


def own_use_name(use: OwnUse) -> str:
    """Return the name under which a line of the file is known."""
    return f"{use.organisation} {use.procedure} {use.since.isoformat()}"
