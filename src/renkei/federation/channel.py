"""The channel: one organisation's node asks another's, and each believes only what was signed.

Asking is asynchronous, since it waits on a socket; signing, verifying and answering are not. A
peer has its own connections: one that is down or slow holds up no question to another.
"""

import random
import re
import time
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from types import TracebackType
from typing import Protocol, Self, TypeVar

import aiohttp

from renkei import exchange, kit
from renkei.exchange import Answer, Limits, Question, Signature
from renkei.federation.errors import (
    AnswerNotBound,
    AnswerRedirected,
    AnswerTooLarge,
    AnswerUntrusted,
    PeerBrokeOff,
    PeerBusy,
    PeerPaused,
    PeerRefusedCall,
    PeerSilent,
    PeerUnreachable,
    RelayRefused,
    SealedMalformed,
    SealedUnreadable,
)
from renkei.federation.lines import CONNECT_SECONDS, Line, Lines, LineState
from renkei.federation.member import Member
from renkei.federation.members import Members
from renkei.federation.membership import Membership
from renkei.federation.passage import RELAY, SEALED, Passage
from renkei.kit import NodeError, Tenant

CLOSING_SECONDS = 2.0
SHORTEST_SECONDS = 0.1
"""What is left at least to the next node after others were not reached."""
RELAY_SECONDS = 5.0
"""How much longer an answer may take through a relay, which waits as long as we would."""
BUSY = frozenset({"node-draining", "node-busy"})
"""What a peer's node says that takes nothing now and will in a while."""

_TARGET = re.compile(r"/[\x21\x24-\x7e]*", re.ASCII)  # no space, quotation mark or number sign


@dataclass(frozen=True, slots=True)
class Reply:
    """A peer's answer, verified, with both signatures for the record, and by which of its nodes."""

    peer: Member
    question: Question
    answer: Answer
    asked: Signature
    answered: Signature
    node: str = ""

    @property
    def fault(self) -> exchange.Fault | None:
        """Return what the peer's node refused or could not do, or None if it answered."""
        return exchange.read_fault(self.answer)


def body_of(peer: Tenant, reply: Reply) -> bytes:
    """Return what a peer answered, or raise its fault as ours to tell."""
    fault = reply.fault
    if fault is not None and fault.code in BUSY:
        raise PeerBusy(peer=peer, code=fault.code)
    if fault is not None:
        raise PeerRefusedCall(peer=peer, code=fault.code, reason=fault.message)
    return reply.answer.body


_AWAY = frozenset(one.code() for one in (PeerUnreachable, PeerPaused, PeerBusy))


def _not_brought(
    relay: str, peer: Member, fault: exchange.Fault, seconds: float
) -> PeerUnreachable | RelayRefused:
    """Return what a relay's fault means to who asked: a peer that is away behind it is away."""
    if fault.code in BUSY:
        return PeerBusy(peer=relay, code=fault.code)
    if fault.code == PeerSilent.code():
        return PeerSilent(peer=peer.id, seconds=round(seconds))
    if fault.code == PeerBrokeOff.code():
        return PeerBrokeOff(peer=peer.id)
    if fault.code in _AWAY:
        return PeerUnreachable(peer=peer.id)
    return RelayRefused(relay=relay, peer=peer.id, code=fault.code, reason=fault.message)


class Told(Protocol):
    """What came of a question: of a fault, which."""

    @property
    def fault(self) -> exchange.Fault | None:
        """Return what the peer's node refused or could not do, or None if it answered."""


_T = TypeVar("_T", bound=Told)


def _is_busy(told: Told) -> bool:
    """Tell whether a node signed that it takes nothing now: so nothing happened there."""
    return told.fault is not None and told.fault.code in BUSY


class Channel:
    """The way out to all peers. Kept open: a new connection costs as much as many questions.

    Each question goes by the list in force when it is asked.
    """

    def __init__(
        self,
        membership: Membership,
        *,
        seconds: float = 10.0,
        connections: int = 64,
        limits: Limits | None = None,
        clock: Callable[[], float] = time.monotonic,
        chance: Callable[[], float] = random.random,
    ) -> None:
        """Open lazily. `seconds` is for a whole question, `connections` for each peer.

        `clock` and `chance` are those of the breakers.
        """
        self._membership = membership
        self._seconds = seconds
        self._limits = limits or Limits()
        self._lines = Lines(membership, connections=connections, clock=clock, chance=chance)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._lines.close(CLOSING_SECONDS)

    async def call(
        self,
        peer: Tenant,
        method: str,
        target: str,
        body: bytes = b"",
        headers: Iterable[tuple[str, str]] = (),
        *,
        at: datetime,
        seconds: float | None = None,
        node: str = "",
        most: int | None = None,
    ) -> Reply:
        """Ask a peer and return its answer, or raise why there is none to believe.

        `target` is path and query as they are to travel. Of the headers, X-Road-Client, X-Road-Id
        and Content-Type are added where they lack, PF-To always. `seconds` is for the whole
        question and `most` the bytes of its answer where they are not what this channel gives.
        `node` is the address of the one node of the peer that may be asked; without it the soonest
        to answer is.
        """
        members, credentials = self._membership.members, self._membership.credentials
        member = members.by_id(peer)
        members.check_of(peer, at)
        ready = self._question(members, member, method, target, body, headers)
        question, asked = exchange.sign_question(ready, credentials.signing, at=at)
        wait = seconds or self._seconds
        if self.relay_of(member):
            answer = await self.through_relay(member, question, at=at, seconds=wait)
            answered = self.verify(member, question, answer, asked, at=at)
            return Reply(member, question, answer, asked, answered)

        async def use(line: Line) -> Reply:
            answer = await self._send(line, question, until, most or self._limits.body)
            answered = self.verify(member, question, answer, asked, at=at)
            return Reply(member, question, answer, asked, answered, line.node.url)

        until = time.monotonic() + wait
        return await self.over(member, wait, use, at=at, node=node)

    def _question(
        self,
        members: Members,
        peer: Member,
        method: str,
        target: str,
        body: bytes,
        headers: Iterable[tuple[str, str]],
    ) -> Question:
        if not _TARGET.fullmatch(target):
            raise exchange.AddressMalformed(part="path")
        path, _, query = target.partition("?")
        given = {name.lower(): value for name, value in headers}
        added = {
            "x-road-client": members.address(self._membership.desk.tenant).render(),
            "x-road-id": exchange.new_id(members.instance),
        }
        if body:
            added["content-type"] = "application/json"
        return Question(
            method, path, query, tuple((added | given | {"pf-to": peer.id}).items()), body
        )

    def relay_of(self, peer: Member) -> str:
        """Return who carries our questions to a peer, or nothing where we ask it directly.

        A relay has a line of its own to those it relays to.
        """
        return "" if peer.via == self._membership.desk.tenant else peer.via

    async def through_relay(
        self, peer: Member, question: Question, *, at: datetime, seconds: float
    ) -> Answer:
        """Bring a signed question to a peer, sealed; return what came back, not yet believed."""
        relay, desk = self.relay_of(peer), self._membership.desk
        passage = Passage(desk.tenant, relay, peer.id)
        sealed, key = passage.seal_question(question, peer.sealing_key)
        said = (SEALED, ("pf-mode", desk.mode), ("prefer", f"wait={round(seconds)}"))
        reply = await self.call(
            kit.tenant(relay),
            "POST",
            f"{RELAY}{peer.id}",
            sealed,
            said,
            at=at,
            seconds=seconds + RELAY_SECONDS,
        )
        if reply.fault is not None:
            raise _not_brought(relay, peer, reply.fault, seconds)
        try:
            return passage.open_answer(reply.answer.body, key, sealed)
        except (SealedUnreadable, SealedMalformed) as error:
            raise AnswerUntrusted(peer=peer.id, reason=error.code()) from error

    async def _send(self, line: Line, question: Question, until: float, most: int) -> Answer:
        timeout = aiohttp.ClientTimeout(
            total=max(until - time.monotonic(), SHORTEST_SECONDS), sock_connect=CONNECT_SECONDS
        )
        body, fields = question.body or None, question.fields
        async with await line.ask(question, body, fields, timeout) as response:
            return await self._read(line.peer, response, most)

    async def _read(self, peer: Member, response: aiohttp.ClientResponse, most: int) -> Answer:
        body = bytearray()
        async for chunk in response.content.iter_any():
            body += chunk
            if len(body) > most:
                raise AnswerTooLarge(peer=peer.id, limit=most)
        try:
            fields = exchange.fields(response.raw_headers, self._limits)
        except NodeError as error:
            raise AnswerUntrusted(peer=peer.id, reason=error.code()) from error
        return Answer(response.status, fields, bytes(body))

    async def over(
        self,
        peer: Member,
        seconds: float,
        use: Callable[[Line], Awaitable[_T]],
        *,
        at: datetime,
        node: str = "",
    ) -> _T:
        """Let a question go over the best line to a peer, once, and return what its use gave.

        Another node is asked only where the first was not reached, or said that it takes nothing.
        """
        self._membership.members.check_of(peer.id, at)
        return await self._lines.over(peer.id, seconds, use, is_for_another=_is_busy, node=node)

    def lines(self) -> list[LineState]:
        """Return how the line to each node of a peer stands that was asked since the start."""
        return self._lines.states()

    def verify(
        self,
        peer: Member,
        question: Question,
        answer: Answer,
        asked: Signature,
        *,
        at: datetime,
        carried: bool = False,
    ) -> Signature:
        """Return a peer's signature of its answer to this very question, or raise what is wrong."""
        if 300 <= answer.status < 400 and not carried:  # a system's own answer is passed on
            raise AnswerRedirected(peer=peer.id)
        if answer.status == 503 and answer.field("signature") is None:
            raise PeerUnreachable(
                peer=peer.id
            )  # its server turned us away before its node heard us

        def of_peer(name: str) -> exchange.PublicKey | None:
            # By the list in force now: who was withdrawn while we waited is not believed.
            members = self._membership.members
            owner = members.by_key(name)
            return members.key(name) if owner is not None and owner.id == peer.id else None

        named = dict(answer.fields).get("x-road-id")
        if named is not None and named != question.field("x-road-id"):
            raise AnswerNotBound(peer=peer.id)
        try:
            return exchange.verify_answer(
                answer, of_peer, question=asked.header, at=at, carried=carried
            )
        except NodeError as error:
            if error.facts.get("component") == "signature;req":
                raise AnswerNotBound(peer=peer.id) from error
            raise AnswerUntrusted(peer=peer.id, reason=error.code()) from error
