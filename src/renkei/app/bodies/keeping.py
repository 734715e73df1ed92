"""Keeping the bodies of passed messages, by policy, where the node itself cannot read them.

The order that loses nothing: the sealed body stands whole on disk, then the entry that names it,
then the message goes on. A crash between leaves a body that no entry names; it goes on its day as
any other. What must be kept and cannot be is not passed on.
"""

import asyncio
import logging
import os
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Self

from renkei import federation, kit
from renkei.app.bodies.place import STALE_SECONDS, BodyPlace, KeptBody
from renkei.app.bodies.plan import BodyPlan, BodyPolicy
from renkei.app.bodies.sealed_body import PIECE, BodyKind, BodyOf, key_id, sealed
from renkei.app.errors import BodyNotSealed
from renkei.app.settings import Settings
from renkei.exchange import Body, Passed
from renkei.federation import Message

log = logging.getLogger("renkei.app")

SPARE = 64 << 20
"""Bytes that must be free before a message goes whose bodies must be kept: an answer is to come."""


@dataclass(frozen=True, slots=True)
class BodyKeeping:
    """What one site keeps of the messages that pass it, if its settings say so."""

    tenant: kit.Tenant
    plan: BodyPlan

    @property
    def place(self) -> BodyPlace:
        """Return where they are kept."""
        return BodyPlace(self.plan.place)

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """Take the policies of a site, and sweep out what a process before left unfinished."""
        BodyPlace.of(settings).sweep(before=time.time() - STALE_SECONDS)
        return cls(settings.tenant, settings.bodies)

    async def question(self, message: Message, body: Body, at: datetime) -> dict[str, str]:
        """Keep a question by its policy and return what its entry says of that.

        Raise `BodyNotSealed` if it must be kept and is not, or if there is no room for an answer
        that must be: the message has gone nowhere yet.
        """
        if (answered := self._policy("answer", message)) and answered.is_must:
            await asyncio.to_thread(self._check_room, answered)
        return await self._keep("question", message, body, at)

    async def answer(self, message: Message, passed: Passed, at: datetime) -> dict[str, str]:
        """Keep an answer by its policy; one that must be and is not is let go, with its file."""
        try:
            return await self._keep("answer", message, passed.body, at)
        except BaseException:
            passed.body.close()
            raise

    def drop(self, details: Mapping[str, str]) -> None:
        """Delete the question of a message that was no new one: no entry names it."""
        kept = KeptBody.named("question", details)
        if kept is not None:
            (self.plan.place / kept.path).unlink(missing_ok=True)

    async def _keep(
        self, kind: BodyKind, message: Message, body: Body, at: datetime
    ) -> dict[str, str]:
        policy = self._policy(kind, message)
        if policy is None or not body.size:  # of nothing the digest says it all
            return {}
        try:
            return await asyncio.to_thread(self._put, kind, message, body, policy, at)
        except (OSError, federation.SealedUnreadable) as error:
            reason = getattr(error, "strerror", None) or type(error).__name__
            lost = BodyNotSealed(kind=kind, policy=policy.name, reason=reason)
            if policy.is_must:
                raise lost from error
            log.warning("%s", lost)
            return {f"{kind}_policy": policy.name, f"{kind}_not_sealed": lost.code()}

    def _policy(self, kind: BodyKind, message: Message) -> BodyPolicy | None:
        if not self.plan.policies:
            return None
        client, service = message.envelope.client.render(), message.call.service.render()
        return self.plan.policy(client, service, kind)

    def _check_room(self, policy: BodyPolicy) -> None:
        try:
            is_enough = self.place.room() >= SPARE
            reason = f"less than {SPARE >> 20} MiB are free"
        except OSError as error:
            is_enough, reason = False, error.strerror or ""
        if not is_enough:
            raise BodyNotSealed(kind="answer", policy=policy.name, reason=reason)

    def _put(
        self, kind: BodyKind, message: Message, body: Body, policy: BodyPolicy, at: datetime
    ) -> dict[str, str]:
        of = BodyOf(self.tenant, message.number, kind)
        pieces = sealed(_pieces(body), of, policy.custodian)
        until = policy.until(kit.day_of(at))
        kept = self.place.put(pieces, until, key_id(policy.custodian))
        return kept.facts(kind, policy.name)


def _pieces(body: Body) -> Iterator[bytes]:
    """Give a body without moving the place its file is read at: others read it after us."""
    if body.data:
        yield body.data
    if body.file is not None:
        body.file.flush()
        at = body.begins
        while piece := os.pread(body.file.fileno(), PIECE, at):
            yield piece
            at += len(piece)
