"""What the registrar tells the log operator by itself: whose codes ended, whose take their place.

A question about a dead person is refused from then on, whether or not an organisation has asked
what became of its codes. What is told comes from an outbox: the step keeps it, a keeper tells it.
"""

from collections.abc import Sequence
from datetime import datetime

from renkei import audit, identity, kit
from renkei.federation.desk import Desk
from renkei.federation.issuing import BATCH, entry_of_batch


def take_closings(
    conn: kit.Connection, desk: Desk, secrets: identity.RegistrarSecrets
) -> Sequence[identity.Closing]:
    """Read a batch of what the log operator has yet to be told; `settle_at_log` tells it."""
    return identity.closings(conn, desk.tenant, limit=BATCH, secrets=secrets)


def drop_closings(
    conn: kit.Connection,
    desk: Desk,
    told: Sequence[identity.Closing],
    *,
    id_: str,
    at: datetime,
) -> None:
    """Drop what the log operator has by now, and enter how many it was."""
    identity.drop_closings(conn, desk.tenant, told)
    entry = entry_of_batch(desk, desk.directory.log_operator, id_, len(told), at, outcome="closed")
    audit.append(conn, desk.tenant, entry)
