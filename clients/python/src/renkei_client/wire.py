"""One HTTP exchange, with a time limit, and a clear word on whether the node may have heard it."""

import http.client
import json
import ssl
from dataclasses import dataclass
from urllib.parse import urlsplit

from renkei_client.errors import NodeUnreachable, ReplyLost, ReplyMalformed

LARGEST = 64 << 20


@dataclass(frozen=True, slots=True)
class Received:
    """What came back; the names of its headers are in small letters."""

    status: int
    headers: dict[str, str]
    body: bytes

    def object(self) -> dict[str, object]:
        """Return the body as an object of JSON."""
        try:
            found = json.loads(self.body)
        except ValueError as error:
            raise ReplyMalformed(f"status {self.status}, no JSON") from error
        if not isinstance(found, dict):
            raise ReplyMalformed(f"status {self.status}, no object")
        return found


@dataclass(frozen=True, slots=True)
class Wire:
    """The way to one node. Every exchange has a connection of its own: threads may share it."""

    url: str
    timeout: float
    context: ssl.SSLContext | None = None

    def get(self, target: str, headers: dict[str, str]) -> Received:
        """Send a GET and return what came; NodeUnreachable if the node surely heard nothing."""
        place = urlsplit(self.url)
        line: http.client.HTTPConnection
        if place.scheme == "https":
            context = self.context or ssl.create_default_context()
            host, port = place.hostname or "", place.port
            line = http.client.HTTPSConnection(host, port, timeout=self.timeout, context=context)
        else:
            line = http.client.HTTPConnection(
                place.hostname or "", place.port, timeout=self.timeout
            )
        try:
            try:
                line.connect()
            except OSError as error:
                raise NodeUnreachable(f"{self.url}: {error}") from error
            try:
                line.request("GET", place.path.rstrip("/") + target, headers=headers)
                answer = line.getresponse()
                body = answer.read(LARGEST + 1)
            except (OSError, http.client.HTTPException) as error:
                raise ReplyLost(headers.get("X-Road-Id", target)) from error
        finally:
            line.close()
        if len(body) > LARGEST:
            raise ReplyMalformed(f"more than {LARGEST} bytes")
        found = {name.lower(): value for name, value in answer.getheaders()}
        return Received(answer.status, found, body)
