"""The staff door every role has: health, the meter, and bundles for the oversight body."""

import hmac
from base64 import b64decode
from collections.abc import Callable
from datetime import datetime
from hashlib import sha256
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from renkei import audit, exchange, kit
from renkei.app.errors import NothingEntered, PathUnknown, TokenRefused
from renkei.app.membership.expiry import expiries
from renkei.app.openapi.operation import (
    Content,
    DescribedRoute,
    Named,
    Operation,
    Parameter,
    Reply,
)
from renkei.app.openapi.terms import OVERSIGHT, TELLING, Errors, ErrorTold
from renkei.app.operations.oversight_looks import OversightLooks
from renkei.app.site import Site, now
from renkei.app.units.access import access_token, challenge, check_access
from renkei.kit import totals


class LineState(msgspec.Struct, frozen=True):
    """How the members list stands, why no newer one can be had, and what nears its end."""

    version: int
    valid_until: datetime
    verdict: str
    is_expired: bool
    trouble: str
    troubles: dict[str, str]
    expiring: tuple[dict[str, Any], ...]


class Health(msgspec.Struct, frozen=True):
    """Who serves here, in which mode, by which list."""

    role: str
    tenant: str
    mode: str
    members: LineState


BUNDLE = Content(
    Named("Bundle", {"type": "object", "description": "証明の束（docs/protocol RK-9.5）"})
)
EVIDENCE = Content(Named("Evidence", {"type": "string"}), "application/zip")
TILE = Content(Named("PublishedFile", {"type": "string"}), "application/octet-stream")
METER = Content(
    Named(
        "Meter",
        {
            "type": "object",
            "description": "部分ごとのプロセッサー秒",
            "additionalProperties": {"type": "number"},
        },
    )
)
INQUIRY = Parameter("inquiry", "path", "照会番号", {"type": "string", "minLength": 1})
HEALTH = Operation(
    "GET",
    "/health",
    "役割・団体・運用区分",
    "Role, number and mode, once the database answers.",
    (Reply(200, "動いている", Content(Health)),),
    TELLING,
    (kit.DatabaseUnreachable,),
)


def _watched(
    path: str, ja: str, en: str, content: Content, *parameters: Parameter, more: Errors = ()
) -> Operation:
    """Return an operation of the oversight body."""
    errors = (TokenRefused, kit.DatabaseUnreachable, *more)
    reply = Reply(200, ja, content)
    return Operation("GET", path, ja, en, (reply,), TELLING, errors, (OVERSIGHT,), parameters)


def oversight_routes(site: Site) -> list[DescribedRoute]:
    """Return the routes; all but health ask for the oversight token."""
    looks = OversightLooks(site)

    def guarded(
        answer: Callable[[Request], bytes], media_type: str = "application/json"
    ) -> Callable[[Request], Response]:
        def endpoint(request: Request) -> Response:
            try:
                check_token(
                    request.headers.get("authorization"), site.settings.oversight, "oversight"
                )
                return Response(answer(request), media_type=media_type)
            except kit.NodeError as error:
                return error_response(error)

        return endpoint

    def about(answer: Callable[[str], bytes], name: str = "inquiry") -> Callable[[Request], bytes]:
        return lambda request: answer(request.path_params[name])

    def checkpoint(_: Request) -> bytes:
        return msgspec.json.encode(standing(site))

    def meter(_: Request) -> bytes:
        return msgspec.json.encode(totals())

    def health(_: Request) -> Response:
        try:
            with site.database.transaction(site.desk.tenant) as conn:
                conn.execute("SELECT 1")
        except kit.NodeError as error:
            return error_response(error)
        body = Health(site.settings.role, site.desk.tenant, site.desk.mode, line_state(site))
        return Response(msgspec.json.encode(body), media_type="application/json")

    return [
        HEALTH.route(health),
        _watched(
            "/oversight/requests/{inquiry}",
            "一つの照会について記録されたすべて",
            "A bundle of everything entered here about one inquiry.",
            BUNDLE,
            INQUIRY,
        ).route(guarded(about(looks.everything))),
        _watched(
            "/oversight/chains/{inquiry}",
            "一つの照会の対象者の記録（不開示の記録を除く）",
            "The bundle of the person one inquiry was about, without what is withheld.",
            BUNDLE,
            INQUIRY,
            more=(NothingEntered,),
        ).route(guarded(about(looks.chain))),
        _watched(
            "/oversight/chains/{inquiry}/evidence",
            "一つの照会の対象者の記録の証拠（不開示の記録を除く）",
            "The list of the person one inquiry was about, with what verifies it.",
            EVIDENCE,
            INQUIRY,
            more=(NothingEntered,),
        ).route(guarded(about(looks.chain_evidence), "application/zip")),
        _watched(
            "/oversight/evidence/{request:path}",
            "一つのやりとりの証拠",
            "The evidence of one exchange, with what is withheld.",
            EVIDENCE,
            Parameter("request", "path", "照会番号か電文番号", {"type": "string", "minLength": 1}),
            more=(NothingEntered,),
        ).route(guarded(about(looks.evidence, "request"), "application/zip")),
        _watched(
            "/oversight/checkpoint",
            "最新のチェックポイント",
            "Size, root and note of the newest checkpoint, and how much is pending.",
            Content(Standing),
        ).route(guarded(checkpoint)),
        _watched(
            "/oversight/log/{path:path}",
            "公開したログのファイル（記録そのものも）",
            "A file of the published log, its entries too (C2SP tlog-tiles).",
            TILE,
            Parameter("path", "path", "ログの中のパス", {"type": "string", "minLength": 1}),
            more=(PathUnknown,),
        ).route(guarded(about(looks.published, "path"), "application/octet-stream")),
        _watched("/oversight/meter", "処理時間の内訳", "Processor seconds by part.", METER).route(
            guarded(meter)
        ),
    ]


def line_state(site: Site) -> LineState:
    """Return how the members list stands."""
    members, trouble = site.membership.members, site.membership.trouble
    found = list(expiries(members, site.credentials, at=now()))
    return LineState(
        members.version,
        members.valid_until,
        next(one.verdict for one in found if one.code.startswith("list-")),
        any(one.code == "list-expired" for one in found),
        "" if trouble is None else trouble.code(),
        {name: error.code() for name, error in site.membership.troubles.items()},
        tuple(
            {"code": one.code, "verdict": one.verdict, **one.facts}
            for one in found
            if one.verdict != "good"
        ),
    )


class Standing(msgspec.Struct, frozen=True):
    """What a site says of its own log: the tree signed last (hex root), and how many wait."""

    size: int
    pending: int
    root: str
    note: str


def standing(site: Site) -> Standing:
    """Read how the log stands.

    What waits is counted first: the sequencer may commit between the two readings, and the tree
    from before it, told with nothing pending, would seem to hold what it does not.
    """
    with site.database.looking(site.desk.tenant) as conn:
        pending = audit.pending(conn, site.desk.tenant)
        newest = audit.newest(conn, site.desk.tenant)
    if newest is None:
        return Standing(0, pending, "", "")
    return Standing(newest.size, pending, newest.root.hex(), newest.note)


def check_token(given: str | None, wanted: str, who: str) -> None:
    """Refuse a token whose SHA-256 is not the one in the settings; none set refuses all."""
    token = _token(given or "")
    if not wanted or not hmac.compare_digest(sha256(token.encode()).hexdigest(), wanted):
        raise TokenRefused(who=who, header="Authorization: Bearer", is_shown=bool(token))


def _token(given: str) -> str:
    """Return the token of a field Authorization: Bearer, or the password of Basic (RFC 7617)."""
    kind, _, value = given.partition(" ")
    if kind.lower() != "basic":
        return given.removeprefix("Bearer ")
    try:
        return b64decode(value, validate=True).decode().partition(":")[2]
    except ValueError:  # no base64, no UTF-8
        return ""


def unit_of(client: exchange.Client) -> str:
    """Return the number of the unit that asks; an organisation as such has none."""
    return client.code if isinstance(client, exchange.Subsystem) else ""


def client_field(text: str | None) -> str:
    """Return the field X-Road-Client of a request, or refuse one that lacks it."""
    if text is None:
        raise exchange.HeaderMissing(name="x-road-client")
    return text


def check_unit(site: Site, client: exchange.Client, token: str | None, use: str = "") -> None:
    """Only a unit of ours may ask here, and it must show its token, or one issued to it for this.

    `use` is what a narrowed access token must name; a token of the settings is for everything.
    """
    ours = client.organisation == site.desk.members.address(site.desk.tenant)
    wanted = site.settings.units.get(unit_of(client), "") if ours else ""
    try:
        check_token(token, wanted, client.render())
    except TokenRefused:
        if not (issued := access_token(token)):
            raise
        check_access(site, client, issued, use)


def nothing_here(request: Request, _: Exception) -> Response:
    """Say that nothing is behind a path, as every other error is said."""
    return error_response(PathUnknown(path=request.url.path[:80]))


def error_response(error: kit.NodeError) -> Response:
    """Return an error in both languages."""
    body = ErrorTold(error.code(), error.text("en"), error.text("ja"))
    return Response(
        msgspec.json.encode(body),
        status_code=error.status,
        headers=dict(challenge(error)),
        media_type="application/json",
    )
