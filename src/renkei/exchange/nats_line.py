"""A connection to a NATS server for the letters of one town, and what is wrong with it in words.

A line that ends has ended: the library buffers no letters until a server comes back, `jetstream`
asks anew which of them it holds.
"""

import asyncio
import re
import ssl
from contextlib import suppress
from dataclasses import dataclass

from nats.aio.client import Client
from nats.errors import Error, NoRespondersError
from nats.js.api import StorageType, StreamConfig
from nats.js.errors import APIError, NotFoundError, ServiceUnavailableError

from renkei.exchange.errors import (
    NatsInClear,
    NatsNotLetIn,
    NatsNotTrusted,
    NatsStreamMissing,
    NatsStreamUnfit,
    NatsUnreachable,
    NatsWithoutJetStream,
)
from renkei.exchange.stream_plan import SHORTEST_WINDOW, StreamPlan
from renkei.kit import NodeError

CLOSE_SECONDS = 1.0
TRIES = 3


@dataclass(frozen=True, slots=True)
class StreamState:
    """How a stream stands at its server."""

    server: str
    messages: int
    bytes: int


class Line:
    """One connection; when it ends, it has ended. What the server complains of is remembered."""

    def __init__(self, plan: StreamPlan, seconds: float) -> None:
        """Take what is needed; `open` connects."""
        self._plan = plan
        self.client = Client()
        self.stream = self.client.jetstream(timeout=seconds)
        self._complaints: list[Exception] = []

    @classmethod
    async def open(cls, plan: StreamPlan, seconds: float) -> "Line":
        """Connect, or raise why not.

        A server that turns somebody away closes so soon that its reason may be lost: ask again.
        """
        left = TRIES
        while True:
            left -= 1
            try:
                return await cls._opened(plan, seconds)
            except NatsUnreachable as error:
                if not left or not isinstance(error.__cause__, ConnectionResetError):
                    raise

    @classmethod
    async def _opened(cls, plan: StreamPlan, seconds: float) -> "Line":
        line = cls(plan, seconds)
        try:
            async with asyncio.timeout(seconds):
                await line._connect()
            line.check_tls()
        except (Error, TimeoutError, OSError) as error:
            await line.close()
            raise line.refusal(error) from error
        except BaseException:
            await line.close()
            raise
        return line

    async def _connect(self) -> None:
        plan = self._plan
        await self.client.connect(
            list(plan.servers),
            name=plan.stream,
            tls=plan.tls(),
            inbox_prefix=f"_INBOX.{plan.stream}",  # what comes there may hold letters
            user=plan.user or None,
            password=self.secret if plan.user else None,
            error_cb=self.complain,
            allow_reconnect=False,
            max_reconnect_attempts=1,
            reconnect_time_wait=0,
        )

    def secret(self) -> str:
        """Return the password, once it is hidden from who listens."""
        self.check_tls()
        return self._plan.secret()

    def check_tls(self) -> None:
        """Raise if the server offers no TLS where it must: the library would go on in clear."""
        server = self.client._server_info  # noqa: SLF001  # the library tells it nowhere else
        if self._plan.is_encrypted and not server.get("tls_required"):
            raise NatsInClear(servers=self._plan.shown)

    async def complain(self, error: Exception) -> None:
        """Remember what the library or the server says beside any answer."""
        self._complaints.append(error)

    def refusal(self, error: BaseException) -> NodeError:
        """Return in our words what the complaints and the error mean.

        Of several the one that says why; a connection that was closed upon it says nothing.
        """
        servers, said = self._plan.shown, [error, *reversed(self._complaints)]
        for one in said:
            if isinstance(one, ssl.SSLError):
                return NatsNotTrusted(servers=servers, reason=_said(one))
            if re.search("authorization|permission|account", _said(one), re.IGNORECASE):
                return NatsNotLetIn(servers=servers, reason=_said(one))
        return NatsUnreachable(servers=servers, reason=_said(said[-1]))

    async def close(self) -> None:
        """End the connection, however it stands: after a broken handshake the library waits."""
        with suppress(Error, TimeoutError, OSError):
            async with asyncio.timeout(CLOSE_SECONDS):
                await self.client.close()

    async def prepare(self) -> None:
        """Make the stream if there is none yet."""
        try:
            await self.state()
        except NatsStreamMissing as missing:
            plan = self._plan
            wanted = StreamConfig(
                name=plan.stream,
                description="Renkei: changes told to the units of one town in one mode",
                subjects=[plan.subjects],
                storage=StorageType.FILE,
                max_age=plan.days * 86400.0,
                num_replicas=plan.replicas,
                duplicate_window=SHORTEST_WINDOW.total_seconds(),
            )
            try:
                await self.stream.add_stream(wanted)
            except TimeoutError as error:  # it is not forbidden in so many words
                raise (self.refusal(error) if self._complaints else missing) from error
            except APIError as error:  # such as subjects another stream takes
                raise self._unfit(error.description or str(error)) from error

    async def state(self) -> StreamState:
        """Return how the stream stands, or raise why it cannot be used."""
        plan = self._plan
        try:
            found = await self.stream.stream_info(plan.stream)
        except NotFoundError as error:
            raise NatsStreamMissing(stream=plan.stream, subjects=plan.subjects) from error
        except (NoRespondersError, ServiceUnavailableError) as error:
            raise NatsWithoutJetStream(servers=plan.shown) from error
        except TimeoutError as error:
            raise self.refusal(error) from error
        defect = _defect(plan, found.config)
        if defect:
            raise self._unfit(defect)
        version = self.client.connected_server_version
        return StreamState(str(version), found.state.messages, found.state.bytes)

    def _unfit(self, defect: str) -> NatsStreamUnfit:
        return NatsStreamUnfit(
            stream=self._plan.stream,
            defect=defect,
            subjects=self._plan.subjects,
            seconds=int(SHORTEST_WINDOW.total_seconds()),
        )


def _defect(plan: StreamPlan, config: StreamConfig) -> str:
    """Return what of a stream would lose letters, or mix those of two towns or modes."""
    if config.subjects != [plan.subjects]:
        return f"subjects {', '.join(config.subjects or ['-'])}"
    if config.storage != StorageType.FILE:
        return f"storage {config.storage}"
    if (config.duplicate_window or 0) < SHORTEST_WINDOW.total_seconds():
        return f"duplicate window {config.duplicate_window:g} s"
    return ""


def _said(error: BaseException) -> str:
    """Return what an error of the library says, without its own name before it."""
    return str(error).removeprefix("nats: ").strip("' ")[:200] or type(error).__name__


async def look(plan: StreamPlan, *, seconds: float) -> StreamState:
    """Return how the stream stands, or raise what is wrong; nothing is changed."""
    line = await Line.open(plan, seconds)
    try:
        return await line.state()
    finally:
        await line.close()
