"""The process of a witness: one door, an orderly end."""

import asyncio
import os
import socket

import uvicorn

from renkei import exchange
from renkei.app.serving import GRACE_SECONDS, listen, outlive
from renkei.app.settings import Address
from renkei.app.site import now
from renkei.app.witness.door import LIMITS, WitnessDoor
from renkei.app.witness.plan import WitnessPlan
from renkei.app.witness.state import WitnessState

AT_ONCE = 256  # connections


def run_witness(plan: WitnessPlan, *, stop_with_parent: bool = False) -> None:
    """Answer until told to stop (SIGTERM, SIGINT, or the parent's end)."""
    door = WitnessDoor(plan, WitnessState(plan.state), plan.cosigners(), now)
    config = uvicorn.Config(
        door.app(),
        plan.host,
        plan.port,
        loop="uvloop",
        http=exchange.guarded(LIMITS),
        ws="none",
        server_header=False,
        access_log=False,
        log_config=None,
        limit_concurrency=AT_ONCE,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
    server = uvicorn.Server(config)
    with listen(Address(plan.host, plan.port)) as at:
        asyncio.run(_serve(server, at, os.getppid() if stop_with_parent else None))


async def _serve(server: uvicorn.Server, at: socket.socket, parent: int | None) -> None:
    serving = asyncio.create_task(server.serve([at]))
    watch = None if parent is None else asyncio.create_task(outlive(parent))
    await asyncio.wait(
        [serving] if watch is None else [serving, watch], return_when=asyncio.FIRST_COMPLETED
    )
    server.should_exit = True
    await serving
    if watch is not None:
        watch.cancel()
