"""What every page of the console shares: who looks, in which language, and what may be shown.

A part of the console is a `Section`; its endpoints take a `Visit` and return a response. They are
synchronous and run in a thread; `Console.route` has asked before who is signed in, whether the role
may come in, and whether a form is of this session.
"""

import uuid
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from importlib.resources import files
from typing import get_args
from urllib.parse import parse_qs, urlencode

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from renkei import audit, exchange, kit, standard
from renkei.app import rendering
from renkei.app.console.attempts import Attempts
from renkei.app.console.sessions import COOKIE, Session, Sessions
from renkei.app.console.uploads import KIND as UPLOADING
from renkei.app.console.uploads import Upload, parse_parts
from renkei.app.errors import FormStale, StaffRoleMissing
from renkei.app.operations.running import Running
from renkei.app.sign_in.issuers import Issuers
from renkei.app.sign_in.staff import NOBODY, OVERSIGHT_ALONE, Staff, StaffRole
from renkei.app.site import Site, site_standard

PREFIX = "/console"
LANGUAGE_COOKIE = "renkei-language"
FORM_TOKEN = "form-token"  # noqa: S105  # the name of a field
EVERYONE: frozenset[StaffRole] = frozenset(get_args(StaffRole))
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self'; script-src 'self'; "
        "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    ),
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}

Form = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Visit:
    """One request of somebody at the console."""

    request: Request
    session: Session
    staff: Staff
    language: kit.Language
    at: datetime
    form: Form = field(default_factory=dict)
    files: Mapping[str, Upload] = field(default_factory=dict)

    def field(self, name: str) -> str:
        """Return the first value of a field of the form, or nothing."""
        return next(iter(self.form.get(name, ())), "").strip()

    def query(self, name: str) -> str:
        """Return a parameter of the address, or nothing."""
        return self.request.query_params.get(name, "").strip()


Endpoint = Callable[[Visit], Response]


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the console: texts `console-NAME` and `console-NAME-lead`, front page `/NAME`."""

    name: str
    roles: frozenset[StaffRole]
    routes: "Callable[[Console], Sequence[Route]]"
    news: "Callable[[Console, Visit], str] | None" = None
    """What there is to say on the front page of the console, beside what the section is."""

    @property
    def path(self) -> str:
        """Return the address of its front page."""
        return f"{PREFIX}/{self.name}"


class Console:
    """The console of one site: its sections, its sessions, its templates."""

    def __init__(
        self,
        site: Site,
        sections: Sequence[Section],
        clock: Callable[[], datetime],
        running: Running,
    ) -> None:
        """Take the site, the parts of its console, and what runs beside it."""
        self.site = site
        self.running = running
        self.sections = tuple(sections)
        self.clock = clock
        self.sessions = Sessions()
        self.attempts = Attempts()
        self.issuers = Issuers(site, running.channel)
        self.standard: standard.Catalogue = site_standard(site.settings)
        own = files("renkei.app.console") / "templates"
        self._templates = rendering.environment(own, rendering.TEMPLATES)

    @property
    def is_of_all(self) -> bool:
        """Tell whether the entries here are of exchanges between others: at the log operator."""
        return self.site.settings.role == "log"

    def transaction(self) -> AbstractContextManager[kit.Connection]:
        """Give a transaction of the town."""
        return self.site.database.transaction(self.site.desk.tenant)

    def looking(self) -> AbstractContextManager[kit.Connection]:
        """Give a transaction that PostgreSQL lets read and nothing else: for whoever oversees."""
        return self.site.database.looking(self.site.desk.tenant)

    def enter(self, entry: audit.Entry) -> None:
        """Enter a look that was made; until that is done its page is not given."""
        with self.transaction() as conn:
            audit.append(conn, self.site.desk.tenant, entry)

    def entry(
        self,
        visit: Visit,
        kind: audit.Kind,
        outcome: str,
        details: Mapping[str, str],
        *,
        purpose: str,
        unit: str = "",
        withheld: bool = False,
    ) -> audit.Entry:
        """Return the entry of what somebody did here that is about no procedure."""
        tenant = self.site.desk.tenant
        return audit.Entry(
            kind=kind,
            request=f"console/{uuid.uuid4()}",
            at=visit.at,
            asker=tenant,
            holder=tenant,
            procedure="",
            outcome=outcome,
            mode=audit.Mode(self.site.settings.mode),
            unit=unit,
            purpose=purpose,
            withheld=withheld,
            details={"staff": visit.staff.number, **details},
        )

    def route(
        self,
        path: str,
        endpoint: Endpoint,
        roles: frozenset[StaffRole] = EVERYONE,
        *,
        methods: Sequence[str] = ("GET",),
        upload: int = 0,
    ) -> Route:
        """Return a route below `/console`, for those of a role who are signed in.

        Where `upload` says how many bytes, its form may bring files, and be as large.
        """

        async def answer(request: Request) -> Response:
            at, reader = self.clock(), language(request)
            session = self.sessions.read(request.cookies.get(COOKIE, ""), at=at)
            staff = self.staff_of(session, at=at) if session else None
            if session is None or staff is None:
                return self._to_sign_in(request)
            visit = Visit(request, session, staff, reader, at)
            try:
                if not staff.roles & roles:
                    named = [kit.say(f"staff-{role}", reader) for role in sorted(roles)]
                    raise StaffRoleMissing(roles=(" ・ " if reader == "ja" else " / ").join(named))
                form, given = await self._form(visit, upload)
                visit = Visit(request, session, staff, reader, at, form, given)
                response = await run_in_threadpool(endpoint, visit)
            except kit.NodeError as error:
                response = self.problem(visit, error)
            self.remember(request, response, session, at=at)
            return response

        return Route(path, answer, methods=methods)

    def staff_of(self, session: Session, *, at: datetime) -> Staff | None:
        """Return who is signed in, by the settings and the list in force now.

        Where the log of everybody's exchanges is kept, nobody is but the oversight body.
        """
        if session.vouched is not None:
            staff = self.issuers.staff(session.vouched, at=at)
        else:
            staff = self.site.settings.staff.get(session.staff)
        if staff is not None and self.is_of_all and staff.roles != OVERSIGHT_ALONE:
            return None
        return staff

    async def _form(self, visit: Visit, upload: int) -> tuple[Form, Mapping[str, Upload]]:
        """Read the form of a request that does something, and see that it is of this session."""
        if visit.request.method in ("GET", "HEAD"):
            return {}, {}
        kind = visit.request.headers.get("content-type", "")
        if upload and kind.startswith(UPLOADING):
            limits = exchange.Limits(body=FORM_LIMITS.body + upload)
            body = await exchange.read_body(visit.request.scope, visit.request.receive, limits)
            form, given = parse_parts(kind, body)
        else:
            form, given = await read_form(visit.request), {}
        if not self.sessions.is_form_token(visit.session, form.get(FORM_TOKEN, [""])[0]):
            raise FormStale
        return form, given

    def _to_sign_in(self, request: Request) -> Response:
        """Send a stranger to the sign-in page; what they wanted to see comes after it."""
        wanted = request.url.path if request.method in ("GET", "HEAD") else f"{PREFIX}/"
        chosen = [pair for pair in request.query_params.multi_items() if pair[0] == "lang"]
        answer = RedirectResponse(f"{PREFIX}/sign-in?{urlencode([('next', wanted), *chosen])}", 303)
        answer.headers.update(HEADERS)
        return answer

    def page(self, visit: Visit, name: str, *, status: int = 200, **facts: object) -> Response:
        """Return a page in the reader's language, in the frame of the console."""
        reader = visit.language
        me = self.site.desk.me

        def t(code: str, **more: object) -> str:
            return kit.say(code, reader, **more)

        text = self._templates.get_template(name).render(
            lang=reader,
            t=t,
            named=lambda one: one.ja if reader == "ja" else one.en,
            time=rendering.japan_time,
            town=me.ja if reader == "ja" else me.en,
            is_of_all=self.is_of_all,
            mode=self.site.settings.mode,
            staff=None if visit.staff is NOBODY else visit.staff,
            sections=[one for one in self.sections if one.roles & visit.staff.roles],
            path=visit.request.url.path,
            switch=lambda to: _switched(visit.request, to),
            form_token=self.sessions.form_token(visit.session),
            **facts,
        )
        return Response(text, status_code=status, media_type="text/html", headers=HEADERS)

    def problem(self, visit: Visit, error: kit.NodeError) -> Response:
        """Return the page that says why something was not done."""
        said = error.text(visit.language)
        return self.page(visit, "problem.html", status=error.status, said=said, code=error.code())

    def remember(
        self, request: Request, response: Response, session: Session, *, at: datetime
    ) -> None:
        """Set the cookies of whoever is at the console: the session, and a language chosen."""
        secure = request.url.scheme == "https"
        if "set-cookie" not in response.headers:
            response.set_cookie(
                COOKIE,
                self.sessions.write(session, at=at),
                path=PREFIX,
                secure=secure,
                httponly=True,
                samesite="strict",
            )
        if "lang" in request.query_params:
            response.set_cookie(
                LANGUAGE_COOKIE,
                language(request),
                max_age=365 * 86400,
                path=PREFIX,
                secure=secure,
                httponly=True,
                samesite="strict",
            )


FORM_LIMITS = exchange.Limits(body=64 << 10)


async def read_form(request: Request) -> Form:
    """Read the fields of a form."""
    body = await exchange.read_body(request.scope, request.receive, FORM_LIMITS)
    try:
        return parse_qs(body.decode(), keep_blank_values=True, max_num_fields=1000, errors="strict")
    except ValueError:
        raise FormStale from None


def language(request: Request) -> kit.Language:
    """Return the language chosen now or before, else the browser's, else Japanese."""
    before = request.cookies.get(LANGUAGE_COOKIE, "")
    if "lang" in request.query_params or before not in ("ja", "en"):
        return rendering.language(request)
    return "en" if before == "en" else "ja"


def _switched(request: Request, to: kit.Language) -> str:
    """Return the address of the same page in another language."""
    kept = [(name, text) for name, text in request.query_params.multi_items() if name != "lang"]
    return f"?{urlencode([*kept, ('lang', to)])}"
