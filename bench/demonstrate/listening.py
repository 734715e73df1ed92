"""`python -m bench.demonstrate.listening SETTINGS FILE`: a converter that tells.

It is the converter as it is: its site, its database, its keys, its door. Only, every request is
written down in a file as the door receives it, head and body, a line of JSON each.
"""

import asyncio
import json
import signal
import sys
from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TextIO

import uvicorn
import uvloop
from starlette.types import ASGIApp

from renkei import exchange, federation
from renkei.app.hub import converter_handler, with_state
from renkei.app.settings import read_settings
from renkei.app.site import now, open_site


class _Server(uvicorn.Server):
    """A server that leaves the signals to us: the site must end after it."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture nothing."""
        yield


async def _until_told(server: _Server) -> None:
    """Serve until SIGTERM."""
    asyncio.get_running_loop().add_signal_handler(
        signal.SIGTERM, lambda: setattr(server, "should_exit", True)
    )
    await server.serve()


def listening(app: ASGIApp, file: TextIO) -> ASGIApp:
    """Return the application that writes down what is asked before it is answered."""

    async def application(
        scope: exchange.Scope, receive: exchange.Receive, send: exchange.Send
    ) -> None:
        body = bytearray()

        async def hearing() -> MutableMapping[str, Any]:
            message = await receive()
            body.extend(message.get("body", b""))
            return message

        await app(scope, hearing, send)
        if scope["type"] == "http":
            file.write(json.dumps(_told(scope, bytes(body))) + "\n")
            file.flush()

    return application


def _told(scope: exchange.Scope, body: bytes) -> dict[str, object]:
    return {
        "method": scope["method"],
        "path": scope["raw_path"].decode("latin-1"),
        "query": scope["query_string"].decode("latin-1"),
        "head": [
            [name.decode("latin-1"), text.decode("latin-1")] for name, text in scope["headers"]
        ],
        "body": body.decode(),
    }


def main(settings_file: str, heard: str) -> None:
    """Serve a converter's door until told to end."""
    settings = read_settings(Path(settings_file))
    with open_site(settings) as site, Path(heard).open("a", encoding="utf-8") as file:
        limits, at = federation.ISSUE_LIMITS, settings.peers_door
        door = federation.door(
            with_state(site, converter_handler(site)),
            membership=site.membership,
            clock=now,
            limits=limits,
        )
        config = federation.server_config(
            listening(door, file), at.host, at.port, membership=site.membership, limits=limits
        )
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(_until_told(_Server(config)))


if __name__ == "__main__":
    main(*sys.argv[1:])
