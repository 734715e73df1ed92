"""What a witness answers (C2SP tlog-witness): one request asks, one shows what was cosigned last.

POST /add-checkpoint            200 our signature lines; 400, 403, 404, 409 with the size, 422
GET  /{sha256 of origin}/checkpoint   the checkpoint cosigned last, with our lines; 404
GET  /health                    who this is, by which keys, and how each log stands
"""

import logging
from collections.abc import Callable, Sequence
from datetime import datetime
from hashlib import sha256

import msgspec
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from renkei import audit, exchange, kit
from renkei.app.errors import NothingWitnessed
from renkei.app.operations.oversight import error_response
from renkei.app.witness.plan import WitnessPlan
from renkei.app.witness.state import WitnessState

log = logging.getLogger("renkei.app.witness")

LIMITS = exchange.Limits(body=audit.LARGEST_SUBMISSION, seconds=10.0)
SIZE_TYPE = "text/x.tlog.size"
PLAIN = "text/plain; charset=utf-8"


class WitnessDoor:
    """The endpoints of one witness."""

    def __init__(
        self,
        plan: WitnessPlan,
        state: WitnessState,
        cosigners: Sequence[audit.Cosigner],
        clock: Callable[[], datetime],
    ) -> None:
        """Take what it goes by, what it remembers, and its keys."""
        self._plan, self._state, self._cosigners, self._clock = plan, state, cosigners, clock

    def app(self) -> Starlette:
        """Return the door."""
        return Starlette(
            routes=[
                Route("/add-checkpoint", self.add, methods=["POST"]),
                Route("/{origin}/checkpoint", self.checkpoint),
                Route("/health", self.health),
            ]
        )

    async def add(self, request: Request) -> Response:
        """Cosign a checkpoint, or say why not."""
        try:
            body = await exchange.read_body(request.scope, request.receive, LIMITS)
            lines = await run_in_threadpool(self._add, body)
        except audit.CheckpointInconsistent as error:
            log.warning("%s: %s", error.code(), error)  # a signed one: the log must answer for it
            return error_response(error)
        except audit.WitnessedOther as error:
            return Response(f"{error.facts['size']}\n", error.status, {"Content-Type": SIZE_TYPE})
        except kit.NodeError as error:
            return error_response(error)
        return Response(lines, media_type=PLAIN)

    def _add(self, body: bytes) -> str:
        submission = audit.Submission.parse(body)
        keys = self._plan.keys_of(submission.origin)
        if keys is None:
            raise audit.OriginUnknown(origin=submission.origin[:200])
        return self._state.cosign(submission, keys, self._cosigners, self._clock)

    def checkpoint(self, request: Request) -> Response:
        """Show what was cosigned last of a log."""
        named = request.path_params["origin"]
        try:
            known = [one.origin for one in self._state.standing() if self._plan.keys_of(one.origin)]
            origin = next((one for one in known if sha256(one.encode()).hexdigest() == named), "")
            note = self._state.note(origin)
            if note is None:
                raise NothingWitnessed(origin=named[:64])
        except kit.NodeError as error:
            return error_response(error)
        return Response(note, media_type=PLAIN)

    def health(self, _: Request) -> Response:
        """Say who this is and how each log stands; all of it is public."""
        try:
            standing = {one.origin: one for one in self._state.standing()}
            conflicts = [one.origin for one in self._state.conflicts()]
        except kit.NodeError as error:
            return error_response(error)
        body = {
            "name": self._plan.name,
            "keys": [str(one.key) for one in self._cosigners],
            "logs": {
                origin: {
                    "size": standing[origin].size if origin in standing else 0,
                    "at": standing[origin].at if origin in standing else None,
                    "conflicts": conflicts.count(origin),
                }
                for origin in dict.fromkeys(
                    [*self._plan.logs, *filter(self._plan.keys_of, standing)]
                )
            },
        }
        return Response(msgspec.json.encode(body), media_type="application/json")
