"""The lines: our connections to the nodes of every peer, and which of a peer's nodes is asked.

A peer may have several nodes that share what they keep. The one that answers soonest is asked, each
has a breaker of its own, and the next one is asked where certainly nothing happened: no connection
came about, or the node signed that it takes nothing now. What may have arrived is sent once only.
"""

import asyncio
import logging
import random
import socket
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from math import ceil
from typing import TypeVar
from weakref import WeakSet

import aiohttp
from multidict import CIMultiDict
from yarl import URL

from renkei import exchange
from renkei.exchange import Question
from renkei.federation.breaker import Breaker, State
from renkei.federation.errors import (
    PeerBrokeOff,
    PeerCertificateWrong,
    PeerPaused,
    PeerSilent,
    PeerUnknown,
    PeerUnreachable,
)
from renkei.federation.member import Member, Node
from renkei.federation.members import Members
from renkei.federation.membership import Membership
from renkei.federation.pace import Pace
from renkei.federation.tls import Credentials, client_context
from renkei.kit import NodeError

CONNECT_SECONDS = 3.0
IDLE_SECONDS = 30.0

log = logging.getLogger("renkei.federation")

_T = TypeVar("_T")
_NOT_SENT = aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError
"""No connection came about: whoever sees these knows that no byte of the question left."""


@dataclass(frozen=True, slots=True)
class LineState:
    """How the line to one node of a peer stands; `seconds` is what it lately took to answer."""

    peer: str
    node: str
    state: State
    seconds: float | None
    answers: int


@dataclass(slots=True)
class Line:
    """Our connections to one node, made by its row of the list and by our credentials."""

    peer: Member
    node: Node
    session: aiohttp.ClientSession
    breaker: Breaker
    pace: Pace
    busy: int = 0

    async def ask(
        self,
        question: Question,
        data: object,
        fields: exchange.Fields,
        timeout: aiohttp.ClientTimeout,
    ) -> aiohttp.ClientResponse:
        """Send a question and return the head of its answer, whose body is still to be read."""
        begun = time.perf_counter()
        response = await self.session.request(
            question.method,
            URL(self.node.url + question.target, encoded=True),
            data=data,
            headers=CIMultiDict(fields),
            allow_redirects=False,
            timeout=timeout,
        )
        self.pace.took(time.perf_counter() - begun)
        return response


@contextmanager
def line_errors(peer: Member, seconds: float) -> Iterator[None]:
    """Say what goes wrong on the line to a peer as an error of ours."""
    try:
        yield
    except aiohttp.ClientConnectorCertificateError as error:
        raise PeerCertificateWrong(peer=peer.id) from error
    except _NOT_SENT as error:
        raise PeerUnreachable(peer=peer.id) from error
    except TimeoutError as error:
        raise PeerSilent(peer=peer.id, seconds=round(seconds)) from error
    except aiohttp.ClientError as error:
        raise PeerBrokeOff(peer=peer.id) from error


class Lines:
    """The lines to all peers, by the list in force when a question is asked.

    Those of another list, or under other credentials of ours, are closed when the last question on
    them is answered; a node that is still listed keeps its breaker and its pace.
    """

    def __init__(
        self,
        membership: Membership,
        *,
        connections: int = 64,
        clock: Callable[[], float] = time.monotonic,
        chance: Callable[[], float] = random.random,
    ) -> None:
        """Open lazily, so many connections to each node. `clock` and `chance` are the breakers'."""
        self._membership = membership
        self._connections = connections
        self._clock = clock
        self._chance = chance
        self._of: dict[str, tuple[Line, ...]] = {}
        self._old: list[Line] = []
        self._by: tuple[Members, Credentials] = membership.members, membership.credentials
        self._sockets: WeakSet[socket.socket] = WeakSet()

    async def over(
        self,
        number: str,
        seconds: float,
        use: Callable[[Line], Awaitable[_T]],
        *,
        is_for_another: Callable[[_T], bool],
        node: str = "",
    ) -> _T:
        """Let a question go over the best line to a peer; return what its use gave.

        `is_for_another` tells of what came whether another node should be asked, `node` names the
        only one that may be. Raise `PeerPaused` where every line is paused.
        """
        peer, lines = await self._lines_to(number, node)
        with line_errors(peer, seconds):
            return await self._over(lines, use, is_for_another)

    async def _over(
        self,
        lines: tuple[Line, ...],
        use: Callable[[Line], Awaitable[_T]],
        is_for_another: Callable[[_T], bool],
    ) -> _T:
        if len(lines) > 1:
            lines = tuple(sorted(lines, key=lambda line: line.pace.cost()))
        waits, failed, turned_away = [], None, list[_T]()
        for line in lines:
            entered = line.breaker.enter()
            if isinstance(entered, float):
                waits.append(entered)
                continue
            try:
                found = await self._counted(line, use, is_probe=entered == "probe")
            except _NOT_SENT as error:
                log.warning("%s cannot be reached at %s", line.peer.id, line.node.url)
                if not isinstance(failed, aiohttp.ClientConnectorCertificateError):
                    failed = error  # of a wrong certificate everybody is told
                continue
            if not is_for_another(found):
                return found
            line.pace.lost()
            turned_away.append(found)
        if turned_away:
            return turned_away[0]
        if failed is not None:
            raise failed
        raise PeerPaused(peer=lines[0].peer.id, seconds=max(1, ceil(min(waits))))

    async def _counted(
        self, line: Line, use: Callable[[Line], Awaitable[_T]], *, is_probe: bool
    ) -> _T:
        """Use a line once, and count what it did.

        Whatever a peer says came over a line that stands. A wrong certificate says nothing about
        the line: whoever sees it must be told so each time.
        """
        line.busy += 1
        line.pace.under_way += 1
        begun = time.perf_counter()
        try:
            found = await use(line)
        except aiohttp.ClientConnectorCertificateError:
            line.breaker.gave_up(is_probe=is_probe)
            line.pace.lost()
            raise
        except (aiohttp.ClientError, TimeoutError, PeerUnreachable):
            line.breaker.failed(is_probe=is_probe)
            line.pace.lost(time.perf_counter() - begun)
            raise
        except NodeError:
            line.breaker.succeeded()
            raise
        except BaseException:
            line.breaker.gave_up(is_probe=is_probe)
            raise
        finally:
            line.busy -= 1
            line.pace.under_way -= 1
        line.breaker.succeeded()
        return found

    def states(self) -> list[LineState]:
        """Return how the line to each node stands whose peer was asked since the start."""
        return [
            LineState(
                line.peer.id,
                line.node.url,
                line.breaker.state,
                line.pace.seconds,
                line.pace.answers,
            )
            for lines in list(self._of.values())
            for line in lines
        ]

    async def close(self, seconds: float) -> None:
        """Close everything; aiohttp ends TLS in the background, which is waited for a while."""
        for line in (*self._old, *(line for lines in self._of.values() for line in lines)):
            await line.session.close()
        self._old.clear()
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while any(each.fileno() >= 0 for each in self._sockets):
                    await asyncio.sleep(0.01)

    async def _lines_to(self, number: str, node: str) -> tuple[Member, tuple[Line, ...]]:
        """Return a peer and its lines by the list in force, or that to one of its nodes alone."""
        members, credentials = self._membership.members, self._membership.credentials
        peer = members.by_id(number)
        if members is not self._by[0] or credentials is not self._by[1]:
            self._renew(members, credentials)
        await self._close_old()
        lines = self._of.get(number)
        if lines is None:
            lines = self._of[number] = self._lines_of(peer, credentials, {})
        found = tuple(line for line in lines if not node or line.node.url == node)
        if not found:
            raise PeerUnknown(peer=node)
        return peer, found

    def _renew(self, members: Members, credentials: Credentials) -> None:
        """Put aside what a new list or new credentials made old."""
        is_ours = credentials is self._by[1]
        rows = {member.id: member for member in members.everyone}
        for number, lines in list(self._of.items()):
            row = rows.get(number)
            if row is not None and is_ours and row.all_nodes == lines[0].peer.all_nodes:
                for line in lines:
                    line.peer = row
                continue
            before = {line.node.url: line for line in self._of.pop(number)}
            self._old += before.values()
            if row is not None:
                self._of[number] = self._lines_of(row, credentials, before)
        self._by = members, credentials

    def _lines_of(
        self, peer: Member, credentials: Credentials, before: Mapping[str, Line]
    ) -> tuple[Line, ...]:
        return tuple(
            Line(
                peer,
                node,
                self._session(node, credentials),
                before[node.url].breaker if node.url in before else self._breaker(),
                before[node.url].pace if node.url in before else Pace(self._clock),
            )
            for node in peer.all_nodes
        )

    async def _close_old(self) -> None:
        """Close what was put aside and is not in use; no line is closed under a question."""
        if not self._old:
            return
        idle = [line for line in self._old if not line.busy]
        self._old = [line for line in self._old if line.busy]
        for line in idle:
            await line.session.close()

    def _breaker(self) -> Breaker:
        return Breaker(self._clock, self._chance)

    def _session(self, node: Node, credentials: Credentials) -> aiohttp.ClientSession:
        connector = aiohttp.TCPConnector(
            ssl=client_context(credentials, node),
            limit=self._connections,
            keepalive_timeout=IDLE_SECONDS,
            socket_factory=self._socket,
        )
        return exchange.plain_session(connector)

    def _socket(self, address: aiohttp.AddrInfoType) -> socket.socket:
        family, kind, protocol, _, _ = address
        made = socket.socket(family, kind, protocol)
        self._sockets.add(made)
        return made
