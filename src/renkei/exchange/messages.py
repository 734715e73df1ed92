"""Messages: a question and its answer, as they are sent, signed and kept."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Self

from renkei.exchange.errors import HeaderMalformed, HeadersTooLarge, HeaderTwice
from renkei.exchange.limits import Limits, Receive, Scope, Send

Fields = tuple[tuple[str, str], ...]
"""Header fields, names in lower case, in the order they were received."""

ONE_HOP = frozenset(
    {
        "connection",
        "keep-alive",
        "proxy-authenticate",
        "proxy-authorization",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
        "host",
        "user-agent",
        "server",
        "expect",
        "content-length",
    }
)
"""Fields of one line only: they never travel on."""

_NAME = re.compile(r"[a-z0-9!#$%&'*+\-.^_`|~]{1,64}", re.ASCII)
_VALUE = re.compile(r"(?:[\x21-\x7e\x80-\xff](?:[\t\x20-\x7e\x80-\xff]*[\x21-\x7e\x80-\xff])?)?")


def fields(raw: Iterable[tuple[bytes, bytes]], limits: Limits | None = None) -> Fields:
    """Parse header fields as the server hands them over.

    >>> fields([(b"X-Road-Client", b"JP/MUN/131016")])
    (('x-road-client', 'JP/MUN/131016'),)
    """
    bounds = limits or Limits()
    lines = tuple(raw)
    size = sum(len(name) + len(value) for name, value in lines)
    if len(lines) > bounds.count or size > bounds.headers:
        raise HeadersTooLarge(count=bounds.count, limit=bounds.headers)
    return tuple((_name(name), _value(name, value)) for name, value in lines)


@lru_cache(1024)
def _name(raw: bytes) -> str:
    name = raw.decode("latin-1").lower()
    if not _NAME.fullmatch(name):
        raise HeaderMalformed(name="?")
    return name


def _value(name: bytes, raw: bytes) -> str:
    value = raw.decode("latin-1")
    if not _VALUE.fullmatch(value):
        raise HeaderMalformed(name=_name(name))
    return value


def only(known: Fields, name: str) -> str | None:
    """Return the value of a field that may stand there once, or None."""
    values = [value for other, value in known if other == name]
    if len(values) > 1:
        raise HeaderTwice(name=name)
    return values[0] if values else None


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked: a request without the line it came over. The query has no question mark."""

    method: str
    path: str
    query: str = ""
    fields: Fields = ()
    body: bytes = b""

    @property
    def target(self) -> str:
        """Return path and query as in the request line."""
        return f"{self.path}?{self.query}" if self.query else self.path

    @classmethod
    def received(cls, scope: Scope, body: bytes, limits: Limits | None = None) -> Self:
        """Take what the server hands over, nothing decoded."""
        return cls(
            method=scope["method"],
            path=scope["raw_path"].decode("latin-1"),
            query=scope["query_string"].decode("latin-1"),
            fields=fields(scope["headers"], limits),
            body=body,
        )

    def field(self, name: str) -> str | None:
        """Return the value of a field that may stand there once, or None."""
        return only(self.fields, name)

    def with_fields(self, *more: tuple[str, str]) -> "Question":
        """Return the question with fields added at the end."""
        return Question(self.method, self.path, self.query, self.fields + more, self.body)


@dataclass(frozen=True, slots=True)
class Answer:
    """What is answered. It can send itself: a web application may return it as it is."""

    status: int
    fields: Fields = ()
    body: bytes = b""

    def field(self, name: str) -> str | None:
        """Return the value of a field that may stand there once, or None."""
        return only(self.fields, name)

    def with_fields(self, *more: tuple[str, str]) -> "Answer":
        """Return the answer with fields added at the end."""
        return Answer(self.status, self.fields + more, self.body)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the answer; after a refused body the connection is closed."""
        headers = [(name.encode(), value.encode("latin-1")) for name, value in self.fields]
        headers.append((b"content-length", str(len(self.body)).encode()))
        if self.status in (408, 413, 431):
            headers.append((b"connection", b"close"))
        await send({"type": "http.response.start", "status": self.status, "headers": headers})
        await send({"type": "http.response.body", "body": self.body})
