"""What the tables know of tasks as their waits open and close, and of the clock of each case.

It is written right behind the wait, in its transaction. When the clock stops or goes again, or the
calendar changes, the days of all tasks of a case are reckoned anew.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import msgspec

from renkei import kit
from renkei.kit import Connection, Tenant, queries
from renkei.process import bpmn, feel
from renkei.process.bpmn.case import STOPS_CLOCK
from renkei.process.cases.closed_days import calendar_of
from renkei.process.cases.deadlines import Calendar, Deadline, step_day
from renkei.process.cases.encoding import columns

sql = queries("renkei.process")

BATCH = 1_000
LAST = 2**63 - 1
EVERYBODY = "*"
ORDINARY = 50
"""The priority of a task whose model says none; 100 is the highest."""


class Rung(msgspec.Struct, frozen=True, omit_defaults=True):
    """One step of a ladder, as a row keeps it."""

    at: int
    remind: str = ""
    add: str = ""
    priority: int | None = None


@dataclass(frozen=True, slots=True)
class Opening:
    """A task whose wait opens."""

    case: UUID
    process: str
    wait: bpmn.Wait
    at: datetime


@dataclass(slots=True)
class TaskWrites:
    """What a batch brings about for tasks and clocks."""

    begun: dict[UUID, Deadline | None] = field(default_factory=dict)
    """Of each case that was not there before: how long it may take, if its model says so."""
    opened: list[Opening] = field(default_factory=list)
    closed: list[tuple[UUID, int]] = field(default_factory=list)
    turned: list[tuple[UUID, date, bool]] = field(default_factory=list)
    """Of a case: from which day on its clock stands still, or goes again."""


class KeptClock(msgspec.Struct, frozen=True, array_like=True):
    """Until when a case is to be done, as a row of `keep_lists`."""

    case_id: UUID
    period: int
    since: date
    due: date | None


class KeptTask(msgspec.Struct, frozen=True, array_like=True):
    """A task whose wait opened, and to whom it is offered, as a row of `keep_lists`."""

    case_id: UUID
    key: int
    process: str
    title: str
    assignee: str | None
    opened_on: date
    own_due: date | None
    due_days: int | None
    due: date | None
    follow_up: date | None
    turn: int
    is_four_eyes: bool
    ladder: list[Rung]
    step_on: date | None
    offered: list[str]


@dataclass(frozen=True, slots=True)
class TaskRows:
    """What a batch writes of tasks and clocks, and the clocks that are to be turned behind it."""

    begun: list[KeptClock]
    opened: list[KeptTask]
    closed: list[tuple[UUID, int]]
    turned: dict[UUID, Deadline]
    calendar: Calendar


def group_named(name: str) -> str:
    """Return a group as an offer names it."""
    return f"group {name}"


def staff_named(number: str) -> str:
    """Return a member of staff as offers and events name them."""
    return number if number.startswith("staff:") else f"staff:{number}"


def is_still(case: bpmn.Case) -> bool:
    """Tell whether a case waits for something during which its clock stands still."""
    return any(STOPS_CLOCK in one.about for one in case.waits.values())


def read_ladder(text: str) -> list[Rung]:
    """Return the steps a row keeps."""
    return kit.read_json(text, list[Rung])


# As they open and close ---------------------------------------------------------------------------


def task_rows(conn: Connection, tenant: Tenant, writes: TaskWrites) -> TaskRows:
    """Return what a batch writes for tasks and clocks, reckoned by the calendar."""
    opened_here = {(one.case, one.wait.key) for one in writes.opened}
    gone = [one for one in writes.closed if one not in opened_here]
    closed = set(writes.closed)
    opened = [one for one in writes.opened if (one.case, one.wait.key) not in closed]
    held = {case: one for case, one in writes.begun.items() if one is not None}
    cases = {one.case for one in opened} | {case for case, _, _ in writes.turned}
    if others := cases - writes.begun.keys():
        held |= _deadlines(conn, tenant, others)
    if not (held or any({"due_days", "ladder"} & one.wait.about.keys() for one in opened)):
        return TaskRows([], [_row(one, None, Calendar()) for one in opened], gone, {}, Calendar())
    calendar = calendar_of(conn, tenant)
    turned = dict[UUID, Deadline]()
    for case, on, is_still_now in writes.turned:
        if case in held:
            turned[case] = held[case] = held[case].turned(on, is_still=is_still_now)
    dues = {case: one.due(calendar) for case, one in held.items()}
    begun = [
        KeptClock(case, one.period, one.since, dues[case])
        for case, one in writes.begun.items()
        if one is not None
    ]
    rows = [_row(one, dues.get(one.case), calendar) for one in opened]
    return TaskRows(begun, rows, gone, turned, calendar)


def turn_clocks(conn: Connection, tenant: Tenant, rows: TaskRows) -> None:
    """Stop clocks or let them go again; the days of the tasks of their cases move with them."""
    for case, held in rows.turned.items():
        about = {"stopped": list(held.stopped), "resumed": list(held.resumed)}
        due = held.due(rows.calendar)
        conn.execute(sql.turn_deadline, {"tenant": tenant, "case_id": case, "due": due, **about})
    if rows.turned:
        asked = {"tenant": tenant, "case_ids": list(rows.turned)}
        timed = conn.execute(sql.timed_tasks, asked).fetchall()
        _time(conn, tenant, timed, rows.turned, rows.calendar)


def reckon_all(conn: Connection, tenant: Tenant) -> tuple[int, int]:
    """Reckon all days anew after the calendar changed; return how many cases and tasks.

    Cases first: the day a task is due follows from that of its case.
    """
    calendar, cases, after = calendar_of(conn, tenant), 0, None
    while rows := conn.execute(
        sql.running_deadlines, {"tenant": tenant, "after": after, "most": BATCH}
    ).fetchall():
        held = _deadlines_in(rows)
        dues = {"case_ids": list(held), "dues": [one.due(calendar) for one in held.values()]}
        conn.execute(sql.move_deadlines, {"tenant": tenant, **dues})
        timed = conn.execute(sql.timed_tasks, {"tenant": tenant, "case_ids": list(held)})
        _time(conn, tenant, timed.fetchall(), held, calendar)
        cases, after = cases + len(rows), rows[-1][0]
    return cases, _reckon_tasks(conn, tenant, calendar)


def _reckon_tasks(conn: Connection, tenant: Tenant, calendar: Calendar) -> int:
    count, case, key = 0, UUID(int=0), LAST
    while rows := conn.execute(
        sql.tasks_in_days,
        {"tenant": tenant, "after_case": case, "after_key": key, "most": BATCH},
    ).fetchall():
        held = _deadlines(conn, tenant, {row[0] for row in rows})
        _time(conn, tenant, rows, held, calendar)
        count, (case, key) = count + len(rows), rows[-1][:2]
    return count


def follow_cases(conn: Connection, tenant: Tenant, ids: Sequence[UUID]) -> None:
    """Let tasks be listed under the process that their cases run by now, after they were moved."""
    asked = {"tenant": tenant, "case_ids": list(ids)}
    conn.execute(sql.follow_cases, asked)
    conn.execute(sql.follow_tasks, asked)


# One by one ---------------------------------------------------------------------------------------


def _deadlines(conn: Connection, tenant: Tenant, cases: Iterable[UUID]) -> dict[UUID, Deadline]:
    asked = {"tenant": tenant, "case_ids": list(cases)}
    return _deadlines_in(conn.execute(sql.deadlines, asked).fetchall())


def deadline_of(conn: Connection, tenant: Tenant, case: UUID) -> Deadline | None:
    """Return how long a case may take, and when its clock stood still, if its model says so."""
    return _deadlines(conn, tenant, [case]).get(case)


def _deadlines_in(rows: Iterable[tuple[Any, ...]]) -> dict[UUID, Deadline]:
    return {
        case: Deadline(period, since, tuple(stopped), tuple(resumed))
        for case, period, since, stopped, resumed in rows
    }


def _row(one: Opening, case_due: date | None, calendar: Calendar) -> KeptTask:
    about, on = one.wait.about, kit.day_of(one.at)
    said = about.get("due_days")
    days = int(said) if isinstance(said, Decimal) else None
    own = _day(about.get("due")) if days is None else calendar.after(on, days)
    due = min(filter(None, (own, case_due)), default=None)
    ladder = _ladder(about.get("ladder"))
    assignee = next(iter(_names(about.get("assignee"))), None)
    return KeptTask(
        one.case,
        one.wait.key,
        one.process,
        str(about.get("title", one.wait.handler)),
        assignee and staff_named(assignee),
        opened_on=on,
        own_due=own,
        due_days=days,
        due=due,
        follow_up=_day(about.get("follow_up")),
        turn=100 - _priority(about.get("priority")),
        is_four_eyes=about.get("four_eyes") is True,
        ladder=ladder,
        step_on=step_day((rung.at for rung in ladder), 0, due, calendar),
        offered=_offered(about),
    )


def _offered(about: bpmn.Variables) -> list[str]:
    """Return to whom a task is offered; to everybody where its model names nobody."""
    groups = [group_named(one) for one in _names(about.get("groups"))]
    users = [staff_named(one) for one in _names(about.get("users"))]
    named = dict.fromkeys([*groups, *users])
    return list(named) if named or _names(about.get("assignee")) else [EVERYBODY]


def _names(said: feel.Value) -> list[str]:
    """Return the names that a model gives as a list, or as one text with commas."""
    parts = said if isinstance(said, list) else str("" if said is None else said).split(",")
    return [name for one in parts if (name := str(one).strip()[:280])]


def _day(said: feel.Value) -> date | None:
    return date.fromisoformat(str(said)) if isinstance(said, feel.Date) else None


def _priority(said: feel.Value) -> int:
    text = str(said).strip()
    return min(100, int(text)) if text.isdecimal() and len(text) < 10 else ORDINARY


def _ladder(said: feel.Value) -> list[Rung]:
    steps = [one for one in said if isinstance(one, dict)] if isinstance(said, list) else []
    rungs = [
        Rung(
            int(str(one.get("at", 0))),
            str(one.get("remind", "")),
            str(one.get("add", "")),
            _priority(one["priority"]) if "priority" in one else None,
        )
        for one in steps
    ]
    return sorted(rungs, key=lambda rung: rung.at)


def _time(
    conn: Connection,
    tenant: Tenant,
    rows: Sequence[tuple[Any, ...]],
    held: dict[UUID, Deadline],
    calendar: Calendar,
) -> None:
    """Reckon anew when tasks are due, and when the next step of the ladder of each is."""
    if not rows:
        return
    dues = {case: one.due(calendar) for case, one in held.items()}
    timed = []
    for case, key, own, days, opened_on, ladder, step in rows:
        found = own if days is None else calendar.after(opened_on, days)
        due = min(filter(None, (found, dues.get(case))), default=None)
        rungs = (rung.at for rung in read_ladder(ladder))
        timed.append((case, key, found, due, step_day(rungs, step, due, calendar)))
    names = ("case_ids", "keys", "own_dues", "dues", "step_ons")
    conn.execute(sql.time_tasks, {"tenant": tenant, **columns(timed, names)})
    conn.execute(sql.time_offers, {"tenant": tenant, "case_ids": list({row[0] for row in rows})})
