"""The provisions as an immutable table, compiled once for each span of days in which none changes.

A decision looks one request up in the rulings of its day: what holds on a day (rows, items,
ordinances) is worked out when a day of its span is first asked for, and kept for the span.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache
from types import MappingProxyType
from typing import NamedTuple, TypeVar

import msgspec

from renkei.kit import digest
from renkei.standard import Catalogue, OwnUse, Provision, YearRule, catalogue, grouped

Key = tuple[str, str, str, str, str]
Parties = tuple[str, str, str, str]
MOST_SPANS, MOST_DAYS = 16, 1024
"""So many are kept at once: a replay of years goes through some, a node lives in one or two."""


class Ruling(NamedTuple):
    """What one row says within one span of days.

    `ordinances` are those of every organisation whose own use is notified; None where the row
    wants none. `is_plain` says that the items alone decide.
    """

    row: str
    citation: str
    items: frozenset[str]
    is_plain: bool
    persons: frozenset[str]
    ordinances: Mapping[str, str] | None
    wants_consent: bool
    wants_guardian: bool
    years: YearRule | None


K = TypeVar("K")
Rulings = Mapping[Key, tuple[Ruling, ...]]


@dataclass(frozen=True, slots=True)
class ProvisionTable:
    """An immutable snapshot of all provisions; `version` is the SHA-256 of its content, in hex."""

    provisions: tuple[Provision, ...]
    own_uses: tuple[OwnUse, ...]
    by_key: Mapping[Key, tuple[Provision, ...]]
    by_parties: Mapping[Parties, tuple[Provision, ...]]
    by_procedure: Mapping[str, tuple[Provision, ...]]
    version: str
    changes: tuple[date, ...]
    _spans: dict[int, Rulings] = field(default_factory=dict, init=False, repr=False, compare=False)
    _days: dict[date, Rulings] = field(default_factory=dict, init=False, repr=False, compare=False)

    def rulings(self, on: date) -> Rulings:
        """Return what holds on a day, by what a request must equal."""
        found = self._days.get(on)
        if found is not None:
            return found
        span = bisect_right(self.changes, on)
        rulings = self._spans.get(span)
        if rulings is None:
            rulings = grouped(self._rule(on))
            _keep(self._spans, span, rulings, MOST_SPANS)
        _keep(self._days, on, rulings, MOST_DAYS)
        return rulings

    def _rule(self, on: date) -> Iterator[tuple[Key, Ruling]]:
        uses: dict[str, dict[str, str]] = {}
        for use in self.own_uses:
            if use.in_force(on):
                uses.setdefault(use.procedure, {}).setdefault(use.organisation, use.ordinance)
        named: dict[frozenset[str], frozenset[str]] = {}  # rows that name the same share one set
        for row in self.provisions:
            if row.in_force(on):
                items = row.items_on(on)
                yield key_of(row), _ruling(row, named.setdefault(items, items), uses)


def _ruling(row: Provision, items: frozenset[str], uses: Mapping[str, Mapping[str, str]]) -> Ruling:
    conditions = frozenset(row.conditions)
    own = uses.get(row.procedure, {}) if "own-use" in conditions else None
    return Ruling(
        row.row,
        row.citation,
        items,
        not (conditions or row.years or row.persons),
        frozenset(row.persons),
        own,
        "consent" in conditions,
        "guardian-consent" in conditions,
        YearRule.of(row.years) if row.years else None,
    )


def _keep(kept: dict[K, Rulings], key: K, rulings: Rulings, most: int) -> None:
    """Keep rulings; the oldest give way. Threads that do so at once work the same out twice."""
    while len(kept) >= most:
        kept.pop(next(iter(kept)), None)
    kept[key] = rulings


def key_of(line: Provision) -> Key:
    """Return what a request must equal, apart from items, day and conditions."""
    return (line.procedure, line.asker_kind, line.asker_unit, line.holder_kind, line.information)


def parties_of(line: Provision) -> Parties:
    """Return who asks whom for what, whatever the procedure."""
    return (line.asker_kind, line.asker_unit, line.holder_kind, line.information)


@cache
def provision_table() -> ProvisionTable:
    """Return the table of the standard this program ships."""
    return table_of(catalogue())


def table_of(standard: Catalogue) -> ProvisionTable:
    """Return the provisions of a catalogue, which were checked when it was compiled."""
    return compiled(standard.provisions, standard.content.own_uses)


def compiled(provisions: tuple[Provision, ...], own: tuple[OwnUse, ...]) -> ProvisionTable:
    """Return the table of these rows and own uses."""
    return ProvisionTable(
        provisions,
        own,
        by_key=MappingProxyType(grouped((key_of(line), line) for line in provisions)),
        by_parties=MappingProxyType(grouped((parties_of(line), line) for line in provisions)),
        by_procedure=MappingProxyType(grouped((line.procedure, line) for line in provisions)),
        version=digest(msgspec.to_builtins((provisions, own))).hex(),
        changes=tuple(sorted(set(_changes(provisions, own)))),
    )


def _changes(provisions: Iterable[Provision], own: Iterable[OwnUse]) -> Iterator[date]:
    """Give each day on which something begins to hold, or no longer does."""
    for line in provisions:
        yield from _ends(line.since, line.until)
        for term in line.item_terms:
            yield from _ends(term.since, term.until)
    for use in own:
        yield from _ends(use.first, use.until)


def _ends(since: date | None, until: date | None) -> Iterator[date]:
    """Give the first day of a span, and the first one after it."""
    if since is not None:
        yield since
    if until is not None and until < date.max:
        yield until + timedelta(days=1)
