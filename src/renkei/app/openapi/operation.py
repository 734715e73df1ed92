"""One operation of a door: what its route and its description are both made of."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Literal

from starlette.requests import Request
from starlette.routing import Route

from renkei import kit
from renkei.standard.generate import IN_HEADER, Json

JSON = "application/json"
Endpoint = Callable[[Request], Any] | Callable[[Request], Awaitable[Any]]


@dataclass(frozen=True, slots=True)
class Named:
    """A schema that no class of ours is behind, under a name of its own."""

    name: str
    schema: Json


Shape = type | Named


@dataclass(frozen=True, slots=True)
class Content:
    """A body: the shape of what is in it, and how it is written."""

    shape: Shape
    media: str = JSON


@dataclass(frozen=True, slots=True)
class Reply:
    """One way an operation ends well, or at least as it should."""

    status: int
    ja: str
    content: Content


@dataclass(frozen=True, slots=True)
class Telling:
    """How a door tells an error: the shape of it, and the status it has there."""

    content: Content
    status: Callable[[type[kit.NodeError]], int]


def bearer() -> Json:
    """Return the scheme of a token in the header `Authorization`."""
    return {"type": "http", "scheme": "bearer"}


@dataclass(frozen=True, slots=True)
class Proof:
    """What proves who asks, as OpenAPI has it; a token unless it is said otherwise."""

    name: str
    ja: str
    scheme: Json = field(default_factory=bearer)


@dataclass(frozen=True, slots=True)
class Parameter:
    """A part of the path, the query or the header that is read."""

    name: str
    place: Literal["path", "query", "header"]
    ja: str
    schema: Json
    required: bool = True


@dataclass(frozen=True, slots=True)
class Operation:
    """What may be asked under a path, who may ask it, and every way it ends.

    The path is written as a route has it; a parameter of several segments ends with `:path`.
    """

    method: str
    path: str
    ja: str
    en: str
    replies: tuple[Reply, ...]
    telling: Telling
    errors: tuple[type[kit.NodeError], ...] = ()
    proofs: tuple[Proof, ...] = ()
    parameters: tuple[Parameter, ...] = ()
    asks: Content | None = None

    def route(self, endpoint: Endpoint) -> "DescribedRoute":
        """Return the route that does it."""
        return DescribedRoute(self, endpoint)


def shared_header(name: str) -> Parameter:
    """Return a header of questions as the standard's own descriptions have it."""
    required, ja, schema = IN_HEADER[name]
    return Parameter(name, "header", ja, schema, required)


class DescribedRoute(Route):
    """A route that is described by what it was made of."""

    def __init__(self, operation: Operation, endpoint: Endpoint) -> None:
        """Take the operation, and what does it."""
        super().__init__(operation.path, endpoint, methods=[operation.method])
        self.operation = operation
