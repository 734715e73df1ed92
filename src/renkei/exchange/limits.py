"""Limits: how large and how slow a message may be, before anyone reads its meaning."""

import asyncio
from asyncio.events import TimerHandle
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass
from typing import Any, ClassVar

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from renkei.exchange.errors import BodyBroken, BodyLate, BodyTooLarge, HeadersTooLarge

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits of one door. Seconds hold for the headers and for the body, each."""

    body: int = 1 << 20
    headers: int = 16 << 10
    count: int = 64
    seconds: float = 10.0


async def read_body(scope: Scope, receive: Receive, limits: Limits) -> bytes:
    """Read the body of a request within the limits.

    Of a body that is too long a little more is read and dropped, so that a sender who writes
    first and reads later still sees the refusal.
    """
    length = next((int(v) for n, v in scope["headers"] if n == b"content-length"), 0)
    kept = bytearray()
    seen = 0
    try:
        async with asyncio.timeout(limits.seconds):
            more = True
            while more and seen <= 4 * limits.body and length <= 4 * limits.body:
                message = await receive()
                if message["type"] != "http.request":
                    raise BodyBroken
                seen += len(message["body"])
                if seen <= limits.body:
                    kept += message["body"]
                more = message["more_body"]
    except TimeoutError:
        if seen <= limits.body:
            raise BodyLate(seconds=round(limits.seconds)) from None
    if max(seen, length) > limits.body:
        raise BodyTooLarge(limit=limits.body)
    return bytes(kept)


class GuardedProtocol(HttpToolsProtocol):
    """HTTP as uvicorn speaks it, with limits on the headers it does not have of its own."""

    limits: ClassVar[Limits] = Limits()

    _deadline: TimerHandle | None = None
    _in_head = False
    _size = 0
    _count = 0
    _raw = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as in uvicorn
        """Start the clock: a connection that says nothing is closed."""
        super().connection_made(transport)
        self._start_clock()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop the clock."""
        self._stop_clock()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Count what the parser holds back: one endless field, endless framing of a body."""
        in_head = self._in_head
        super().data_received(data)
        if in_head == self._in_head and not self.transport.is_closing():
            self._raw += len(data)
            if self._raw > (self.limits.headers if in_head else 8 * self.limits.body):
                self._refuse(b"431 Request Header Fields Too Large")

    def on_message_begin(self) -> None:
        """Begin to count; the next request on this connection has its own clock."""
        self._in_head = True
        self._size = self._count = self._raw = 0
        if self._deadline is None:
            self._start_clock()
        super().on_message_begin()

    def on_url(self, url: bytes) -> None:
        """Count the target."""
        self._spend(len(url))
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        """Count a field; a field after the body is none of ours."""
        self._count += 1 if self._in_head else self.limits.count + 1
        self._spend(len(name) + len(value))
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """Stop the clock: the body has a clock of its own (see `read_body`)."""
        self._stop_clock()
        self._in_head = False
        self._raw = 0
        super().on_headers_complete()

    def send_400_response(self, msg: str) -> None:
        """Answer what is no HTTP, and what is too much of it."""
        if self._too_large():
            self._refuse(b"431 Request Header Fields Too Large")
        else:
            super().send_400_response(msg)

    def _too_large(self) -> bool:
        return self._size > self.limits.headers or self._count > self.limits.count

    def _spend(self, size: int) -> None:
        self._size += size
        if self._too_large():
            # The parser turns this into its own error, which ends in `send_400_response`.
            raise HeadersTooLarge(count=self.limits.count, limit=self.limits.headers)

    def _start_clock(self) -> None:
        self._deadline = self.loop.call_later(self.limits.seconds, self._late)

    def _stop_clock(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _late(self) -> None:
        if not self.transport.is_closing():
            self._refuse(b"408 Request Timeout")

    def _refuse(self, status: bytes) -> None:
        head = b"HTTP/1.1 " + status + b"\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
        self.transport.write(head)
        self.transport.close()


def guarded(limits: Limits) -> type[GuardedProtocol]:
    """Return the protocol with these limits, for uvicorn's setting `http`."""

    class Guarded(GuardedProtocol):
        """The protocol with the limits of one door."""

    Guarded.limits = limits
    return Guarded
