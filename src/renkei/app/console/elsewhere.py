"""Signing in elsewhere: a browser is sent to an issuer, and comes back with a code for us.

Nothing of it is kept here. What belongs together (state, nonce, verifier) is derived from a number
in a cookie of this browser that lives ten minutes; unlike the session's it must come along when
another site sends the browser back.
"""

import hmac
import logging
import re
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from urllib.parse import urlencode

import msgspec
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from renkei import audit, exchange, kit
from renkei.app.console.attempts import WITHIN, Attempts, Who
from renkei.app.console.entrance import inside
from renkei.app.console.frame import HEADERS, PREFIX, Console, Visit, language
from renkei.app.errors import (
    PathUnknown,
    SignInDeclined,
    SignInIssuerMixed,
    SignInStale,
    SignInsTooMany,
    SignInWithoutRole,
)
from renkei.app.sign_in.codes import challenge_of
from renkei.app.sign_in.entries import Outcome, sign_in_entry
from renkei.app.sign_in.issuer import Issuer
from renkei.app.sign_in.staff import NOBODY, Staff, Vouched

log = logging.getLogger("renkei.app.console")

COOKIE = "renkei-sign-in"
PATH = f"{PREFIX}/sign-in"
LIFE = timedelta(minutes=10)
MOST_ANSWER = 4096  # characters of a code
_ERROR = re.compile("[a-z_]{1,40}")


class Begun(msgspec.Struct, frozen=True, array_like=True):
    """A sign-in that was begun: the number all its secrets follow from, and where it leads."""

    id: str
    issuer: str
    says_issuer: bool
    next: str
    at: datetime


class Elsewhere:
    """The endpoints of those who sign in elsewhere."""

    def __init__(self, console: Console, attempts: Attempts) -> None:
        """Take the console they lead into, and the failures counted at its entrance."""
        self._console = console
        self._attempts = attempts

    def routes(self) -> Sequence[Route]:
        """Return the routes."""
        return [
            Route("/sign-in/with/{issuer}", self.begin, methods=["GET"]),
            Route("/sign-in/return", self.back, methods=["GET"]),
        ]

    async def begin(self, request: Request) -> Response:
        """Send the browser to an issuer."""
        at, reader = self._console.clock(), language(request)
        try:
            issuer = self._console.issuers.find(request.path_params["issuer"], at=at)
            if issuer is None:
                raise PathUnknown(path=request.url.path[:80])
            where = await issuer.where()
        except kit.NodeError as error:
            return self._problem(request, error, at)
        wanted = inside(request.query_params.get("next", ""))
        begun = Begun(secrets.token_urlsafe(18), issuer.id, where.says_issuer, wanted, at)
        asked = {
            "response_type": "code",
            "client_id": issuer.client,
            "redirect_uri": self._console.issuers.redirect,
            "scope": "openid profile",
            "state": self._secret("state", begun),
            "nonce": self._secret("nonce", begun),
            "code_challenge": challenge_of(self._secret("verifier", begun)),
            "code_challenge_method": "S256",
            "ui_locales": reader,
        }
        joint = "&" if "?" in where.authorize else "?"
        target = f"{where.authorize}{joint}{urlencode(asked)}"
        response = RedirectResponse(target, 303, headers=HEADERS)
        response.set_cookie(
            COOKIE,
            self._console.sessions.seal(COOKIE, begun),
            max_age=int(LIFE.total_seconds()),
            path=PATH,
            secure=self._is_secure,
            httponly=True,
            samesite="lax",
        )
        return response

    async def back(self, request: Request) -> Response:
        """Take what the issuer sent; begin a session, or say why not. It serves once."""
        at, console = self._console.clock(), self._console
        try:
            begun, said = self._begun(request, at)
            staff, vouched = await self._proven(request, begun, said, at)
        except kit.NodeError as error:
            response = self._problem(request, error, at)
        else:
            session = console.sessions.begin(staff.number, at=at, vouched=vouched)
            visit = Visit(request, session, staff, language(request), at)
            # Not a redirect: a browser that another site sent would leave the new cookie behind.
            response = console.page(visit, "onward.html", to=begun.next)
            console.remember(request, response, session, at=at)
        response.delete_cookie(
            COOKIE, path=PATH, secure=self._is_secure, httponly=True, samesite="lax"
        )
        return response

    def _begun(self, request: Request, at: datetime) -> tuple[Begun, dict[str, str]]:
        """Return what was begun in this browser and is answered now."""
        sessions = self._console.sessions
        begun = sessions.opened(COOKIE, request.cookies.get(COOKIE, ""), Begun)
        pairs = request.query_params.multi_items()
        said = dict(pairs)
        if begun is None or not timedelta() <= at - begun.at < LIFE or len(said) < len(pairs):
            raise SignInStale
        state = self._secret("state", begun)
        if not hmac.compare_digest(state.encode(), said.get("state", "").encode()):
            raise SignInStale
        return begun, said

    async def _proven(
        self, request: Request, begun: Begun, said: dict[str, str], at: datetime
    ) -> tuple[Staff, Vouched | None]:
        """Return who an issuer vouched for; what came of it is entered either way."""
        issuer = self._console.issuers.find(begun.issuer, at=at)
        if issuer is None:
            raise SignInStale
        client, reader = request.client, language(request)
        who: list[Who] = [("address", client.host if client else "")]
        if self._attempts.are_too_many(who, at=at):
            raise SignInsTooMany(minutes=WITHIN.seconds // 60)
        if not self._console.sessions.once(begun.id, at=at):
            raise SignInStale
        number = ""
        try:
            vouched = await self._vouched(issuer, begun, said, reader, at)
            number = vouched.qualified if vouched.number else ""
            staff = issuer.staff(vouched)
            if staff is None:
                raise SignInWithoutRole(issuer=issuer.called(reader))
        except kit.NodeError as error:
            self._attempts.failed(who, at=at)
            log.warning("a sign-in by %s failed: %s", issuer.id, error.code())
            facts = {"error": error.code(), "part": str(error.facts.get("part", ""))}
            await self._enter("refused", issuer, {"staff": number, **facts}, at)
            raise
        roles = " ".join(sorted(staff.roles))
        await self._enter("signed-in", issuer, {"staff": number, "roles": roles}, at)
        log.info("%s signed in at the console by %s", staff.number, issuer.id)
        is_account = staff.number in self._console.site.settings.staff
        return staff, None if is_account else vouched

    async def _vouched(
        self, issuer: Issuer, begun: Begun, said: dict[str, str], reader: kit.Language, at: datetime
    ) -> Vouched:
        """Bring back the code, and read whom the ID token names."""
        # 1. From the issuer we sent the browser to (RFC 9207), before anything goes anywhere.
        if said.get("iss", "" if begun.says_issuer else issuer.address) != issuer.address:
            raise SignInIssuerMixed(issuer=issuer.called(reader))
        code = said.get("code", "")
        if "error" in said or not 0 < len(code) <= MOST_ANSWER:
            error = said.get("error", "")
            reason = error if _ERROR.fullmatch(error) else "–"
            raise SignInDeclined(issuer=issuer.called(reader), reason=reason)
        # 2. The code for a token, the token for what it says.
        redirect, verifier = self._console.issuers.redirect, self._secret("verifier", begun)
        redeemed = await issuer.redeem(code, verifier, redirect, at=at)
        expected = exchange.Expected(
            issuer.address, issuer.client, self._secret("nonce", begun), issuer.algorithm
        )
        claims = exchange.read_id_token(
            redeemed.id_token,
            redeemed.keys,
            expected,
            at=self._console.clock(),
            access_token=redeemed.access_token,
        )
        return issuer.vouched(claims)

    async def _enter(
        self, outcome: Outcome, issuer: Issuer, facts: dict[str, str], at: datetime
    ) -> None:
        site = self._console.site
        tenant = site.desk.tenant
        is_member = issuer.id in site.settings.sign_in.members
        asker = issuer.id if is_member else tenant
        named = {"issuer": issuer.address, **facts}
        entry = sign_in_entry(site, outcome, asker, tenant, named, at=at)

        def enter() -> None:
            with self._console.transaction() as conn:
                audit.append(conn, tenant, entry)

        await run_in_threadpool(enter)

    def _problem(self, request: Request, error: kit.NodeError, at: datetime) -> Response:
        """Say what went wrong, and touch no session: whoever sent the browser may be anybody."""
        nobody = self._console.sessions.begin("", at=at)
        return self._console.problem(Visit(request, nobody, NOBODY, language(request), at), error)

    def _secret(self, use: str, begun: Begun) -> str:
        return self._console.sessions.derive(f"sign-in-{use}", begun.id)

    @property
    def _is_secure(self) -> bool:
        return self._console.issuers.redirect.startswith("https://")
