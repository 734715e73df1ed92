"""Counting a log: how much each partner asked in a day, how often about one unnamed person.

For a log too long to be looked through entry by entry. Counted is what a search would find, what is
withheld too: it is for the oversight body.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, time

from renkei import kit
from renkei.audit.log import sql
from renkei.audit.search import Search


@dataclass(frozen=True, slots=True)
class DayCount:
    """How many entries a partner has in a day of Japan, and how many of them out of hours."""

    partner: str
    day: date
    count: int
    late: int


@dataclass(frozen=True, slots=True)
class PersonCount:
    """How many entries of each partner are in one chain, most first."""

    label: bytes
    partners: tuple[tuple[str, int], ...]

    @property
    def count(self) -> int:
        """Return how many there are together."""
        return sum(count for _, count in self.partners)


def count_days(
    conn: kit.Connection, tenant: kit.Tenant, wanted: Search, *, opens: time, closes: time
) -> list[DayCount]:
    """Return the days of each partner; out of hours are weekends, and nights of other days."""
    facts = {**_facts(tenant, wanted), "opens": opens, "closes": closes}
    rows = conn.execute(sql.count_days, facts, prepare=False)
    return [DayCount(partner, day, count, late) for partner, day, count, late in rows]


def count_persons(
    conn: kit.Connection,
    tenant: kit.Tenant,
    wanted: Search,
    *,
    often: int,
    many: int,
    limit: int,
) -> Sequence[PersonCount]:
    """Return the chains with `often` entries of one partner or entries of `many` partners.

    At most so many, those furthest beyond either number first.
    """
    facts = {**_facts(tenant, wanted), "often": often, "many": many, "limit": limit}
    rows = conn.execute(sql.count_persons, facts, prepare=False)
    return [
        PersonCount(bytes(label), tuple(zip(partners, counts, strict=True)))
        for label, partners, counts in rows
    ]


def _facts(tenant: kit.Tenant, wanted: Search) -> dict[str, object]:
    return {
        "tenant": tenant,
        "kind": wanted.kind and wanted.kind.value,
        "outcome": wanted.outcome,
        "since": wanted.since,
        "until": wanted.until,
        **wanted.stated(),
    }
