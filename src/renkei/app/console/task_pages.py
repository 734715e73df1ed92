"""The pages of tasks: what there is to do today, and one task with all that is needed to do it.

What is known of a case is people's: it is shown to who may do the task, in office hours, and the
look is entered in the access record. A file is given out as a download, never as a page.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from urllib.parse import quote
from uuid import UUID

from markupsafe import Markup
from starlette.responses import Response

from renkei import audit, kit
from renkei.app.console.frame import HEADERS, Console, Visit
from renkei.app.errors import StaffRightMissing
from renkei.app.processes.case_desk import doer_of
from renkei.app.processes.case_marks import marks_of
from renkei.app.processes.task_fields import Field, fields, filled
from renkei.app.rendering import JAPAN
from renkei.app.sign_in.staff import EVERY_GROUP
from renkei.process import bpmn, cases, tasks
from renkei.process.bpmn import Variables
from renkei.process.bpmn.drawing import draw
from renkei.process.bpmn.expressions import as_text
from renkei.process.bpmn.outline import Outline
from renkei.process.cases.closed_days import calendar_of
from renkei.process.cases.deadlines import Calendar, Deadline
from renkei.process.cases.task_rows import deadline_of
from renkei.process.tasks import Form, Look, Ref, Task, Wrong

FIRST = 10
"""Tasks of each kind on the page of today."""
LONGEST_VALUE = 200


@dataclass(frozen=True, slots=True)
class Typed:
    """What somebody typed in a form that does not fit, and what is wrong."""

    values: Mapping[str, str] = field(default_factory=dict)
    wrong: tuple[Wrong, ...] = ()
    free: str = ""
    """Of a task without a form: lines of names and values."""


@dataclass(frozen=True, slots=True)
class Known:
    """What a page of a task needs from the database."""

    task: Task
    row: cases.CaseRow
    definition: bpmn.Definition
    deadline: Deadline | None
    calendar: Calendar
    comments: list[tasks.Remark]
    files: list[tasks.Attachment]


class TaskPages:
    """The endpoints that show."""

    def __init__(self, console: Console) -> None:
        """Take the console they are part of."""
        self._console = console
        self._library = cases.Library([console.site.signer.verifier])
        self._tenant = console.site.desk.tenant

    def work(self, visit: Visit) -> Response:
        """Show what there is to do: of each kind the first, or one kind, some at a time."""
        doer, on = doer_of(visit.staff), kit.day_of(visit.at)
        said, process = visit.query("look"), visit.query("process")
        look = Look(said) if said in list(Look) else None
        if look is Look.ALL and not doer.is_manager:
            look = Look.GROUPS
        looks = [look] if look else [Look.MINE, Look.SECOND, Look.GROUPS, Look.TOLD]
        with self._console.transaction() as conn:
            found = {
                one: tasks.tasks(
                    conn,
                    self._tenant,
                    one,
                    doer,
                    process=process,
                    after=visit.query("after") if look else "",
                    most=tasks.MOST if look else FIRST,
                )
                for one in looks
            }
            counts = tasks.counts(conn, self._tenant, doer, on=on)
            names = {one.process: one.name for one in cases.deployed(conn, self._tenant)}
            calendar = calendar_of(conn, self._tenant)
        return self._console.page(
            visit,
            "tasks.html",
            look=look,
            found=found,
            counts=counts,
            names=names,
            process=process,
            most=tasks.COUNTED,
            on=on,
            may_see_all=doer.is_manager,
            groups=sorted(doer.groups),
            left=lambda due: calendar.between(on, due),
            who=self.who(visit),
        )

    def task(self, visit: Visit) -> Response:
        """Show one task."""
        return self.shown(visit, Typed())

    def shown(self, visit: Visit, typed: Typed) -> Response:
        """Show one task, also with what was typed and is wrong."""
        known, doer = self._known(visit), doer_of(visit.staff)
        task, on = known.task, kit.day_of(visit.at)
        may_do, is_open = task.may_do(doer), self.are_office_hours(visit)
        form = tasks.form_of(task.about, self._console.standard)
        seen: Variables = {}
        if may_do and is_open:
            self._enter(visit, task)
            seen = bpmn.visible(known.definition, known.row.case, task.ref.key)
        entry = Outline(known.definition, visit.language).entry(_element(known))
        is_taken = task.assignee is not None and task.assignee != doer.actor
        return self._console.page(
            visit,
            "task.html",
            status=422 if typed.wrong or typed.free else 200,
            one=task,
            title=known.definition.main.title,
            deadline=known.deadline,
            used=known.deadline and known.deadline.used(known.calendar, on),
            case_due=known.deadline and known.deadline.due(known.calendar),
            on=on,
            left=lambda due: known.calendar.between(on, due),
            entry=entry,
            picture=Markup(  # noqa: S704 # made by us, escaped there
                draw(known.definition, marks=marks_of(known.row.case), language=visit.language)
            ),
            may_do=may_do,
            may_assign=doer.is_manager or (may_do and not is_taken),
            may_enter=may_do and is_open and not is_taken and task.state is not tasks.State.ENTERED,
            may_confirm=self._may_confirm(task, doer, is_open=is_open),
            is_mine=task.assignee == doer.actor,
            is_first=task.is_first(doer),
            is_open=is_open,
            has_form=form is not None,
            fields=self._fields(visit, form, task, seen, typed, on=on),
            entered=self._entered(visit, form, task) if may_do and is_open else [],
            seen=[(name, _said(value)) for name, value in seen.items()],
            typed=typed,
            comments=known.comments,
            files=known.files,
            colleagues=self._colleagues(visit),
            groups=self._groups(),
            who=self.who(visit),
        )

    def file(self, visit: Visit) -> Response:
        """Give out a file that was put with the case of a task, to who may see the task."""
        ref, doer = ref_of(visit), doer_of(visit.staff)
        with self._console.transaction() as conn:
            tasks.task_of(conn, self._tenant, ref).check_may_do(doer)
            self.check_office_hours(visit)
            id_: UUID = visit.request.path_params["file"]
            name, _, content = tasks.content_of(conn, self._tenant, ref.case, id_)
            audit.append(conn, self._tenant, self._entry(visit, ref, "file", str(id_)))
        head = {
            **HEADERS,
            "Content-Disposition": f"attachment; filename*=UTF-8''{quote(name, safe='')}",
            "Content-Security-Policy": "default-src 'none'; sandbox",
        }
        return Response(content, media_type="application/octet-stream", headers=head)

    # What they share ------------------------------------------------------------------------------

    def are_office_hours(self, visit: Visit) -> bool:
        """Tell whether people's values may be shown at this time."""
        return self._console.site.settings.office_hours.are_at(visit.at.astimezone(JAPAN))

    def check_office_hours(self, visit: Visit) -> None:
        """Raise StaffRightMissing outside of office hours."""
        if not self.are_office_hours(visit):
            said = kit.say("staff-refusal-outside-hours", visit.language)
            raise StaffRightMissing(said=said)

    def who(self, visit: Visit) -> "Names":
        """Return what people are called."""
        named = {
            f"staff:{one.number}": one.name for one in self._console.site.settings.staff.values()
        }
        own = {f"staff:{visit.staff.number}": kit.say("tasks-you", visit.language)}
        return Names({**named, **own})

    def _known(self, visit: Visit) -> Known:
        ref, doer, tenant = ref_of(visit), doer_of(visit.staff), self._tenant
        with self._console.transaction() as conn:
            task = tasks.task_of(conn, tenant, ref)
            task.check_may_see(doer)
            row = cases.case_of(conn, tenant, ref.case)
            return Known(
                task,
                row,
                self._library.get(conn, tenant, row.definition),
                deadline_of(conn, tenant, ref.case),
                calendar_of(conn, tenant),
                tasks.comments(conn, tenant, ref.case),
                tasks.attachments(conn, tenant, ref.case),
            )

    def _may_confirm(self, task: Task, doer: tasks.Doer, *, is_open: bool) -> bool:
        is_free = task.assignee is None or task.assignee == doer.actor
        is_entered = task.state is tasks.State.ENTERED
        return is_entered and is_free and is_open and task.may_do(doer) and not task.is_first(doer)

    def _fields(
        self,
        visit: Visit,
        form: Form | None,
        task: Task,
        seen: Variables,
        typed: Typed,
        *,
        on: date,
    ) -> list[Field]:
        """Return the form: with what was typed, else what was sent back, else what is known."""
        if form is None:
            return []
        before = task.entered if task.state is tasks.State.RETURNED else seen
        values = typed.values or form.kept(before)
        known = self._console.standard
        return fields(form, known, values, typed.wrong, visit.language, on=on)

    def _entered(self, visit: Visit, form: Form | None, task: Task) -> list[tuple[str, str]]:
        if task.state is tasks.State.OPEN:
            return []
        if form is None:
            return [(name, _said(value)) for name, value in task.entered.items()]
        return filled(form, task.entered, self._console.standard, visit.language)

    def _colleagues(self, visit: Visit) -> list[tuple[str, str]]:
        """Return to whom a task can be handed on: who works on tasks here."""
        staff = self._console.site.settings.staff.values()
        return [
            (f"staff:{one.number}", one.name)
            for one in sorted(staff, key=lambda one: one.number)
            if "officer" in one.roles and one.number != visit.staff.number
        ]

    def _groups(self) -> list[str]:
        """Return the groups there are, as the settings name them."""
        staff = self._console.site.settings.staff.values()
        return sorted({name for one in staff for name in one.groups} - {EVERY_GROUP})

    def _enter(self, visit: Visit, task: Task) -> None:
        self._console.enter(self._entry(visit, task.ref, "task", task.element))

    def _entry(self, visit: Visit, ref: Ref, what: str, name: str) -> audit.Entry:
        details = {"case": str(ref.case), what: name}
        purpose = kit.say("tasks-purpose", "ja")
        return self._console.entry(visit, audit.Kind.VIEW, "seen", details, purpose=purpose)


def to_do(console: Console, visit: Visit) -> str:
    """Return in words how much there is to do for whoever looks."""
    on, tenant = kit.day_of(visit.at), console.site.desk.tenant
    with console.transaction() as conn:
        counts = tasks.counts(conn, tenant, doer_of(visit.staff), on=on)
    said = []
    for look, count in counts.items():
        if count.tasks:
            said.append(kit.say(f"tasks-news-{look.value}", visit.language, count=count.tasks))
    if overdue := sum(count.overdue for count in counts.values()):
        said.append(kit.say("tasks-overdue-count", visit.language, count=overdue))
    return " · ".join(said) or kit.say("tasks-news-none", visit.language)


class Names(dict[str, str]):
    """What people are called; of whom nobody knows, their number."""

    def __missing__(self, actor: str) -> str:
        return actor.removeprefix("staff:")


def ref_of(visit: Visit) -> Ref:
    """Return which task a page is of."""
    return Ref(visit.request.path_params["case"], visit.request.path_params["key"])


def _element(known: Known) -> bpmn.Element:
    case, definition = known.row.case, known.definition
    place = case.places[case.waits[known.task.ref.key].place]
    process = definition.process(place.of or case.process) or definition.main
    return process.by_id[known.task.element]


def _said(value: object) -> str:
    """Return a value on one line, as people read it."""
    match value:
        case dict():
            text = "、".join(f"{name}: {_said(inner)}" for name, inner in value.items())
        case list():
            text = "、".join(map(_said, value))
        case None:
            return "–"
        case _:
            text = as_text(value)  # type: ignore[arg-type] # a value of FEEL
    return text if len(text) <= LONGEST_VALUE else f"{text[:LONGEST_VALUE]}…"
