"""Running a site: its doors on their ports, the sequencer of its log, and an orderly end."""

import asyncio
import logging
import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta

import psycopg
import uvicorn
import uvloop
from starlette.applications import Starlette
from starlette.types import ASGIApp

from renkei import audit, exchange, federation, kit
from renkei.app.hub import Handler, converter_handler, log_handler, registrar_handler
from renkei.app.node import node_handler, units_door
from renkei.app.oversight import oversight_routes
from renkei.app.settings import Settings
from renkei.app.site import Site, now, open_site
from renkei.federation import Channel
from renkei.kit import metered

log = logging.getLogger("renkei.app")

SEQUENCE_SECONDS = 0.2
PARENT_SECONDS = 0.5
TIDY_SECONDS = 60
REQUEST_DAYS = 30
"""How long a unit's message id is remembered; after that it may be used again."""


class _Server(uvicorn.Server):
    """A server that leaves the signals to us: two of them run in one process."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture nothing."""
        yield


def serve(settings: Settings, *, stop_with_parent: bool = False) -> None:
    """Run a site until it is told to stop (SIGTERM, SIGINT, or its parent's end)."""
    with open_site(settings) as site:
        stop = threading.Event()
        sequencer = threading.Thread(target=keep_log, args=(site, stop), name="sequencer")
        sequencer.start()
        try:
            with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
                runner.run(_run(site, os.getppid() if stop_with_parent else None))
        finally:
            stop.set()
            sequencer.join()


async def _run(site: Site, parent: int | None) -> None:
    limits = federation.ISSUE_LIMITS
    async with Channel(site.credentials, site.desk.members, limits=limits) as channel:
        staff, peers = _doors(site, channel)
        servers = [
            _Server(
                federation.server_config(
                    federation.door(
                        peers,
                        credentials=site.credentials,
                        members=site.desk.members,
                        clock=now,
                        limits=limits,
                    ),
                    site.settings.peers_door.host,
                    site.settings.peers_door.port,
                    credentials=site.credentials,
                    members=site.desk.members,
                    limits=limits,
                )
            ),
            _Server(_staff_config(site, staff)),
        ]
        end = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, end.set)
        running = [asyncio.create_task(server.serve()) for server in servers]
        watchers: list[asyncio.Task[object]] = [asyncio.create_task(end.wait())]
        if parent is not None:
            watchers.append(asyncio.create_task(_outlive(parent)))
        # A server that ends by itself could not take its port: stop then too.
        await asyncio.wait([*running, *watchers], return_when=asyncio.FIRST_COMPLETED)
        for server in servers:
            server.should_exit = True
        for task in watchers:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=False)


def _doors(site: Site, channel: Channel) -> tuple[ASGIApp, Handler]:
    """Return the staff door and what the peers' door does, by role."""
    plain = Starlette(routes=list(oversight_routes(site)))
    loop = asyncio.get_running_loop()
    match site.settings.role:
        case "node":
            return units_door(site, channel), node_handler(site)
        case "converter":
            return plain, converter_handler(site)
        case "registrar":
            return plain, registrar_handler(site, channel, lambda: loop)
        case "log":
            return plain, log_handler(site)


def _staff_config(site: Site, app: ASGIApp) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        site.settings.staff_door.host,
        site.settings.staff_door.port,
        loop="uvloop",
        http=exchange.guarded(exchange.Limits()),
        ws="none",
        server_header=False,
        access_log=False,
        log_config=None,
    )


async def _outlive(parent: int) -> None:
    """Return when the parent is gone."""
    while os.getppid() == parent:
        await asyncio.sleep(PARENT_SECONDS)


def keep_log(site: Site, stop: threading.Event) -> None:
    """Sequence and publish the own log until told to stop, and once more at the end."""
    tidied = time.monotonic()
    while not stop.wait(SEQUENCE_SECONDS):
        _sequence(site)
        if time.monotonic() - tidied > TIDY_SECONDS:
            tidied = time.monotonic()
            _tidy(site)
    _sequence(site)


def _tidy(site: Site) -> None:
    """Drop the marks of messages that could not be received again anyway."""
    at, tenant = now(), site.desk.tenant
    with (
        suppress(kit.DatabaseUnreachable, psycopg.Error),
        site.database.transaction(tenant) as conn,
    ):
        exchange.forget(conn, tenant, at=at)
        exchange.forget_requests(conn, tenant, before=at - timedelta(days=REQUEST_DAYS))


def _sequence(site: Site) -> None:
    """Take everything pending into the tree. A database that is away is waited for."""
    tenant = site.desk.tenant
    with suppress(kit.DatabaseUnreachable, psycopg.Error), metered("log"):
        while True:
            with site.database.transaction(tenant) as conn:
                checkpoint = audit.sequence(conn, tenant, site.signer, at=now())
            if checkpoint is None:
                return
            with site.database.transaction(tenant) as conn:
                audit.publish(conn, tenant, site.tiles)
