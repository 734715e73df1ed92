"""The keeper of a node's cases: due timers, decisions by rules, ladders, what came, what expires.

What a case sends goes to the node's own cases: signals to all that wait, a message to the one that
waits for its name and key, or will. To other organisations nothing is sent yet.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from renkei import audit, kit
from renkei.app.keeping.turns import TurnThread
from renkei.app.processes.decision_jobs import DecisionDesk
from renkei.process import cases, tasks
from renkei.process.cases import inbox, outbox, proposals, waiting

TURN_SECONDS = 1.0
EXPIRING = timedelta(minutes=1)
"""How often messages that nobody waited for, and proposals nobody decided, are let go."""
BATCH = 50
LEASE = timedelta(minutes=1)
REMEMBERED, AT_ONCE = timedelta(days=90), 10_000
"""How long a command's key is known, and how many are forgotten a turn."""
KEPT = timedelta(days=30)
"""How long a message waits for a case that waits for it."""


class CaseKeeper(TurnThread):
    """One thread a node. Several nodes of an organisation share the work: none takes another's."""

    def __init__(
        self,
        database: kit.Database,
        tenant: kit.Tenant,
        clock: Callable[[], datetime],
        *,
        trusted: audit.Verifier,
        seconds: float = TURN_SECONDS,
    ) -> None:
        """Take the database and the key definitions are signed by; `start` begins."""
        super().__init__("case keeper", seconds)
        self._line = kit.Line(database, tenant)
        self._tenant, self._clock = tenant, clock
        self._library = cases.Library([trusted])
        self._decisions = DecisionDesk.shipped()
        self._expired = datetime.min.replace(tzinfo=UTC)

    def run(self) -> None:
        """Take turns until told to finish, on one connection."""
        try:
            super().run()
        finally:
            self.close()

    def close(self) -> None:
        """Close the connection."""
        self._line.close()

    def turn(self) -> int:
        """Do what is due until nothing is; return how much it was."""
        done, part = 0, int(self._is_anything_due())
        while part and not self._ending.is_set():
            part = self._fire() + self._decide() + self._post() + self._deliver() + self._climb()
            done += part
        return done

    def _is_anything_due(self) -> bool:
        """Look once; most of the time nothing is due."""
        at, tenant = self._clock(), self._tenant
        with self._line.transaction() as conn:
            if at - self._expired >= EXPIRING:
                self._expired = at
                inbox.expire(conn, tenant, at=at)
                proposals.expire_proposals(conn, tenant, at=at)
                cases.forget_commands(conn, tenant, before=at - REMEMBERED, most=AT_ONCE)
            return waiting.is_anything_due(conn, tenant, self._decisions.names, at=at)

    def _fire(self) -> int:
        at = self._clock()
        with self._line.transaction() as conn:
            return len(waiting.fire_due(conn, self._tenant, self._library, at=at, most=BATCH))

    def _decide(self) -> int:
        at, tenant = self._clock(), self._tenant
        with self._line.transaction() as conn:
            return self._decisions.work(conn, tenant, self._library, at=at, most=BATCH)

    def _post(self) -> int:
        """Give what left cases to those of our own, in the transaction that forgets it."""
        at, tenant = self._clock(), self._tenant
        with self._line.transaction() as conn:
            letters = outbox.claim(conn, tenant, at=at, lease=LEASE, most=BATCH)
            for one in letters:
                until = at + KEPT
                incoming = inbox.Incoming(
                    tenant, one.key, one.name, one.correlation, one.variables, until, one.kind
                )
                inbox.receive(conn, tenant, incoming, self._library, at=at)
            outbox.sent(conn, tenant, letters)
        return len(letters)

    def _climb(self) -> int:
        """Do the steps of ladders whose day has come."""
        at = self._clock()
        with self._line.transaction() as conn:
            return tasks.climb(conn, self._tenant, at=at, most=BATCH)

    def _deliver(self) -> int:
        at = self._clock()
        with self._line.transaction() as conn:
            return len(inbox.deliver_waiting(conn, self._tenant, self._library, at=at, most=BATCH))
