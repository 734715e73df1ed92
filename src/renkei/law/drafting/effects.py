"""What a change of the table does, and from when: the days on which a row says something else."""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from typing import NamedTuple

import msgspec

from renkei.law.provisions import ProvisionTable
from renkei.standard import OwnUse, Provision

Row = Provision | OwnUse
NOT_SAID = frozenset({"since", "until", "notified", "item_terms", "items", "provenance", "source"})
"""Fields that say when, or where it was read, not what is law."""


class Span(NamedTuple):
    """The days of one row, before a change or after it; `until` is None where none is the last."""

    since: date
    until: date | None


def rows_of(table: ProvisionTable) -> dict[tuple[str, str], Row]:
    """Return every row of a table, and every own use, by kind and name."""
    found: dict[tuple[str, str], Row] = {("provision", row.row): row for row in table.provisions}
    for use in table.own_uses:
        name = f"{use.organisation} {use.procedure} {use.since.isoformat()}"
        found["own_use", name] = use
    return found


def changed_rows(
    before: ProvisionTable, after: ProvisionTable
) -> Iterator[tuple[tuple[str, str], Row | None, Row | None]]:
    """Give each row that is not the same in both tables, as it was and as it would be."""
    old, new = rows_of(before), rows_of(after)
    for key in dict.fromkeys([*old, *new]):
        if old.get(key) != new.get(key):
            yield key, old.get(key), new.get(key)


def first_effect(before: ProvisionTable, after: ProvisionTable) -> date | None:
    """Return the first day on which the tables do not say the same; None where they always do."""
    found = [_first(one, other) for _, one, other in changed_rows(before, after)]
    return min((day for day in found if day is not None), default=None)


def spans_of(row: Row | None) -> Span | None:
    """Return the days of a row; those of an own use begin when ordinance and notice stand."""
    match row:
        case None:
            return None
        case OwnUse():
            return Span(row.first, row.until)
        case Provision():
            return Span(row.since, row.until)


def _first(one: Row | None, other: Row | None) -> date | None:
    days = sorted({*_days(one), *_days(other)})
    return next((day for day in days if _said(one, day) != _said(other, day)), None)


def _days(row: Row | None) -> Iterator[date]:
    """Give each day on which what a row says may change."""
    terms: Iterable[Span] = ()
    if isinstance(row, Provision):
        terms = [Span(term.since or row.since, term.until) for term in row.item_terms]
    span = spans_of(row)
    for since, until in [*([span] if span else []), *terms]:
        yield since
        if until is not None and until < date.max:
            yield until + timedelta(days=1)


def _said(row: Row | None, on: date) -> object:
    if row is None or not row.in_force(on):
        return None
    fields = {
        name: msgspec.to_builtins(getattr(row, name))
        for name in row.__struct_fields__
        if name not in NOT_SAID
    }
    return fields, row.items_on(on) if isinstance(row, Provision) else None
