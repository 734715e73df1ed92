"""The access record at the console: search it, look at one exchange, take its evidence away.

Every look is entered itself, as a `view` that names who looked and what for; before the page is
given. What the law withholds is shown to the oversight role alone, and that look is withheld too.
What is read is read by a role of the database that can do nothing else (0049).
"""

from collections.abc import Sequence
from hashlib import sha256
from urllib.parse import urlencode

from starlette.responses import Response
from starlette.routing import Route

from renkei import audit, kit
from renkei.app.console.frame import HEADERS, PREFIX, Console, Section, Visit
from renkei.app.console.record_query import Query, outcome_codes
from renkei.app.console.record_words import Words
from renkei.app.errors import ExchangeUnknown
from renkei.app.keeping.own_logs import witnessed
from renkei.app.proofs.exchange_evidence import Exporter, file_name
from renkei.app.sign_in.staff import StaffRole

ROLES: frozenset[StaffRole] = frozenset({"auditor", "oversight"})
FRONT = f"{PREFIX}/record"
PAGE = 50
SEEN = "seen"


class RecordPages:
    """The endpoints of the section."""

    def __init__(self, console: Console) -> None:
        """Take the console they are part of."""
        self._console = console
        self._site = console.site

    def routes(self) -> Sequence[Route]:
        """Return the routes."""
        route = self._console.route
        return [
            route("/record", self.search, ROLES),
            route("/record/show", self.show, ROLES),
            route("/record/evidence", self.evidence, ROLES, methods=("POST",)),
        ]

    def search(self, visit: Visit) -> Response:
        """Show a page of what fits, newest first."""
        query = Query.of(visit.query)
        with self._console.looking() as conn:
            found = audit.search(
                conn,
                self._tenant,
                query.search(),
                before=query.before,
                limit=PAGE + 1,
                withheld=_is_oversight(visit),
            )
        page = found[:PAGE]
        said = {"as": "record-search", **query.said, "entries": str(len(page))}
        self._enter(visit, said, page)
        return self._console.page(
            visit,
            "record.html",
            rows=page,
            query=query,
            older=_older(query, page[-1]) if len(found) > PAGE else "",
            partners=self._site.desk.members.of_kind("organisation"),
            kinds=[kind.value for kind in audit.Kind],
            outcomes=outcome_codes(),
            words=self._words(visit),
            export=urlencode(query.said) if _is_oversight(visit) else None,
        )

    def show(self, visit: Visit) -> Response:
        """Show all entries of one request, and whether they stand in the log as it was signed."""
        request = visit.query("request")
        with self._console.looking() as conn:
            data = audit.bundle(
                conn,
                self._tenant,
                self._site.signer.verifier,
                request=request,
                withheld=_is_oversight(visit),
                witnessed=witnessed(self._site.settings, self._site.signer.verifier),
            )
        verdict = audit.verify_bundle(data, [self._site.signer.verifier])
        found = verdict.entries
        if not found and verdict.whole:
            raise ExchangeUnknown(request=request[:80])
        said = {"as": "record", "of": request, "entries": str(len(found))}
        self._enter(visit, said, found)
        return self._console.page(
            visit,
            "record-one.html",
            rows=found,
            verdict=verdict,
            one=request,
            words=self._words(visit),
        )

    def evidence(self, visit: Visit) -> Response:
        """Give the evidence of one request as a file."""
        request, withheld = visit.field("request"), _is_oversight(visit)
        with self._console.looking() as conn:
            data = Exporter.of(self._site).pack(conn, request, withheld=withheld)
            found = audit.entries_for_request(conn, self._tenant, request)
        said = {"as": "evidence", "of": request, "sha256": sha256(data).hexdigest()}
        self._enter(visit, said, found)
        named = {"Content-Disposition": f'attachment; filename="{file_name(request)}"'}
        return Response(data, media_type="application/zip", headers={**HEADERS, **named})

    def _enter(self, visit: Visit, said: dict[str, str], shown: Sequence[audit.Logged]) -> None:
        """Enter this look; the page is given after that."""
        withheld = _is_oversight(visit) and any(logged.entry.withheld for logged in shown)
        looking = kit.say("record-looking", "ja")
        entry = self._console.entry(
            visit, audit.Kind.VIEW, SEEN, said, purpose=looking, withheld=withheld
        )
        self._console.enter(entry)

    @property
    def _tenant(self) -> kit.Tenant:
        return self._site.desk.tenant

    def _words(self, visit: Visit) -> Words:
        return Words(self._site.desk.members, self._console.standard, visit.language)


def _is_oversight(visit: Visit) -> bool:
    return "oversight" in visit.staff.roles


def _older(query: Query, last: audit.Logged) -> str:
    """Return the address of the page after this one."""
    return f"?{urlencode({**query.said, 'before': Query.mark(last)})}"


def routes(console: Console) -> Sequence[Route]:
    """Return the routes of the section."""
    return RecordPages(console).routes()


SECTION = Section("record", ROLES, routes)
