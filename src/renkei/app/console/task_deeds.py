"""What is done with a task at the console: one form a deed, and the page of what came of it."""

from collections.abc import Callable, Mapping

from starlette.responses import RedirectResponse, Response

from renkei import kit
from renkei.app.console.frame import HEADERS, PREFIX, Console, Visit
from renkei.app.console.record_query import read_day
from renkei.app.console.task_pages import TaskPages, Typed, ref_of
from renkei.app.errors import PathUnknown, ValueUnreadable
from renkei.app.processes.case_desk import colleague, doer_of, variables_of
from renkei.app.processes.task_fields import PREFIX as FIELD
from renkei.process import cases, tasks
from renkei.process.tasks import Doer, Ref, Wrong

WORK = f"{PREFIX}/tasks"

Deed = Callable[[kit.Connection, Visit, Ref, Doer], object]


class TaskDeeds:
    """The endpoint that does."""

    def __init__(self, console: Console, pages: TaskPages) -> None:
        """Take the console, and the pages that are shown then."""
        self._console, self._pages = console, pages
        self._library = cases.Library([console.site.signer.verifier])
        self._tenant = console.site.desk.tenant
        self._deeds: Mapping[str, Deed] = {
            "claim": self._claim,
            "release": self._release,
            "delegate": self._delegate,
            "postpone": self._postpone,
            "comment": self._comment,
            "attach": self._attach,
            "send-back": self._send_back,
        }

    def do(self, visit: Visit) -> Response:
        """Do what the button is for; what does not fit is said beside its field."""
        act, ref = visit.field("act"), ref_of(visit)
        if act == "done":
            return self._done(visit, ref)
        if act == "confirm":
            self._pages.check_office_hours(visit)
            with self._console.transaction() as conn:
                who = doer_of(visit.staff)
                tasks.confirm(conn, self._tenant, ref, self._library, doer=who, at=visit.at)
            return _to(WORK)
        deed = self._deeds.get(act)
        if deed is None:
            raise PathUnknown(path=visit.request.url.path[:80])
        with self._console.transaction() as conn:
            deed(conn, visit, ref, doer_of(visit.staff))
        return _to(f"{WORK}/{ref}")

    def _done(self, visit: Visit, ref: Ref) -> Response:
        """Do the task with what was typed; or show it again, with what is wrong."""
        self._pages.check_office_hours(visit)
        known, doer, on = self._console.standard, doer_of(visit.staff), kit.day_of(visit.at)
        with self._console.transaction() as conn:
            task = tasks.task_of(conn, self._tenant, ref)
            task.check_may_do(doer)
        form = tasks.form_of(task.about, known)
        if form is None:
            free = visit.field("values")
            try:
                told = variables_of([line for line in free.splitlines() if line.strip()])
            except ValueUnreadable as error:
                said = Wrong("values", "value-unreadable", error.text("ja"), error.text("en"))
                return self._pages.shown(visit, Typed(wrong=(said,), free=free))
        else:
            typed = {item.name: visit.field(FIELD + item.name) for item in form.items}
            judged = form.read(typed, known, on=on)
            if judged.wrong:
                return self._pages.shown(visit, Typed(typed, judged.wrong))
            told = judged.values
        with self._console.transaction() as conn:
            about = (ref, told, self._library, known)
            tasks.complete(conn, self._tenant, *about, doer=doer, at=visit.at)
        return _to(WORK)

    def _claim(self, conn: kit.Connection, visit: Visit, ref: Ref, doer: Doer) -> None:
        tasks.claim(conn, self._tenant, ref, doer=doer, at=visit.at)

    def _release(self, conn: kit.Connection, visit: Visit, ref: Ref, doer: Doer) -> None:
        tasks.release(conn, self._tenant, ref, doer=doer, at=visit.at)

    def _delegate(self, conn: kit.Connection, visit: Visit, ref: Ref, doer: Doer) -> None:
        to = visit.field("person") or visit.field("group")
        colleague(self._console.site.settings, to)
        said = visit.field("said")
        tasks.delegate(conn, self._tenant, ref, to=to, said=said, doer=doer, at=visit.at)

    def _postpone(self, conn: kit.Connection, visit: Visit, ref: Ref, doer: Doer) -> None:
        said = visit.field("until")
        until = read_day(said)
        if said and until is None:
            raise ValueUnreadable(given=said[:80])
        tasks.postpone(conn, self._tenant, ref, until=until, doer=doer, at=visit.at)

    def _comment(self, conn: kit.Connection, visit: Visit, ref: Ref, doer: Doer) -> None:
        tasks.comment(conn, self._tenant, ref, visit.field("said"), doer=doer, at=visit.at)

    def _attach(self, conn: kit.Connection, visit: Visit, ref: Ref, doer: Doer) -> None:
        file = visit.files.get("file")
        if file is None:
            raise tasks.AttachmentNameUnfit
        about = (ref, file.name, file.data)
        tasks.attach(conn, self._tenant, *about, doer=doer, at=visit.at)

    def _send_back(self, conn: kit.Connection, visit: Visit, ref: Ref, doer: Doer) -> None:
        tasks.send_back(conn, self._tenant, ref, visit.field("said"), doer=doer, at=visit.at)


def _to(path: str) -> Response:
    return RedirectResponse(path, 303, headers=HEADERS)
