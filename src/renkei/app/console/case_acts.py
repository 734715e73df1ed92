"""What is done to a case at the console: retried, skipped, chosen by one, or proposed for two."""

from collections.abc import Sequence
from uuid import UUID, uuid4

from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from renkei import kit
from renkei.app.console.frame import HEADERS, PREFIX, Console, Visit
from renkei.app.console.law_drafts import whole
from renkei.app.errors import ProposalEmpty
from renkei.app.processes.case_desk import value_of
from renkei.app.processes.interventions import MAY, Press, check_by_hand
from renkei.process import bpmn, cases, feel
from renkei.process.cases import proposals

MORE = 3
"""Values a form adds."""


class CaseActs:
    """The endpoints that change something."""

    def __init__(self, console: Console, library: cases.Library) -> None:
        """Take the console they are part of."""
        self._console, self._library = console, library

    def routes(self) -> Sequence[Route]:
        """Return the routes."""
        route = self._console.route
        return [
            route("/cases/{case}/retry", self.retry, MAY["retry"], methods=("POST",)),
            route("/cases/{case}/skip", self.skip, MAY["skip"], methods=("POST",)),
            route("/cases/{case}/choose", self.choose, MAY["choose"], methods=("POST",)),
            route("/cases/{case}/arrived", self.arrived, MAY["arrived"], methods=("POST",)),
            route("/cases/{case}/move", self.move, MAY["propose"], methods=("POST",)),
            route("/cases/{case}/cancel", self.cancel, MAY["propose"], methods=("POST",)),
            route("/cases/{case}/change", self.change, MAY["propose"], methods=("POST",)),
        ]

    def retry(self, visit: Visit) -> Response:
        """Try again at an incident."""
        return self._take(visit, bpmn.Resume(visit.at, whole(visit.field("wait"))))

    def skip(self, visit: Visit) -> Response:
        """Go on behind a place."""
        return self._take(visit, bpmn.Skip(visit.at, whole(visit.field("place"))))

    def choose(self, visit: Visit) -> Response:
        """Say what is done next."""
        chosen = visit.field("element")
        return self._take(visit, bpmn.Choose(visit.at, whole(visit.field("wait")), chosen))

    def arrived(self, visit: Visit) -> Response:
        """Say that what is awaited has come, as at the counter."""
        key, id_ = whole(visit.field("wait")), case_number(visit)
        with self._console.transaction() as conn:
            wait = cases.case_of(conn, self._tenant, id_).case.waits.get(key)
            if wait is not None:  # else it came before, and the press is known, or it is late
                check_by_hand(conn, self._tenant, id_, wait)
            return self._given(conn, visit, bpmn.Bring(visit.at, key, {}))

    def move(self, visit: Visit) -> Response:
        """Propose to move a token."""
        place, element = whole(visit.field("place")), visit.field("element")
        return self._propose(visit, bpmn.Move(visit.at, place, element))

    def cancel(self, visit: Visit) -> Response:
        """Propose to end a case."""
        return self._propose(visit, bpmn.Cancel(visit.at))

    def change(self, visit: Visit) -> Response:
        """Propose other values, where something was written otherwise than it stood."""
        told: bpmn.Variables = {}
        place = whole(visit.field("place"))
        with self._console.transaction() as conn:
            row = cases.case_of(conn, self._tenant, case_number(visit))
        held = row.case.places.get(place)
        known = held.variables if held is not None else {}
        for number in range(len(known) + MORE):
            name, text = visit.field(f"name-{number}"), visit.field(f"value-{number}")
            if not name or (name not in known and not text):
                continue
            if name not in known or text != feel.literal(known[name]):
                told[name] = value_of(text, given=f"{name}={text}")
        if not told:
            raise ProposalEmpty
        return self._propose(visit, bpmn.Change(visit.at, told, place))

    def _take(self, visit: Visit, command: bpmn.Command) -> Response:
        with self._console.transaction() as conn:
            return self._given(conn, visit, command)

    def _given(self, conn: kit.Connection, visit: Visit, command: bpmn.Command) -> Response:
        press = press_of(visit)
        cases.take(conn, self._tenant, press.given(command), self._library, at=visit.at)
        return RedirectResponse(f"{PREFIX}/cases/{press.case}", 303, headers=HEADERS)

    def _propose(self, visit: Visit, command: proposals.Proposable) -> Response:
        press, page = press_of(visit), _number(visit.field("page"))
        with self._console.transaction() as conn:
            made = proposals.propose(
                conn, self._tenant, press.proposed(page, command), self._library, at=visit.at
            )
        return RedirectResponse(f"{PREFIX}/cases/proposed/{made.id}", 303, headers=HEADERS)

    @property
    def _tenant(self) -> kit.Tenant:
        return self._console.site.desk.tenant


def press_of(visit: Visit) -> Press:
    """Return what a form says: which case, what was seen, why, and the key of the press."""
    case, page = case_number(visit), visit.field("page")
    act = visit.request.url.path.rpartition("/")[2]
    at = visit.field("wait") or visit.field("place")
    key = f"console {page} {act} {at}" if page else ""
    who = f"staff:{visit.staff.number}"
    return Press(case, whole(visit.field("seen")), visit.field("reason"), who, key)


def case_number(visit: Visit) -> UUID:
    """Return the case of an address."""
    said = visit.request.path_params["case"]
    try:
        return UUID(said)
    except ValueError:
        raise cases.CaseUnknown(case=said[:40]) from None


def _number(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        return uuid4()
