"""The pages of cases: which processes there are, where their cases stand, one with its picture.

Values of a case are not shown here: they are people's. Where it stands and what happened is.
"""

from collections.abc import Sequence
from uuid import uuid4

from markupsafe import Markup
from starlette.responses import Response

from renkei import kit, standard
from renkei.app.console.case_acts import case_number
from renkei.app.console.case_search import (
    STATUSES,
    Query,
    address,
    elements_of,
    file_of,
    page_of,
)
from renkei.app.console.frame import HEADERS, Console, Visit
from renkei.app.console.letters import letters_of
from renkei.app.processes.case_marks import marks_of
from renkei.app.processes.case_places import places_of
from renkei.app.processes.interventions import MAY
from renkei.app.processes.process_report import names_of
from renkei.app.processes.proposal_words import state, what
from renkei.app.processes.time_line import time_line
from renkei.process import cases, tasks
from renkei.process.bpmn.drawing import draw
from renkei.process.cases.closed_days import calendar_of
from renkei.process.cases.proposals import open_proposals, proposals_of
from renkei.process.cases.task_rows import deadline_of


class CasePages:
    """The endpoints of the section."""

    def __init__(self, console: Console, library: cases.Library) -> None:
        """Take the console they are part of."""
        self._console, self._library = console, library

    def overview(self, visit: Visit) -> Response:
        """Show the definitions, what waits for a second person, and the cases that fit."""
        query, tenant = Query.of(visit.query), self._tenant
        with self._console.transaction() as conn:
            kept = cases.deployed(conn, tenant)
            tallies = cases.tallies(conn, tenant)
            elements = elements_of(conn, tenant, self._library, visit.language)
            found = page_of(conn, tenant, query.search(elements), query.after)
            proposed = open_proposals(conn, tenant, at=visit.at)
        none = cases.Tally()
        return self._console.page(
            visit,
            "cases.html",
            definitions=[(one, tallies.get(one.hash, none)) for one in kept],
            processes={one.process: one.name for one in kept},
            proposed=[(one, what(one, visit.language), state(one)) for one in proposed],
            found=found,
            query=query,
            elements=elements,
            statuses=STATUSES,
            address=address(query),
            after=address(query, after=found.after),
            may_look=bool(MAY["look"] & visit.staff.roles),
        )

    def as_csv(self, visit: Visit) -> Response:
        """Give all that fits as a file for a spreadsheet."""
        query, tenant = Query.of(visit.query), self._tenant
        with self._console.transaction() as conn:
            elements = elements_of(conn, tenant, self._library, visit.language)
            wanted = query.search(elements)
            data = file_of(conn, tenant, wanted, elements, visit.language)
        named = {"Content-Disposition": 'attachment; filename="cases.csv"'}
        return Response(data, media_type="text/csv; charset=utf-8", headers={**HEADERS, **named})

    def case(self, visit: Visit) -> Response:
        """Show one case: where it is, what can be done, on the picture and in words, its past."""
        tenant, id_ = self._tenant, case_number(visit)
        with self._console.transaction() as conn:
            row = cases.case_of(conn, tenant, id_)
            past = cases.history(conn, tenant, id_)
            definition = self._library.get(conn, tenant, row.definition)
            kept = cases.by_hash(conn, tenant, row.definition)
            proposed = proposals_of(conn, tenant, id_)
            deadline, calendar = deadline_of(conn, tenant, id_), calendar_of(conn, tenant)
            open_tasks = {one.ref.key: one for one in tasks.tasks_of(conn, tenant, id_)}
            letters = letters_of(conn, self._console.site.desk, visit.language, id_)
        roles, on = visit.staff.roles, kit.day_of(row.ended_at or visit.at)
        return self._console.page(
            visit,
            "case.html",
            row=row,
            kept=kept,
            title=f"{row.business_key} {definition.main.title}".lstrip(),
            picture=Markup(  # noqa: S704 # made by us, escaped there
                draw(definition, marks=marks_of(row.case), language=visit.language)
            ),
            places=places_of(row, past, definition, visit.language),
            may={act: bool(needed & roles) for act, needed in MAY.items()},
            page=uuid4(),
            proposed=[(one, what(one, visit.language), state(one, visit.at)) for one in proposed],
            line=time_line(row, past, definition, visit.language, at=visit.at),
            past=past,
            names=names_of([definition], visit.language),
            tasks=open_tasks,
            unknown=None if calendar.knows(on) else on.year,
            people=self._people(past, visit.language),
            is_whole=cases.is_whole(past, row),
            deadline=deadline,
            used=deadline and deadline.used(calendar, on),
            case_due=deadline and deadline.due(calendar),
            on=on,
            left=lambda due: calendar.between(on, due),
            letters=letters,
        )

    @property
    def _tenant(self) -> kit.Tenant:
        return self._console.site.desk.tenant

    def _people(self, past: Sequence[cases.Past], language: kit.Language) -> dict[str, str]:
        """Return the names of those who acted, by how events name them."""
        return {
            actor: " → ".join(filter(None, (self._name(one, language) for one in actor.split("+"))))
            for actor in {one.actor for one in past}
        }

    def _name(self, actor: str, language: kit.Language) -> str:
        """Return what people call one who acted; nothing where it is not known."""
        site = self._console.site
        kind, _, number = actor.rpartition(":")
        if kind == "unit":
            try:
                unit = site.desk.releases.own.unit(number)
            except standard.DefinitionUnknown:
                return ""
            return unit.ja if language == "ja" else unit.en
        staff = site.settings.staff.get(number)
        if staff is not None:
            return staff.name
        known = kit.texts_of().get(f"actor-{actor}")
        return known[language] if known else ""
