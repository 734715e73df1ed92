"""Questions that pass through a relay: at the relay's node and at that of the holder.

The relay is told who asks whom, and carries sealed bytes; it enters each passage before they go on.
The holder opens them and puts the question inside to its own door, as if it had come on the
asker's line: what proves the asker is its signature, as ever. Both answers are signed.
"""

import logging
import re
import time
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from urllib.parse import unquote
from uuid import uuid4

from starlette.concurrency import run_in_threadpool
from starlette.types import ASGIApp, Message

from renkei import audit, exchange, federation, kit
from renkei.app.operations.operational_records import Series
from renkei.app.operations.running import Running
from renkei.app.passing.ledger import Ledger, Seen
from renkei.app.site import Site, now
from renkei.exchange import Answer, Body, Question
from renkei.federation import RELAY, RELAYED, Caller, Channel, ModeDiffers, Passage, message_facts

log = logging.getLogger("renkei.app")

LIMITS = exchange.Limits(body=federation.MOST_SEALED)
LONGEST_WAIT = 60

_WAIT = re.compile(r"wait=([0-9]{1,2})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Carriage:
    """One carriage of sealed bytes, under a number of its own: who, to whom, what was signed."""

    number: str
    passage: Passage
    caller: Caller

    def entry(
        self,
        kind: audit.Kind,
        outcome: str,
        *,
        mode: str,
        at: datetime,
        details: Mapping[str, str],
    ) -> audit.Entry:
        """Return the entry of one step of it: never what is asked, since nobody here knows it."""
        return audit.Entry(
            kind=kind,
            request=self.number,
            at=at,
            asker=self.passage.asker,
            holder=self.passage.holder,
            procedure="",
            outcome=outcome,
            mode=audit.Mode(mode),
            details={
                "message": self.caller.envelope.id,
                "client": self.caller.envelope.client.render(),
                "relay": self.passage.relay,
                **details,
            },
        )

    def facts(self) -> dict[str, str]:
        """Return what an entry keeps of the sealed question and its outer signature."""
        return sealed_facts("question", self.caller.question.body, self.caller.signature)


def sealed_facts(of: str, sealed: bytes, signature: exchange.Signature) -> dict[str, str]:
    """Return what an entry keeps of sealed bytes: their digest, their size, who signed for them."""
    size = {f"{of}_size": str(len(sealed))}
    return message_facts(of, Body.of(sealed), signature) | size


class RelayDoor:
    """The door of a node with what is relayed before it: `/relay/…` and `/relayed/…`."""

    def __init__(
        self, site: Site, channel: Channel, running: Running, ledger: Ledger, inside: ASGIApp
    ) -> None:
        """Take the site, its way to the others, where it enters, and the door behind this one."""
        self._running = running
        self._site = site
        self._channel = channel
        self._ledger = ledger
        self._inside = inside

    async def __call__(
        self, scope: exchange.Scope, receive: exchange.Receive, send: exchange.Send
    ) -> None:
        """Answer what is relayed; leave the rest to the door behind."""
        path = scope["path"] if scope["type"] == "http" else ""
        if path.startswith(RELAY):
            await self._answer(self._relay, scope, receive, send)
        elif path.startswith(RELAYED):
            await self._answer(self._open, scope, receive, send)
        else:
            await self._inside(scope, receive, send)

    async def _answer(
        self,
        handle: Callable[[Caller, datetime], Coroutine[Any, Any, Answer]],
        scope: exchange.Scope,
        receive: exchange.Receive,
        send: exchange.Send,
    ) -> None:
        question, at, desk = None, now(), self._site.desk
        try:
            question = Question.received(scope, b"")
            question = replace(question, body=await exchange.read_body(scope, receive, LIMITS))
            line = federation.caller_fingerprint(scope)
            caller = federation.received(
                question, line, members=desk.members, here=desk.tenant, at=at
            )
            self._running.drain.check()
            answer = await handle(caller, at)
        except kit.NodeError as error:
            answer = federation.fault(error)
        except Exception:
            log.exception("a sealed message could not be passed on")
            answer = federation.fault(kit.NodeError())
        answer, _ = federation.sign(answer, question, self._site.credentials, at=now())
        await answer(scope, receive, send)

    # At the relay.

    async def _relay(self, caller: Caller, at: datetime) -> Answer:
        """Carry sealed bytes to a member whose relay we are in the asker's turn, and count it."""
        begun, told = time.perf_counter(), 0
        series = Series("relayed", "relay", _holder(caller), "", "answered")
        try:
            async with self._running.peers.of(caller.member.id):
                answer = await self._carry(caller, at)
            told = len(answer.body)
        except Exception as error:
            series = series._replace(outcome="failed", error=kit.code_of(error))
            if isinstance(error, federation.PeerUnknown):
                series = series._replace(peer="other")  # nobody's name makes a series of its own
            raise
        finally:
            size = len(caller.question.body)
            self._running.records.add(series, time.perf_counter() - begun, size, told)
        return answer

    async def _carry(self, caller: Caller, at: datetime) -> Answer:
        desk = self._site.desk
        number = _holder(caller)
        carriage = Carriage(str(uuid4()), Passage(caller.member.id, desk.tenant, number), caller)
        mark = Seen(caller.signature.keyid, caller.signature.nonce, caller.envelope.id)
        # 1. Whom the list does not give us to relay to ends here; entered like any other.
        try:
            holder = desk.members.by_id(number)
            if holder.via != desk.tenant:
                raise federation.RelayNotListed(relay=desk.tenant, holder=number)
            if caller.envelope.mode != desk.mode:
                raise ModeDiffers(theirs=caller.envelope.mode, ours=desk.mode)
        except kit.NodeError as error:
            await self._fail(carriage, error, carriage.facts(), mark)
            raise
        # 2. Entered before it goes on.
        await self._enter(carriage, audit.Kind.REQUEST, "received", carriage.facts(), mark)
        # 3. The holder's sealed answer, or why there is none.
        try:
            reply = await self._channel.call(
                kit.tenant(holder.id),
                "POST",
                f"{RELAYED}{caller.member.id}",
                caller.question.body,
                (federation.SEALED, ("pf-mode", desk.mode)),
                at=now(),
                seconds=_patience(caller.question),
            )
            told = federation.body_of(kit.tenant(holder.id), reply)
        except kit.NodeError as error:
            await self._fail(carriage, error, {})
            raise
        # 4. Entered before it leaves.
        facts = sealed_facts("answer", told, reply.answered)
        await self._enter(carriage, audit.Kind.ANSWER, "passed-on", facts)
        return Answer(200, (federation.SEALED,), told)

    # At the holder.

    async def _open(self, caller: Caller, at: datetime) -> Answer:
        """Open what our relay brings, put it to our own door, and seal what that answers."""
        desk, sealed = self._site.desk, caller.question.body
        number = caller.question.path.removeprefix(RELAYED)[:20]
        passage = Passage(number, caller.member.id, desk.tenant)
        carriage = Carriage(str(uuid4()), passage, caller)
        await run_in_threadpool(self._first_time, caller, at)
        # 1. Only from the relay the list gives us, and only what opens.
        try:
            if caller.member.id != desk.me.via:
                raise federation.RelayNotListed(relay=caller.member.id, holder=desk.tenant)
            asker = desk.members.by_id(number)
            question, reply = passage.open_question(sealed, self._site.keys.opening())
        except kit.NodeError as error:
            await self._fail(carriage, error, carriage.facts())
            raise
        # 2. Judged, entered and answered as any question of the asker.
        answer = await self._put(question, asker)
        # 3. Sealed; what no relay takes is said inside, so that the relay learns nothing of it.
        try:
            told = passage.seal_answer(answer, reply, sealed)
        except federation.RelayTooLarge as error:
            await self._fail(carriage, error, carriage.facts())
            said, _ = federation.sign(
                federation.fault(error), question, self._site.credentials, at=now()
            )
            told = passage.seal_answer(said, reply, sealed)
        return Answer(200, (federation.SEALED,), told)

    def _first_time(self, caller: Caller, at: datetime) -> None:
        tenant = self._site.desk.tenant
        with self._site.database.transaction(tenant) as conn:
            exchange.first_time(
                conn, tenant, caller.signature, request_id=caller.envelope.id, at=at
            )

    async def _put(self, question: Question, asker: federation.Member) -> Answer:
        """Ask our own door, which reads the asker's line off the list: the relay's was checked."""
        line = federation.fingerprint(asker.certificates[0])
        scope = {
            "type": "http",
            "http_version": "1.1",
            "scheme": "https",
            "method": question.method,
            "path": unquote(question.path),
            "raw_path": question.path.encode("ascii"),
            "query_string": question.query.encode("ascii"),
            "headers": [(n.encode(), v.encode("latin-1")) for n, v in question.fields],
            "extensions": {"tls": {"fingerprint": line}},
        }
        message = {"type": "http.request", "body": question.body, "more_body": False}

        async def receive() -> Message:
            return message

        heard = _Heard()
        await self._inside(scope, receive, heard)
        return heard.answer()

    async def _enter(
        self,
        carriage: Carriage,
        kind: audit.Kind,
        outcome: str,
        facts: dict[str, str],
        mark: Seen | None = None,
    ) -> None:
        mode = self._site.desk.mode
        entry = carriage.entry(kind, outcome, mode=mode, at=now(), details=facts)
        await self._ledger.enter(entry, mark)

    async def _fail(
        self,
        carriage: Carriage,
        error: kit.NodeError,
        facts: dict[str, str],
        mark: Seen | None = None,
    ) -> None:
        details = facts | {"error": error.code()}
        await self._enter(carriage, audit.Kind.FAILURE, "failed", details, mark)


class _Heard:
    """What our own door answers, kept whole; of what is too large for a relay, too much of it."""

    def __init__(self) -> None:
        self._status = 500
        self._fields: exchange.Fields = ()
        self._body = bytearray()

    async def __call__(self, message: Message) -> None:
        """Take head or body of the answer."""
        if message["type"] == "http.response.start":
            self._status = message["status"]
            self._fields = exchange.fields(message["headers"])
        elif len(self._body) <= federation.MOST_SEALED:
            self._body += message.get("body", b"")

    def answer(self) -> Answer:
        """Return the answer as it would have travelled."""
        return Answer(self._status, self._fields, bytes(self._body))


def _holder(caller: Caller) -> str:
    """Return whom a relay is to carry to, as the asker wrote it."""
    return caller.question.path.removeprefix(RELAY)[:20]


def _patience(question: Question) -> float:
    """Return how long the asker waits: `Prefer: wait=…` (RFC 7240), at most a minute."""
    found = _WAIT.fullmatch(question.field("prefer") or "")
    return float(min(int(found[1]), LONGEST_WAIT)) if found else 10.0
