"""The pages of cases: which processes there are, where their cases stand, one with its picture.

Values of a case are not shown here: they are people's. Where it stands and what happened is.
"""

from collections import Counter
from collections.abc import Mapping
from uuid import UUID

from markupsafe import Markup
from starlette.responses import HTMLResponse, Response

from renkei import kit
from renkei.app.console.frame import HEADERS, Console, Visit
from renkei.app.console.letters import letters_of
from renkei.app.processes.case_desk import incident
from renkei.app.processes.sheet import sheet, style_hash
from renkei.process import bpmn, cases
from renkei.process.bpmn import Kind
from renkei.process.bpmn.drawing import Mark, draw

SHOWN = 100
CSP, OWN = "Content-Security-Policy", "style-src 'self'"
STYLE = f"style-src '{style_hash()}'"
"""The page of a definition brings its style along, as it does where it is a file of its own."""


class CasePages:
    """The endpoints of the section."""

    def __init__(self, console: Console) -> None:
        """Take the console they are part of."""
        self._console = console
        self._library = cases.Library()

    def overview(self, visit: Visit) -> Response:
        """Show the definitions and how many cases each has, then the newest cases that fit."""
        wanted = {name: visit.query(name) for name in ("process", "status", "at", "business_key")}
        tenant = self._console.site.desk.tenant
        with self._console.transaction() as conn:
            kept = cases.deployed(conn, tenant)
            tallies = cases.tallies(conn, tenant)
            found = cases.find(
                conn,
                tenant,
                process=wanted["process"],
                status=wanted["status"],
                at=wanted["at"],
                business_key=wanted["business_key"],
                most=SHOWN,
            )
        none = cases.Tally()
        return self._console.page(
            visit,
            "cases.html",
            definitions=[(one, tallies.get(one.hash, none)) for one in kept],
            cases=found,
            wanted=wanted,
            statuses=[status.value for status in bpmn.Status],
            most=SHOWN,
        )

    def definition(self, visit: Visit) -> Response:
        """Show a definition as picture and outline, with all of its cases laid over it."""
        tenant = self._console.site.desk.tenant
        with self._console.transaction() as conn:
            definition = self._library.get(conn, tenant, visit.request.path_params["hash"])
            marks = {
                element: Mark(
                    tokens=one.here,
                    incidents=one.incidents,
                    passed=one.passed or None,
                    duration=one.median,
                    heat=one.share,
                )
                for element, one in cases.figures(conn, tenant, definition).items()
            }
        page = sheet(definition, visit.language, marks=marks)
        return HTMLResponse(page, headers=HEADERS | {CSP: HEADERS[CSP].replace(OWN, STYLE)})

    def case(self, visit: Visit) -> Response:
        """Show one case: where it stands, on the picture and in words, and what happened."""
        tenant = self._console.site.desk.tenant
        try:
            id_ = UUID(visit.request.path_params["case"])
        except ValueError:
            raise cases.CaseUnknown(case=visit.request.path_params["case"][:40]) from None
        with self._console.transaction() as conn:
            row = cases.case_of(conn, tenant, id_)
            past = cases.history(conn, tenant, id_)
            definition = self._library.get(conn, tenant, row.definition)
            letters = letters_of(conn, self._console.site.desk, visit.language, id_)
        names = _names(definition)
        return self._console.page(
            visit,
            "case.html",
            row=row,
            title=definition.main.title,
            picture=Markup(  # noqa: S704 # made by us, escaped there
                draw(definition, marks=marks_of(row.case), language=visit.language)
            ),
            waits=sorted(row.case.waits.values(), key=lambda one: one.key),
            past=past,
            names=names,
            is_whole=cases.is_whole(past, id_),
            troubles=_troubles(row.case, visit.language),
            letters=letters,
        )


def marks_of(case: bpmn.Case) -> Mapping[str, Mark]:
    """Return where the tokens of a case are, and what of it waits for a person."""
    tokens = Counter(one.element for one in case.places.values() if one.parent)
    stuck = Counter(
        case.places[one.place].element for one in case.waits.values() if one.kind is Kind.INCIDENT
    )
    return {id_: Mark(tokens=tokens[id_], incidents=stuck[id_]) for id_ in tokens}


def _troubles(case: bpmn.Case, language: kit.Language) -> dict[str, str]:
    """Return in words why tokens of a case wait for a person."""
    codes = {one.name for one in case.waits.values() if one.kind is Kind.INCIDENT}
    return {code: incident(code, language) for code in codes}


def _names(definition: bpmn.Definition) -> dict[str, str]:
    return {
        id_: element.title
        for process in definition.processes.values()
        for id_, element in process.by_id.items()
    }
