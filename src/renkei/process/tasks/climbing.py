"""Ladders (督促・引上げ): what is done by itself when a task comes near its day, or is past it.

A step is done once: its row says which is next, and changes with the event in one transaction. Two
keepers at once hold the case in turn, and the second finds nothing left.
"""

from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial

from renkei import kit
from renkei.kit import Connection, Tenant, queries
from renkei.process.bpmn import Happened, Variables
from renkei.process.cases.alone import alone
from renkei.process.cases.closed_days import calendar_of
from renkei.process.cases.deadlines import step_day
from renkei.process.cases.task_rows import Rung, group_named
from renkei.process.cases.waiting import CLOCK
from renkei.process.tasks.errors import TaskNotOpen
from renkei.process.tasks.task import Locked, Ref

sql = queries("renkei.process")


def climb(conn: Connection, tenant: Tenant, *, at: datetime, most: int, apart: bool = False) -> int:
    """Do the steps whose day has come, one a task, the longest due first; return how many.

    Apart, one that fails is left until the next day, and stops no other (see `cases.take_all`).
    """
    on, done = kit.day_of(at), 0
    due = conn.execute(sql.due_steps, {"tenant": tenant, "on": on, "most": most}).fetchall()
    for case, key in sorted(due):  # cases are always held in the order of their numbers
        step = partial(_climbed, conn, tenant, Ref(case, key), at=at)
        came = alone(conn, step) if apart else step()
        if isinstance(came, kit.NodeError):
            left = {"case_id": case, "key": key, "step_on": on + timedelta(days=1)}
            conn.execute(sql.leave_step, {"tenant": tenant, **left})
        else:
            done += came
    return done


def _climbed(conn: Connection, tenant: Tenant, ref: Ref, *, at: datetime) -> bool:
    """Do the next step of a task; tell whether there still was one by then."""
    try:
        held = Locked(conn, tenant, ref)
    except TaskNotOpen:
        return False
    task = held.task
    if task.step_on is None or task.step_on > kit.day_of(at):
        return False
    rung, calendar = task.ladder[task.step], calendar_of(conn, tenant)
    about: Variables = {"days": Decimal(rung.at), "due": _day(task.due)}
    _offer(held, rung, about, at=at)
    step_on = step_day((one.at for one in task.ladder), task.step + 1, task.due, calendar)
    priority = max(task.priority, rung.priority or 0)
    if priority > task.priority:
        about["priority"] = Decimal(priority)
    held.record(Happened.ESCALATED, about, actor=CLOCK, at=at)
    climbed = {"step": task.step + 1, "step_on": step_on, "turn": 100 - priority}
    conn.execute(sql.climb_task, {**held.named, **climbed})
    held.settle()
    return True


def _offer(held: Locked, rung: Rung, about: Variables, *, at: datetime) -> None:
    """Bring in whom the step names: to do it too, or to be told of it."""
    for name, group in (("remind", rung.remind), ("add", rung.add)):
        if group:
            about[name] = group
            offer = {"name": group_named(group), "may_do": name == "add"}
            told = {"reminded_on": kit.day_of(at)}
            held.conn.execute(sql.offer_task, {**held.named, **offer, **told})


def _day(day: object) -> str:
    return str(day or "")
