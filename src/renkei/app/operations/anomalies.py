"""What an overseer looks at first: by time, by number, by person without a name, by use.

Entries hold no name and no address. So a look at a neighbour cannot be seen as one; what can be
seen is one unit that comes back to the same person again and again, for other procedures. Pure.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, time

from renkei import audit, kit
from renkei.app.rendering import JAPAN

OPENS, CLOSES = time(7, 0), time(20, 0)
MASS = 200
"""Questions and looks of one unit or person of staff in a day, from which on it is many."""
OFTEN = 5
"""How often one unit asks about one person within the window, from which on it is often."""
LOOKING = frozenset({audit.Kind.REQUEST, audit.Kind.VIEW})
ENDS = frozenset({audit.Kind.ANSWER, audit.Kind.REFUSAL, audit.Kind.FAILURE})
SETTLING = 3600.0
"""Seconds a question may be under way until it counts as left."""


@dataclass(frozen=True, slots=True)
class Many:
    """How many one unit or person of staff asked or looked at in a day, and how many in bulk."""

    who: str
    day: date
    count: int
    in_bulk: int = 0


@dataclass(frozen=True, slots=True)
class InBulk:
    """An inquiry about many (一括照会): who asked whom, for which procedure, about how many."""

    who: str
    number: str
    day: date
    holder: str
    procedure: str
    order: str
    count: int
    logged: audit.Logged


@dataclass(frozen=True, slots=True)
class Often:
    """One unit and one unnamed person: how often, for how many procedures, since when."""

    who: str
    chain: str
    count: int
    procedures: tuple[str, ...]
    logged: audit.Logged


@dataclass(frozen=True, slots=True)
class Anomalies:
    """The views over the entries of a window, each with the most striking first."""

    out_of_hours: tuple[audit.Logged, ...]
    many: tuple[Many, ...]
    in_bulk: tuple[InBulk, ...]
    often: tuple[Often, ...]
    left: tuple[audit.Logged, ...]


def anomalies(
    found: Sequence[audit.Logged],
    *,
    us: str,
    until: float,
    left: Iterable[audit.Logged] | None = None,
) -> Anomalies:
    """Return what strikes in the entries of a window that ends at a time (seconds since 1970).

    `left` are the questions of which nobody took an end, where ends are not entered here.
    """
    looks = looks_of(found, us)
    return Anomalies(
        tuple(one for one in looks if is_out_of_hours(one.entry)),
        tuple(_many(looks)),
        tuple(_in_bulk(looks)),
        tuple(_often(looks)),
        tuple(_left(found, looks, until) if left is None else left),
    )


def looks_of(found: Iterable[audit.Logged], us: str) -> list[audit.Logged]:
    """Return our own questions and looks, and those of others that we gave a receipt for."""
    return [one for one in found if one.entry.kind in LOOKING and _is_look(one.entry, us)]


def is_out_of_hours(entry: audit.Entry) -> bool:
    """Tell whether it was entered at night or at a weekend, by the clock of Japan.

    Public holidays are not looked up: who works on one stands out elsewhere, by number.
    """
    at = entry.at.astimezone(JAPAN)
    return at.weekday() >= 5 or not OPENS <= at.time() < CLOSES


def actor(entry: audit.Entry) -> str:
    """Return who asked or looked, as far as an entry says: staff, else the unit."""
    told = entry.details.get
    return told("staff") or told("client") or (f"{entry.asker}/{entry.unit}")


def _is_look(entry: audit.Entry, us: str) -> bool:
    if entry.asker != us:
        return entry.outcome == "receipted"
    return entry.outcome not in ("refused", "failed", "receipted")


def _many(looks: Iterable[audit.Logged]) -> list[Many]:
    counted, in_bulk = Counter[tuple[str, date]](), Counter[tuple[str, date]]()
    for one in looks:
        key = actor(one.entry), kit.day_of(one.entry.at)
        counted[key] += 1
        in_bulk[key] += "bulk" in one.entry.details
    ordered = sorted(counted.items(), key=lambda one: (-one[1], one[0]))
    return [Many(*key, count, in_bulk[key]) for key, count in ordered if count >= MASS]


def _in_bulk(looks: Iterable[audit.Logged]) -> list[InBulk]:
    """Return the inquiries about many, the largest first: each one as one, however lawful."""
    by_number: dict[tuple[str, str], list[audit.Logged]] = defaultdict(list)
    for one in looks:
        if number := one.entry.details.get("bulk"):
            by_number[actor(one.entry), number].append(one)
    found = [
        InBulk(
            who,
            number,
            kit.day_of(ours[0].entry.at),
            ours[0].entry.holder,
            ours[0].entry.procedure,
            ours[0].entry.details.get("order", ""),
            len(ours),
            ours[0],
        )
        for (who, number), ours in by_number.items()
    ]
    return sorted(found, key=lambda one: (-one.count, one.number))


def _often(looks: Iterable[audit.Logged]) -> Iterable[Often]:
    by_pair: dict[tuple[str, bytes], list[audit.Logged]] = defaultdict(list)
    for one in looks:
        if one.entry.label is not None:
            by_pair[actor(one.entry), one.entry.label].append(one)
    found = [
        Often(
            who,
            label.hex()[:12],
            len(ours),
            tuple(sorted({one.entry.procedure for one in ours if one.entry.procedure})),
            ours[0],
        )
        for (who, label), ours in by_pair.items()
        if len(ours) >= OFTEN
    ]
    return sorted(found, key=lambda one: (-len(one.procedures), -one.count, one.who))


def _left(
    found: Iterable[audit.Logged], looks: Iterable[audit.Logged], until: float
) -> Iterable[audit.Logged]:
    """Return questions of ours that nobody took an end of: asked, and never used."""
    ended = {one.entry.request for one in found if one.entry.kind in ENDS}
    return [
        one
        for one in looks
        if one.entry.kind is audit.Kind.REQUEST
        and one.entry.request not in ended
        and until - one.entry.at.timestamp() > SETTLING
    ]
