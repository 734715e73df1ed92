"""Proposals at the console: what would change, before and after, and the second's decision."""

from collections.abc import Sequence
from uuid import UUID

from markupsafe import Markup
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from renkei import kit
from renkei.app.console.case_looks import CaseLooks
from renkei.app.console.frame import HEADERS, PREFIX, Console, Visit
from renkei.app.processes.case_marks import marks_of
from renkei.app.processes.interventions import MAY
from renkei.app.processes.proposal_words import state, what
from renkei.process import bpmn, cases, feel
from renkei.process.bpmn.drawing import draw
from renkei.process.cases import proposals
from renkei.process.cases.proposals import Proposal

READERS = MAY["decide"] | MAY["propose"] | MAY["retry"]


class ProposalPages:
    """The endpoints of proposals."""

    def __init__(self, console: Console, library: cases.Library) -> None:
        """Take the console they are part of."""
        self._console, self._library = console, library
        self._looks = CaseLooks(console)

    def routes(self) -> Sequence[Route]:
        """Return the routes."""
        route = self._console.route
        shown = "/cases/proposed/{proposal}"
        return [
            route(shown, self.show, READERS),
            route(shown, self.look, MAY["look"], methods=("POST",)),
            route(f"{shown}/decide", self.decide, MAY["decide"], methods=("POST",)),
        ]

    def show(self, visit: Visit) -> Response:
        """Show a proposal; values only to who says what for."""
        found, row, definition = self._read(visit)
        return self._page(visit, found, row, definition, has_looked=found.kind != "change")

    def look(self, visit: Visit) -> Response:
        """Show the values it changes, and enter the look."""
        found, row, definition = self._read(visit)
        self._looks.enter(visit, {"as": "case-proposal", "of": str(row.id)})
        return self._page(visit, found, row, definition, has_looked=True)

    def decide(self, visit: Visit) -> Response:
        """Do it, or let nothing come of it."""
        number, act = _number(visit), visit.field("act")
        by, at = f"staff:{visit.staff.number}", visit.at
        with self._console.transaction() as conn:
            if act == "confirm":
                digest = visit.field("digest")
                proposals.confirm(
                    conn, self._tenant, number, self._library, by=by, digest=digest, at=at
                )
            elif act == "withdraw":
                proposals.withdraw_proposal(conn, self._tenant, number, by=by, at=at)
            else:
                remarks = visit.field("reason")
                proposals.decline(conn, self._tenant, number, by=by, remarks=remarks, at=at)
        return RedirectResponse(f"{PREFIX}/cases/proposed/{number}", 303, headers=HEADERS)

    def _read(self, visit: Visit) -> tuple[Proposal, cases.CaseRow, bpmn.Definition]:
        with self._console.transaction() as conn:
            found = proposals.proposal_of(conn, self._tenant, _number(visit))
            row = cases.case_of(conn, self._tenant, found.case)
            definition = self._library.get(conn, self._tenant, row.definition)
        return found, row, definition

    def _page(
        self,
        visit: Visit,
        found: Proposal,
        row: cases.CaseRow,
        definition: bpmn.Definition,
        *,
        has_looked: bool,
    ) -> Response:
        is_open, is_own = found.is_open(visit.at), found.by == f"staff:{visit.staff.number}"
        pictures = _pictures(found, row, definition, visit) if is_open else None
        changed = [
            (one.name, None if one.is_new else feel.literal(one.before), feel.literal(one.after))
            for one in proposals.differences(row.case, found)
        ]
        return self._console.page(
            visit,
            "case-proposal.html",
            one=found,
            row=row,
            title=definition.main.title,
            said=what(found, visit.language),
            state=state(found, visit.at),
            changed=changed if has_looked else None,
            pictures=pictures,
            may_decide=is_open
            and has_looked
            and not is_own
            and bool(MAY["decide"] & visit.staff.roles),
            may_look=bool(MAY["look"] & visit.staff.roles) and found.variables is not None,
            may_withdraw=is_own and found.fate is proposals.Fate.OPEN,
        )

    @property
    def _tenant(self) -> kit.Tenant:
        return self._console.site.desk.tenant


def _pictures(
    found: Proposal, row: cases.CaseRow, definition: bpmn.Definition, visit: Visit
) -> tuple[Markup, Markup] | None:
    """Return where the case stands, and where it would; the pure core tries it."""
    try:
        after = bpmn.advance(definition, row.case, found.command(visit.at)).case
    except bpmn.CommandUnfit:
        return None
    marks = marks_of(row.case), marks_of(after)
    before, then = (
        Markup(draw(definition, marks=held, language=visit.language, prefix=prefix))  # noqa: S704 # made by us, escaped there
        for held, prefix in zip(marks, ("before-", "after-"), strict=True)
    )
    return before, then if marks[0] != marks[1] else Markup()


def _number(visit: Visit) -> UUID:
    said = visit.request.path_params["proposal"]
    try:
        return UUID(said)
    except ValueError:
        raise cases.ProposalUnknown(proposal=said[:40]) from None
