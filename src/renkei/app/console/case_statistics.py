"""How the cases of a definition go, at the console: times, on whom they wait, ways, bottlenecks."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from markupsafe import Markup
from starlette.responses import Response
from starlette.routing import Route

from renkei import kit
from renkei.app.console.frame import HEADERS, Console, Visit
from renkei.app.console.record_query import read_day
from renkei.app.console.spreadsheet import sheet_of
from renkei.app.processes.process_report import (
    COLUMNS,
    WAYS,
    Period,
    heat_of,
    names_of,
    read_report,
    row_of,
)
from renkei.app.sign_in.staff import StaffRole
from renkei.process import bpmn, cases
from renkei.process.bpmn import Awaited
from renkei.process.bpmn.drawing import draw
from renkei.process.bpmn.drawing.marks import long
from renkei.process.cases.passages import Report
from renkei.process.cases.variants import in_words

ROLES: frozenset[StaffRole] = frozenset({"operator", "officer", "approver"})
FRESH = timedelta(minutes=2)
"""How long a reckoning is shown again: a large one takes some seconds."""
MOST_KEPT = 32
WIDE = 240
"""Of a bar that is the whole."""


class CaseStatistics:
    """The endpoints of statistics; they hold no value of a case."""

    def __init__(self, console: Console, library: cases.Library) -> None:
        """Take the console they are part of."""
        self._console, self._library = console, library
        self._kept: dict[tuple[str, Period], tuple[datetime, Report]] = {}

    def routes(self) -> Sequence[Route]:
        """Return the routes."""
        route = self._console.route
        return [
            route("/cases/of/{hash}/statistics", self.show, ROLES),
            route("/cases/of/{hash}/statistics.csv", self.as_csv, ROLES),
        ]

    def show(self, visit: Visit) -> Response:
        """Show the figures of the cases that began in a period."""
        definition, kept, period, found = self._read(visit)
        language = visit.language
        names = names_of([definition], language)
        return self._console.page(
            visit,
            "case-statistics.html",
            title=definition.main.title,
            kept=kept,
            period=period,
            found=found,
            names=names,
            wide=WIDE,
            on=[(one.value, found.spent_on(one)) for one in list(Awaited)[:3]],
            long=lambda time: long(time, language),
            variants=[(one, in_words(one.way, names)) for one in found.variants[:WAYS]],
            others=max(len(found.variants) - WAYS, 0),
            picture=Markup(draw(definition, marks=heat_of(found), language=language)),  # noqa: S704 # ours
        )

    def as_csv(self, visit: Visit) -> Response:
        """Give the steps as a file for a spreadsheet."""
        definition, _, _, found = self._read(visit)
        language = visit.language
        names = names_of([definition], language)
        head = [kit.say(f"steps-column-{name}", language) for name in COLUMNS]
        data = sheet_of(head, (row_of(one, names, language) for one in found.steps))
        named = {"Content-Disposition": 'attachment; filename="steps.csv"'}
        return Response(data, media_type="text/csv; charset=utf-8", headers={**HEADERS, **named})

    def _read(self, visit: Visit) -> tuple[bpmn.Definition, cases.Deployed, Period, Report]:
        tenant, hash_ = self._console.site.desk.tenant, visit.request.path_params["hash"]
        since, until = (read_day(visit.query(name)) for name in ("since", "until"))
        period = Period.of(since, until, visit.at)
        with self._console.transaction() as conn:
            kept = cases.by_hash(conn, tenant, hash_)
            definition = self._library.get(conn, tenant, hash_)
            found = self._report(conn, definition, period, at=visit.at)
        return definition, kept, period, found

    def _report(
        self, conn: kit.Connection, definition: bpmn.Definition, period: Period, *, at: datetime
    ) -> Report:
        """Reckon, or return what was reckoned a moment ago: page and file are of one reckoning."""
        known = self._kept.get((definition.hash, period))
        if known is not None and timedelta() <= at - known[0] < FRESH:
            return known[1]
        found = read_report(conn, self._console.site.desk.tenant, [definition], period, at=at)
        if len(self._kept) >= MOST_KEPT:
            self._kept.clear()
        self._kept[definition.hash, period] = at, found
        return found
