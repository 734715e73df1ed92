"""Coming in and going out: the sign-in form, the sign-out, and the front page."""

import logging
from collections.abc import Sequence

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from renkei import kit
from renkei.app.console.attempts import WITHIN, Who
from renkei.app.console.frame import (
    FORM_TOKEN,
    HEADERS,
    PREFIX,
    Console,
    Visit,
    language,
    read_form,
)
from renkei.app.console.sessions import COOKIE
from renkei.app.errors import FormStale, PathUnknown, SignInRefused, SignInsTooMany
from renkei.app.sign_in.staff import NOBODY, Staff

log = logging.getLogger("renkei.app.console")

LONGEST_FIELD = 200


class Entrance:
    """The endpoints of those who are not signed in yet, or no longer want to be."""

    def __init__(self, console: Console) -> None:
        """Take the console they lead into."""
        self._console = console
        self.attempts = console.attempts

    def routes(self) -> Sequence[Route]:
        """Return the routes."""
        return [
            Route("/sign-in", self.sign_in, methods=["GET", "POST"]),
            self._console.route("/sign-out", self.sign_out, methods=["POST"]),
            self._console.route("/", self.front),
        ]

    async def sign_in(self, request: Request) -> Response:
        """Show the form; a right number and password begin a session."""
        console, at = self._console, self._console.clock()
        guest = console.sessions.read(request.cookies.get(COOKIE, ""), at=at)
        if guest is None or guest.staff:
            guest = console.sessions.begin("", at=at)
        visit = Visit(request, guest, NOBODY, language(request), at)
        if request.method == "GET":
            response = self._form(visit)
            console.remember(request, response, guest, at=at)
            return response
        try:
            form = await read_form(request)
            if not console.sessions.is_form_token(guest, form.get(FORM_TOKEN, [""])[0]):
                raise FormStale
            visit = Visit(request, guest, NOBODY, visit.language, at, form)
            staff = await run_in_threadpool(self._proven, visit)
        except kit.NodeError as error:
            response = self._form(visit, error)
            console.remember(request, response, guest, at=at)
            return response
        response = _away(inside(visit.field("next")))
        console.remember(request, response, console.sessions.begin(staff.number, at=at), at=at)
        return response

    def _form(self, visit: Visit, error: kit.NodeError | None = None) -> Response:
        return self._console.page(
            visit,
            "sign-in.html",
            status=200 if error is None else error.status,
            said=None if error is None else error.text(visit.language),
            next=inside(visit.field("next") or visit.query("next")),
            number=visit.field("number")[:LONGEST_FIELD],
            issuers=[
                (one.id, one.called(visit.language))
                for one in self._console.issuers.all(at=visit.at)
            ],
        )

    def _proven(self, visit: Visit) -> Staff:
        """Return who proved to be a member of staff."""
        number, password = visit.field("number"), visit.field("password")
        client = visit.request.client
        who: list[Who] = [("number", number), ("address", client.host if client else "")]
        if self.attempts.are_too_many(who, at=visit.at):
            raise SignInsTooMany(minutes=WITHIN.seconds // 60)
        staff = self._console.site.settings.staff.get(number, NOBODY)
        if max(len(number), len(password)) > LONGEST_FIELD or not staff.knows(password):
            self.attempts.failed([(kind, text[:LONGEST_FIELD]) for kind, text in who], at=visit.at)
            log.warning("a sign-in at the console failed")
            raise SignInRefused
        self.attempts.forget(who[:1])
        log.info("%s signed in at the console", staff.number)
        return staff

    def sign_out(self, visit: Visit) -> Response:
        """End the session here and in the browser."""
        self._console.sessions.end(visit.session, at=visit.at)
        response = _away(f"{PREFIX}/sign-in")
        response.delete_cookie(COOKIE, path=PREFIX, httponly=True, samesite="strict")
        log.info("%s signed out of the console", visit.staff.number)
        return response

    def front(self, visit: Visit) -> Response:
        """Show what there is for this member of staff."""
        console = self._console
        mine = [one for one in console.sections if one.news and one.roles & visit.staff.roles]
        news = {one.name: one.news(console, visit) for one in mine if one.news}
        return console.page(visit, "front.html", news=news)

    def missing(self, visit: Visit) -> Response:
        """Say that there is no such page."""
        raise PathUnknown(path=visit.request.url.path[:80])


def _away(path: str) -> Response:
    return RedirectResponse(path, 303, headers=HEADERS)


def inside(path: str) -> str:
    """Return a path of the console; whatever else was asked for becomes its front page."""
    plain = all(letter.isalnum() or letter in "/-_." for letter in path)
    return path if path.startswith(f"{PREFIX}/") and plain else f"{PREFIX}/"
