"""What leaves cases (送信箱): written with the events that say so, sent afterwards, at least once.

Its key is the same each time it is sent: a receiver that takes a key once has the effect once.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from renkei.kit import Connection, Tenant, queries
from renkei.process.bpmn import Variables
from renkei.process.cases.encoding import variables_of

sql = queries("renkei.process")


@dataclass(frozen=True, slots=True)
class Letter:
    """One message or signal to send, ours until the lease ends."""

    key: str
    case: UUID
    element: str
    kind: str
    name: str
    correlation: str
    variables: Variables
    fence: int
    tries: int


def claim(
    conn: Connection, tenant: Tenant, *, at: datetime, lease: timedelta, most: int
) -> list[Letter]:
    """Claim what is to be sent next."""
    asked = {"tenant": tenant, "at": at, "until": at + lease, "most": most}
    rows = conn.execute(sql.claim_outgoing, asked).fetchall()
    return [
        Letter(key, case, element, kind, name, correlation, variables_of(told), fence, tries)
        for key, case, element, kind, name, correlation, told, fence, tries in rows
    ]


def sent(conn: Connection, tenant: Tenant, letters: Sequence[Letter]) -> None:
    """Forget what was sent."""
    conn.execute(sql.drop_outgoing, {"tenant": tenant, "keys": [one.key for one in letters]})


def postpone(
    conn: Connection, tenant: Tenant, letter: Letter, *, until: datetime, trouble: str
) -> bool:
    """Let a letter be sent later; tell whether it still was ours."""
    asked = {
        "tenant": tenant,
        "key": letter.key,
        "fence": letter.fence,
        "not_before": until,
        "trouble": trouble,
    }
    return conn.execute(sql.postpone_outgoing, asked).rowcount == 1
