"""The door of those who watch over a site: is it ready, and how does it do, for machines.

GET /ready      200, or 503 and why: {"ready": false, "reasons": [{"code", "message", …}]}
GET /metrics    Prometheus' text; wants the token of `metrics` or of `oversight`
"""

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.process_collector import ProcessCollector
from starlette.requests import Request
from starlette.responses import Response

from renkei import kit
from renkei.app.errors import NodeDraining, TokenRefused
from renkei.app.openapi.operation import (
    Content,
    DescribedRoute,
    Named,
    Operation,
    Proof,
    Reply,
)
from renkei.app.openapi.terms import TELLING
from renkei.app.operations.drain import RETRY_SECONDS
from renkei.app.operations.metrics import SiteCollector
from renkei.app.operations.oversight import check_token, error_response
from renkei.app.operations.readiness import Ready, ready_response, unready
from renkei.app.operations.running import Running
from renkei.app.site import Site

METRICS = Proof("metrics", "監視のトークン（設定 `metrics`）か、監督機関のトークン")
READY = Operation(
    "GET",
    "/ready",
    "照会を受け付けられるか",
    "Whether it takes questions now, and why not.",
    (
        Reply(200, "受け付ける", Content(Ready)),
        Reply(503, "受け付けない。理由", Content(Ready)),
    ),
    TELLING,
)
FIGURES = Operation(
    "GET",
    "/metrics",
    "Prometheusの形の計数",
    "Figures for Prometheus.",
    (Reply(200, "計数", Content(Named("Metrics", {"type": "string"}), "text/plain")),),
    TELLING,
    (TokenRefused, kit.DatabaseUnreachable),
    (METRICS,),
)


def watch_routes(site: Site, running: Running) -> list[DescribedRoute]:
    """Return the routes of one site."""
    registry = CollectorRegistry()
    registry.register(SiteCollector(site, running))
    ProcessCollector(registry=registry)

    def ready(_: Request) -> Response:
        return ready_response(unready(site, running))

    def metrics(request: Request) -> Response:
        try:
            _check(site, request.headers.get("authorization"))
        except kit.NodeError as error:
            return error_response(error)
        return Response(generate_latest(registry), headers={"Content-Type": CONTENT_TYPE_LATEST})

    return [READY.route(ready), FIGURES.route(metrics)]


def _check(site: Site, given: str | None) -> None:
    """Let in who may read figures alone, and the oversight body."""
    try:
        check_token(given, site.settings.metrics, "metrics")
    except TokenRefused:
        check_token(given, site.settings.oversight, "oversight")


def draining_response() -> Response:
    """Say that nothing new is taken."""
    response = error_response(NodeDraining(seconds=RETRY_SECONDS))
    response.headers["Retry-After"] = str(RETRY_SECONDS)
    return response
