"""The pages of the oversight body (監督機関): a third party with its own account and no power.

It sees how the log is proven and compared, what strikes in it, and whether the table decides today
as it did; it takes entries away. Every look is entered before its page is given. Nothing here
changes anything: what is read is read by a role of the database that can do nothing else (0049).

At an organisation the entries are of its own exchanges, at the log operator of all there are.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import islice
from typing import Self
from urllib.parse import urlencode

from starlette.responses import Response
from starlette.routing import Route

from renkei import audit, kit
from renkei.app.console.frame import HEADERS, Console, Section, Visit
from renkei.app.console.oversight_export import as_csv, as_json
from renkei.app.console.record_query import Query
from renkei.app.console.record_words import Words
from renkei.app.keeping.findings_told import lacks_of
from renkei.app.keeping.time_stamps import newest_day
from renkei.app.operations.anomalies import MASS, OFTEN, anomalies
from renkei.app.operations.anomalies_across import MANY, SURGE, Across, across
from renkei.app.operations.replaying import DecidedAgain, replay
from renkei.app.sign_in.staff import StaffRole

ROLES: frozenset[StaffRole] = frozenset({"oversight"})
WINDOW = timedelta(days=7)
MOST = 50_000
PAGE = 2_000
MOST_LEFT = 1_000
MOST_DAYS = 31
"""Days of late of which it is said that they were not compared."""
SHOWN = 100
"""Rows of one list on a page; the file has them all."""


@dataclass(frozen=True, slots=True)
class Window:
    """What is looked at: days, parties, a provision; and the entries there are of it."""

    query: Query
    since: datetime
    until: datetime
    found: Sequence[audit.Logged] = ()

    @property
    def is_cut(self) -> bool:
        """Tell whether there may be more than fits."""
        return len(self.found) >= MOST

    @property
    def search(self) -> audit.Search:
        """Return it as the log is searched."""
        return replace(self.query.search(), since=self.since, until=self.until)

    @property
    def said(self) -> dict[str, str]:
        """Return it as an address says it."""
        said = {"since": kit.day_of(self.since).isoformat()}
        said["until"] = kit.day_of(self.until - timedelta(days=1)).isoformat()
        return {**self.query.said, **said}


@dataclass(frozen=True, slots=True)
class Left:
    """Questions of which nobody took an end, and the days not compared with everybody yet."""

    found: Sequence[audit.Logged]
    uncompared: Sequence[date]

    @classmethod
    def of(cls, conn: kit.Connection, tenant: kit.Tenant, window: Window, at: datetime) -> Self:
        """Read what the log operator found of the days of a window."""
        first = kit.day_of(window.since)
        last = kit.day_of(min(window.until, at) - timedelta(seconds=1))
        kept = [one for one in audit.reconciliations(conn, tenant, first) if one.day <= last]
        ours = (one for day in kept for one in lacks_of(day) if not one.by)
        lacks = [one for one in ours if one.fault == "left"]
        found = [
            logged
            for request in dict.fromkeys(one.request for one in lacks[:MOST_LEFT])
            for logged in audit.entries_for_request(conn, tenant, request)
            if logged.entry.outcome == "receipted" and window.query.names(logged.entry)
        ]
        done = {one.day for one in kept if not one.unreached}
        of_late = min((last - first).days + 1, MOST_DAYS)
        days = [last - timedelta(days=n) for n in reversed(range(of_late))]
        return cls(found, [day for day in days if day not in done])


@dataclass(frozen=True, slots=True)
class Replays:
    """Decisions decided again: how many of each verdict, and those to look at first."""

    counts: Counter[str]
    rows: tuple[DecidedAgain, ...]

    @classmethod
    def of(cls, decided: Iterable[DecidedAgain | None]) -> Self:
        """Count them; what differs stands first."""
        found = [one for one in decided if one is not None]
        wrong = ("differs", "table-unknown")
        ordered = sorted(found, key=lambda one: one.verdict not in wrong)
        return cls(Counter(one.verdict for one in found), tuple(ordered[:SHOWN]))


class OversightPages:
    """The endpoints of the section."""

    def __init__(self, console: Console) -> None:
        """Take the console they are part of."""
        self._console = console
        self._site = console.site

    def routes(self) -> Sequence[Route]:
        """Return the routes; all of them only look."""
        route = self._console.route
        return [
            route("/oversight", self.front, ROLES),
            route("/oversight/anomalies", self.anomalies, ROLES),
            route("/oversight/replay", self.replay, ROLES),
            route("/oversight/entries.csv", self.as_csv, ROLES),
            route("/oversight/entries.json", self.as_json, ROLES),
        ]

    def front(self, visit: Visit) -> Response:
        """Show how the log is signed, cosigned, stamped and compared."""
        site, tenant = self._site, self._site.desk.tenant
        since = kit.day_of(visit.at) - timedelta(days=7)
        with self._console.looking() as conn:
            newest = audit.newest(conn, tenant)
            pending = audit.pending(conn, tenant)
            compared = audit.reconciliations(conn, tenant, since)
        self._enter(visit, {"as": "oversight"}, ())
        keeper = self._console.running.witnesses
        return self._console.page(
            visit,
            "oversight.html",
            newest=newest,
            pending=pending,
            key=site.signer.verifier,
            standing=[] if keeper is None else keeper.standing,
            cosigned=None if keeper is None else keeper.cosigned,
            stamped=newest_day(site.tiles),
            compared=[(one, lacks_of(one)) for one in compared],
            window=None,
        )

    def anomalies(self, visit: Visit) -> Response:
        """Show what strikes in the entries of some days."""
        window = self._window(visit, "anomalies")
        us, end = self._site.desk.tenant, min(window.until, visit.at).timestamp()
        if not self._console.is_of_all:
            found = anomalies(window.found, us=us, until=end)
            return self._page(visit, "oversight-anomalies.html", window, found)
        with self._console.looking() as conn:
            of_all = across(conn, us, window.search)
            left = Left.of(conn, us, window, visit.at)
        return self._page(
            visit,
            "oversight-anomalies.html",
            window,
            anomalies(window.found, us=us, until=end, left=left.found),
            of_all=of_all,
            uncompared=left.uncompared,
        )

    def replay(self, visit: Visit) -> Response:
        """Decide the entries of some days again, by the tables they name."""
        window = self._window(visit, "replay")
        decided = (
            replay(self._site.desk, self._console.standard, logged) for logged in window.found
        )
        return self._page(visit, "oversight-replay.html", window, Replays.of(decided))

    def as_csv(self, visit: Visit) -> Response:
        """Give the entries of some days as a file for a spreadsheet."""
        window = self._window(visit, "export-csv", whole=True)
        return _file(as_csv(window.found), window, "csv", "text/csv; charset=utf-8")

    def as_json(self, visit: Visit) -> Response:
        """Give the entries of some days as a file for a program."""
        window = self._window(visit, "export-json", whole=True)
        return _file(as_json(window.found), window, "json", "application/json")

    def _window(self, visit: Visit, kind: str, *, whole: bool = False) -> Window:
        """Read the entries that were asked for, and enter that they were looked at.

        A file has what was searched for by its `whole` query; what strikes, or is decided again,
        follows from all entries of some days, parties and provision.
        """
        query = Query.of(visit.query)
        wanted = query.search()
        today = kit.midnight(kit.day_of(visit.at))
        until = wanted.until or today + timedelta(days=1)
        since = wanted.since or until - WINDOW
        query = query if whole else query.about_parties()
        window = Window(query, since, until)
        tenant = self._site.desk.tenant
        with self._console.looking() as conn:
            every = audit.search_all(conn, tenant, window.search, page=PAGE, withheld=True)
            found = list(islice(every, MOST))
        window = replace(window, found=found)
        said = {"as": f"oversight-{kind}", "entries": str(len(found)), **window.said}
        self._enter(visit, said, found)
        return window

    def _enter(self, visit: Visit, said: dict[str, str], shown: Sequence[audit.Logged]) -> None:
        """Enter this look; the page is given after that."""
        entry = self._console.entry(
            visit,
            audit.Kind.VIEW,
            "seen",
            said,
            purpose=kit.say("oversight-looking", "ja"),
            withheld=any(one.entry.withheld for one in shown),
        )
        self._console.enter(entry)

    def _page(
        self,
        visit: Visit,
        name: str,
        window: Window,
        found: object,
        *,
        of_all: Across | None = None,
        uncompared: Sequence[date] = (),
    ) -> Response:
        """Return a page about the entries of some days."""
        desk = self._site.desk
        return self._console.page(
            visit,
            name,
            window=window,
            found=found,
            words=Words(desk.members, self._console.standard, visit.language),
            partners=desk.members.of_kind("organisation"),
            provisions=sorted(line.row for line in desk.provisions.provisions),
            address=urlencode(window.said),
            most=MOST,
            shown=SHOWN,
            mass=MASS,
            often=OFTEN,
            many=MANY,
            surge=SURGE,
            of_all=of_all,
            uncompared=uncompared,
        )


def _file(data: bytes, window: Window, kind: str, media: str) -> Response:
    first, last = window.said["since"], window.said["until"]
    named = {"Content-Disposition": f'attachment; filename="entries-{first}-{last}.{kind}"'}
    return Response(data, media_type=media, headers={**HEADERS, **named})


def routes(console: Console) -> Sequence[Route]:
    """Return the routes of the section."""
    return OversightPages(console).routes()


SECTION = Section("oversight", ROLES, routes)
