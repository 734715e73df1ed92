"""The door of those who watch over a site: is it ready, and how does it do, for machines.

GET /ready      200, or 503 and why: {"ready": false, "reasons": [{"code", "message", …}]}
GET /metrics    Prometheus' text; wants the token of `metrics` or of `oversight`
"""

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.process_collector import ProcessCollector
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from renkei import kit
from renkei.app.errors import NodeDraining, TokenRefused
from renkei.app.operations.drain import RETRY_SECONDS
from renkei.app.operations.metrics import SiteCollector
from renkei.app.operations.oversight import check_token, error_response
from renkei.app.operations.readiness import ready_response, unready
from renkei.app.operations.running import Running
from renkei.app.site import Site


def watch_routes(site: Site, running: Running) -> list[Route]:
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

    return [Route("/ready", ready), Route("/metrics", metrics)]


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
