"""What the tables know of tasks as their waits open and close, and of the clock of each case.

It is written in the transaction that opens the wait. When the clock stops or goes again, or the
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
    """What a batch writes of tasks, and of clocks."""

    begun: list[tuple[UUID, int, date]] = field(default_factory=list)
    """Of a case: how many working days it may take, from which day on."""
    opened: list[Opening] = field(default_factory=list)
    closed: list[tuple[UUID, int]] = field(default_factory=list)
    turned: list[tuple[UUID, date, bool]] = field(default_factory=list)
    """Of a case: from which day on its clock stands still, or goes again."""


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


def begin_clocks(conn: Connection, tenant: Tenant, begun: Sequence[tuple[UUID, int, date]]) -> None:
    """Let the clocks of cases run: for so many working days, from the day of the application."""
    if not begun:
        return
    calendar = calendar_of(conn, tenant)
    kept = {
        "tenant": tenant,
        "case_ids": [case for case, _, _ in begun],
        "periods": [period for _, period, _ in begun],
        "sinces": [since for _, _, since in begun],
        "dues": [Deadline(period, since).due(calendar) for _, period, since in begun],
    }
    conn.execute(sql.keep_deadlines, kept)


def write_tasks(conn: Connection, tenant: Tenant, writes: TaskWrites) -> None:
    """Write what a batch brought about for tasks and clocks."""
    begin_clocks(conn, tenant, writes.begun)
    opened_here = {(one.case, one.wait.key) for one in writes.opened}
    gone = [one for one in writes.closed if one not in opened_here]
    if gone:
        conn.execute(sql.drop_tasks, {"tenant": tenant, **columns(gone, ("case_ids", "keys"))})
    closed = set(writes.closed)
    opened = [one for one in writes.opened if (one.case, one.wait.key) not in closed]
    if not (opened or writes.turned):
        return
    cases = {one.case for one in opened} | {case for case, _, _ in writes.turned}
    held = _deadlines(conn, tenant, cases)
    turned = [one for one in writes.turned if one[0] in held]
    calendar = calendar_of(conn, tenant) if turned or _needs_days(opened, held) else Calendar()
    for case, on, is_still_now in turned:
        held[case] = held[case].turned(on, is_still=is_still_now)
    for case in dict.fromkeys(case for case, _, _ in turned):
        _turn(conn, tenant, case, held[case], calendar)
    _open(conn, tenant, opened, {case: one.due(calendar) for case, one in held.items()}, calendar)
    if turned:
        rows = conn.execute(
            sql.timed_tasks, {"tenant": tenant, "case_ids": [one[0] for one in turned]}
        )
        _time(conn, tenant, rows.fetchall(), held, calendar)


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


def _turn(conn: Connection, tenant: Tenant, case: UUID, held: Deadline, calendar: Calendar) -> None:
    about = {"stopped": list(held.stopped), "resumed": list(held.resumed)}
    due = held.due(calendar)
    conn.execute(sql.turn_deadline, {"tenant": tenant, "case_id": case, "due": due, **about})


def _needs_days(opened: Sequence[Opening], held: dict[UUID, Deadline]) -> bool:
    return bool(held) or any({"due_days", "ladder"} & one.wait.about.keys() for one in opened)


def _open(
    conn: Connection,
    tenant: Tenant,
    opened: Sequence[Opening],
    dues: dict[UUID, date | None],
    calendar: Calendar,
) -> None:
    if not opened:
        return
    rows = [_row(one, dues.get(one.case), calendar) for one in opened]
    conn.execute(sql.keep_tasks, {"tenant": tenant, **columns(rows, TASK)})
    offers = [(one.case, one.wait.key, name) for one in opened for name in _offered(one.wait.about)]
    if offers:
        names = ("case_ids", "keys", "names")
        conn.execute(sql.keep_offers, {"tenant": tenant, **columns(offers, names)})


TASK = (
    *("case_ids", "keys", "processes", "titles", "assignees", "opened", "own_dues", "due_days"),
    *("dues", "follow_ups", "turns", "four_eyes", "ladders", "step_ons"),
)


def _row(one: Opening, case_due: date | None, calendar: Calendar) -> tuple[Any, ...]:
    about, on = one.wait.about, kit.day_of(one.at)
    said = about.get("due_days")
    days = int(said) if isinstance(said, Decimal) else None
    own = _day(about.get("due")) if days is None else calendar.after(on, days)
    due = min(filter(None, (own, case_due)), default=None)
    ladder = _ladder(about.get("ladder"))
    assignee = next(iter(_names(about.get("assignee"))), None)
    return (
        *(one.case, one.wait.key, one.process, str(about.get("title", one.wait.handler))),
        *(assignee and staff_named(assignee), on, own, days, due, _day(about.get("follow_up"))),
        *(100 - _priority(about.get("priority")), about.get("four_eyes") is True),
        msgspec.json.encode(ladder).decode(),
        step_day((rung.at for rung in ladder), 0, due, calendar),
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
