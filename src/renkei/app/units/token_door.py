"""The token endpoint (OAuth 2.0): `POST /token`, where a unit fetches a token that lives minutes.

    grant_type=client_credentials
    client_assertion_type=urn:ietf:params:oauth:client-assertion-type:jwt-bearer
    client_assertion=…

One grant, two ways to prove who asks (RFC 7523): `client_secret_jwt` and `private_key_jwt`.
"""

import logging
import uuid
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from urllib.parse import parse_qsl

import msgspec
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.routing import Route

from renkei import exchange, kit
from renkei.app.errors import (
    ClientProofNotAlone,
    ClientUnproven,
    FormMalformed,
    GrantTypeUnsupported,
    ParameterMalformed,
    ParameterTwice,
    ScopeUnknown,
    TokenMethodWrong,
)
from renkei.app.hub import json_answer
from renkei.app.openapi.operation import Content, Named, Operation, Reply, Telling
from renkei.app.openapi.terms import TELLING
from renkei.app.operations.oversight import unit_of
from renkei.app.site import Site, now
from renkei.app.units.oauth_plan import granted
from renkei.exchange import Answer
from renkei.standard import generate

log = logging.getLogger("renkei.app")

GRANT = "client_credentials"
FORM = "application/x-www-form-urlencoded"
PARAMETERS = ("grant_type", "scope", "client_id", "client_assertion_type", "client_assertion")
LIMITS = exchange.Limits(body=16 << 10)
MOST_PARAMETERS = 16
NEVER_KEPT = (("cache-control", "no-store"), ("pragma", "no-cache"))

ERRORS = {
    "client-assertion-audience-wrong": "invalid_client",
    "client-assertion-malformed": "invalid_client",
    "client-assertion-time-wrong": "invalid_client",
    "client-assertion-wrong": "invalid_client",
    "client-unproven": "invalid_client",
    "grant-type-unsupported": "unsupported_grant_type",
    "replayed": "invalid_client",
    "scope-unknown": "invalid_scope",
    "sign-in-client-unknown": "invalid_client",
    "sign-in-code-wrong": "invalid_grant",
}
"""Error code → error of RFC 6749, 5.2; others are `invalid_request`, or the node's own trouble."""


class IssuedToken(msgspec.Struct, frozen=True):
    """A successful answer (RFC 6749, 5.1)."""

    access_token: str
    token_type: str
    expires_in: int
    scope: str


class TokenRefusal(msgspec.Struct, frozen=True):
    """An answer that is none (RFC 6749, 5.2), with our own code and the Japanese text."""

    error: str
    error_description: str
    error_description_ja: str
    code: str


class Issuer(msgspec.Struct, frozen=True):
    """What a client needs to know (RFC 8414)."""

    issuer: str
    token_endpoint: str
    jwks_uri: str
    grant_types_supported: tuple[str, ...]
    response_types_supported: tuple[str, ...]
    scopes_supported: tuple[str, ...]
    token_endpoint_auth_methods_supported: tuple[str, ...]
    token_endpoint_auth_signing_alg_values_supported: tuple[str, ...]


def refusal_of(kind: type[kit.NodeError]) -> tuple[str, int]:
    """Return the error of RFC 6749 that an error is told as, and its status."""
    own = "temporarily_unavailable" if kind.status >= 500 else "invalid_request"
    code = ERRORS.get(kind.code(), own)
    return (
        code,
        401 if code == "invalid_client" else 400 if code == "invalid_scope" else kind.status,
    )


TEXT: generate.Json = {"type": "string"}
FIELDS: dict[str, generate.Json] = {
    **dict.fromkeys(PARAMETERS, TEXT),
    "grant_type": {"const": GRANT},
    "client_assertion_type": {"const": exchange.ASSERTION_TYPE},
}
PROOF: list[generate.Json] = ["grant_type", "client_assertion_type", "client_assertion"]
TOKEN_FORM = Named("TokenForm", {"type": "object", "properties": FIELDS, "required": PROOF})
JWKS = Named("Jwks", {"type": "object", "properties": {"keys": {"type": "array"}}})
FETCH = Operation(
    "POST",
    "/token",
    "アクセストークンの取得",
    "A unit that proves itself fetches a token that lives minutes (docs/protocol/oauth.md).",
    (Reply(200, "アクセストークン", Content(IssuedToken)),),
    Telling(Content(TokenRefusal), lambda kind: refusal_of(kind)[1]),
    (
        *(FormMalformed, ParameterMalformed, ParameterTwice, ClientProofNotAlone),
        *(exchange.BodyTooLarge, exchange.BodyLate, GrantTypeUnsupported, ClientUnproven),
        *(exchange.ClientAssertionMalformed, exchange.ClientAssertionWrong),
        *(exchange.ClientAssertionAudienceWrong, exchange.ClientAssertionTimeWrong),
        *(exchange.Replayed, ScopeUnknown, kit.DatabaseUnreachable, TokenMethodWrong),
    ),
    asks=Content(TOKEN_FORM, FORM),
)
PLACES = "/.well-known/oauth-authorization-server", "/.well-known/jwks.json"
DESCRIBE = Operation(
    "GET",
    PLACES[0],
    "トークンの取得の仕方",
    "How tokens are fetched (RFC 8414).",
    (Reply(200, "発行者", Content(Issuer)),),
    TELLING,
)
KEYS = Operation(
    "GET",
    PLACES[1],
    "トークンを検証する鍵",
    "The key that access tokens are verified with (RFC 7517).",
    (Reply(200, "公開鍵", Content(JWKS)),),
    TELLING,
)


class TokenDoor:
    """The routes of one site."""

    def __init__(self, site: Site) -> None:
        """Take the site."""
        self._site = site
        self._plan = site.settings.oauth

    def routes(self) -> list[Route]:
        """Return the routes; any other method than POST is told so in the words of OAuth."""
        return [
            FETCH.route(self.fetch),
            Route(FETCH.path, self.fetch, methods=["GET", "PUT", "PATCH", "DELETE"]),
            DESCRIBE.route(self.describe),
            KEYS.route(self.keys),
        ]

    async def fetch(self, request: Request) -> Answer:
        """Issue a token; everything that goes wrong is an error of OAuth."""
        try:
            if request.method != "POST":
                raise TokenMethodWrong
            body = await exchange.read_body(request.scope, request.receive, LIMITS)
            form = token_form(exchange.Question.received(request.scope, body, LIMITS), PARAMETERS)
            token = await run_in_threadpool(self._issue, form)
        except kit.NodeError as error:
            return token_refused(error)
        return json_answer(200, msgspec.json.encode(token), *NEVER_KEPT)

    def describe(self, _: Request) -> Answer:
        """Return what a client needs to know (RFC 8414)."""
        algorithms = tuple(name for names in exchange.CLIENT_METHODS.values() for name in names)
        told = Issuer(
            self._plan.issuer,
            self._plan.token_endpoint,
            f"{self._plan.issuer}{KEYS.path}",
            (GRANT,),
            (),
            (self._site.settings.mode,),
            tuple(exchange.CLIENT_METHODS),
            algorithms,
        )
        return json_answer(200, msgspec.json.encode(told))

    def keys(self, _: Request) -> Answer:
        """Return the public key that access tokens are verified with (RFC 7517)."""
        tokens = self._site.tokens
        known = {"keys": []} if tokens is None else tokens.jwks()
        return json_answer(200, msgspec.json.encode(known))

    def _issue(self, form: dict[str, str]) -> IssuedToken:
        """Check what is asked, see who asks, and mark the assertion as used before the answer."""
        if "grant_type" not in form:
            raise ParameterMalformed(name="grant_type", wanted=GRANT)
        if form["grant_type"] != GRANT:
            raise GrantTypeUnsupported(grant=GRANT)
        site, plan, at = self._site, self._plan, now()
        proven = proven_client(
            form,
            self._registered,
            audiences=(plan.token_endpoint, plan.issuer),
            longest=plan.assertion_life,
            at=at,
        )
        client = exchange.client(proven.client)
        scope = granted(plan.clients[unit_of(client)], site.settings.mode, form.get("scope", ""))
        assert site.tokens is not None  # noqa: S101  # only a node has this door
        number = str(uuid.uuid4())
        with site.database.transaction(site.desk.tenant) as conn:
            # The mark is needed until the assertion expires, so it is dated by that.
            exchange.first_time(
                conn, site.desk.tenant, proven, request_id=number, at=proven.expires_at
            )
        token = site.tokens.issue(
            proven.client, scope, token_id=number, at=at, life=plan.token_life
        )
        seconds = int(plan.token_life.total_seconds())
        return IssuedToken(token, "Bearer", seconds, " ".join(scope))

    def _registered(self, text: str) -> exchange.ClientKeys | None:
        """Return the keys of a client of ours, named exactly as it is registered."""
        try:
            client = exchange.client(text)
        except kit.NodeError:
            return None
        desk = self._site.desk
        ours = client.organisation == desk.members.address(desk.tenant) and client.render() == text
        known = self._plan.clients.get(unit_of(client)) if ours else None
        return None if known is None else known.keys


def token_form(question: exchange.Question, parameters: Sequence[str]) -> dict[str, str]:
    """Read the parameters; one without a value is none, an unknown one is passed over."""
    kind = (question.field("content-type") or "").partition(";")[0].strip().lower()
    if kind != FORM or question.query:
        raise FormMalformed(limit=MOST_PARAMETERS)
    try:
        pairs = parse_qsl(
            question.body.decode("ascii"),
            keep_blank_values=True,
            strict_parsing=bool(question.body),
            errors="strict",
            max_num_fields=MOST_PARAMETERS,
        )
    except ValueError:
        raise FormMalformed(limit=MOST_PARAMETERS) from None
    given = [(name, value) for name, value in pairs if value]
    form = dict(given)
    if "client_secret" in form or question.field("authorization") is not None:
        raise ClientProofNotAlone
    for name in parameters:
        if sum(other == name for other, _ in pairs) > 1:
            raise ParameterTwice(name=name)
    return form


def proven_client(
    form: Mapping[str, str],
    registered: Callable[[str], exchange.ClientKeys | None],
    *,
    audiences: Sequence[str],
    longest: timedelta,
    at: datetime,
) -> exchange.Assertion:
    """Return who asks, by the client assertion of a form; whoever takes it marks it as used."""
    assertion = form.get("client_assertion")
    if assertion is None or form.get("client_assertion_type") != exchange.ASSERTION_TYPE:
        raise ClientUnproven
    proven = exchange.read_assertion(
        assertion, registered, audiences=audiences, longest=longest, at=at
    )
    if form.get("client_id", proven.client) != proven.client:
        raise ClientProofNotAlone
    return proven


def token_refused(error: kit.NodeError) -> Answer:
    """Say why there is no token, as RFC 6749 has it."""
    code, status = refusal_of(type(error))
    log.warning("no token was issued: %s", error.code())
    said = TokenRefusal(code, error.text("en"), error.text("ja"), error.code())
    more = (("allow", "POST"),) if error.status == 405 else ()
    return json_answer(status, msgspec.json.encode(said), *NEVER_KEPT, *more)
