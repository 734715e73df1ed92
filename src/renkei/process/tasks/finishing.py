"""A task is done: by one person, or entered by one and confirmed by another (四眼・二人での確認).

Under four eyes what the first entered is kept with the task; the case goes on when a second,
different person has confirmed it. Both events have the same digest: what was confirmed is what was
entered. Sent back with a reason, it is the first's again, with what they entered.
"""

from datetime import datetime

import msgspec

from renkei import kit
from renkei.kit import Connection, Tenant, queries
from renkei.process import bpmn, cases, feel
from renkei.process.bpmn import Happened, Variables
from renkei.process.cases.encoding import json_of
from renkei.process.tasks.errors import NothingToConfirm, SecondLookAwaited, SecondLookOwn
from renkei.process.tasks.forms import checked
from renkei.process.tasks.handing import check_free
from renkei.process.tasks.remarks import SALT, keep_remark, salted
from renkei.process.tasks.task import Doer, Locked, Ref, State, day_said
from renkei.standard import Catalogue

sql = queries("renkei.process")


def complete(
    conn: Connection,
    tenant: Tenant,
    ref: Ref,
    told: Variables,
    library: cases.Library,
    standard: Catalogue,
    *,
    doer: Doer,
    at: datetime,
    basis: str = "",
) -> cases.Taken | None:
    """Do a task with these values; None where a second person must look at them first.

    A task nobody does is claimed by it. FormUnfit where it has a form that the values do not fit.
    """
    held = Locked(conn, tenant, ref)
    task = held.task
    task.check_may_do(doer)
    if task.state is State.ENTERED:
        raise SecondLookAwaited(since=day_said(task.entered_at or task.since))
    check_free(held, doer)
    values = checked(task.about, told, standard, on=kit.day_of(at))
    if task.claimed_at is None:
        held.record(Happened.CLAIMED, {}, actor=doer.actor, at=at)
    if not task.is_four_eyes:
        given = cases.Given(ref.case, bpmn.Bring(at, ref.key, values), doer.actor, basis)
        return cases.take(conn, tenant, given, library, at=at)
    salt, entered = kit.random_bytes(SALT), json_of(values)
    digest = _digest(salt, values)
    held.record(Happened.PROPOSED, {"digest": digest}, actor=doer.actor, at=at, basis=basis)
    kept = {"by": doer.actor, "at": at, "entered": entered, "salt": salt}
    conn.execute(sql.enter_task, {**held.named, **kept})
    held.settle()
    return None


def confirm(
    conn: Connection,
    tenant: Tenant,
    ref: Ref,
    library: cases.Library,
    *,
    doer: Doer,
    at: datetime,
    basis: str = "",
) -> cases.Taken:
    """Confirm as the second person what the first entered; the case goes on with it."""
    held = _entered(conn, tenant, ref, doer)
    task = held.task
    about: Variables = {"digest": _digest(task.salt, task.entered), "first": task.entered_by}
    held.record(Happened.CONFIRMED, about, actor=doer.actor, at=at, basis=basis)
    given = cases.Given(ref.case, bpmn.Bring(at, ref.key, task.entered), doer.actor, basis)
    return cases.take(conn, tenant, given, library, at=at)


def send_back(
    conn: Connection, tenant: Tenant, ref: Ref, reason: str, *, doer: Doer, at: datetime
) -> None:
    """Send back to the first person what they entered, and say why."""
    held = _entered(conn, tenant, ref, doer)
    remark = keep_remark(held, reason, by=doer.actor, at=at)
    about: Variables = {"to": held.task.entered_by, "remark": str(remark.id)}
    held.record(Happened.SENT_BACK, about, actor=doer.actor, at=at)
    conn.execute(sql.return_task, {**held.named, "at": at})
    held.settle()


def _digest(salt: bytes, values: Variables) -> str:
    """Return the digest of what was entered, whichever order the database gives it back in."""
    return salted(salt, msgspec.json.encode(feel.dump(values), order="sorted"))


def _entered(conn: Connection, tenant: Tenant, ref: Ref, doer: Doer) -> Locked:
    """Return a task that waits for a second look of somebody else, and is free for them."""
    held = Locked(conn, tenant, ref)
    held.task.check_may_do(doer)
    if held.task.state is not State.ENTERED:
        raise NothingToConfirm
    if held.task.is_first(doer):
        raise SecondLookOwn
    check_free(held, doer)
    return held
