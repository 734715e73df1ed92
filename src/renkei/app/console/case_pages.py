"""The pages of cases: which processes there are, where their cases stand, one with its picture.

Values of a case are not shown here: they are people's. Where it stands and what happened is.
"""

from collections.abc import Mapping, Sequence
from uuid import uuid4

from markupsafe import Markup
from starlette.responses import Response

from renkei import kit
from renkei.app.console.case_acts import case_number
from renkei.app.console.case_search import STATUSES, Query, address, file_of, page_of
from renkei.app.console.case_values import element_names
from renkei.app.console.frame import HEADERS, Console, Visit
from renkei.app.console.letters import letters_of
from renkei.app.processes.case_marks import marks_of
from renkei.app.processes.case_places import places_of
from renkei.app.processes.interventions import MAY
from renkei.app.processes.process_report import names_of
from renkei.app.processes.proposal_words import state, what
from renkei.app.processes.time_line import time_line
from renkei.app.sign_in.staff import Staff
from renkei.process import cases
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
            elements = element_names(conn, tenant, self._library, visit.language)
            found = page_of(conn, tenant, query.search(_ids(elements)), query.after)
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
            names=elements,
            statuses=STATUSES,
            address=address(query),
            after=address(query, after=found.after),
            may_look=bool(MAY["look"] & visit.staff.roles),
        )

    def as_csv(self, visit: Visit) -> Response:
        """Give all that fits as a file for a spreadsheet."""
        query, tenant = Query.of(visit.query), self._tenant
        with self._console.transaction() as conn:
            elements = element_names(conn, tenant, self._library, visit.language)
            wanted = query.search(_ids(elements))
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
            letters = letters_of(conn, self._console.site.desk, visit.language, id_)
        roles, on = visit.staff.roles, kit.day_of(row.ended_at or visit.at)
        return self._console.page(
            visit,
            "case.html",
            row=row,
            kept=kept,
            title=definition.main.title,
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
            people=_people(self._console.site.settings.staff, past),
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


def _ids(names: Mapping[str, str]) -> dict[str, str]:
    """Return by what it is called the id of an element."""
    return {title: id_ for id_, title in names.items()}


def _people(staff: Mapping[str, Staff], past: Sequence[cases.Past]) -> dict[str, str]:
    """Return the names of those who acted, by how events name them."""
    found: dict[str, str] = {}
    for actor in {one.actor for one in past}:
        known = (staff.get(one.removeprefix("staff:")) for one in actor.split("+"))
        found[actor] = " → ".join(one.name for one in known if one is not None)
    return found
