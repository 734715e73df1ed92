"""A registrar of the tests: its secrets, and the verbs with all that goes without saying."""

import secrets as chance
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from tests.identity.world import REGISTRAR, A

from renkei import audit
from renkei.identity import (
    Closing,
    Order,
    Pid,
    RegistrarSecrets,
    Seal,
    Succession,
    closings,
    issued,
    numbers,
    pids_for,
    pids_of,
    successions,
)
from renkei.kit import Connection, Tenant

SECRETS = RegistrarSecrets(chance.token_bytes(32), Seal(chance.token_bytes(32)))
AT = datetime(2026, 11, 23, 1, 2, 3, tzinfo=UTC)
_orders = count(1)


def order(request: str = "", **changes: Any) -> Order:
    """Return an order of A, each with a name of its own and later than the one before."""
    number = next(_orders)
    facts = {
        "request": request or f"order-{number}",
        "ordered_by": A,
        "taken_by": "1001",
        "reason": "出生",
        "at": AT + timedelta(seconds=number),
        "mode": audit.Mode.TEST,
    }
    return Order(**{**facts, **changes})


@dataclass
class Registry:
    """One registrar on one connection."""

    conn: Connection
    tenant: Tenant = REGISTRAR
    secrets: RegistrarSecrets = field(default=SECRETS, repr=False)

    def take(self, step: str, *given: str, by: Order | None = None, **more: Any) -> Any:
        """Take a step by an order of its own, or by the one given."""
        verb = getattr(numbers, step)
        return verb(self.conn, self.tenant, *given, by or order(), secrets=self.secrets, **more)

    def pids(self, *asked: str) -> list[Pid | None]:
        return pids_of(self.conn, self.tenant, asked, secrets=self.secrets)

    def acquire(self, *asked: str, organisation: Tenant = A) -> list[Pid | None]:
        return pids_for(
            self.conn, self.tenant, asked, organisation=organisation, secrets=self.secrets
        )

    def listed(self, *texts: str, by: Order | None = None) -> list[issued.Taken]:
        """Take in a list of numbers that were issued elsewhere."""
        return issued.take_in(self.conn, self.tenant, texts, by or order(), secrets=self.secrets)

    def closings(self) -> list[Closing]:
        return list(closings(self.conn, self.tenant, limit=9, secrets=self.secrets))

    def told(self, organisation: Tenant = A, *, after: int = 0, limit: int = 9) -> list[Succession]:
        found = successions(
            self.conn, self.tenant, organisation, after=after, limit=limit, secrets=self.secrets
        )
        return list(found)

    def entries(self) -> list[audit.Entry]:
        """Return all entries of the log, in its order."""
        signer = audit.Signer.from_seed(f"test.example/{self.tenant}", bytes(32))
        audit.sequence(self.conn, self.tenant, signer, at=AT + timedelta(days=1))
        requests = self.conn.execute("SELECT DISTINCT request FROM audit_entry").fetchall()
        found = [
            one
            for (request,) in requests
            for one in audit.entries_for_request(self.conn, self.tenant, request)
        ]
        return [one.entry for one in sorted(found, key=lambda one: one.index)]
