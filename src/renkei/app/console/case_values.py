"""What cases know, at the console: shown for a purpose, changed by proposals, and searched by."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import uuid4

from starlette.responses import Response
from starlette.routing import Route

from renkei import kit
from renkei.app.console.case_acts import MORE, case_number
from renkei.app.console.case_looks import CaseLooks
from renkei.app.console.case_search import Query, elements_of, page_of
from renkei.app.console.frame import Console, Visit
from renkei.app.processes.case_desk import incident
from renkei.app.processes.interventions import MAY
from renkei.app.processes.process_report import names_of
from renkei.process import bpmn, cases, feel
from renkei.process.bpmn.words import called
from renkei.process.cases.searches import Condition, Operator

CONDITIONS = 3
"""Of one search by values."""


@dataclass(frozen=True, slots=True)
class Scope:
    """What is known in one scope of a case: the whole, or a part that runs within it."""

    place: int
    title: str
    is_whole: bool
    values: Sequence[tuple[str, str, bool]]
    """Name, value as an expression, and whether that can be written anew."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why a case is stuck at a place; the reason may hold values."""

    title: str
    words: str
    reason: str


class CaseValues:
    """The endpoints that show values."""

    def __init__(self, console: Console, library: cases.Library) -> None:
        """Take the console they are part of."""
        self._console, self._library = console, library
        self._looks = CaseLooks(console)

    def routes(self) -> Sequence[Route]:
        """Return the routes."""
        route = self._console.route
        return [
            route("/cases/by-values", self.search, MAY["look"], methods=("POST",)),
            route("/cases/{case}/values", self.show, MAY["look"], methods=("POST",)),
        ]

    def show(self, visit: Visit) -> Response:
        """Show what a case knows, as fields of a proposal for whoever may make one."""
        tenant = self._console.site.desk.tenant
        with self._console.transaction() as conn:
            row = cases.case_of(conn, tenant, case_number(visit))
            definition = self._library.get(conn, tenant, row.definition)
        self._looks.enter(visit, {"as": "case-values", "of": str(row.id)})
        return self._console.page(
            visit,
            "case-values.html",
            row=row,
            title=definition.main.title,
            scopes=scopes_of(row, definition, visit.language),
            troubles=troubles_of(row, definition, visit.language),
            more=MORE,
            page=uuid4(),
            may_propose=bool(MAY["propose"] & visit.staff.roles)
            and row.status is bpmn.Status.RUNNING,
        )

    def search(self, visit: Visit) -> Response:
        """Show the cases that know something; the names looked for are entered, no value."""
        conditions = list(_conditions(visit))
        query = Query.of(visit.field)
        tenant = self._console.site.desk.tenant
        names = " ".join(".".join(one.path) for one in conditions)
        with self._console.transaction() as conn:
            elements = elements_of(conn, tenant, self._library, visit.language)
            found = page_of(conn, tenant, query.search(elements, conditions), query.after)
        said = {"as": "case-search", "by": names, "cases": str(len(found.rows)), **query.said}
        self._looks.enter(visit, said)
        return self._console.page(
            visit,
            "cases-by-values.html",
            found=found,
            query=query,
            elements=elements,
            conditions=[_field(visit, n) for n in range(CONDITIONS)],
            purpose=visit.field("purpose"),
        )


def _field(visit: Visit, number: int) -> Mapping[str, str]:
    return {part: visit.field(f"{part}-{number}") for part in ("name", "sign", "value")}


def _conditions(visit: Visit) -> Sequence[Condition]:
    fields = (_field(visit, number) for number in range(CONDITIONS))
    signs = {one.value: one for one in Operator}
    return [
        Condition.of(one["name"], signs.get(one["sign"], Operator.IS), one["value"])
        for one in fields
        if one["name"]
    ]


def scopes_of(
    row: cases.CaseRow, definition: bpmn.Definition, language: kit.Language
) -> list[Scope]:
    """Return the scopes of a case that know something, and the whole of it."""
    found = list[Scope]()
    for key, place in sorted(row.case.places.items()):
        if place.parent and not place.variables:
            continue
        process = definition.process(place.of or row.process)
        element = process.by_id.get(place.element) if process is not None else None
        title = called(element, language) if element is not None else place.element
        values = [
            (name, feel.literal(value), _is_writable(value))
            for name, value in sorted(place.variables.items())
        ]
        found.append(Scope(key, title, not place.parent, values))
    return found


def troubles_of(
    row: cases.CaseRow, definition: bpmn.Definition, language: kit.Language
) -> list[Trouble]:
    """Return why a case is stuck, wherever it is."""
    names = names_of([definition], language)
    return [
        Trouble(
            names.get(one.handler, one.handler),
            incident(one.name, language),
            str(one.about.get("reason") or "–"),
        )
        for one in row.case.waits.values()
        if one.kind is bpmn.Kind.INCIDENT
    ]


def _is_writable(value: feel.Value) -> bool:
    """Tell whether an expression gives a value back as it is."""
    try:
        result = feel.expression(feel.literal(value)).evaluate({})
    except kit.NodeError:
        return False
    return not result.problems and repr(result.value) == repr(value)
