"""Who does a task: claimed, given back, handed on, put off. Each is an event of the case."""

from datetime import date, datetime

from renkei.kit import Connection, Tenant, queries
from renkei.process.bpmn import Happened
from renkei.process.cases.task_rows import group_named
from renkei.process.feel import Date
from renkei.process.tasks.errors import DelegateUnfit, SecondLookOwn, TaskClaimed, TaskUnclaimed
from renkei.process.tasks.remarks import keep_remark
from renkei.process.tasks.task import Doer, Locked, Ref, State, day_said

sql = queries("renkei.process")

LONGEST_NAME = 200


def claim(conn: Connection, tenant: Tenant, ref: Ref, *, doer: Doer, at: datetime) -> bool:
    """Let somebody do a task from now on; tell whether they did not already.

    TaskClaimed where somebody else does it: of two at once, one.
    """
    held = Locked(conn, tenant, ref)
    held.task.check_may_do(doer)
    if held.task.state is State.ENTERED and held.task.is_first(doer):
        raise SecondLookOwn
    if held.task.assignee == doer.actor and held.task.claimed_at is not None:
        return False
    check_free(held, doer)
    held.record(Happened.CLAIMED, {}, actor=doer.actor, at=at)
    held.hand(doer.actor, at)
    return True


def check_free(held: Locked, doer: Doer) -> None:
    """Raise TaskClaimed where somebody else does it."""
    if held.task.assignee is not None and not doer.is_same(held.task.assignee):
        raise TaskClaimed(since=day_said(held.task.since))


def release(conn: Connection, tenant: Tenant, ref: Ref, *, doer: Doer, at: datetime) -> None:
    """Give a task back to all it is offered to; a manager may, for whoever is away."""
    held = Locked(conn, tenant, ref)
    held.task.check_may_see(doer)
    if held.task.assignee is None:
        raise TaskUnclaimed
    if not doer.is_manager:
        check_free(held, doer)
    held.record(Happened.RELEASED, {"of": held.task.assignee}, actor=doer.actor, at=at)
    held.hand(None, None)


def delegate(
    conn: Connection, tenant: Tenant, ref: Ref, *, to: str, said: str, doer: Doer, at: datetime
) -> None:
    """Hand a task on: to a person (`staff:NUMBER`), or offer it to one more group (its name).

    Whoever does it may, and a manager; of a task that nobody does, whoever may do it. It gives
    nobody the second look at what they entered themselves.
    """
    held = Locked(conn, tenant, ref)
    if not doer.is_manager:
        held.task.check_may_do(doer)
        check_free(held, doer)
    if not 0 < len(to.removeprefix("staff:").strip()) <= LONGEST_NAME or not to.isprintable():
        raise DelegateUnfit
    is_person = to.startswith("staff:")
    if is_person and held.task.state is State.ENTERED and held.task.is_first(Doer(to)):
        raise SecondLookOwn
    about = {"to": to}
    if said:
        about["remark"] = str(keep_remark(held, said, by=doer.actor, at=at).id)
    held.record(Happened.DELEGATED, dict(about), actor=doer.actor, at=at)
    if is_person:
        held.hand(to, at)
        return
    offered = {"name": group_named(to), "may_do": True, "reminded_on": None}
    conn.execute(sql.offer_task, {**held.named, **offered})
    held.hand(None, None)


def postpone(
    conn: Connection, tenant: Tenant, ref: Ref, *, until: date | None, doer: Doer, at: datetime
) -> None:
    """Say on which day a task is to be looked at again; None: now."""
    held = Locked(conn, tenant, ref)
    if not doer.is_manager:
        held.task.check_may_do(doer)
        check_free(held, doer)
    said = None if until is None else Date.parse(until.isoformat())
    held.record(Happened.POSTPONED, {"until": said}, actor=doer.actor, at=at)
    conn.execute(sql.postpone_task, {**held.named, "follow_up": until})
