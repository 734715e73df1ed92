"""How a door for other nodes is served: uvicorn, our limits, and the line of the list in force."""

import uvicorn
from starlette.types import ASGIApp

from renkei import exchange
from renkei.federation.membership import Membership
from renkei.federation.tls import PeerProtocol

IDLE_SECONDS = 75
GRACE_SECONDS = 10


def server_config(
    app: ASGIApp,
    host: str,
    port: int,
    *,
    membership: Membership,
    limits: exchange.Limits | None = None,
    connections: int = 1000,
) -> uvicorn.Config:
    """Return how uvicorn serves a door for nodes: `uvicorn.Server(config).run()`.

    Idle connections count among `connections`; beyond that number a question gets status 503.
    """

    class Protocol(PeerProtocol):
        """The protocol with the limits of this door."""

    Protocol.limits = limits or exchange.Limits()
    return uvicorn.Config(
        app,
        host,
        port,
        loop="uvloop",
        http=Protocol,
        ws="none",
        ssl_context_factory=lambda _config, _default: membership.listening(),
        timeout_keep_alive=IDLE_SECONDS,
        timeout_graceful_shutdown=GRACE_SECONDS,
        limit_concurrency=connections,
        proxy_headers=False,
        server_header=False,
        access_log=False,
        log_config=None,
    )
