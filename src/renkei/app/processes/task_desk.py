"""Tasks as the command line shows them, and what people call their facts."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime

from renkei import kit
from renkei.app.errors import FileUnreadable
from renkei.app.processes.task_fields import PREFIX, fields
from renkei.process import tasks
from renkei.process.cases import closed_days
from renkei.process.cases.deadlines import Deadline
from renkei.process.cases.task_rows import reckon_all
from renkei.process.feel import dump
from renkei.standard import Catalogue


def second_look(reader: kit.Language) -> str:
    """Return how it is with what waits for a second person."""
    return kit.say("task-state-entered", reader)


def line(one: tasks.Line, reader: kit.Language, *, on: date) -> str:
    """Return a task as a line of a list."""
    due = "–" if one.due is None else one.due.isoformat()
    marks = [
        kit.say(f"task-{mark}", reader)
        for mark, is_so in (
            ("overdue", one.is_overdue(on)),
            ("clock-still", one.is_still),
            ("state-returned", one.state is tasks.State.RETURNED),
        )
        if is_so
    ]
    words = (
        str(one.ref),
        due,
        one.title,
        one.process,
        one.business_key,
        one.assignee or "",
        *marks,
    )
    return " ".join(filter(None, words))


def facts(one: tasks.Line) -> dict[str, object]:
    """Return a task of a list for programs."""
    return {
        "task": str(one.ref),
        "title": one.title,
        "process": one.process,
        "business_key": one.business_key,
        "assignee": one.assignee,
        "claimed_at": moment(one.claimed_at),
        "due_on": one.due,
        "follow_up": one.follow_up,
        "priority": one.priority,
        "state": one.state.value,
        "clock_still": one.is_still,
        "case_due": one.case_due,
    }


def shown(
    one: tasks.Task,
    deadline: Deadline | None,
    known: Catalogue,
    doer: tasks.Doer,
    reader: kit.Language,
    *,
    used: int | None,
    as_json: bool,
) -> Mapping[str, object]:
    """Return all of a task, to programs with the schema of its form; what was entered only to who
    may do it.
    """
    form = tasks.form_of(one.about, known)
    found: dict[str, object] = {
        "task": str(one.ref),
        "title": one.title,
        "process": one.process,
        "business_key": one.business_key,
        "state": kit.say(f"task-state-{one.state.value}", reader),
        "groups": one.groups,
        "assignee": one.assignee,
        "claimed_at": moment(one.claimed_at),
        "due_on": one.due,
        "follow_up": one.follow_up,
        "priority": one.priority,
        "four_eyes": one.is_four_eyes,
        "article": one.about.get("article"),
    }
    if deadline is not None:
        found |= {"period": deadline.period, "days_used": used, "clock_still": deadline.is_still}
    if one.state is not tasks.State.OPEN:
        found |= {"entered_by": one.entered_by, "entered_at": moment(one.entered_at)}
        found["entered"] = dump(one.entered) if one.may_do(doer) else None
    if form is not None:
        found["form"] = form.schema(known) if as_json else list(_fields(form, known, reader))
    return found


def _fields(form: tasks.Form, known: Catalogue, reader: kit.Language) -> Iterator[str]:
    """Yield a line for each field of a form: its name, what it is called, how it is written."""
    for one in fields(form, known, {}, (), reader, on=date.min):  # what may be chosen is not told
        wanted = kit.say("tasks-required", reader) if one.is_required else ""
        yield " ".join(filter(None, (one.name.removeprefix(PREFIX), one.label, one.hint, wanted)))


def moment(at: datetime | None) -> str | None:
    """Return a moment in Japan."""
    return None if at is None else kit.in_japan(at).isoformat(timespec="minutes")


def load_calendar(
    conn: kit.Connection, tenant: kit.Tenant, data: bytes, file: str
) -> dict[str, object]:
    """Take a calendar over, and let all days be reckoned anew; return what became of it."""
    days = closed_days.read_closed_days(data, file)
    if not days:
        raise FileUnreadable(file=file, reason="no day in it")
    years = closed_days.keep_closed_days(conn, tenant, days)
    running, open_tasks = reckon_all(conn, tenant)
    return {
        "closed_days": len(days),
        "years": ", ".join(map(str, years)),
        "cases_reckoned": running,
        "tasks_reckoned": open_tasks,
    }
