"""The keeper of a node's cases: due timers, decisions by rules, ladders, what came, what expires.

What a case sends goes to the node's own cases: signals to all that wait, a message to the one that
waits for its name and key, or will. To other organisations nothing is sent yet.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial

from renkei import audit, kit
from renkei.app.keeping.turns import TurnThread
from renkei.app.processes.batches import whole_or_apart
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
LEFT = timedelta(hours=1)
"""How long a message is left that its case could not take."""
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
        batches = self._fire, self._decide, self._post, self._deliver, self._climb
        while part and not self._ending.is_set():
            part = sum(whole_or_apart(self._line.transaction, one) for one in batches)
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

    def _fire(self, conn: kit.Connection, *, apart: bool) -> int:
        at, tenant, library = self._clock(), self._tenant, self._library
        fired = waiting.fire_due(conn, tenant, library, at=at, most=BATCH, apart=apart)
        return len(fired)

    def _decide(self, conn: kit.Connection, *, apart: bool) -> int:
        at, tenant, library = self._clock(), self._tenant, self._library
        return self._decisions.work(conn, tenant, library, at=at, most=BATCH, apart=apart)

    def _post(self, conn: kit.Connection, *, apart: bool) -> int:
        """Give what left cases to those of our own, in the transaction that forgets it."""
        at, tenant = self._clock(), self._tenant
        letters, held = outbox.claim(conn, tenant, at=at, lease=LEASE, most=BATCH), set[str]()
        for one in letters:
            receive = partial(self._receive, conn, one, at)
            came = cases.alone(conn, receive) if apart else receive()
            if isinstance(came, kit.NodeError):
                held.add(one.key)
                trouble = came.text("ja")
                outbox.postpone(conn, tenant, one, until=at + LEFT, trouble=trouble)
        outbox.sent(conn, tenant, [one for one in letters if one.key not in held])
        return len(letters)

    def _receive(self, conn: kit.Connection, one: outbox.Letter, at: datetime) -> inbox.Decided:
        told = one.key, one.name, one.correlation, one.variables, at + KEPT, one.kind
        incoming = inbox.Incoming(self._tenant, *told)
        return inbox.receive(conn, self._tenant, incoming, self._library, at=at)

    def _deliver(self, conn: kit.Connection, *, apart: bool) -> int:
        at, tenant, library = self._clock(), self._tenant, self._library
        found = inbox.deliver_waiting(conn, tenant, library, at=at, most=BATCH, apart=apart)
        return len(found)

    def _climb(self, conn: kit.Connection, *, apart: bool) -> int:
        """Do the steps of ladders whose day has come."""
        return tasks.climb(conn, self._tenant, at=self._clock(), most=BATCH, apart=apart)
