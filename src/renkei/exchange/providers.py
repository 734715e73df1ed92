"""Providers: systems behind a node that answer services of their own, and who may use them.

A right is given to a client for endpoints, e.g. `GET /shelters/*`. A path is matched by its decoded
segments: `*` is any one segment, `**` at the end any number of them. What is not given is refused.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from renkei.exchange.addresses import Client, ServiceCall, segments
from renkei.exchange.errors import AddressUnsafe, EndpointMalformed

METHODS = ("DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "TRACE")
EVERYBODY = "*"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A method, or `*` for any, and the segments of a path."""

    method: str
    path: tuple[str, ...]

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `METHOD /path`.

        >>> Endpoint.parse("GET /shelters/*").path
        ('shelters', '*')
        """
        method, _, path = text.partition(" ")
        parts = path.split("/")
        is_wrong = method not in (*METHODS, "*") or path[:1] != "/" or "**" in parts[:-1]
        if is_wrong or (len(parts) > 2 and "" in parts[1:-1]):
            raise EndpointMalformed(endpoint=text[:80])
        return cls(method, tuple(part for part in parts[1:] if part))

    def fits(self, method: str, path: tuple[str, ...]) -> bool:
        """Tell whether a call is one of this endpoint.

        >>> Endpoint.parse("* /a/**").fits("PUT", ("a", "b", "c")), Endpoint.parse("GET /a").fits(
        ...     "GET", ("a", "b"))
        (True, False)
        """
        if self.method not in ("*", method):
            return False
        wanted = self.path
        if wanted and wanted[-1] == "**":
            wanted, path = wanted[:-1], path[: len(wanted) - 1]
        return len(wanted) == len(path) and all(
            one in ("*", other) for one, other in zip(wanted, path, strict=True)
        )

    def render(self) -> tuple[str, str]:
        """Return method and path."""
        return self.method, "/" + "/".join(self.path)


@dataclass(frozen=True, slots=True)
class Provider:
    """A system that answers a service of a unit at an address, and the rights to it.

    `rights` is by client: a unit's address, an organisation's (for all its units), or `*`.
    `seconds` is how long it may take to begin its answer.
    """

    unit: str
    service: str
    url: str
    rights: Mapping[str, tuple[Endpoint, ...]]
    description: str = ""
    seconds: float = 30.0

    def endpoints(self, client: Client) -> tuple[Endpoint, ...]:
        """Return what a client may use."""
        names = (client.render(), client.organisation.render(), EVERYBODY)
        return tuple(one for name in dict.fromkeys(names) for one in self.rights.get(name, ()))

    def permits(self, client: Client, method: str, call: ServiceCall) -> bool:
        """Tell whether a client may make this call; `AddressUnsafe` for an encoded slash."""
        path = tuple(part for part in call.segments() if part)
        if any("/" in part or "\\" in part for part in path):  # two segments to some systems
            raise AddressUnsafe(part="path")
        return any(one.fits(method, path) for one in self.endpoints(client))

    def target(self, call: ServiceCall) -> str:
        """Return the address of a call at the system: its base, then path and query as sent.

        >>> call = ServiceCall(None, "/shelters/7", "open=true")
        >>> Provider("31", "x", "http://127.0.0.1:9/api/", {}).target(call)
        'http://127.0.0.1:9/api/shelters/7?open=true'
        """
        base = self.url.rstrip("/") if call.path else self.url
        return f"{base}{call.path}{'?' * bool(call.query)}{call.query}"


def check_client(text: str) -> None:
    """Refuse what is neither an organisation, nor a unit, nor everybody."""
    if text != EVERYBODY and len(segments(text, "client")) not in (3, 4):
        raise EndpointMalformed(endpoint=text[:80])
