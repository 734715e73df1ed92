"""The public door of the register of corporate numbers: reading, for everybody, and nothing else.

    /                             a page to search on, and what was found
    /corporations/{number}        one corporation and its history, as a page
    /corporations.json  .csv      what is found, by pages; the field Link says where the next one is
    /corporations/{number}.json   one corporation and its history

It has connections of its own, which can only read and give up after seconds, so that however much
is asked here, the registrar's own work goes on.
"""

import re
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from urllib.parse import urlencode

import msgspec
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from renkei import federation, identity, kit
from renkei.app import rendering
from renkei.app.console.frame import HEADERS
from renkei.app.errors import ParameterMalformed, VisitorsTooMany
from renkei.app.operations.oversight import error_response
from renkei.app.registrar.corporate_words import csv_of, facts_of, facts_of_event
from renkei.app.registrar.visitors import Visitors
from renkei.app.rendering import TEMPLATES, still
from renkei.identity import corporations

CONNECTIONS = 3
READING = {"default_transaction_read_only": "on", "statement_timeout": "3000"}
ON_A_PAGE, MOST, LONGEST = 50, 1000, 100

Answer = Callable[[Request, kit.Connection], Response]


class PublicDoor:
    """The door of one registrar."""

    def __init__(
        self,
        database: kit.Database,
        desk: Callable[[], federation.Desk],
        *,
        rate: int,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Take the registrar's database and desk, how often a visitor may ask, and a clock."""
        self._desk = desk
        self._visitors = Visitors(rate, clock)
        self._database = database.beside(size=CONNECTIONS, settings=READING)
        self._templates = rendering.environment(TEMPLATES)

    def application(self) -> Starlette:
        """Return the web application."""

        @asynccontextmanager
        async def running(_: Starlette) -> AsyncIterator[None]:
            with self._database:
                yield

        sheets = [TEMPLATES / name for name in ("style.css", "corporations.css")]
        return Starlette(
            routes=[
                self._route("/", self.searched, self._problem),
                self._route("/corporations.json", self.listed_json, self._refusal),
                self._route("/corporations.csv", self.listed_csv, self._refusal),
                self._route("/corporations/{number}.json", self.one_json, self._refusal),
                self._route("/corporations/{number}", self.one, self._problem),
                Route("/style.css", still(*sheets, kind="text/css")),
            ],
            lifespan=running,
        )

    def _route(
        self, path: str, answer: Answer, wrong: Callable[[Request, kit.NodeError], Response]
    ) -> Route:
        """Return a route that lets a visitor in at their pace and reads in one transaction."""

        def read(request: Request) -> Response:
            with self._database.transaction(self._desk().tenant) as conn:
                return answer(request, conn)

        async def endpoint(request: Request) -> Response:
            try:
                self._visitors.enter(request.client.host if request.client else "")
                return await run_in_threadpool(read, request)
            except kit.NodeError as error:
                response = wrong(request, error)
                if isinstance(error, VisitorsTooMany):
                    response.headers["Retry-After"] = str(error.facts["seconds"])
                return response

        return Route(path, endpoint)

    def searched(self, request: Request, conn: kit.Connection) -> Response:
        """Show the form, and what was found by what stands in it."""
        sought = _sought(request)
        is_asked = bool(sought.name or sought.address or sought.number)
        page = self._found(request, conn, ON_A_PAGE) if is_asked else None
        return self._show(
            request,
            "corporations.html",
            sought=sought,
            page=page,
            following=None if page is None else _following(request, page, "/"),
            as_csv=f"/corporations.csv?{_query(request)}",
            as_json=f"/corporations.json?{_query(request)}",
        )

    def one(self, request: Request, conn: kit.Connection) -> Response:
        """Show one corporation and what happened to it."""
        found, history = self._one(request, conn)
        return self._show(request, "corporation.html", one=found, history=history)

    def one_json(self, request: Request, conn: kit.Connection) -> Response:
        """Return one corporation and what happened to it."""
        found, history = self._one(request, conn)
        return _json({**facts_of(found), "history": [facts_of_event(one) for one in history]})

    def listed_json(self, request: Request, conn: kit.Connection) -> Response:
        """Return a page of what is found."""
        page = self._found(request, conn, _limit(request))
        following = _following(request, page, "/corporations.json")
        body = {"corporations": [facts_of(one) for one in page.corporations], "next": following}
        return _linked(_json(body), following)

    def listed_csv(self, request: Request, conn: kit.Connection) -> Response:
        """Return a page of what is found as CSV, UTF-8 with the mark spreadsheets look for."""
        page = self._found(request, conn, _limit(request))
        text = csv_of(page.corporations)
        response = Response(text.encode("utf-8-sig"), media_type="text/csv; charset=utf-8")
        response.headers["Content-Disposition"] = 'attachment; filename="corporations.csv"'
        return _linked(response, _following(request, page, "/corporations.csv"))

    def _found(self, request: Request, conn: kit.Connection, limit: int) -> corporations.Page:
        after = _parameter(request, "after")
        if after and not re.fullmatch("[0-9]{13}", after):
            raise ParameterMalformed(name="after", wanted="0000000000000–9999999999999")
        tenant, sought = self._desk().tenant, _sought(request)
        return corporations.search(conn, tenant, sought, after=after, limit=limit)

    def _one(
        self, request: Request, conn: kit.Connection
    ) -> tuple[corporations.Corporation, list[corporations.Event]]:
        number, tenant = request.path_params["number"], self._desk().tenant
        if not kit.corporate_number_ok(number):
            raise identity.CorporateNumberMalformed
        found = corporations.registered(conn, tenant, number)
        if found is None:
            raise identity.CorporationUnknown(number=number)
        return found, corporations.events(conn, tenant, number)

    def _refusal(self, _: Request, error: kit.NodeError) -> Response:
        return error_response(error)

    def _problem(self, request: Request, error: kit.NodeError) -> Response:
        """Show the form again, and what was wrong."""
        number, name, address = (
            request.query_params.get(part, "")[:LONGEST] for part in ("number", "name", "address")
        )
        return self._show(
            request,
            "corporations.html",
            status=error.status,
            said=error.text(rendering.language(request)),
            sought=corporations.Sought(number, name, address),
            page=None,
        )

    def _show(
        self, request: Request, template: str, *, status: int = 200, **facts: object
    ) -> Response:
        reader, desk = rendering.language(request), self._desk()
        text = self._templates.get_template(template).render(
            lang=reader,
            t=lambda code, **more: kit.say(code, reader, **more),
            town=desk.me.ja if reader == "ja" else desk.me.en,
            mode=desk.mode,
            switch=lambda to: "?" + urlencode({**request.query_params, "lang": to}),
            **{"said": "", **facts},
        )
        return Response(text, status_code=status, media_type="text/html", headers=HEADERS)


def _parameter(request: Request, name: str) -> str:
    value = request.query_params.get(name, "").strip()
    if len(value) > LONGEST or "\0" in value:
        raise ParameterMalformed(name=name, wanted=f"1–{LONGEST}")
    return value


def _sought(request: Request) -> corporations.Sought:
    number = _parameter(request, "number")
    if number and not kit.corporate_number_ok(number):
        raise identity.CorporateNumberMalformed
    closed = _parameter(request, "closed") not in ("", "0")
    return corporations.Sought(
        number, _parameter(request, "name"), _parameter(request, "address"), closed
    )


def _limit(request: Request) -> int:
    given = _parameter(request, "limit") or str(ON_A_PAGE)
    if not re.fullmatch("[0-9]{1,4}", given) or not 1 <= int(given) <= MOST:
        raise ParameterMalformed(name="limit", wanted=f"1–{MOST}")
    return int(given)


def _query(request: Request, **more: str) -> str:
    return urlencode({**request.query_params, **more})


def _following(request: Request, page: corporations.Page, path: str) -> str | None:
    """Return the address of the next page."""
    return None if page.after is None else f"{path}?{_query(request, after=page.after)}"


def _linked(response: Response, following: str | None) -> Response:
    if following is not None:
        response.headers["Link"] = f'<{following}>; rel="next"'
    return response


def _json(body: object) -> Response:
    return Response(msgspec.json.encode(body), media_type="application/json")
