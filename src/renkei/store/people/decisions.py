"""Deciding about a pair, and undoing it: by a named person, for a reason, with history.

1. Both register numbers have an identity; the pair waits, or people name it now.
2. Where a person of either identity is under 支援措置, a first decision is only proposed; it takes
   effect when a second official decides the same.
3. What contradicts another decision is refused: undo that one first.
4. The decision is a line in the book, the pair gets its state, the identities settle.

Deciders of one town go one after the other: who comes second finds the pair decided.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from renkei.kit import Connection, Tenant, day_of, queries
from renkei.store.people.errors import (
    DecisionContradicts,
    IdentityUnknown,
    PairDecided,
    PairUndecided,
    PairUnknown,
    ReasonMissing,
    SecondPersonNeeded,
    StillTogether,
)
from renkei.store.people.evidence import PROGRAM, State, Verdict
from renkei.store.people.identities import settle, together
from renkei.store.people.pairs import (
    WAITING,
    Pair,
    decisions_of,
    ordered,
    pair,
)
from renkei.store.protection import protected

sql = queries("renkei.store")

LONGEST = 500
DECIDABLE = (*WAITING, State.lapsed)


@dataclass(frozen=True, slots=True)
class Decided:
    """What became of a decision: its number, whether it is in effect, how many numbers moved."""

    number: int
    is_in_effect: bool
    moved: int
    pair: Pair


def decide(
    conn: Connection,
    tenant: Tenant,
    numbers: tuple[str, str],
    verdict: Verdict,
    *,
    by: str,
    reason: str,
    on: date,
    at: datetime,
) -> Decided:
    """Decide that two register numbers are the same, are different, or that it must wait."""
    if verdict is Verdict.undone:
        return undo(conn, tenant, numbers, by=by, reason=reason, on=on, at=at)
    case = _open(conn, tenant, numbers, by=by, reason=reason, on=on, at=at)
    conn.execute(sql.ask_pair, case.said)
    found = pair(conn, tenant, *case.numbers)
    if found.state not in DECIDABLE:
        raise PairDecided(state=found.state.value)
    if verdict is not Verdict.postponed:
        case.refuse_contradiction(verdict)
        if case.needs_second(verdict):
            return case.propose(verdict)
    return case.enter(verdict, State(verdict.value))


def undo(
    conn: Connection,
    tenant: Tenant,
    numbers: tuple[str, str],
    *,
    by: str,
    reason: str,
    on: date,
    at: datetime,
) -> Decided:
    """Undo what was decided about a pair: it waits again, and identities part again.

    From then on the program leaves the pair to people.
    """
    case = _open(conn, tenant, numbers, by=by, reason=reason, on=on, at=at)
    found = pair(conn, tenant, *case.numbers)
    if found.state in {State.waiting, State.lapsed}:
        raise PairUndecided
    if found.state is not State.postponed and case.needs_second(Verdict.undone):
        return case.propose(Verdict.undone)
    return case.enter(Verdict.undone, State.waiting)


@dataclass(frozen=True, slots=True)
class _Case:
    """One decision on its way: who decides about whom, and what is said of it everywhere."""

    conn: Connection
    tenant: Tenant
    numbers: tuple[str, str]
    identities: Mapping[str, str]  # all register numbers of both identities
    said: Mapping[str, object]
    on: date
    at: datetime

    def refuse_contradiction(self, verdict: Verdict) -> None:
        """Refuse a decision that another one says the opposite of."""
        one, other = (self.identities[number] for number in self.numbers)
        if verdict is Verdict.different and one == other:
            raise StillTogether
        if verdict is Verdict.same and one != other:
            sides = {
                name: [number for number, own in self.identities.items() if own == unified]
                for name, unified in (("numbers", one), ("others", other))
            }
            row = self.conn.execute(sql.different_between, {**self.said, **sides}).fetchone()
            if row is not None:
                raise DecisionContradicts(decision=row[0])

    def needs_second(self, verdict: Verdict) -> bool:
        """Tell whether this is the first of two officials that a protected person needs."""
        if not protected(self.conn, self.tenant, list(self.identities), on=day_of(self.at)):
            return False
        before = decisions_of(self.conn, self.tenant, *self.numbers)
        if not before or not before[-1].is_proposed or before[-1].verdict is not verdict:
            return True
        if before[-1].decided_by == self.said["by"]:
            raise SecondPersonNeeded
        return False

    def propose(self, verdict: Verdict) -> Decided:
        """Enter a decision that waits for a second person."""
        number = self._line(verdict, is_proposed=True)
        return Decided(number, False, 0, pair(self.conn, self.tenant, *self.numbers))

    def enter(self, verdict: Verdict, state: State) -> Decided:
        """Enter a decision and let it take effect."""
        number = self._line(verdict, is_proposed=False)
        self.conn.execute(sql.set_pair_state, {**self.said, "state": state, "judged": True})
        moved = settle(self.conn, self.tenant, self.numbers, on=self.on, at=self.at)
        return Decided(number, True, moved, pair(self.conn, self.tenant, *self.numbers))

    def _line(self, verdict: Verdict, *, is_proposed: bool) -> int:
        said = {**self.said, "verdict": verdict, "is_proposed": is_proposed}
        row = self.conn.execute(sql.enter_decision, said).fetchone()
        if row is None:
            raise PairUnknown
        return int(row[0])


def _open(
    conn: Connection,
    tenant: Tenant,
    numbers: tuple[str, str],
    *,
    by: str,
    reason: str,
    on: date,
    at: datetime,
) -> _Case:
    """Check who decides and why, wait for other deciders, and find both identities."""
    numbers = ordered(*numbers)
    by, reason = by.strip(), reason.strip()
    if not (0 < len(by) <= LONGEST and 0 < len(reason) <= LONGEST) or by == PROGRAM:
        raise ReasonMissing(longest=LONGEST)
    conn.execute(sql.one_decision_at_a_time, {"tenant": tenant})
    identities = together(conn, tenant, numbers)
    if not set(numbers) <= identities.keys():
        raise IdentityUnknown
    said = {
        "tenant": tenant,
        "one": numbers[0],
        "other": numbers[1],
        "by": by,
        "reason": reason,
        "on": on,
        "at": at,
    }
    return _Case(conn, tenant, numbers, identities, said, on, at)
