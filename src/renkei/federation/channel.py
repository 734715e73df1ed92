"""The channel: one organisation's node asks another's, and each believes only what was signed.

Asking is asynchronous, since it waits on a socket; signing, verifying and answering are not. A
peer has its own connections: one that is down or slow holds up no question to another.
"""

import asyncio
import logging
import random
import re
import socket
import time
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from math import ceil
from types import TracebackType
from typing import Self
from weakref import WeakSet

import aiohttp
from multidict import CIMultiDict
from yarl import URL

from renkei import exchange, kit
from renkei.exchange import Answer, Limits, Question, Signature
from renkei.federation.breaker import Breaker, State
from renkei.federation.errors import (
    AnswerNotBound,
    AnswerRedirected,
    AnswerTooLarge,
    AnswerUntrusted,
    PeerBrokeOff,
    PeerBusy,
    PeerCertificateWrong,
    PeerPaused,
    PeerRefusedCall,
    PeerSilent,
    PeerUnreachable,
    RelayRefused,
    SealedMalformed,
    SealedUnreadable,
)
from renkei.federation.member import Member
from renkei.federation.members import Members
from renkei.federation.membership import Membership
from renkei.federation.passage import RELAY, SEALED, Passage
from renkei.federation.tls import Credentials, client_context
from renkei.kit import NodeError, Tenant

CONNECT_SECONDS = 3.0
IDLE_SECONDS = 30.0
CLOSING_SECONDS = 2.0
RELAY_SECONDS = 5.0
"""How much longer an answer may take through a relay, which waits as long as we would."""
BUSY = frozenset({"node-draining", "node-busy"})
"""What a peer's node says that takes nothing now and will in a while."""

log = logging.getLogger("renkei.federation")

_TARGET = re.compile(r"/[\x21\x24-\x7e]*", re.ASCII)  # no space, quotation mark or number sign


@dataclass(frozen=True, slots=True)
class Reply:
    """A peer's answer, verified, with both signatures for the record."""

    peer: Member
    question: Question
    answer: Answer
    asked: Signature
    answered: Signature

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


@dataclass(slots=True)
class _Lines:
    """Our connections to a peer, made by its row of the list and by our credentials."""

    session: aiohttp.ClientSession
    peer: Member
    credentials: Credentials
    busy: int = 0

    def fit(self, peer: Member, credentials: Credentials) -> bool:
        """Tell whether they are those one would make now."""
        same_peer = (peer.url, peer.certificates) == (self.peer.url, self.peer.certificates)
        return same_peer and credentials is self.credentials


@contextmanager
def line_errors(peer: Member, seconds: float) -> Iterator[None]:
    """Say what goes wrong on the line to a peer as an error of ours."""
    try:
        yield
    except aiohttp.ClientConnectorCertificateError as error:
        raise PeerCertificateWrong(peer=peer.id) from error
    except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
        raise PeerUnreachable(peer=peer.id) from error
    except TimeoutError as error:
        raise PeerSilent(peer=peer.id, seconds=round(seconds)) from error
    except aiohttp.ClientError as error:
        raise PeerBrokeOff(peer=peer.id) from error


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


class Channel:
    """The way out to all peers. Kept open: a new connection costs as much as many questions.

    Each question goes by the list in force when it is asked. Connections of another list, or under
    other credentials of ours, are closed when the last question on them is answered.
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
        self._connections = connections
        self._limits = limits or Limits()
        self._lines: dict[str, _Lines] = {}
        self._old: list[_Lines] = []
        self._seen = membership.members
        self._sockets: WeakSet[socket.socket] = WeakSet()
        self._clock = clock
        self._chance = chance
        self._breakers: dict[str, Breaker] = {}

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for lines in (*self._lines.values(), *self._old):
            await lines.session.close()
        self._lines.clear()
        self._old.clear()
        # aiohttp ends TLS in the background; the loop must not end before it did.
        with suppress(TimeoutError):
            async with asyncio.timeout(CLOSING_SECONDS):
                while any(line.fileno() >= 0 for line in self._sockets):
                    await asyncio.sleep(0.01)

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
    ) -> Reply:
        """Ask a peer and return its answer, or raise why there is none to believe.

        `target` is path and query as they are to travel. Of the headers, X-Road-Client, X-Road-Id
        and Content-Type are added where they lack, PF-To always. `seconds` is for the whole
        question where it is not what this channel gives.
        """
        members, credentials = self._membership.members, self._membership.credentials
        members.check(at)
        member = members.by_id(peer)
        ready = self._question(members, member, method, target, body, headers)
        question, asked = exchange.sign_question(ready, credentials.signing, at=at)
        wait = seconds or self._seconds
        if self.relay_of(member):
            answer = await self.through_relay(member, question, at=at, seconds=wait)
            answered = self.verify(member, question, answer, asked, at=at)
            return Reply(member, question, answer, asked, answered)
        async with self.line(member, wait, at=at) as session:
            answer = await self._send(session, member, question, wait)
            answered = self.verify(member, question, answer, asked, at=at)
        return Reply(member, question, answer, asked, answered)

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

    async def _send(
        self, session: aiohttp.ClientSession, peer: Member, question: Question, seconds: float
    ) -> Answer:
        async with session.request(
            question.method,
            URL(peer.url + question.target, encoded=True),
            data=question.body or None,
            headers=CIMultiDict(question.fields),
            allow_redirects=False,
            timeout=aiohttp.ClientTimeout(total=seconds, sock_connect=CONNECT_SECONDS),
        ) as response:
            return await self._read(peer, response)

    async def _read(self, peer: Member, response: aiohttp.ClientResponse) -> Answer:
        body = bytearray()
        async for chunk in response.content.iter_any():
            body += chunk
            if len(body) > self._limits.body:
                raise AnswerTooLarge(peer=peer.id, limit=self._limits.body)
        try:
            fields = exchange.fields(response.raw_headers, self._limits)
        except NodeError as error:
            raise AnswerUntrusted(peer=peer.id, reason=error.code()) from error
        return Answer(response.status, fields, bytes(body))

    @asynccontextmanager
    async def line(
        self, peer: Member, seconds: float, *, at: datetime
    ) -> AsyncIterator[aiohttp.ClientSession]:
        """Lend the line to a peer for one question, or raise `PeerPaused`; what it does is counted.

        Whatever a peer says came over a line that stands. A wrong certificate says nothing about
        the line: whoever sees it must be told so each time.
        """
        self._membership.members.check(at)
        breaker = self._breakers.get(peer.id)
        if breaker is None:
            breaker = self._breakers[peer.id] = Breaker(self._clock, self._chance)
        entered = breaker.enter()
        if isinstance(entered, float):
            raise PeerPaused(peer=peer.id, seconds=max(1, ceil(entered)))
        is_probe = entered == "probe"
        try:
            with line_errors(peer, seconds):
                async with self._lent(peer.id) as session:
                    yield session
        except PeerUnreachable:
            breaker.failed(is_probe=is_probe)
            raise
        except PeerCertificateWrong:
            breaker.gave_up(is_probe=is_probe)
            raise
        except NodeError:
            breaker.succeeded()
            raise
        except BaseException:
            breaker.gave_up(is_probe=is_probe)
            raise
        else:
            breaker.succeeded()

    def breakers(self) -> dict[str, State]:
        """Return how the breaker of each peer stands that was asked since the start."""
        return {peer: breaker.state for peer, breaker in list(self._breakers.items())}

    @asynccontextmanager
    async def _lent(self, number: str) -> AsyncIterator[aiohttp.ClientSession]:
        """Lend the connections to a peer for one question; no older ones are closed under it."""
        members, credentials = self._membership.members, self._membership.credentials
        peer = members.by_id(number)
        await self._close_old()
        lent = self._lines_to(peer, credentials)
        lent.busy += 1
        try:
            yield lent.session
        finally:
            lent.busy -= 1

    async def _close_old(self) -> None:
        """Put aside what a new list or new credentials made old; close what is not in use."""
        members, credentials = self._membership.members, self._membership.credentials
        if members is not self._seen:
            self._seen = members
            rows = {member.id: member for member in members.all}
            for number, lines in list(self._lines.items()):
                if number not in rows or not lines.fit(rows[number], credentials):
                    self._old.append(self._lines.pop(number))
        idle = [lines for lines in self._old if not lines.busy]
        self._old = [lines for lines in self._old if lines.busy]
        for lines in idle:
            await lines.session.close()

    def _lines_to(self, peer: Member, credentials: Credentials) -> _Lines:
        lines = self._lines.get(peer.id)
        if lines is not None and not lines.fit(peer, credentials):
            self._old.append(self._lines.pop(peer.id))
            lines = None
        if lines is None:
            lines = self._lines[peer.id] = _Lines(
                self._session(peer, credentials), peer, credentials
            )
        return lines

    def _session(self, peer: Member, credentials: Credentials) -> aiohttp.ClientSession:
        connector = aiohttp.TCPConnector(
            ssl=client_context(credentials, peer),
            limit=self._connections,
            keepalive_timeout=IDLE_SECONDS,
            socket_factory=self._line,
        )
        timeout = aiohttp.ClientTimeout(total=self._seconds, sock_connect=CONNECT_SECONDS)
        return exchange.plain_session(connector, timeout)

    def _line(self, address: aiohttp.AddrInfoType) -> socket.socket:
        family, kind, protocol, _, _ = address
        line = socket.socket(family, kind, protocol)
        self._sockets.add(line)
        return line

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
