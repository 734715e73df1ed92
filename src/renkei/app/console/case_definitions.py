"""A definition at the console: since when it counts, picture, outline, rules, withdrawal."""

from collections.abc import Sequence

from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from renkei import kit
from renkei.app.console.frame import HEADERS, PREFIX, Console, Visit
from renkei.app.processes.decision_jobs import DecisionDesk
from renkei.app.processes.interventions import MAY
from renkei.app.processes.rule_tables import decided_by
from renkei.app.processes.sheet import parts_of
from renkei.app.sign_in.staff import StaffRole
from renkei.process import cases
from renkei.process.bpmn.drawing import Mark
from renkei.process.bpmn.outline import said
from renkei.process.cases.proposals import check_reason
from renkei.process.cases.statistics import NEWEST

ROLES: frozenset[StaffRole] = frozenset({"operator", "officer", "approver"})


class DefinitionPages:
    """The endpoints of definitions."""

    def __init__(self, console: Console, library: cases.Library) -> None:
        """Take the console they are part of."""
        self._console, self._library = console, library
        self._desk = DecisionDesk.shipped()

    def routes(self) -> Sequence[Route]:
        """Return the routes."""
        route = self._console.route
        shown = "/cases/of/{hash}"
        return [
            route(shown, self.show, ROLES),
            route(f"{shown}/withdraw", self.withdraw, MAY["withdraw"], methods=("POST",)),
        ]

    def show(self, visit: Visit) -> Response:
        """Show a definition as picture and outline, with all of its cases laid over it."""
        tenant, hash_ = self._tenant, visit.request.path_params["hash"]
        with self._console.transaction() as conn:
            kept = cases.by_hash(conn, tenant, hash_)
            definition = self._library.get(conn, tenant, hash_)
            figures = cases.figures(conn, tenant, definition)
            versions = [one for one in cases.deployed(conn, tenant) if one.process == kept.process]
            tally = cases.tallies(conn, tenant).get(hash_, cases.Tally())
        today = kit.day_of(visit.at)
        marks = {
            element: Mark(
                tokens=one.here,
                incidents=one.incidents,
                passed=one.passed or None,
                duration=one.median,
                heat=one.share,
            )
            for element, one in figures.items()
        }
        decided = decided_by(definition, self._desk, visit.language, on=today)
        return self._console.page(
            visit,
            "case-definition.html",
            kept=kept,
            versions=versions,
            in_force=_in_force(versions, today.isoformat()),
            tally=tally,
            newest=NEWEST,
            duties=list(said(definition.main.duties, visit.language)),
            today=today,
            decided=decided,
            rules={one.element: kit.say("definition-rules-see", visit.language) for one in decided},
            may_withdraw=bool(MAY["withdraw"] & visit.staff.roles) and kept.withdrawn_at is None,
            sheet=parts_of(definition, visit.language, marks=marks),
        )

    def withdraw(self, visit: Visit) -> Response:
        """Let no case begin by a definition any more."""
        hash_ = visit.request.path_params["hash"]
        by, reason = f"staff:{visit.staff.number}", check_reason(visit.field("reason"))
        with self._console.transaction() as conn:
            cases.by_hash(conn, self._tenant, hash_)
            cases.withdraw(conn, self._tenant, hash_, by=by, reason=reason, at=visit.at)
        return RedirectResponse(f"{PREFIX}/cases/of/{hash_}", 303, headers=HEADERS)

    @property
    def _tenant(self) -> kit.Tenant:
        return self._console.site.desk.tenant


def _in_force(versions: Sequence[cases.Deployed], day: str) -> str:
    """Return the hash of the version by which a case of that day begins."""
    fitting = [
        one
        for one in versions
        if one.withdrawn_at is None
        and one.valid_from.isoformat() <= day
        and (one.valid_until is None or day < one.valid_until.isoformat())
    ]
    newest = max(fitting, key=lambda one: (one.valid_from, one.version), default=None)
    return "" if newest is None else newest.hash
