"""A prefecture's node P between A and B: founded, listed as B's relay, and asked as it runs."""

import asyncio
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

import msgspec
import uvicorn
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from tests.exchange.serving import serving
from tests.stories.listing import issue
from tests.stories.passing import CLIENT, System
from tests.stories.peers import Peers

from renkei import audit, exchange, federation
from renkei.app.demo.demonstration import Stage, checkpoint
from renkei.app.demo.ecosystem import MODE, SETTLE_SECONDS, B, P, Part, free_port
from renkei.app.membership.initiation import Plan, found_site
from renkei.app.membership.list_in_force import read_kept
from renkei.app.operations.running import Running
from renkei.app.passing.provider_door import Passing
from renkei.app.passing.relay_door import RelayDoor
from renkei.app.settings import read_settings
from renkei.app.site import now, open_site


@dataclass
class Relay(Peers):
    """The stage with P on it, and what stands behind B."""

    system: System

    def entries(self, part: Part) -> list[audit.Entry]:
        """Return everything a party published, once nothing is pending or unpublished."""
        eco = self.stage.ecosystem
        key = audit.Verifier.parse(self.members.by_id(part.tenant).log_key)
        log = eco.settings[part.name].state / "log"
        newest = log / "checkpoint"
        while (standing := checkpoint(eco, part)) is None or not (
            not standing.pending and newest.exists() and newest.read_text() == standing.note
        ):
            time.sleep(0.05)
        return [audit.Leaf.parse(one).entry() for one in audit.published_entries(log, key)]


@contextmanager
def relayed(stage: Stage) -> Iterator[Relay]:
    """Put P between A and B, a system behind B; at the end all is as before."""
    eco = stage.ecosystem
    known = read_kept(eco.settings["b"])
    assert known is not None
    plan = Plan(
        tenant=P.tenant,
        role="node",
        mode=MODE,
        member_class="PREF",
        ja=P.ja,
        en=P.en,
        peers=f"127.0.0.1:{free_port()}",
        staff=f"127.0.0.1:{free_port()}",
        authority=eco.settings["a"].authority,
        members="../members.json",
        directory_seconds=1,
        directory_settle_seconds=SETTLE_SECONDS,
        binaries=os.environ.get("RENKEI_TEST_BINARIES", ""),
    )
    founded = found_site(eco.folder / P.name, plan, at=datetime.now(UTC))
    row = msgspec.json.decode(founded.public.read_bytes(), type=federation.Member)
    eco.tokens[P.name], eco.settings[P.name] = founded.tokens, read_settings(founded.settings)
    before, file = known.by_id(B.tenant), eco.file(B)
    text, system = file.read_text(encoding="utf-8"), System()
    config = uvicorn.Config(system, host="127.0.0.1", port=0, log_config=None, lifespan="off")
    with serving(config) as port:
        right = f'url = "http://127.0.0.1:{port}/api"\nrights."{CLIENT}" = ["* /**"]\n'
        file.write_text(f'{text}\n[services."31/boats"]\n{right}', encoding="utf-8")
        issue(stage, row, msgspec.structs.replace(before, via=P.tenant))
        eco.stop(B)
        eco.start(P, B)
        try:
            members = read_kept(eco.settings["b"])
            assert members is not None
            yield Relay(stage, members, system)
        finally:
            eco.stop(P, B)
            file.write_text(text, encoding="utf-8")
            eco.start(B)
            issue(stage, before, but=P)


@dataclass
class Recorder:
    """Who listens at P: every byte that reaches its node, below TLS and above its own code."""

    door: ASGIApp
    heard: bytearray = field(default_factory=bytearray)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Note target, fields and body of a request, and of the answers P's node sends."""
        if scope["type"] == "http":
            self.heard += scope["raw_path"] + b"?" + scope["query_string"]
            self.heard += b"".join(name + value for name, value in scope["headers"])

        async def receiving() -> Message:
            message = await receive()
            self.heard += message.get("body", b"")
            return message

        async def sending(message: Message) -> None:
            self.heard += b"".join(name + value for name, value in message.get("headers", ()))
            self.heard += message.get("body", b"")
            await send(message)

        await self.door(scope, receiving, sending)


@contextmanager
def recorded(relay: Relay) -> Iterator[Recorder]:
    """Let P's site run in this process for a while, with somebody who listens."""
    eco = relay.stage.ecosystem
    eco.stop(P)
    with open_site(eco.settings[P.name]) as site:
        servers: list[uvicorn.Server] = []
        recorders: list[Recorder] = []
        ready = threading.Event()

        async def run() -> None:
            channel = federation.Channel(site.membership, limits=federation.ISSUE_LIMITS)
            async with channel, Passing.of(site).running() as passing:
                running = Running.of(site.settings, channel)
                ours = federation.door(_nothing, membership=site.membership, clock=now)
                recorders.append(Recorder(RelayDoor(site, channel, running, passing.ledger, ours)))
                at = site.settings.peers_door
                config = federation.server_config(
                    recorders[0],
                    at.host,
                    at.port,
                    membership=site.membership,
                    limits=federation.ISSUE_LIMITS,
                )
                servers.append(uvicorn.Server(config))
                ready.set()
                await servers[0].serve()

        thread = threading.Thread(target=asyncio.run, args=(run(),))
        thread.start()
        ready.wait()
        while not servers[0].started:
            time.sleep(0.01)
        try:
            yield recorders[0]
        finally:
            servers[0].should_exit = True
            thread.join()
    eco.start(P)


def _nothing(_caller: federation.Caller, _at: datetime) -> exchange.Answer:
    return exchange.Answer(404)
