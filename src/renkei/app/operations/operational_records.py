"""Operational records (稼働記録): how many exchanges, how they ended, how long they took.

Sums in memory, by service, peer, unit, direction and outcome: since the start, and by minute over
the last ten. No message id, no path, no person: nothing here says what was asked. They are gone
with the process; whoever wants them for longer reads `/metrics`. What must be kept stands in the
log.
"""

import threading
import time
from bisect import bisect_left
from collections.abc import Callable
from datetime import UTC, datetime
from math import sqrt
from typing import Literal, NamedTuple

Direction = Literal["asked", "provided", "relayed"]

SLOT_SECONDS, SLOTS = 60, 10
MOST_SERIES = 2000
BOUNDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)
"""Upper bounds in seconds of what durations are counted by; one more is for what took longer."""
GOOD = frozenset({"answered", "not-held", "subject-unknown", "code-not-issued", "refused"})
"""Outcomes of an exchange that worked: a refusal is an answer."""


class Series(NamedTuple):
    """What is counted apart: `peer` is the other organisation, `unit` our own that asked.

    Of what is relayed `peer` is the holder and the service `relay`: a relay is told no other.
    Clients write names of services: a bounded number is told apart, the rest is `OTHER`.
    """

    direction: Direction
    service: str
    peer: str
    unit: str
    outcome: str
    error: str = ""


class Spread:
    """Least, mean, most and standard deviation of numbers, without keeping them."""

    __slots__ = ("least", "most", "squares", "total")

    def __init__(self) -> None:
        self.total = self.squares = self.most = 0.0
        self.least = float("inf")

    def add(self, value: float) -> None:
        """Count a number."""
        self.total += value
        self.squares += value * value
        if value > self.most:
            self.most = value
        if value < self.least:
            self.least = value

    def join(self, other: "Spread") -> None:
        """Count what another one counted."""
        self.total += other.total
        self.squares += other.squares
        self.most = max(self.most, other.most)
        self.least = min(self.least, other.least)

    def deviation(self, count: int) -> float:
        """Return the standard deviation of so many numbers."""
        if not count:
            return 0.0
        return sqrt(max(0.0, self.squares / count - (self.total / count) ** 2))


class Tally:
    """Exchanges counted together."""

    __slots__ = ("answer", "buckets", "count", "question", "seconds")

    def __init__(self) -> None:
        self.count = 0
        self.seconds, self.question, self.answer = Spread(), Spread(), Spread()
        self.buckets = [0] * (len(BOUNDS) + 1)

    def add(self, seconds: float, question: int, answer: int) -> None:
        """Count an exchange: how long it took, how many bytes its bodies have."""
        self.count += 1
        self.buckets[bisect_left(BOUNDS, seconds)] += 1
        self.seconds.add(seconds)
        self.answer.add(answer)
        if question:  # questions of the standard have no body
            self.question.add(question)
        else:
            self.question.least = 0.0

    def join(self, other: "Tally") -> None:
        """Count what another tally counted."""
        self.count += other.count
        self.buckets = [a + b for a, b in zip(self.buckets, other.buckets, strict=True)]
        for ours, theirs in (
            (self.seconds, other.seconds),
            (self.question, other.question),
            (self.answer, other.answer),
        ):
            ours.join(theirs)

    def quantile(self, share: float) -> float:
        """Return the seconds a share of the exchanges took at most, from the counts by bound.

        >>> tally = Tally()
        >>> for ms in range(1, 101): tally.add(ms / 1000, 0, 0)
        >>> round(tally.quantile(0.5), 3), tally.quantile(1.0)
        (0.05, 0.1)
        """
        wanted, seen, lower = share * self.count, 0, 0.0
        for bound, count in zip((*BOUNDS, self.seconds.most), self.buckets, strict=True):
            if count and seen + count >= wanted:
                upper = min(bound, self.seconds.most)
                return max(
                    lower + (upper - lower) * (wanted - seen) / count,
                    self.seconds.least,
                )
            seen, lower = seen + count, bound
        return self.seconds.most


class Recorded:
    """One series: the minute that runs, those before it, all before it, when the last one ended.

    Only the minute that runs is counted into; when it is over it joins the others.
    """

    __slots__ = ("before", "last", "minute", "past", "tally")

    def __init__(self, minute: int) -> None:
        self.before = Tally()
        self.minute = minute
        self.tally = Tally()
        self.past: dict[int, Tally] = {}
        self.last = 0.0

    def turn(self, minute: int) -> None:
        """Begin another minute."""
        self.before.join(self.tally)
        self.past[self.minute] = self.tally
        self.past = {one: old for one, old in self.past.items() if one > minute - SLOTS}
        self.minute, self.tally = minute, Tally()

    def of(self, minute: int) -> Tally:
        """Return the tally of a minute."""
        return _copy(self.tally if minute == self.minute else self.past.get(minute))


class OperationalRecords:
    """The records of one process; any thread adds to them."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        """Take a clock in seconds since 1970."""
        self._clock = clock
        self._series: dict[Series, Recorded] = {}
        self._lock = threading.Lock()
        self.since = datetime.fromtimestamp(clock(), UTC)

    def add(self, series: Series, seconds: float, question: int = 0, answer: int = 0) -> None:
        """Count an exchange that ended now."""
        at = self._clock()
        minute = int(at // SLOT_SECONDS)
        with self._lock:
            found = self._series.get(series)
            if found is None:
                if len(self._series) >= MOST_SERIES:
                    series = Series(series.direction, "other", "other", "", series.outcome)
                found = self._series.setdefault(series, Recorded(minute))
            if minute != found.minute:
                found.turn(minute)
            found.tally.add(seconds, question, answer)
            found.last = at

    def totals(self) -> dict[Series, Tally]:
        """Return what was counted since the start."""
        with self._lock:
            return {
                series: _copy(found.before, found.tally) for series, found in self._series.items()
            }

    def window(self) -> dict[Series, tuple[datetime, list[Tally]]]:
        """Return when each series' last exchange ended, and its last minutes, oldest first."""
        newest = int(self._clock() // SLOT_SECONDS)
        minutes = range(newest - SLOTS + 1, newest + 1)
        with self._lock:
            return {
                series: (
                    datetime.fromtimestamp(found.last, UTC),
                    [found.of(minute) for minute in minutes],
                )
                for series, found in self._series.items()
            }


def _copy(*tallies: Tally | None) -> Tally:
    found = Tally()
    for tally in tallies:
        if tally is not None:
            found.join(tally)
    return found
