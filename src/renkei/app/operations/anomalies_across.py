"""What strikes across all organisations: where the log of their exchanges is read (記録機関). Pure.

An organisation has a usual day, and a day far above it strikes. The log operator's pseudonym of a
person is one for all who ask, so that it shows who comes back to one person, and about whom many
ask. That many organisations ask about one person is often lawful: a move, a family of several
towns. These are leads, no findings.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from statistics import median

from renkei import audit, kit
from renkei.app.operations.anomalies import MASS, OFTEN, is_out_of_hours, looks_of

MANY = 3
"""From how many organisations on that asked about one person within the window it strikes."""
SURGE = 3
"""How many times its usual day an organisation's day must be to strike."""


@dataclass(frozen=True, slots=True)
class Surge:
    """An organisation's day, and its usual one: the median of the other days of the window."""

    who: str
    day: date
    count: int
    usual: int


@dataclass(frozen=True, slots=True)
class Sought:
    """One unnamed person: how often asked about, by which organisations, for how many procedures.

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
class Across:
    """The views over all organisations, each with the most striking first."""

    out_of_hours: tuple[tuple[str, int], ...]
    surges: tuple[Surge, ...]
    by_one: tuple[Sought, ...]
    by_many: tuple[Sought, ...]


def across(found: Sequence[audit.Logged], *, us: str) -> Across:
    """Return what strikes in the entries of a window of the log operator `us`."""
    looks = [one for one in looks_of(found, us) if one.entry.asker != us]
    sought = list(_sought(looks))
    one_came_back = [one for one in sought if one.often >= OFTEN]
    many_asked = [one for one in sought if len(one.askers) >= MANY]
    late = Counter(one.entry.asker for one in looks if is_out_of_hours(one.entry))
    return Across(
        tuple(sorted(late.items(), key=lambda one: (-one[1], one[0]))),
        tuple(_surges(looks)),
        tuple(sorted(one_came_back, key=lambda one: (-one.often, -len(one.procedures), one.chain))),
        tuple(sorted(many_asked, key=lambda one: (-len(one.askers), -one.count, one.chain))),
    )


def _surges(looks: Iterable[audit.Logged]) -> Iterable[Surge]:
    """Return the days of organisations that are far above what is usual with them."""
    counted = Counter((one.entry.asker, kit.day_of(one.entry.at)) for one in looks)
    days = {day for _, day in counted}
    found = []
    for (who, day), count in counted.items():
        others = [counted[who, other] for other in days if other != day]
        usual = int(median(others)) if others else 0
        if count >= MASS and count >= SURGE * usual:
            found.append(Surge(who, day, count, usual))
    return sorted(found, key=lambda one: (-one.count, one.who, one.day))


def _sought(looks: Iterable[audit.Logged]) -> Iterable[Sought]:
    by_person: dict[bytes, list[audit.Logged]] = defaultdict(list)
    for one in looks:
        if one.entry.label is not None:
            by_person[one.entry.label].append(one)
    for label, asked in by_person.items():
        askers = Counter(one.entry.asker for one in asked)
        most, often = min(askers.items(), key=lambda one: (-one[1], one[0]))
        yield Sought(
            label.hex()[:12],
            len(asked),
            tuple(sorted(askers)),
            most,
            often,
            tuple(sorted({one.entry.procedure for one in asked if one.entry.procedure})),
            asked[0],
        )
