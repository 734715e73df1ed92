"""How long cases and their steps took in a period, on whom they waited, and which ways they went.

The cases are those that began in the period. A step's time is from its coming to its completion; of
what is repeated each turn counts, not the whole; what holds other steps has no share of its own. A
task waits until somebody takes it, and is worked on from then on.
Reckoned by the database over the events, set by set.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from renkei.kit import Connection, Tenant, queries
from renkei.process import bpmn
from renkei.process.bpmn import Awaited
from renkei.process.bpmn.activity import Activity
from renkei.process.bpmn.model import Container, Element
from renkei.process.bpmn.seen import There, counted_at, seen_at
from renkei.process.cases.variants import Variant, variants_of

sql = queries("renkei.process")


@dataclass(frozen=True, slots=True)
class Times:
    """The middle of some times, and what nine of ten stay below."""

    median: timedelta
    most: timedelta


@dataclass(frozen=True, slots=True)
class Step:
    """One element: how often, how long, on whom, and how much of all the time."""

    element: str
    awaits: Awaited
    passed: int
    cancelled: int
    incidents: int
    idle: Times | None
    """From its coming until somebody took it, of those that somebody took before they did it."""
    waited: timedelta
    """That time of all of them."""
    worked: timedelta
    """Of the same, from when somebody took it to its completion."""
    times: Times | None
    spent: timedelta
    share: float
    """Of all the time that cases spent at steps that hold no others."""
    now: int
    """Waits there now, whenever their case began."""
    longest: timedelta | None
    """Of those that wait now."""


@dataclass(frozen=True, slots=True)
class Report:
    """What the cases of a process show together, of those that began in a period."""

    since: datetime
    until: datetime
    begun: int
    ended: int
    """Ended in the period, whenever they began."""
    running: int
    completed: int
    cancelled: int
    lead: Times | None
    """From beginning to completion."""
    steps: Sequence[Step]
    """The one that takes most of the time first."""
    variants: Sequence[Variant]

    @property
    def conformity(self) -> float:
        """Return the share of completed cases that went the most common way."""
        return self.variants[0].share if self.variants else 0.0

    @property
    def waiting(self) -> float | None:
        """Return which share of the time of tasks that somebody took was over before; if any."""
        waited = sum((one.waited for one in self.steps), timedelta())
        worked = sum((one.worked for one in self.steps), timedelta())
        return waited / (waited + worked) if waited + worked else None

    def spent_on(self, awaits: Awaited) -> float:
        """Return the share of the time that was spent on people, machines, or others."""
        return sum(one.share for one in self.steps if one.awaits is awaits)


def report(
    conn: Connection,
    tenant: Tenant,
    definitions: Sequence[bpmn.Definition],
    *,
    since: datetime,
    until: datetime,
    at: datetime,
) -> Report:
    """Return what the cases of some definitions show that began in a period."""
    elements = {id_: one for of in definitions for id_, one in of.elements.items()}
    holding = [id_ for id_, one in elements.items() if isinstance(one, Container)]
    asked: dict[str, Any] = {
        "tenant": tenant,
        "definitions": [one.hash for one in definitions],
        "since": since,
        "until": until,
        "at": at,
        "repeated": [id_ for id_, one in elements.items() if _is_repeated(one)],
        "beside": [*holding, *(id_ for id_, one in elements.items() if one.tag == "startEvent")],
        "deciding": [id_ for id_, one in elements.items() if one.tag == "eventBasedGateway"],
    }
    conn.execute(sql.room_to_reckon)
    counted = conn.execute(sql.counted_within, asked).fetchone()
    assert counted is not None  # noqa: S101 # an aggregate has a row
    begun, ended, running, completed, cancelled, lead = counted
    seen = {id_: place for of in definitions for id_, place in seen_at(of).items()}
    there = counted_at(conn.execute(sql.waiting_now, asked), seen)
    decided = sql.step_decided if asked["deciding"] else sql.step_undecided
    steps_of = b"\n".join((sql.step_passages, decided, sql.step_figures))
    rows = {row[0]: row[1:] for row in conn.execute(steps_of, asked)}
    whole = sum(row[-1] or 0.0 for id_, row in rows.items() if id_ not in holding)
    steps = [
        _step(elements.get(id_), id_, rows.get(id_), there.get(id_), whole)
        for id_ in rows.keys() | there.keys()
    ]
    ways = conn.execute(sql.ways, asked)
    steps.sort(key=lambda one: (-one.share, one.element))
    return Report(
        since=since,
        until=until,
        begun=begun,
        ended=ended,
        running=running,
        completed=completed,
        cancelled=cancelled,
        lead=_times(lead),
        steps=steps,
        variants=variants_of(ways),
    )


NOTHING = 0, 0, 0, None, None, None, None, None
"""What is known of a step that no case of the period came to."""


def _is_repeated(element: Element) -> bool:
    return isinstance(element, Activity) and element.repetition is not None


def _times(said: Sequence[float] | None) -> Times | None:
    if said is None or said[0] is None:
        return None
    return Times(*(timedelta(seconds=one) for one in said))


def _step(
    element: Element | None,
    id_: str,
    row: Sequence[Any] | None,
    there: There | None,
    whole: float,
) -> Step:
    passed, cancelled, troubled, idle, waited, worked, times, spent = row or NOTHING
    holds = isinstance(element, Container)
    seconds = spent or 0.0
    return Step(
        id_,
        Awaited.NOBODY if element is None else element.awaits,
        passed,
        cancelled,
        troubled,
        _times(idle),
        timedelta(seconds=waited or 0.0),
        timedelta(seconds=worked or 0.0),
        _times(times),
        timedelta(seconds=seconds),
        0.0 if holds or not whole else seconds / whole,
        0 if there is None else there.here,
        None if there is None else timedelta(seconds=there.longest),
    )
