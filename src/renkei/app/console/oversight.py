"""The pages of the oversight body (監督機関): a third party with its own account and no power.

It sees how the log is proven and compared, what strikes in it, and whether the table decides today
as it did; it takes entries away. Every look is entered before its page is given. Nothing here
changes anything.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
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
from renkei.app.operations.replaying import DecidedAgain, replay
from renkei.app.sign_in.staff import StaffRole

ROLES: frozenset[StaffRole] = frozenset({"oversight"})
WINDOW = timedelta(days=7)
MOST = 50_000
PAGE = 2_000
SHOWN = 100
"""Rows of one list on a page; the file has them all."""


@dataclass(frozen=True, slots=True)
class Window:
    """What is looked at: days, a partner, a provision; and whether there is more than fits."""

    query: Query
    provision: str
    since: datetime
    until: datetime
    found: Sequence[audit.Logged]
    is_cut: bool

    @property
    def said(self) -> dict[str, str]:
        """Return it as an address says it."""
        said = {"since": self.since.date().isoformat()}
        said["until"] = (self.until - timedelta(days=1)).date().isoformat()
        more = {"partner": self.query["partner"], "provision": self.provision}
        return said | {name: text for name, text in more.items() if text}


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
        with self._console.transaction() as conn:
            newest = audit.newest(conn, tenant)
            pending = audit.pending(conn, tenant)
            compared = audit.reconciliations(conn, tenant, since)
            self._enter(conn, visit, {"as": "oversight"}, ())
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
        end = min(window.until, visit.at).timestamp()
        found = anomalies(window.found, us=self._site.desk.tenant, until=end)
        return self._page(visit, "oversight-anomalies.html", window, found)

    def replay(self, visit: Visit) -> Response:
        """Decide the entries of some days again, by the tables they name."""
        window = self._window(visit, "replay")
        decided = (
            replay(self._site.desk, self._console.standard, logged) for logged in window.found
        )
        return self._page(visit, "oversight-replay.html", window, Replays.of(decided))

    def as_csv(self, visit: Visit) -> Response:
        """Give the entries of some days as a file for a spreadsheet."""
        window = self._window(visit, "export-csv")
        return _file(as_csv(window.found), window, "csv", "text/csv; charset=utf-8")

    def as_json(self, visit: Visit) -> Response:
        """Give the entries of some days as a file for a program."""
        window = self._window(visit, "export-json")
        return _file(as_json(window.found), window, "json", "application/json")

    def _window(self, visit: Visit, kind: str) -> Window:
        """Read the entries that were asked for, and enter that they were looked at."""
        query = Query.of(visit.query)
        provision = visit.query("provision")[:100]
        wanted = query.search()
        today = kit.midnight(kit.day_of(visit.at))
        until = wanted.until or today + timedelta(days=1)
        since = wanted.since or until - WINDOW
        search = audit.Search(partner=wanted.partner, since=since, until=until)
        with self._console.transaction() as conn:
            every = audit.search_all(conn, self._site.desk.tenant, search, page=PAGE, withheld=True)
            found = list(islice(every, MOST))
            is_cut = len(found) >= MOST
            if provision:
                found = [one for one in found if one.entry.provision == provision]
            window = Window(query, provision, since, until, found, is_cut)
            said = {"as": f"oversight-{kind}", "entries": str(len(found)), **window.said}
            self._enter(conn, visit, said, found)
        return window

    def _enter(
        self,
        conn: kit.Connection,
        visit: Visit,
        said: dict[str, str],
        shown: Sequence[audit.Logged],
    ) -> None:
        """Enter this look, in the transaction it was made in."""
        entry = self._console.entry(
            visit,
            audit.Kind.VIEW,
            "seen",
            said,
            purpose=kit.say("oversight-looking", "ja"),
            withheld=any(one.entry.withheld for one in shown),
        )
        audit.append(conn, self._site.desk.tenant, entry)

    def _page(self, visit: Visit, name: str, window: Window, found: object) -> Response:
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
        )


def _file(data: bytes, window: Window, kind: str, media: str) -> Response:
    first, last = window.said["since"], window.said["until"]
    named = {"Content-Disposition": f'attachment; filename="entries-{first}-{last}.{kind}"'}
    return Response(data, media_type=media, headers={**HEADERS, **named})


def routes(console: Console) -> Sequence[Route]:
    """Return the routes of the section."""
    return OversightPages(console).routes()


SECTION = Section("oversight", ROLES, routes)
