"""The OpenAPI 3.1 document of a door, made of the operations its routes were made of.

Shapes are the classes that bodies are read into and written from; errors are named by their codes,
under the status they have at that door.
"""

from collections.abc import Iterable, Sequence
from itertools import groupby

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from renkei.app.openapi import members
from renkei.app.openapi.operation import (
    Content,
    DescribedRoute,
    Named,
    Operation,
    Parameter,
    Reply,
    Shape,
)
from renkei.app.settings import Role
from renkei.standard.generate import Json

PATH = "/openapi.json"
VERSION = "1"
REFERENCE = "#/components/schemas/{name}"
TITLE = "自団体のノードの窓口"
SAYS = (
    "業務ユニット・監督・監視のための窓口。`/r1/…` は getOpenAPI と標準の OpenAPI が、"
    "`/soap/…` は WSDL が記述します。\n\n"
    "The doors beside `/r1/…`, which getOpenAPI describes, and `/soap/…`, which its WSDL does."
)


def openapi_route(routes: Sequence[BaseRoute]) -> Route:
    """Return the route that describes these, as far as they are described."""
    found = [route.operation for route in routes if isinstance(route, DescribedRoute)]
    return _served(PATH, document(found, TITLE, SAYS))


def members_route(role: Role) -> Route:
    """Return the route that describes what a site of this role answers to members."""
    told = document(members.LINES[role], members.TITLE, members.SAYS)
    return _served(members.PATH, told)


def _served(path: str, told: dict[str, Json]) -> Route:
    body = msgspec.json.encode(told)

    def describe(_: Request) -> Response:
        return Response(body, media_type="application/json")

    return Route(path, describe, methods=["GET"])


def document(operations: Sequence[Operation], title: str, says: str) -> dict[str, Json]:
    """Return the description of some operations."""
    paths: dict[str, dict[str, Json]] = {}
    for one in operations:
        path = one.path.replace(":path}", "}")
        paths.setdefault(path, {})[one.method.lower()] = _operation(one)
    proofs = {proof.name: proof for one in operations for proof in one.proofs}
    schemes: dict[str, Json] = {
        name: {**proof.scheme, "description": proof.ja}
        for name, proof in proofs.items()
        if isinstance(proof.scheme, dict)
    }
    return {
        "openapi": "3.1.0",
        "info": {"title": title, "description": says, "version": VERSION},
        "servers": [{"url": "/"}],
        "paths": dict(paths.items()),
        "components": {"securitySchemes": schemes, "schemas": _schemas(operations)},
    }


def _operation(one: Operation) -> Json:
    replies: dict[str, Json] = {str(reply.status): _reply(reply) for reply in one.replies}
    statuses = groupby(sorted(one.errors, key=one.telling.status), key=one.telling.status)
    for status, errors in statuses:
        says = "\n".join(f"- `{error.code()}` {error.template()}" for error in errors)
        told = _reply(Reply(status, says, one.telling.content))
        before = replies.get(str(status))
        replies[str(status)] = told if before is None else _either(before, told)
    asks: dict[str, Json] = {}
    if one.asks is not None:
        asks = {"requestBody": {"required": True, "content": _content(one.asks)}}
    wanted: list[Json] = [{proof.name: []} for proof in one.proofs]
    return {
        "summary": one.ja,
        "description": one.en,
        "security": wanted,
        "parameters": [_parameter(parameter) for parameter in one.parameters],
        **asks,
        "responses": dict(sorted(replies.items())),
    }


def _parameter(one: Parameter) -> Json:
    return {
        "name": one.name,
        "in": one.place,
        "required": one.required,
        "description": one.ja,
        "schema": one.schema,
    }


def _reply(reply: Reply) -> dict[str, Json]:
    return {"description": reply.ja, "content": _content(reply.content)}


def _content(content: Content) -> Json:
    return {content.media: {"schema": _reference(content.shape)}}


def _either(before: Json, told: dict[str, Json]) -> Json:
    """Return a reply that is one of two, both in JSON."""
    assert isinstance(before, dict)  # noqa: S101  # `_reply` made it
    shapes: list[Json] = []
    for one in (before, told):
        match one:
            case {"content": {"application/json": {"schema": shape}}}:
                shapes.append(shape)
            case _:
                raise AssertionError
    says = f"{before['description']}\n\n{told['description']}"
    return {"description": says, "content": {"application/json": {"schema": {"anyOf": shapes}}}}


def _reference(shape: Shape) -> Json:
    name = shape.name if isinstance(shape, Named) else shape.__name__
    return {"$ref": REFERENCE.format(name=name)}


def _shapes(operations: Iterable[Operation]) -> Iterable[Shape]:
    for one in operations:
        contents = [*(reply.content for reply in one.replies), one.telling.content]
        for content in (*contents, *([one.asks] if one.asks else [])):
            yield content.shape


def _schemas(operations: Sequence[Operation]) -> dict[str, Json]:
    """Return every shape by its name, and what it is made of."""
    kinds: dict[type, None] = {}
    named: dict[str, Json] = {}
    for shape in _shapes(operations):
        match shape:
            case Named(name, schema):
                named[name] = schema
            case kind:
                kinds[kind] = None
    _, made = msgspec.json.schema_components(kinds, ref_template=REFERENCE)
    return dict(sorted((made | named).items()))
