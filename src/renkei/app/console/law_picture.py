"""The days of the rows a draft changes, before and after, as a picture: bars on a line of years."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from renkei import law
from renkei.law import drafting
from renkei.law.drafting import Span

WIDTH, LEFT, RIGHT, ROW, TOP = 760, 180, 12, 40, 34
MOST = 40
"""So many rows a picture shows; the list beside it shows all."""


@dataclass(frozen=True, slots=True)
class Bar:
    """A span as the picture has it."""

    x: int
    y: int
    width: int
    kind: str
    is_open: bool


@dataclass(frozen=True, slots=True)
class Changed:
    """A row a draft changes: its days as they are and as they would be."""

    kind: str
    name: str
    before: Span | None
    after: Span | None


@dataclass(frozen=True, slots=True)
class Picture:
    """The whole picture: its size, its bars, the years below them, two days of note."""

    height: int
    bars: Sequence[Bar]
    labels: Sequence[tuple[int, str]]
    years: Sequence[tuple[int, int]]
    today: int
    since: int


def changed(before: law.ProvisionTable, after: law.ProvisionTable) -> list[Changed]:
    """Return the rows that are not the same in two tables."""
    return [
        Changed(*key, drafting.spans_of(old), drafting.spans_of(new))
        for key, old, new in drafting.changed_rows(before, after)
    ]


def picture(rows: Sequence[Changed], *, today: date, since: date) -> Picture:
    """Draw the rows; an end that nobody set is the right edge."""
    shown = rows[:MOST]
    spans = [span for row in shown for span in (row.before, row.after) if span is not None]
    ends = [day for span in spans for day in span if day is not None and day.year < 9000]
    first = min([*ends, today, since]).year
    last = max([*ends, today, since]).year + 2
    axis = _Axis(date(first, 1, 1), date(last, 1, 1))
    bars, labels = [], []
    for number, row in enumerate(shown):
        y = TOP + number * ROW
        labels.append((y + 20, row.name))
        for span, kind, down in ((row.before, "before", 4), (row.after, "after", 19)):
            if span is not None:
                bars.append(axis.bar(span, y + down, kind))
    step = max(1, (last - first) // 10)
    years = [(axis.x(date(year, 1, 1)), year) for year in range(first, last, step)]
    height = TOP + len(shown) * ROW + 6
    return Picture(height, bars, labels, years, axis.x(today), axis.x(since))


@dataclass(frozen=True, slots=True)
class _Axis:
    """The line of years: from the first day of one to that of another."""

    first: date
    last: date

    def x(self, day: date) -> int:
        """Return where a day stands."""
        inner = WIDTH - LEFT - RIGHT
        return LEFT + round((day - self.first).days * inner / (self.last - self.first).days)

    def bar(self, span: Span, y: int, kind: str) -> Bar:
        """Return a span as a bar, its last day part of it."""
        is_open = span.until is None or span.until >= self.last
        begin = self.x(min(max(span.since, self.first), self.last))
        end = WIDTH - RIGHT if span.until is None or is_open else self.x(_next(span.until))
        return Bar(begin, y, max(end - begin, 2), kind, is_open)


def _next(day: date) -> date:
    return day + timedelta(days=1)
