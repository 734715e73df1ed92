"""Passing a message to the system that answers it, and its answer back: bodies beside the heads.

Asynchronous, since it waits on sockets. What a system answers is passed on as it is; what it does
wrong is said as an error of its service.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

import aiohttp
from multidict import CIMultiDict
from yarl import URL

from renkei.exchange.bodies import SLOWEST, Body, BodyLimits
from renkei.exchange.errors import (
    BodyLate,
    BodyTooLarge,
    BodyWithoutRoom,
    ProviderAnswerTooLarge,
    ProviderBrokeOff,
    ProviderSilent,
    ProviderUnreachable,
)
from renkei.exchange.limits import Receive, Scope, Send
from renkei.exchange.messages import Answer, Fields, fields
from renkei.exchange.providers import Provider
from renkei.kit import NodeError

CONNECT_SECONDS = 3.0
IDLE_SECONDS = 1.0
"""A connection that rested longer is used no more. Many servers end one after two to five seconds,
and what is sent just then is lost: whether it arrived nobody knows, so it is not sent again.
"""
CONNECTIONS = 64
WITHOUT_BODY = frozenset({204, 304})


@dataclass(frozen=True, slots=True)
class Passed:
    """An answer that is passed on. It can send itself, as an `Answer` can, and ends its body."""

    answer: Answer
    body: Body

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send head and body; the body's file is closed whatever happens."""
        with self.body as body:
            head = [(n.encode(), v.encode("latin-1")) for n, v in self.answer.fields]
            if scope["method"] != "HEAD" and self.answer.status not in WITHOUT_BODY:
                head.append((b"content-length", str(body.size).encode()))
            start = {"type": "http.response.start", "status": self.answer.status, "headers": head}
            await send(start)
            if body.file is None:
                await send({"type": "http.response.body", "body": body.data})
                return
            async for piece in body.pieces():
                await send({"type": "http.response.body", "body": piece, "more_body": True})
            await send({"type": "http.response.body", "body": b""})


class ProviderLine:
    """The way to the systems behind this node; its connections are kept open."""

    def __init__(self, limits: BodyLimits, folder: Path) -> None:
        """Take how large an answer may be, and where a large one waits. Opens lazily."""
        self._limits = limits
        self._folder = folder
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._session is not None:
            await self._session.close()

    async def ask(
        self, provider: Provider, method: str, target: str, given: Fields, body: Body
    ) -> Passed:
        """Pass a message to a system and return what it answers, read whole."""
        service = f"{provider.unit}/{provider.service}"
        try:
            async with self._kept_open().request(
                method,
                URL(target, encoded=True),
                data=content(body),
                headers=CIMultiDict((*given, *length_of(body))),
                allow_redirects=False,
                timeout=patience(provider.seconds, body),
            ) as response:
                return await read_passed(response, self._limits, self._folder)
        except BodyWithoutRoom:
            raise  # it is not the system that failed
        except BodyTooLarge as error:
            raise ProviderAnswerTooLarge(service=service, limit=self._limits.size) from error
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            raise ProviderUnreachable(service=service) from error
        except (TimeoutError, BodyLate) as error:
            raise ProviderSilent(service=service, seconds=round(provider.seconds)) from error
        except (aiohttp.ClientError, NodeError) as error:
            raise ProviderBrokeOff(service=service) from error

    def _kept_open(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = plain_session(
                aiohttp.TCPConnector(limit=CONNECTIONS, keepalive_timeout=IDLE_SECONDS)
            )
        return self._session


def plain_session(
    connector: aiohttp.TCPConnector, timeout: aiohttp.ClientTimeout | None = None
) -> aiohttp.ClientSession:
    """Return a client that adds nothing to what it is given, and takes nothing away."""
    return aiohttp.ClientSession(
        connector=connector,
        timeout=timeout or aiohttp.ClientTimeout(),
        skip_auto_headers=("User-Agent", "Accept", "Accept-Encoding", "Content-Type"),
        auto_decompress=False,
        cookie_jar=aiohttp.DummyCookieJar(),
    )


def patience(seconds: float, body: Body) -> aiohttp.ClientTimeout:
    """Return how long to wait for an answer, and as long as the slowest way takes the body.

    The client's clock runs while it sends, too.
    """
    on_its_way = body.size / SLOWEST if body.file is not None else 0.0
    return aiohttp.ClientTimeout(
        total=None, sock_connect=CONNECT_SECONDS, sock_read=seconds + on_its_way
    )


def content(body: Body) -> bytes | AsyncIterator[bytes] | None:
    """Return a body as the HTTP client takes it."""
    return body.pieces() if body.file is not None else body.data or None


def length_of(body: Body) -> Fields:
    """Return the field that says how long a body is, which a client cannot tell of a file."""
    return (("content-length", str(body.size)),) if body.file is not None else ()


async def read_passed(response: aiohttp.ClientResponse, limits: BodyLimits, folder: Path) -> Passed:
    """Read an answer whole, its body beside its head."""
    head = fields(response.raw_headers)
    body = await Body.read(response.content.iter_any(), limits, folder)
    return Passed(Answer(response.status, head), body)
