"""The pairs people look at: what waits, in the order of its weight, and what became of the rest."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from math import exp, log

from renkei.kit import Connection, Tenant, queries
from renkei.store.people.errors import PairOfOne, PairUnknown
from renkei.store.people.evidence import PROGRAM, Ground, Kind, State, Verdict

sql = queries("renkei.store")

MOST = 60.0  # bits: beyond, a probability is 0 or 1
WAITING = (State.waiting, State.postponed)
EVERY_KIND = tuple(Kind)


@dataclass(frozen=True, slots=True)
class Pair:
    """Two register numbers, what speaks for their being one, and where they stand.

    `score` is log2 of the odds that they are one; `evidence` are codes, part and level.
    """

    one: str
    other: str
    kind: Kind
    ground: Ground | None
    score: float
    evidence: tuple[str, ...]
    state: State
    judged: bool
    found_at: datetime
    changed_at: datetime

    @property
    def probability(self) -> float:
        """Return how likely the two are one, by the score alone."""
        return 1 / (1 + exp(-log(2) * max(min(self.score, MOST), -MOST)))


@dataclass(frozen=True, slots=True)
class Decision:
    """One line of the book of decisions; only `proposed` until a second person says the same."""

    number: int
    one: str
    other: str
    verdict: Verdict
    is_proposed: bool
    decided_by: str
    reason: str
    decided_at: datetime
    holds_from: date

    @property
    def is_by_program(self) -> bool:
        """Tell whether the program decided by itself, on a certain ground."""
        return self.decided_by == PROGRAM


def ordered(one: str, other: str) -> tuple[str, str]:
    """Return two register numbers as a pair is kept: the smaller one first."""
    if one == other:
        raise PairOfOne
    return (one, other) if one < other else (other, one)


def queue(
    conn: Connection,
    tenant: Tenant,
    *,
    limit: int = 50,
    skip: int = 0,
    states: Sequence[State] = WAITING,
    kinds: Sequence[Kind] = EVERY_KIND,
) -> list[Pair]:
    """Return what waits for people: conflicts, alerts, then by score; what was postponed last."""
    asked = {
        "tenant": tenant,
        "limit": limit,
        "skip": skip,
        "states": list(states),
        "kinds": list(kinds),
    }
    return [_pair(row) for row in conn.execute(sql.queue, asked)]


def pair(conn: Connection, tenant: Tenant, one: str, other: str) -> Pair:
    """Return one pair."""
    first, second = ordered(one, other)
    asked = {"tenant": tenant, "one": first, "other": second}
    row = conn.execute(sql.pair, asked).fetchone()
    if row is None:
        raise PairUnknown
    return _pair(row)


def pairs_of(conn: Connection, tenant: Tenant, register_numbers: Sequence[str]) -> list[Pair]:
    """Return every pair of some register numbers, whatever its state."""
    asked = {"tenant": tenant, "numbers": list(register_numbers)}
    return [_pair(row) for row in conn.execute(sql.pairs_of_number, asked)]


def standing(conn: Connection, tenant: Tenant) -> dict[tuple[State, Kind], int]:
    """Count the pairs by state and kind."""
    rows = conn.execute(sql.count_pairs, {"tenant": tenant})
    return {(State(state), Kind(kind)): count for state, kind, count in rows}


def decisions_of(conn: Connection, tenant: Tenant, one: str, other: str) -> list[Decision]:
    """Return all that was decided about a pair, the oldest first."""
    first, second = ordered(one, other)
    asked = {"tenant": tenant, "one": first, "other": second}
    return [_decision(row) for row in conn.execute(sql.decisions_of_pair, asked)]


def last_decisions(
    conn: Connection, tenant: Tenant, *, limit: int = 50, by_program: bool = False
) -> list[Decision]:
    """Return the latest decisions of people, and of the program if asked for."""
    asked = {"tenant": tenant, "limit": limit, "by_program": by_program}
    return [_decision(row) for row in conn.execute(sql.last_decisions, asked)]


def _pair(row: tuple) -> Pair:  # type: ignore[type-arg]  # a row of the driver
    one, other, kind, ground, score, evidence, state, judged, found_at, changed_at = row
    return Pair(
        one,
        other,
        Kind(kind),
        None if ground is None else Ground(ground),
        score,
        tuple(evidence),
        State(state),
        judged,
        found_at,
        changed_at,
    )


def _decision(row: tuple) -> Decision:  # type: ignore[type-arg]  # a row of the driver
    number, one, other, verdict, is_proposed, by, reason, at, on = row
    return Decision(number, one, other, Verdict(verdict), is_proposed, by, reason, at, on)
