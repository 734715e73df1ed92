"""Letting the members list be fetched: one file, under the tag of its contents."""

from hashlib import sha256
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

PATH = "/members.json"


def list_routes(file: Path) -> list[Route]:
    """Return `GET /members.json`; who has the list already is told so and sent nothing."""

    def members(request: Request) -> Response:
        try:
            text = file.read_bytes()
        except OSError:
            return Response(status_code=503)
        tag = f'"{sha256(text).hexdigest()}"'
        headers = {"etag": tag, "cache-control": "no-cache"}
        if request.headers.get("if-none-match") == tag:
            return Response(status_code=304, headers=headers)
        return Response(text, headers=headers, media_type="application/json")

    return [Route(PATH, members, methods=["GET"])]
