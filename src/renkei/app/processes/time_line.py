"""The time line of a case as a picture: a bar a stay, over the days from its beginning to now."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from renkei import kit
from renkei.process import bpmn, cases
from renkei.process.bpmn.drawing.marks import long
from renkei.process.bpmn.model import Container, Element
from renkei.process.bpmn.words import called
from renkei.process.cases.spans import Span, spans_of

LEFT, WIDE, HIGH = 190.0, 900.0, 24.0
"""Where bars begin, where they end, and how high a row is."""
MOST = 60
"""Rows of the picture; the table has them all."""
TICKS = 5
LEAST = 3.0
"""A stay of a moment is still seen."""


@dataclass(frozen=True, slots=True)
class Bar:
    """A stay, or a time within it when it was stuck, as it is drawn."""

    x: float
    width: float


@dataclass(frozen=True, slots=True)
class Row:
    """One stay: what it was, how long, and its bars."""

    title: str
    short: str
    awaits: str
    begun: datetime
    ended: datetime | None
    took: str
    is_interrupted: bool
    bar: Bar
    stuck: Sequence[Bar]
    y: float


@dataclass(frozen=True, slots=True)
class TimeLine:
    """The whole of it."""

    rows: Sequence[Row]
    ticks: Sequence[tuple[float, str]]
    now: float | None
    """Where now is; None of a case that is over."""
    width: float
    height: float

    @property
    def shown(self) -> Sequence[Row]:
        """Return the rows of the picture."""
        return self.rows[:MOST]

    @property
    def kinds(self) -> list[str]:
        """Return on whom was waited, for the legend."""
        order = [one.value for one in bpmn.Awaited]
        return [name for name in order if any(one.awaits == name for one in self.rows)]


def time_line(
    row: cases.CaseRow,
    past: Sequence[cases.Past],
    definition: bpmn.Definition,
    language: kit.Language,
    *,
    at: datetime,
) -> TimeLine:
    """Return the time line of a case up to now, or to its end."""
    elements: dict[str, Element] = {
        id_: one
        for process in (*definition.processes.values(), *definition.called.values())
        for id_, one in process.by_id.items()
    }
    deciding = [id_ for id_, one in elements.items() if one.tag == "eventBasedGateway"]
    spans = [
        one
        for one in spans_of(past, places=row.case.places.keys(), deciding=deciding)
        if not isinstance(elements.get(one.element), Container) and _lasts(one)
    ]
    first, last = row.started_at, row.ended_at or max(at, *(one.at for one in past))
    whole = max((last - first).total_seconds(), 1.0)

    def x(moment: datetime) -> float:
        return LEFT + (WIDE - LEFT) * (moment - first).total_seconds() / whole

    def bar(since: datetime, until: datetime | None) -> Bar:
        begins, ends = x(since), x(until or last)
        return Bar(round(min(begins, WIDE - LEAST), 1), round(max(ends - begins, LEAST), 1))

    rows = [
        Row(
            title := _title(elements, one.element, language),
            title if len(title) <= 12 else f"{title[:11]}…",
            elements[one.element].awaits.value if one.element in elements else "nobody",
            one.begun,
            one.ended,
            long((one.ended or last) - one.begun, language),
            one.is_interrupted,
            bar(one.begun, one.ended),
            [bar(since, until) for since, until in one.stuck],
            number * HIGH,
        )
        for number, one in enumerate(spans)
    ]
    ticks = [
        (round(x(moment), 1), _day(moment, last - first))
        for moment in (first + (last - first) * n / TICKS for n in range(TICKS + 1))
    ]
    height = min(len(rows), MOST) * HIGH + 22
    now = round(x(last), 1) if row.ended_at is None else None
    return TimeLine(rows, ticks, now, WIDE + 110, height)


def _lasts(span: Span) -> bool:
    """Tell whether there is something to draw: what was done at once is in the history."""
    return bool(span.stuck) or span.ended is None or span.ended > span.begun


def _title(elements: dict[str, Element], id_: str, language: kit.Language) -> str:
    return called(elements[id_], language) if id_ in elements else id_


def _day(moment: datetime, whole: timedelta) -> str:
    told = kit.in_japan(moment)
    return f"{told:%H:%M}" if whole < timedelta(days=2) else f"{told.month}/{told.day}"
