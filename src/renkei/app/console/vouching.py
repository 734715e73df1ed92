"""Vouching for our staff: the provider's endpoints at the console, and the page that asks first.

Another site sends the browser to `authorize`. The session's cookie does not come along from there,
so what is asked is judged, sealed into an address, and the browser goes on within our own site.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from urllib.parse import urlencode, urlsplit

import msgspec
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from renkei import exchange, kit
from renkei.app.console.frame import HEADERS, PREFIX, Console, Visit, language, read_form
from renkei.app.errors import (
    ParameterTwice,
    SignInNotOurs,
    SignInRedirectUnknown,
    SignInStale,
)
from renkei.app.sign_in.codes import Grant
from renkei.app.sign_in.staff import NOBODY, Vouched
from renkei.app.sign_in.staff_provider import Client, StaffProvider
from renkei.app.units.token_door import LIMITS, token_refused
from renkei.exchange import Answer

LIFE = timedelta(minutes=10)
USE = "authorize"
LONGEST = {"state": 512, "nonce": 255}
LONG_AGO = 10**6  # seconds: no session is older
CHALLENGE = 43  # characters of base64url of 32 bytes


class Asked(msgspec.Struct, frozen=True, array_like=True):
    """What a client asked for. Who signed in before `fresh` must sign in anew."""

    client: str
    redirect: str
    state: str
    nonce: str
    challenge: str
    at: datetime
    fresh: datetime | None


class Vouching:
    """The endpoints of the provider."""

    def __init__(self, console: Console) -> None:
        """Take the console its staff sign in at."""
        self._console = console
        self._provider = StaffProvider(console.site, console.running.codes)

    def routes(self) -> Sequence[Route]:
        """Return the routes; where nobody is vouched for there are none."""
        if not self._provider.is_open:
            return []
        return [
            Route("/.well-known/openid-configuration", self.describe, methods=["GET"]),
            Route("/keys", self.keys, methods=["GET"]),
            Route("/token", self.token, methods=["POST"]),
            Route("/authorize", self.authorize, methods=["GET", "POST"]),
            self._console.route("/authorize/{ticket}", self.confirm),
            self._console.route("/authorize/{ticket}", self.answer, methods=("POST",)),
        ]

    def describe(self, _: Request) -> Answer:
        """Say what a client needs to know."""
        return self._provider.description()

    def keys(self, _: Request) -> Answer:
        """Publish the keys."""
        return self._provider.keys()

    async def token(self, request: Request) -> Answer:
        """Answer an application of ours that brings a code."""
        try:
            body = await exchange.read_body(request.scope, request.receive, LIMITS)
            question = exchange.Question.received(request.scope, body, LIMITS)
            at = self._console.clock()
            return await run_in_threadpool(self._provider.to_own, question, at)
        except kit.NodeError as error:
            return token_refused(error)

    async def authorize(self, request: Request) -> Response:
        """Judge what a client asks, and lead the browser on within our own site."""
        at, console = self._console.clock(), self._console
        nobody = console.sessions.begin("", at=at)
        visit = Visit(request, nobody, NOBODY, language(request), at)
        try:
            said = await _parameters(request)
            client = self._client(said, at)
        except kit.NodeError as error:  # told here: where it came from is not believed
            return console.problem(visit, error)
        complaint = _complaint(said)
        if complaint:
            redirect, state = said["redirect_uri"], said.get("state", "")
            return self._away(redirect, {"error": complaint, "state": state})
        asked = Asked(
            client.id,
            said["redirect_uri"],
            said["state"],
            said["nonce"],
            said["code_challenge"],
            at,
            _fresh(said, at),
        )
        ticket = console.sessions.seal(USE, asked)
        return console.page(visit, "onward.html", to=f"{PREFIX}/authorize/{ticket}")

    def _client(self, said: Mapping[str, str], at: datetime) -> Client:
        """Return the client that asks, if it asks to be answered where it lives."""
        client = self._provider.client(said.get("client_id", ""), at=at)
        if said.get("redirect_uri") not in client.redirects:
            raise SignInRedirectUnknown(client=client.id)
        return client

    def confirm(self, visit: Visit) -> Response:
        """Ask a member of our staff whether to sign in there."""
        asked, client = self._asked(visit)
        if asked.fresh is not None and visit.session.since < asked.fresh:
            query = urlencode({"next": visit.request.url.path})
            return RedirectResponse(f"{PREFIX}/sign-in?{query}", 303, headers=HEADERS)
        response = self._console.page(visit, "vouch.html", client=client)
        there = urlsplit(asked.redirect)
        only = f"form-action 'self' {there.scheme}://{there.netloc};"
        policy = HEADERS["Content-Security-Policy"].replace("form-action 'self';", only)
        response.headers["Content-Security-Policy"] = policy
        return response

    def answer(self, visit: Visit) -> Response:
        """Send the browser back: with a code, or with a no."""
        asked, client = self._asked(visit)
        is_old = asked.fresh is not None and visit.session.since < asked.fresh
        if visit.field("answer") != "yes" or is_old:
            return self._away(asked.redirect, {"error": "access_denied", "state": asked.state})
        staff = visit.staff
        roles = tuple(sorted(staff.roles))
        grant = Grant(
            asked.client,
            asked.redirect,
            asked.challenge,
            asked.nonce,
            Vouched("", staff.number, staff.name, roles),
            visit.session.since,
            visit.at,
        )
        code = self._provider.vouch(grant, client)
        return self._away(asked.redirect, {"code": code, "state": asked.state})

    def _asked(self, visit: Visit) -> tuple[Asked, Client]:
        """Return what is asked and by whom, as far as it still holds."""
        ticket = visit.request.path_params["ticket"]
        asked = self._console.sessions.opened(USE, ticket, Asked)
        if asked is None or not timedelta() <= visit.at - asked.at < LIFE:
            raise SignInStale
        if visit.session.vouched is not None:
            raise SignInNotOurs
        client = self._provider.client(asked.client, at=visit.at)
        if asked.redirect not in client.redirects:  # a newer list has another address
            raise SignInRedirectUnknown(client=client.id)
        return asked, client

    def _away(self, redirect: str, said: dict[str, str]) -> Response:
        """Send the browser to a client's own address."""
        told = {name: text for name, text in said.items() if text}
        joint = "&" if "?" in redirect else "?"
        query = urlencode({**told, "iss": self._provider.issuer})
        return RedirectResponse(f"{redirect}{joint}{query}", 303, headers=HEADERS)


async def _parameters(request: Request) -> dict[str, str]:
    """Return the parameters of a request, each of which stands once."""
    if request.method == "GET":
        pairs = request.query_params.multi_items()
    else:
        form = await read_form(request)
        pairs = [(name, text) for name, texts in form.items() for text in texts]
    said = dict(pairs)
    for name in said:
        if sum(other == name for other, _ in pairs) > 1:
            raise ParameterTwice(name=name[:40])
    return said


def _complaint(said: Mapping[str, str]) -> str:
    """Return the error code for a request that cannot be followed (OpenID Connect Core, 3.1.2.6).

    >>> _complaint({"response_type": "token"})
    'unsupported_response_type'
    """
    for name in ("request", "request_uri"):
        if name in said:
            return f"{name}_not_supported"
    if said.get("response_type") != "code":
        return "unsupported_response_type"
    if "openid" not in said.get("scope", "").split(" "):
        return "invalid_scope"
    is_well = (
        said.get("response_mode", "query") == "query",
        said.get("code_challenge_method") == "S256",
        len(said.get("code_challenge", "")) == CHALLENGE,
        all(0 < len(said.get(name, "")) <= most for name, most in LONGEST.items()),
        re.fullmatch("[0-9]{1,9}", said.get("max_age", "0")) is not None,
    )
    if not all(is_well):
        return "invalid_request"
    # We always ask, so without a page nobody is vouched for.
    return "login_required" if "none" in said.get("prompt", "").split(" ") else ""


def _fresh(said: Mapping[str, str], at: datetime) -> datetime | None:
    """Return since when somebody must have signed in to be vouched for."""
    if "login" in said.get("prompt", "").split(" "):
        return at
    if "max_age" in said:
        return at - timedelta(seconds=min(int(said["max_age"]), LONG_AGO))
    return None
