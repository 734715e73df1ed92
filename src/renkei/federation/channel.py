"""The channel: one organisation's node asks another's, and each believes only what was signed.

Asking is asynchronous, since it waits on a socket; signing, verifying and answering are not. A
peer has its own connections: one that is down or slow holds up no question to another.
"""

import asyncio
import logging
import re
import socket
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from types import TracebackType
from typing import Self
from weakref import WeakSet

import aiohttp
from multidict import CIMultiDict
from yarl import URL

from renkei import exchange
from renkei.exchange import Answer, Limits, Question, Signature
from renkei.federation.errors import (
    AnswerNotBound,
    AnswerRedirected,
    AnswerTooLarge,
    AnswerUntrusted,
    PeerBrokeOff,
    PeerCertificateWrong,
    PeerRefusedCall,
    PeerSilent,
    PeerUnreachable,
)
from renkei.federation.member import Member
from renkei.federation.members import Members
from renkei.federation.membership import Membership
from renkei.federation.tls import Credentials, client_context
from renkei.kit import NodeError, Tenant

CONNECT_SECONDS = 3.0
IDLE_SECONDS = 30.0
CLOSING_SECONDS = 2.0

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
    ) -> None:
        """Open lazily. `seconds` is for a whole question, `connections` for each peer."""
        self._membership = membership
        self._seconds = seconds
        self._connections = connections
        self._limits = limits or Limits()
        self._lines: dict[str, _Lines] = {}
        self._old: list[_Lines] = []
        self._seen = membership.members
        self._sockets: WeakSet[socket.socket] = WeakSet()

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
    ) -> Reply:
        """Ask a peer and return its answer, or raise why there is none to believe.

        `target` is path and query as they are to travel. Of the headers, X-Road-Client, X-Road-Id
        and Content-Type are added where they lack, PF-To always.
        """
        members, credentials = self._membership.members, self._membership.credentials
        members.check(at)
        member = members.by_id(peer)
        ready = self._question(members, member, method, target, body, headers)
        question, asked = exchange.sign_question(ready, credentials.signing, at=at)
        answer = await self._send(member, question, at)
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

    async def _send(self, peer: Member, question: Question, at: datetime) -> Answer:
        with line_errors(peer, self._seconds):
            async with (
                self.lines(peer.id, at=at) as session,
                session.request(
                    question.method,
                    URL(peer.url + question.target, encoded=True),
                    data=question.body or None,
                    headers=CIMultiDict(question.fields),
                    allow_redirects=False,
                ) as response,
            ):
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
    async def lines(self, number: str, *, at: datetime) -> AsyncIterator[aiohttp.ClientSession]:
        """Lend the connections to a peer for one question; no older ones are closed under it."""
        members, credentials = self._membership.members, self._membership.credentials
        members.check(at)
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
        return aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(
                ssl=client_context(credentials, peer),
                limit=self._connections,
                keepalive_timeout=IDLE_SECONDS,
                socket_factory=self._line,
            ),
            timeout=aiohttp.ClientTimeout(total=self._seconds, sock_connect=CONNECT_SECONDS),
            skip_auto_headers=("User-Agent", "Accept", "Accept-Encoding", "Content-Type"),
            auto_decompress=False,
            cookie_jar=aiohttp.DummyCookieJar(),
        )

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
