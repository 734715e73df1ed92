"""標準処理期間 and other periods in working days: pure functions of days.

A day counts if the office is open on it. The first day is not counted (初日不算入, 民法第140条).
While a correction is awaited (補正) the clock stands still: the day on which it was asked for still
counts, that on which it came does not, as if a period began on it.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta

DAY = timedelta(days=1)
FARTHEST = 10_000
"""Days over which is counted: more than twenty-seven years."""


@dataclass(frozen=True, slots=True)
class Calendar:
    """On which days the office is closed, besides Saturdays and Sundays."""

    closed: frozenset[date] = field(default_factory=frozenset)

    def is_open(self, day: date) -> bool:
        """Tell whether the office is open on a day."""
        return day.weekday() < 5 and day not in self.closed

    def knows(self, day: date) -> bool:
        """Tell whether anybody has said which days of its year are closed."""
        return any(one.year == day.year for one in self.closed)

    def after(self, day: date, count: int) -> date:
        """Return the open day so many after a day, before it if negative; 0 is the next from it.

        >>> Calendar().after(date(2027, 4, 2), 1), Calendar().after(date(2027, 4, 3), 0)
        (datetime.date(2027, 4, 5), datetime.date(2027, 4, 5))
        """
        step = DAY if count >= 0 else -DAY
        try:
            left = abs(count)
            while left:
                day += step
                left -= self.is_open(day)
            while not self.is_open(day):
                day += DAY
        except OverflowError:  # beyond the days there are
            return date.max if count >= 0 else date.min
        return day

    def between(self, day: date, other: date) -> int:
        """Return how many open days lie after a day up to and with another; negative if earlier."""
        if other < day:
            return -self.between(other, day)
        days = min((other - day).days, FARTHEST)
        return sum(self.is_open(day + DAY * n) for n in range(1, days + 1))


@dataclass(frozen=True, slots=True)
class Deadline:
    """A period that runs from a day, and between which days it stood still.

    Each stop has the day of `stopped` at its place, and that of `resumed` if it is over.
    """

    period: int
    since: date
    stopped: tuple[date, ...] = ()
    resumed: tuple[date, ...] = ()

    @property
    def is_still(self) -> bool:
        """Tell whether the clock stands still now."""
        return len(self.stopped) > len(self.resumed)

    def turned(self, on: date, *, is_still: bool) -> "Deadline":
        """Return the same with the clock stopped or going again from a day on."""
        if is_still == self.is_still:
            return self
        if not is_still:
            return Deadline(self.period, self.since, self.stopped, (*self.resumed, on))
        if self.resumed and self.resumed[-1] == on:  # the stop goes on as if it had not ended
            return Deadline(self.period, self.since, self.stopped, self.resumed[:-1])
        return Deadline(self.period, self.since, (*self.stopped, on), self.resumed)

    def counts(self, day: date, calendar: Calendar) -> bool:
        """Tell whether a day is one of the period."""
        if day <= self.since or not calendar.is_open(day):
            return False
        ends = (*self.resumed, date.max)
        return not any(
            since < day <= until for since, until in zip(self.stopped, ends, strict=False)
        )

    def due(self, calendar: Calendar) -> date | None:
        """Return the last day of the period; None while nobody can know it.

        >>> Deadline(3, date(2027, 4, 1)).due(Calendar())
        datetime.date(2027, 4, 6)
        """
        left, day = self.period, self.since
        try:
            while left:
                day += DAY
                if self.is_still and day > self.stopped[-1]:
                    return None
                left -= self.counts(day, calendar)
        except OverflowError:
            return date.max
        return day

    def used(self, calendar: Calendar, on: date) -> int:
        """Return how many days of the period are over, with this one."""
        days = min((on - self.since).days, FARTHEST)
        return sum(self.counts(self.since + DAY * n, calendar) for n in range(1, days + 1))


def step_day(days: Iterable[int], step: int, due: date | None, calendar: Calendar) -> date | None:
    """Return when the next step of a ladder is, whose steps lie so many days from the day due."""
    left = list(days)[step:]
    return calendar.after(due, left[0]) if left and due is not None else None
