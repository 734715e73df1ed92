"""What strikes across all organisations: where the log of their exchanges is read (記録機関).

An organisation has a usual day, and a day far above it strikes. The log operator's pseudonym of a
person is one for all who ask, so that it shows who comes back to one person, and about whom many
ask. That many organisations ask about one person is often lawful: a move, a family of several
towns. These are leads, no findings. The database counts, since the log is that of a country.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from statistics import median

from renkei import audit, kit
from renkei.app.operations.anomalies import CLOSES, MASS, OFTEN, OPENS

MANY = 3
"""From how many organisations on that asked about one person within the window it strikes."""
SURGE = 3
"""How many times its usual day an organisation's day must be to strike."""
MOST = 1_000
"""So many persons are looked at, those that strike most."""
TOLD = 50
"""Of so many of each kind it is said for which procedures."""


@dataclass(frozen=True, slots=True)
class Surge:
    """An organisation's day, and its usual one: the median of the others; None without any."""

    who: str
    day: date
    count: int
    usual: int | None


@dataclass(frozen=True, slots=True)
class Sought:
    """One unnamed person: how often asked about, by which organisations, for which procedures.

    `most` is the organisation that asked most often, `often` how often it did.
    """

    chain: str
    count: int
    askers: tuple[str, ...]
    most: str
    often: int
    procedures: tuple[str, ...]
    logged: audit.Logged


@dataclass(frozen=True, slots=True)
class Sights:
    """How many persons strike in a way, and the first of them."""

    count: int
    rows: tuple[Sought, ...]


@dataclass(frozen=True, slots=True)
class Across:
    """The views over all organisations, each with the most striking first."""

    out_of_hours: tuple[tuple[str, int], ...]
    surges: tuple[Surge, ...]
    by_one: Sights
    by_many: Sights


def across(conn: kit.Connection, tenant: kit.Tenant, window: audit.Search) -> Across:
    """Return what strikes in the receipts of a log operator that fit: days, parties, provision."""
    asked = replace(window, kind=audit.Kind.REQUEST, outcome="receipted")
    days = audit.count_days(conn, tenant, asked, opens=OPENS, closes=CLOSES)
    people = audit.count_persons(conn, tenant, asked, often=OFTEN, many=MANY, limit=MOST)
    one_came_back = [one for one in people if one.partners[0][1] >= OFTEN]
    many_asked = [one for one in people if len(one.partners) >= MANY]
    one_came_back.sort(key=lambda one: (-one.partners[0][1], one.label))
    many_asked.sort(key=lambda one: (-len(one.partners), -one.count, one.label))
    late = Counter[str]()
    for one in days:
        late[one.partner] += one.late
    return Across(
        tuple(sorted((+late).items(), key=lambda one: (-one[1], one[0]))),
        tuple(surges(days)),
        *(
            Sights(len(found), tuple(_sought(conn, tenant, asked, one) for one in found[:TOLD]))
            for found in (one_came_back, many_asked)
        ),
    )


def surges(days: Iterable[audit.DayCount]) -> list[Surge]:
    """Return the days of organisations that are far above what is usual with them.

    A day on which anybody asked and this one did not is a day of none.
    """
    counted = defaultdict[str, dict[date, int]](dict)
    for one in days:
        counted[one.partner][one.day] = one.count
    every = {day for of_one in counted.values() for day in of_one}
    found = []
    for who, of_one in counted.items():
        for day, count in of_one.items():
            others = [of_one.get(other, 0) for other in every if other != day]
            usual = int(median(others)) if others else None
            if count >= MASS and count >= SURGE * (usual or 0):
                found.append(Surge(who, day, count, usual))
    return sorted(found, key=lambda one: (-one.count, one.who, one.day))


def _sought(
    conn: kit.Connection, tenant: kit.Tenant, asked: audit.Search, one: audit.PersonCount
) -> Sought:
    """Return a person with the procedures they were asked about for, and one of the questions."""
    chain = [
        logged
        for logged in audit.entries_of(conn, tenant, one.label)
        if logged.entry.outcome == asked.outcome
        and (asked.since is None or asked.since <= logged.entry.at)
        and (asked.until is None or logged.entry.at < asked.until)
    ]
    most, often = one.partners[0]
    return Sought(
        one.label.hex()[:12],
        one.count,
        tuple(who for who, _ in one.partners),
        most,
        often,
        tuple(sorted({logged.entry.procedure for logged in chain})),
        chain[-1],
    )
