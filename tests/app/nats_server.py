"""A real NATS server with JetStream on a port of its own, which a test may kill and start again.

It is looked for in `RENKEI_TEST_NATS` (the program's path), then in PATH and where Debian puts it.
Where there is none, the tests that want one are skipped and say so.
"""

import asyncio
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import nats
import pytest
from nats.aio.msg import Msg
from nats.js import JetStreamContext
from nats.js.api import ConsumerConfig, DeliverPolicy
from nats.js.errors import NotFoundError

from renkei.exchange import StreamPlan

_T = TypeVar("_T")

PLACES = f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin"


def program() -> str:
    """Return the server's program, or skip the test."""
    found = os.environ.get("RENKEI_TEST_NATS") or shutil.which("nats-server", path=PLACES)
    if not found:
        pytest.skip("no nats-server here: install Debian's package, or name it in RENKEI_TEST_NATS")
    return found


class NatsServer:
    """One server with a folder that outlives its process."""

    def __init__(self, folder: Path, *blocks: str) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port: int = free.getsockname()[1]
        self._program = program()
        self._file = folder / "nats.conf"
        self._running: subprocess.Popen[bytes] | None = None
        self._log = folder / "nats.log"
        store = f'jetstream {{ store_dir: "{folder / "kept"}" }}'
        self.configure(*(blocks or (store,)))
        self.store = store

    @property
    def url(self) -> str:
        return f"nats://127.0.0.1:{self.port}"

    def configure(self, *blocks: str) -> None:
        """Write the configuration; it counts from the next start on."""
        lines = [f"listen: 127.0.0.1:{self.port}", f'log_file: "{self._log}"', *blocks]
        self._file.write_text("\n".join(lines))

    def start(self) -> None:
        self._running = subprocess.Popen([self._program, "-c", str(self._file)])
        end = time.monotonic() + 20
        while not self._listens():
            assert self._running.poll() is None, self._log.read_text()
            assert time.monotonic() < end, "the server did not start"
            time.sleep(0.02)

    def _listens(self) -> bool:
        with socket.socket() as line:
            return line.connect_ex(("127.0.0.1", self.port)) == 0

    def kill(self) -> None:
        """End it as a power switch would end its process."""
        if self._running is not None:
            self._running.kill()
            self._running.wait()
            self._running = None

    def does(self, work: Callable[[JetStreamContext], Awaitable[_T]]) -> _T:
        """Do something at the server, as whoever may do everything."""

        async def run() -> _T:
            async with await nats.connect(self.url) as client:
                return await work(client.jetstream())

        return asyncio.run(run())

    def messages(self, plan: StreamPlan, subject: str = "") -> list[Msg]:
        """Read everything that is kept under a subject, in order, as a new receiver would."""

        async def read(stream: JetStreamContext) -> list[Msg]:
            try:
                state = (await stream.stream_info(plan.stream, subjects_filter=">")).state
            except NotFoundError:
                return []
            wanted = subject or plan.subjects
            held = state.messages if not subject else (state.subjects or {}).get(subject, 0)
            if not held:
                return []
            config = ConsumerConfig(deliver_policy=DeliverPolicy.ALL, filter_subject=wanted)
            reader = await stream.pull_subscribe(wanted, stream=plan.stream, config=config)
            found: list[Msg] = []
            while len(found) < held:
                for one in await reader.fetch(min(100, held - len(found)), timeout=5):
                    await one.ack()
                    found.append(one)
            return found

        return self.does(read)


@contextmanager
def nats_server(folder: Path, *blocks: str) -> Iterator[NatsServer]:
    """Run a server for a block."""
    server = NatsServer(folder, *blocks)
    server.start()
    try:
        yield server
    finally:
        server.kill()
