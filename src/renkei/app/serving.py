"""Running a site: its doors on their ports, the sequencer of its log, and an orderly end."""

import asyncio
import gc
import logging
import os
import signal
import socket
from collections.abc import Iterator
from contextlib import AsyncExitStack, contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Protocol

import uvicorn
import uvloop
from starlette.applications import Starlette
from starlette.routing import BaseRoute
from starlette.types import ASGIApp

from renkei import backup, exchange, federation, store
from renkei.app.console import console
from renkei.app.deliveries.delivery_folder import DeliveryFolder
from renkei.app.deliveries.folder_watch import FolderSweep
from renkei.app.deliveries.list_keeper import ListKeeper
from renkei.app.deliveries.receiving import Receiver
from renkei.app.disclosure.courier import Courier
from renkei.app.disclosure.permission import Office
from renkei.app.errors import DoorTaken
from renkei.app.files.bucket_place import BucketPlace
from renkei.app.files.folder_place import FolderPlace
from renkei.app.files.place import FilePlace
from renkei.app.files.sweep import FileOffice, FileSweep
from renkei.app.files.watch import Watch
from renkei.app.hub import (
    Handler,
    converter_handler,
    log_handler,
    registrar_handler,
    with_state,
)
from renkei.app.keeping.backups import backup_keeper
from renkei.app.keeping.closings import ClosingKeeper
from renkei.app.keeping.following import FollowingKeeper
from renkei.app.keeping.keeper import LogKeeper
from renkei.app.keeping.left_questions import compare_ends
from renkei.app.keeping.reconciliation import ReconciliationKeeper
from renkei.app.keeping.retention import retention_keeper
from renkei.app.keeping.time_stamps import TimeStampKeeper
from renkei.app.keeping.witnesses import WitnessKeeper
from renkei.app.membership.members_keeper import MembersKeeper
from renkei.app.node import node_handler, units_door
from renkei.app.openapi.document import members_route, openapi_route
from renkei.app.operations.drain import Drain
from renkei.app.operations.log_door import log_door
from renkei.app.operations.oversight import nothing_here, oversight_routes
from renkei.app.operations.running import Running
from renkei.app.operations.watch_door import watch_routes
from renkei.app.passing.provider_door import LIMITS, Passing, ProviderDoor
from renkei.app.passing.relay_door import RelayDoor
from renkei.app.registrar.public_door import PublicDoor
from renkei.app.settings import Address, FilePlan, Settings
from renkei.app.site import Site, now, open_site
from renkei.federation import Channel

log = logging.getLogger("renkei.app")

PARENT_SECONDS = 0.5
GRACE_SECONDS = 10  # for what only looks, once everything else has ended
BACKLOG = 2048  # connections that wait until they are taken


class _Keeper(Protocol):
    """A thread that looks after one thing, beginning with the site and ending before it."""

    def start(self) -> None:
        """Begin."""

    def finish(self) -> None:
        """End after what is under way."""


class _Server(uvicorn.Server):
    """A server that leaves the signals to us: two of them run in one process."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture nothing."""
        yield


def serve(settings: Settings, *, stop_with_parent: bool = False) -> None:
    """Run a site until it is told to stop (SIGTERM, SIGINT, or its parent's end)."""
    with open_site(settings) as site:
        log_keeper = LogKeeper(site)
        witnesses = WitnessKeeper(site)
        stamps = TimeStampKeeper(settings.time_stamp, site.tiles, site.signer.verifier, now)
        keepers: list[_Keeper]
        keepers = [log_keeper, MembersKeeper(site), witnesses, stamps]
        if settings.role == "node":
            keepers += [ListKeeper(site), ReconciliationKeeper(site), FollowingKeeper(site)]
            keepers.append(_case_keeper(site))
            if settings.deliveries is not None:
                keepers.append(_folder_watch(site, settings.deliveries))
            keepers += [_file_watch(site, plan) for plan in settings.files]
        if settings.role == "log":
            keepers.append(ReconciliationKeeper(site, compare_ends))
        if settings.role == "registrar":
            keepers.append(ClosingKeeper(site))
        for keeper in keepers:
            keeper.start()
        try:
            with (
                _courier(site) as courier,
                backup_keeper(settings, site.dsn),
                retention_keeper(settings, site.dsn),
                asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner,
            ):
                keeping = log_keeper, witnesses, courier
                runner.run(_run(site, keeping, os.getppid() if stop_with_parent else None))
        finally:
            for keeper in keepers:
                keeper.finish()


def _case_keeper(site: Site) -> _Keeper:
    """Make the thread that keeps cases going. Only a node loads what runs processes."""
    from renkei.app.processes.case_keeper import CaseKeeper

    key = site.signer.verifier
    return CaseKeeper(site.database, site.settings.tenant, now, trusted=key)


def _folder_watch(site: Site, root: Path) -> Watch:
    """Make the folder, and the thread that empties it."""
    receiver = Receiver.of(site.settings, site.database)
    folder = DeliveryFolder(root)
    sweep = FolderSweep(receiver, folder)
    folder.prepare(sweep.units)
    return Watch("the folder", sweep, days=site.settings.deliveries_days, clock=now)


def _file_watch(site: Site, plan: FilePlan) -> Watch:
    """Open a place of files of questions, and the thread that looks after it."""
    office = FileOffice(lambda: site.desk, site.database, site.keys.node().seal, now)
    place: FilePlace
    if isinstance(plan.place, backup.Target):
        place = BucketPlace.of(plan.place)
    else:
        place = folder = FolderPlace(plan.name, plan.place)
        folder.prepare(office.units)
    return Watch(
        plan.name, FileSweep(office, place), days=plan.days, clock=now, seconds=plan.seconds
    )


@contextmanager
def _courier(site: Site) -> Iterator[Courier | None]:
    """Serve a node's subscriptions in a thread of its own; others have none."""
    if site.settings.role != "node":
        yield None
        return
    office, stream = Office.of(site.settings, site.desk), site.settings.nats
    courier = Courier(site.database, office, lambda: site.credentials.signing, now, stream=stream)
    courier.start()
    try:
        yield courier
    finally:
        courier.finish()


async def _run(
    site: Site, keeping: tuple[LogKeeper, WitnessKeeper, Courier | None], parent: int | None
) -> None:
    keeper, witnesses, courier = keeping
    peers_door, staff_door = site.settings.peers_door, site.settings.staff_door
    async with AsyncExitStack() as open_things:
        at_peers, at_staff = (
            open_things.enter_context(listen(door)) for door in (peers_door, staff_door)
        )
        limits = federation.ISSUE_LIMITS
        channel = Channel(site.membership, limits=limits)
        await open_things.enter_async_context(channel)
        passing = None
        if site.settings.role == "node":
            passing = await open_things.enter_async_context(Passing.of(site).running())
        ledger = None if passing is None else passing.ledger
        running = Running.of(site.settings, channel, keeper, ledger, courier, witnesses)
        staff, handle = _doors(site, channel, passing, running)

        def peers(caller: federation.Caller, at: datetime) -> exchange.Answer:
            running.drain.check()
            return handle(caller, at)

        door: ASGIApp = federation.door(
            peers,
            membership=site.membership,
            clock=now,
            limits=limits,
            passing=None if passing is None else ProviderDoor(site, passing, running),
            wide=dict.fromkeys(federation.BULK_PATHS, federation.BULK_LIMITS),
        )
        if passing is not None:
            door = RelayDoor(site, channel, running, passing.ledger, door)
        most = federation.BULK_LIMITS.body if passing is None else LIMITS.size
        framing = replace(limits, body=most)
        config = federation.server_config(
            running.drain.counted(door),
            peers_door.host,
            peers_door.port,
            membership=site.membership,
            limits=framing,
        )
        gc.collect()
        gc.freeze()  # the standard stays: to look through it again and again stops everything
        servers = {_Server(config): at_peers, _Server(staff_config(site, staff)): at_staff}
        if (public := site.settings.registrar.door) is not None:
            at_public = open_things.enter_context(listen(Address(*public)))
            rate = site.settings.registrar.rate
            reading = PublicDoor(site.database, lambda: site.desk, rate=rate).application()
            servers[_Server(http_config(reading, *public, exchange.Limits()))] = at_public
        if (at := site.settings.log_door) is not None:
            at_log = open_things.enter_context(listen(at))
            reading = log_door(site.tiles, rate=site.settings.log_door_rate)
            servers[_Server(http_config(reading, at.host, at.port, exchange.Limits()))] = at_log
        await _serve(servers, parent, running.drain, site.settings.drain_seconds)


async def _serve(
    servers: dict[_Server, socket.socket], parent: int | None, drain: Drain, seconds: float
) -> None:
    """Serve until told to stop; a server that ends by itself has failed: stop then too.

    Told once, nothing new is taken and what is under way may end; told twice, it is left.
    """
    end, hurry = asyncio.Event(), asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, lambda: (hurry if end.is_set() else end).set())
    running = [asyncio.create_task(server.serve([at])) for server, at in servers.items()]
    watchers: list[asyncio.Task[object]] = [asyncio.create_task(end.wait())]
    if parent is not None:
        watchers.append(asyncio.create_task(outlive(parent)))
    await asyncio.wait([*running, *watchers], return_when=asyncio.FIRST_COMPLETED)
    if not any(task.done() for task in running):
        drain.begin()
        under_way = asyncio.create_task(drain.ended(seconds))
        watchers += [under_way, asyncio.create_task(hurry.wait())]
        await asyncio.wait([*running, *watchers[-2:]], return_when=asyncio.FIRST_COMPLETED)
        if drain.under_way:
            log.warning("stopped with %s requests under way", drain.under_way)
    for server in servers:
        server.should_exit = True
    for task in watchers:
        task.cancel()
    await asyncio.gather(*running, return_exceptions=False)


def listen(at: Address) -> socket.socket:
    """Take the port of a door, or say that it cannot be had."""
    family = socket.AF_INET6 if ":" in at.host else socket.AF_INET
    try:
        return socket.create_server((at.host, at.port), family=family, backlog=BACKLOG)
    except OSError as error:
        address = f"{at.host}:{at.port}"
        raise DoorTaken(address=address, reason=error.strerror or str(error)) from error


def _doors(
    site: Site, channel: Channel, passing: Passing | None, running: Running
) -> tuple[ASGIApp, Handler]:
    """Return the staff door and what the peers' door does, by role."""
    watched = [*watch_routes(site, running), *oversight_routes(site)]
    routes: list[BaseRoute] = [*watched, openapi_route(watched), members_route(site.settings.role)]
    if site.settings.role == "log":  # a node's console stands among its units' doors
        routes.append(console(site, running=running))
    plain = Starlette(routes=routes, exception_handlers={404: nothing_here})
    loop = asyncio.get_running_loop()
    if passing is not None:
        handler = with_state(site, node_handler(site, running))
        return units_door(site, channel, passing, running), handler
    match site.settings.role:
        case "node":
            raise AssertionError  # a node passes messages on
        case "converter":
            return plain, with_state(site, converter_handler(site))
        case "registrar":
            return plain, with_state(site, registrar_handler(site, channel, lambda: loop))
        case "log":
            return plain, with_state(site, log_handler(site))


def staff_config(site: Site, app: ASGIApp) -> uvicorn.Config:
    """Return how the staff door is served."""
    # A delivery is longer than a question; every other endpoint has limits of its own on a body.
    limits = replace(exchange.Limits(), body=store.Limits().file_bytes)
    at = site.settings.staff_door
    return http_config(app, at.host, at.port, limits)


def http_config(app: ASGIApp, host: str, port: int, limits: exchange.Limits) -> uvicorn.Config:
    """Return how a door in plain HTTP is served."""
    return uvicorn.Config(
        app,
        host,
        port,
        loop="uvloop",
        http=exchange.guarded(limits),
        ws="none",
        server_header=False,
        access_log=False,
        log_config=None,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )


async def outlive(parent: int) -> None:
    """Return when the parent is gone."""
    while os.getppid() == parent:
        await asyncio.sleep(PARENT_SECONDS)
