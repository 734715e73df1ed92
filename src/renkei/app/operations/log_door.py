"""The published log, served as it lies in its folder (C2SP tlog-tiles): reading, and nothing else.

    /checkpoint  /checkpoint.cosigned  /minimum-index     the log's first shard
    /tile/{L}/{N}[.p/{W}]                                 its tiles of hashes
    /output/…                                             its output log, epochs too
    /{year}/…                                             the same of a later shard

A door of its own, for everybody; it never serves an entry. The oversight body fetches those at the
staff door.
"""

import time
from collections.abc import Callable
from pathlib import Path

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from renkei import kit
from renkei.app.errors import VisitorsTooMany
from renkei.app.operations.oversight import error_response
from renkei.app.operations.published_files import published_file
from renkei.app.registrar.visitors import Visitors

NOTE = {"Cache-Control": "no-cache", "X-Content-Type-Options": "nosniff"}
TILE = NOTE | {"Cache-Control": "public, max-age=31536000, immutable"}


def log_door(folder: Path, *, rate: int, clock: Callable[[], float] = time.monotonic) -> Starlette:
    """Return the door for everybody: no entry, no database, at each visitor's pace."""
    visitors = Visitors(rate, clock)

    async def endpoint(request: Request) -> Response:
        try:
            visitors.enter(request.client.host if request.client else "")
            path = request.path_params["path"]
            data = await run_in_threadpool(published_file, folder, path)
            if "tile/" in path:
                return Response(data, media_type="application/octet-stream", headers=TILE)
            return Response(data, media_type="text/plain; charset=utf-8", headers=NOTE)
        except kit.NodeError as error:
            response = error_response(error)
            if isinstance(error, VisitorsTooMany):
                response.headers["Retry-After"] = str(error.facts["seconds"])
            return response

    return Starlette(routes=[Route("/{path:path}", endpoint)])
