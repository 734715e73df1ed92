"""What would be if, at the console: a case or a definition played on a copy, before and after."""

from collections.abc import Mapping, Sequence
from datetime import UTC

from markupsafe import Markup
from starlette.responses import Response
from starlette.routing import Route

from renkei import kit
from renkei.app.console.case_acts import case_number
from renkei.app.console.frame import Console, Visit
from renkei.app.console.record_query import read_day
from renkei.app.processes.case_marks import marks_of
from renkei.app.processes.decision_jobs import DecisionDesk
from renkei.app.processes.process_report import names_of
from renkei.app.processes.rehearsals import Rehearsal, came_of, rehearse, standing
from renkei.app.sign_in.staff import StaffRole
from renkei.process import bpmn, cases
from renkei.process.bpmn import Kind
from renkei.process.bpmn.drawing import draw

ROLES: frozenset[StaffRole] = frozenset({"operator", "officer", "approver"})
STEP = {
    Kind.TASK: "done {}",
    Kind.JOB: "done {}",
    Kind.INCIDENT: "resume {}",
    Kind.CHOICE: "choose {}",
}


class CaseTrials:
    """The endpoints of trials; they write nothing."""

    def __init__(self, console: Console, library: cases.Library) -> None:
        """Take the console they are part of."""
        self._console, self._library = console, library
        self._desk = DecisionDesk.shipped()

    def routes(self) -> Sequence[Route]:
        """Return the routes; steps may hold values, so they come as forms."""
        route = self._console.route
        return [
            route("/cases/of/{hash}/try", self.of_definition, ROLES, methods=("GET", "POST")),
            route("/cases/{case}/try", self.of_case, ROLES, methods=("GET", "POST")),
        ]

    def of_case(self, visit: Visit) -> Response:
        """Try a case from where it stands."""
        tenant = self._console.site.desk.tenant
        with self._console.transaction() as conn:
            row = cases.case_of(conn, tenant, case_number(visit))
            definition = self._library.get(conn, tenant, row.definition)
        words = visit.field("steps").splitlines()
        found = rehearse(definition, row.case, words, self._desk, on=row.applied_on, at=visit.at)
        return self._page(visit, found, words, back=f"/console/cases/{row.id}")

    def of_definition(self, visit: Visit) -> Response:
        """Try a definition from its beginning."""
        tenant, hash_ = self._console.site.desk.tenant, visit.request.path_params["hash"]
        with self._console.transaction() as conn:
            definition = self._library.get(conn, tenant, hash_)
        on = read_day(visit.field("on")) or kit.day_of(visit.at)
        words = visit.field("steps").splitlines()
        found = rehearse(definition, None, words, self._desk, on=on, at=visit.at)
        back = f"/console/cases/of/{hash_}"
        return self._page(visit, found, words, back=back, on=on.isoformat())

    def _page(
        self, visit: Visit, found: Rehearsal, words: Sequence[str], *, back: str, on: str = ""
    ) -> Response:
        reader = visit.language
        names = names_of([found.definition], reader)
        return self._console.page(
            visit,
            "case-trial.html",
            title=found.definition.main.title,
            found=found,
            words="\n".join(words),
            steps=[(one, came_of(one, names, reader)) for one in found.steps],
            standing=standing(found, names, reader),
            offered=offers(found, names),
            back=back,
            on=on,
            before=None if found.before is None else _picture(found, found.before, visit, "b-"),
            after=_picture(found, found.after, visit, "a-") if found.steps else None,
        )


def offers(found: Rehearsal, names: Mapping[str, str]) -> dict[str, str]:
    """Return steps that can come next, as they are written, and what they are about."""
    if not found.after.places and found.after.status is bpmn.Status.RUNNING:
        return {"start": found.definition.main.title}
    said: dict[str, str] = {}
    for _, one in sorted(found.after.waits.items()):
        title = names.get(one.handler, one.handler)
        if one.kind in STEP:
            said[STEP[one.kind].format(one.handler)] = title
        elif one.kind is Kind.MESSAGE:
            said[f"message {one.name} {one.correlation}".rstrip()] = title
        elif one.kind is Kind.SIGNAL:
            said[f"signal {one.name}"] = title
        elif one.due is not None:
            moment = one.due.astimezone(UTC).replace(tzinfo=None).isoformat()
            said[f"until {moment}"] = f"{title} {kit.in_japan(one.due):%Y-%m-%d %H:%M}"
    return said


def _picture(found: Rehearsal, case: bpmn.Case, visit: Visit, prefix: str) -> Markup:
    drawn = draw(found.definition, marks=marks_of(case), language=visit.language, prefix=prefix)
    return Markup(drawn)  # noqa: S704 # made by us, escaped there
