"""The ledger of a node: what must stand in the log before the next step, many at a time.

An exchange waits several times until something is kept. One transaction keeps all that came while
the one before was under way, so that the price of a commit is shared: the more there is to do, the
cheaper each deed. One thread writes, and nothing is lost: what cannot be kept is raised to whom it
belongs.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from renkei import audit, exchange, kit

log = logging.getLogger("renkei.app")

AT_ONCE = 256
LOCK_SECONDS = 5.0
"""How long a writer waits where the log is locked; then those who wait for it are told."""
LINGER = 0.004
"""Seconds that a writer who is busy waits for company: a commit costs the same for one and many."""


@dataclass(frozen=True, slots=True)
class Use:
    """A message id a unit uses: once."""

    client: str
    id: str


@dataclass(frozen=True, slots=True)
class Seen:
    """A signed message that arrived: once."""

    keyid: str
    nonce: str
    id: str


@dataclass(frozen=True, slots=True)
class _Deed:
    """An entry that someone waits for, and the mark it depends on."""

    entry: audit.Entry
    mark: Use | Seen | None
    told: asyncio.Future[None]


class Ledger:
    """Entries of one organisation, each kept together with its mark, or not at all."""

    def __init__(
        self, database: kit.Database, tenant: kit.Tenant, *, lock_seconds: float = LOCK_SECONDS
    ) -> None:
        """Take where they are kept."""
        patient = {"lock_timeout": f"{round(lock_seconds * 1000)}ms"}
        self._line = kit.Line(database.beside(size=1, settings=patient), tenant)
        self._tenant = tenant
        self._waiting: deque[_Deed] = deque()
        self._writer = ThreadPoolExecutor(1, "ledger")
        self._is_writing = False
        self.batches = 0
        self.kept = 0

    @property
    def waiting(self) -> int:
        """Return how many entries wait for the next transaction."""
        return len(self._waiting)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        while self._is_writing:  # what was accepted is kept before the writer goes
            await asyncio.sleep(LINGER)
        await asyncio.to_thread(self._writer.shutdown)
        self._line.close()

    async def enter(self, entry: audit.Entry, mark: Use | Seen | None = None) -> None:
        """Return once an entry is kept; `RequestIdReused` or `Replayed` for a mark met before."""
        loop = asyncio.get_running_loop()
        deed = _Deed(entry, mark, loop.create_future())
        self._waiting.append(deed)
        if not self._is_writing:
            self._is_writing = True
            self._go_on(loop)
        await deed.told

    def _go_on(self, loop: asyncio.AbstractEventLoop) -> None:
        loop.run_in_executor(self._writer, self._write, self._take(), loop)

    def _take(self) -> list[_Deed]:
        return [self._waiting.popleft() for _ in range(min(AT_ONCE, len(self._waiting)))]

    def _write(self, deeds: list[_Deed], loop: asyncio.AbstractEventLoop) -> None:
        """Keep some deeds, in the writer's thread; what fails of many is tried one by one."""
        try:
            ends: list[BaseException | None] = list(self._keep(deeds))
        except kit.DatabaseUnreachable as error:
            ends = [kit.DatabaseUnreachable(**error.facts) for _ in deeds]
        except Exception as error:
            log.exception("the ledger could not keep %s deeds", len(deeds))
            ends = [error] * len(deeds) if len(deeds) == 1 else [self._alone(one) for one in deeds]
        loop.call_soon_threadsafe(self._tell, deeds, ends, loop)

    def _alone(self, deed: _Deed) -> BaseException | None:
        try:
            (end,) = self._keep([deed])
        except Exception as error:
            return error
        return end

    def _tell(
        self,
        deeds: list[_Deed],
        ends: list[BaseException | None],
        loop: asyncio.AbstractEventLoop,
    ) -> None:
        """Wake who waits, and write what came meanwhile."""
        if self._waiting:
            loop.call_later(LINGER, self._go_on, loop)
        else:
            self._is_writing = False
        for deed, end in zip(deeds, ends, strict=True):
            if deed.told.done():  # who waited was cancelled; the deed is kept all the same
                continue
            if end is None:
                deed.told.set_result(None)
            else:
                deed.told.set_exception(end)

    def _keep(self, deeds: list[_Deed]) -> Iterable[kit.NodeError | None]:
        """Keep marks, and the entries of those that are new, in one transaction."""
        with self._line.transaction() as conn:
            ends = self._mark(conn, deeds)
            kept = [deed.entry for deed, end in zip(deeds, ends, strict=True) if end is None]
            audit.append_many(conn, self._tenant, kept)
        self.batches += 1
        self.kept += len(kept)
        return ends

    def _mark(self, conn: kit.Connection, deeds: list[_Deed]) -> list[kit.NodeError | None]:
        at = max(deed.entry.at for deed in deeds)
        uses = {(m.client, m.id) for m in (d.mark for d in deeds) if isinstance(m, Use)}
        seen = {(m.keyid, m.nonce, m.id) for m in (d.mark for d in deeds) if isinstance(m, Seen)}
        used = exchange.first_uses(conn, self._tenant, uses, at=at) if uses else set()
        new = exchange.first_times(conn, self._tenant, seen, at=at) if seen else set()
        ends: list[kit.NodeError | None] = []
        for deed in deeds:
            match deed.mark:
                case None:
                    ends.append(None)
                case Use(client, id_):
                    is_first = (client, id_) in used
                    used.discard((client, id_))  # of two at once the first one alone
                    ends.append(None if is_first else exchange.RequestIdReused())
                case Seen(keyid, nonce):
                    is_first = (keyid, nonce) in new
                    new.discard((keyid, nonce))
                    ends.append(None if is_first else exchange.Replayed())
        return ends
