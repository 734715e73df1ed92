"""The staff door every role has: health, the meter, and bundles for the oversight body."""

import hmac
from base64 import b64decode
from collections.abc import Callable
from hashlib import sha256

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from renkei import audit, exchange, kit
from renkei.app.errors import NothingEntered, TokenRefused
from renkei.app.membership.expiry import expiries
from renkei.app.proofs.exchange_evidence import Exporter
from renkei.app.site import Site, now
from renkei.app.units.access import access_token, challenge, check_access
from renkei.kit import totals


def oversight_routes(site: Site) -> list[Route]:
    """Return the routes; all but health ask for the oversight token."""

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

    def by_request(request: Request) -> bytes:
        """Everything entered here about one inquiry, withheld entries too."""
        number = request.path_params["inquiry"]
        with site.database.transaction(site.desk.tenant) as conn:
            return audit.bundle(
                conn, site.desk.tenant, site.signer.verifier, request=number, withheld=True
            )

    def chain(request: Request) -> bytes:
        """The list of the person one inquiry was about, as that person may see it."""
        with site.database.transaction(site.desk.tenant) as conn:
            labels = _open_labels(conn, site, request)
            return audit.bundle(conn, site.desk.tenant, site.signer.verifier, labels=labels)

    def chain_evidence(request: Request) -> bytes:
        """The same list as a file that verifies itself offline."""
        with site.database.transaction(site.desk.tenant) as conn:
            return Exporter.of(site).pack_list(conn, _open_labels(conn, site, request))

    def evidence(request: Request) -> bytes:
        """The evidence of one exchange as a file, withheld entries too."""
        number = request.path_params["request"]
        with site.database.transaction(site.desk.tenant) as conn:
            return Exporter.of(site).pack(conn, number, withheld=True)

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
        body = {
            "role": site.settings.role,
            "tenant": site.desk.tenant,
            "mode": site.desk.mode,
            "members": line_state(site),
        }
        return Response(msgspec.json.encode(body), media_type="application/json")

    return [
        Route("/health", health),
        Route("/oversight/requests/{inquiry}", guarded(by_request)),
        Route("/oversight/chains/{inquiry}", guarded(chain)),
        Route("/oversight/chains/{inquiry}/evidence", guarded(chain_evidence, "application/zip")),
        Route("/oversight/evidence/{request:path}", guarded(evidence, "application/zip")),
        Route("/oversight/checkpoint", guarded(checkpoint)),
        Route("/oversight/meter", guarded(meter)),
    ]


def _open_labels(conn: kit.Connection, site: Site, request: Request) -> tuple[bytes, ...]:
    """Return the labels of the open chains that the entries about an inquiry stand in."""
    number = request.path_params["inquiry"]
    entries = audit.entries_for_request(conn, site.desk.tenant, number)
    open_ones = (logged.entry.label for logged in entries if not logged.entry.withheld)
    labels = tuple(dict.fromkeys(label for label in open_ones if label is not None))
    if not labels:
        raise NothingEntered(inquiry=number[:80])
    return labels


def line_state(site: Site) -> dict[str, object]:
    """Return how the members list stands, why no newer one can be had, and what nears its end."""
    members, trouble = site.membership.members, site.membership.trouble
    found = list(expiries(members, site.credentials, at=now()))
    return {
        "version": members.version,
        "valid_until": members.valid_until,
        "verdict": next(one.verdict for one in found if one.code.startswith("list-")),
        "is_expired": any(one.code == "list-expired" for one in found),
        "trouble": "" if trouble is None else trouble.code(),
        "troubles": {name: error.code() for name, error in site.membership.troubles.items()},
        "expiring": [
            {"code": one.code, "verdict": one.verdict, **one.facts}
            for one in found
            if one.verdict != "good"
        ],
    }


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
    with site.database.transaction(site.desk.tenant) as conn:
        pending = audit.pending(conn, site.desk.tenant)
        newest = audit.newest(conn, site.desk.tenant)
    if newest is None:
        return Standing(0, pending, "", "")
    return Standing(newest.size, pending, newest.root.hex(), newest.note)


def check_token(given: str | None, wanted: str, who: str) -> None:
    """Refuse a token whose SHA-256 is not the one in the settings; none set refuses all."""
    token = _token(given or "")
    if not wanted or not hmac.compare_digest(sha256(token.encode()).hexdigest(), wanted):
        raise TokenRefused(who=who, header="Authorization: Bearer")


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


def error_response(error: kit.NodeError) -> Response:
    """Return an error in both languages."""
    body = {"code": error.code(), "message": error.text("en"), "message_ja": error.text("ja")}
    return Response(
        msgspec.json.encode(body),
        status_code=error.status,
        headers=dict(challenge(error)),
        media_type="application/json",
    )
