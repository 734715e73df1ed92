"""The door a unit delivers at: `PUT /deliveries/ENTITY?on=DAY`, the file as the body.

The body streams into a spool file that nobody else may open, is counted and hashed as it comes, and
goes through the same load as a file from the folder. The answer says what became of it, with the
findings; the same request again changes nothing and says so.
"""

import asyncio
import hashlib
import os
import re
from base64 import b64decode
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from tempfile import TemporaryFile
from typing import BinaryIO, cast

import msgspec
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from renkei import exchange, kit, standard
from renkei.app.deliveries.findings_forms import DeliveryFacts, delivery_facts
from renkei.app.deliveries.receiving import Arrival, Received, Receiver
from renkei.app.errors import (
    DeliveriesBusy,
    DeliveryDigestDiffers,
    DeliveryDigestMissing,
    DeliveryTermsMalformed,
    SpoolFull,
)
from renkei.app.openapi.operation import (
    Content,
    DescribedRoute,
    Named,
    Operation,
    Parameter,
    Reply,
    shared_header,
)
from renkei.app.openapi.terms import DRAINING, TELLING, UNIT, UNIT_ERRORS
from renkei.app.operations.oversight import check_unit, error_response
from renkei.app.site import Site
from renkei.app.units.oauth_plan import DELIVERIES

SILENCE_SECONDS = 30.0
"""How long a sender may say nothing."""
AT_ONCE = 2
MOST_NUMBER = 2**62
DIGEST = re.compile(r"\s*sha-256=:([A-Za-z0-9+/]{43}=):\s*")
TITLE_FORM = r"^[^/\\\x00-\x1f]{1,200}$"
TITLE = re.compile(TITLE_FORM)
STATUS = {"loaded": 200, "already-loaded": 200, "blocked": 422}


FACTS = Content(DeliveryFacts)
PUT = Operation(
    "PUT",
    "/deliveries/{entity}",
    "データの受領",
    "A unit delivers records of one entity: a snapshot, or a numbered difference.",
    (
        Reply(200, "取り込んだ、またはすでに取り込んである", FACTS),
        Reply(409, "基準日か差分の番号が順でない", FACTS),
        Reply(422, "誤りがあり、取り込まない", FACTS),
        Reply(500, "読めない、または取り込めない", FACTS),
        Reply(503, "後で送り直す", FACTS),
        DRAINING,
    ),
    TELLING,
    (
        *UNIT_ERRORS,
        *(standard.DefinitionUnknown, DeliveryTermsMalformed, SpoolFull, DeliveriesBusy),
        *(DeliveryDigestMissing, DeliveryDigestDiffers),
        *(exchange.BodyTooLarge, exchange.BodyLate, exchange.BodyBroken),
    ),
    (UNIT,),
    (
        Parameter("entity", "path", "データ集合の英語名", {"type": "string", "minLength": 1}),
        Parameter("on", "query", "基準日", {"type": "string", "format": "date"}),
        Parameter(
            "difference",
            "query",
            "差分の番号。ないときは全件",
            {"type": "integer", "minimum": 1, "maximum": MOST_NUMBER - 1},
            False,
        ),
        Parameter("name", "query", "ファイル名", {"type": "string", "pattern": TITLE_FORM}, False),
        shared_header("Content-Digest"),
    ),
    Content(Named("DeliveredFile", {"type": "string"}), "text/csv"),
)


class DeliveryDoor:
    """The endpoint; it takes a few files at once and tells the others to come again."""

    def __init__(self, site: Site, receiver: Receiver, spool: Path) -> None:
        """Take the site, who loads, and where bodies lie while they come."""
        self._site = site
        self._receiver = receiver
        self._spool = spool
        self._open = 0

    async def put(self, request: Request) -> Response:
        """Take a file in and say what became of it."""
        try:
            entity = self._receiver.standard.entity(request.path_params["entity"])
            desk = self._site.desk
            unit = exchange.Subsystem(desk.members.address(desk.tenant), entity.unit)
            check_unit(self._site, unit, request.headers.get("authorization"), DELIVERIES)
            arrival = _arrival(entity.name, request)
            wanted = _wanted(request.headers.get("content-digest", ""))
            with self._turn(), _spool(self._spool) as stream:
                await self._take(request, stream, wanted)
                received = await run_in_threadpool(
                    self._receiver.receive, arrival, stream, wanted=wanted
                )
        except kit.NodeError as error:
            return error_response(error)
        except ClientDisconnect:
            return error_response(exchange.BodyBroken())
        return _answer(received)

    @contextmanager
    def _turn(self) -> Iterator[None]:
        if self._open >= AT_ONCE:
            raise DeliveriesBusy(most=AT_ONCE)
        self._open += 1
        try:
            yield
        finally:
            self._open -= 1

    async def _take(self, request: Request, stream: BinaryIO, wanted: bytes) -> None:
        """Write the body to the spool, within the limits, and see that it is what was announced."""
        limit, hashed, size = self._receiver.limits.file_bytes, hashlib.sha256(), 0
        length = request.headers.get("content-length", "0")
        if length.isdigit() and int(length) > limit:
            raise exchange.BodyTooLarge(limit=limit)
        pieces = request.stream()
        while True:
            try:
                async with asyncio.timeout(SILENCE_SECONDS):
                    piece = await anext(pieces, None)
            except TimeoutError:
                raise exchange.BodyLate(seconds=round(SILENCE_SECONDS)) from None
            if piece is None:
                break
            size += len(piece)
            if size > limit:
                raise exchange.BodyTooLarge(limit=limit)
            hashed.update(piece)
            try:
                await run_in_threadpool(stream.write, piece)
            except OSError as error:
                raise SpoolFull(reason=os.strerror(error.errno or 0)) from error
        if hashed.digest() != wanted:
            raise DeliveryDigestDiffers(size=size)
        stream.seek(0)


@contextmanager
def _spool(folder: Path) -> Iterator[BinaryIO]:
    """Give a file that has no name: it is gone when it is closed, also after a kill."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with TemporaryFile(dir=folder, buffering=1 << 20) as stream:
        yield cast("BinaryIO", stream)


def _arrival(entity: str, request: Request) -> Arrival:
    """Read what is said of the file: the day it states, the number of a difference, its name."""
    terms = request.query_params
    if not terms.keys() <= {"on", "difference", "name"}:  # a difference misspelt is a snapshot
        raise DeliveryTermsMalformed(term="?")
    try:
        on = date.fromisoformat(terms["on"])
    except (KeyError, ValueError):
        raise DeliveryTermsMalformed(term="on") from None
    number = terms.get("difference")
    if number is not None and not (
        number.isascii() and number.isdigit() and 0 < int(number[:20]) < MOST_NUMBER
    ):
        raise DeliveryTermsMalformed(term="difference")
    name = terms.get("name", f"{entity}.csv")
    if not TITLE.fullmatch(name):
        raise DeliveryTermsMalformed(term="name")
    return Arrival(entity, name, on, None if number is None else int(number))


def _wanted(field: str) -> bytes:
    """Return the SHA-256 that the field Content-Digest (RFC 9530) announces."""
    for part in field.split(","):
        if (found := DIGEST.fullmatch(part)) is not None:
            return b64decode(found[1])
    raise DeliveryDigestMissing


def _answer(received: Received) -> Response:
    made, error = received.delivery, received.error
    status = STATUS[made.outcome] if error is None else error.status
    return Response(
        msgspec.json.encode(delivery_facts(made)), status, media_type="application/json"
    )


def delivery_routes(site: Site, receiver: Receiver) -> list[DescribedRoute]:
    """Return the route of the units' deliveries."""
    door = DeliveryDoor(site, receiver, site.settings.state / "spool")
    return [PUT.route(door.put)]
