"""The log operator's handles: everyone a code was ever issued to, without number or code.

A request whose audit leg opens to no enrolled handle was not made from one issued code. So nobody
can ask about a combination of persons, and nothing is converted that cannot be entered.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from renkei.identity.batch import VerifiedBatch, open_batch
from renkei.identity.errors import HandleUnknown, PersonsRepeated
from renkei.identity.keys import DecryptionKey
from renkei.identity.nym import Nym
from renkei.identity.question import VerifiedQuestion, opened
from renkei.kit import Connection, Tenant, queries

sql = queries("renkei.identity")


@dataclass(frozen=True, slots=True)
class Admitted:
    """Whose entry a question makes, and since when nothing may be asked about them, if so."""

    nym: Nym
    closed_at: datetime | None


def enrol(conn: Connection, tenant: Tenant, nyms: Sequence[Nym]) -> None:
    """Enrol persons by their nyms in the log's domain; again is no harm."""
    for nym in nyms:
        nym.belongs_to(tenant)
    conn.execute(sql.enrol, {"tenant": tenant, "handles": [nym.handle for nym in nyms]})


def close_handles(conn: Connection, tenant: Tenant, nyms: Sequence[Nym], *, at: datetime) -> int:
    """Close the handles of persons, once and for all; return how many were open."""
    for nym in nyms:
        nym.belongs_to(tenant)
    given = {"tenant": tenant, "handles": [nym.handle for nym in nyms], "at": at}
    return conn.execute(sql.close_handles, given).rowcount


def known(conn: Connection, tenant: Tenant, nym: Nym) -> bool:
    """Tell whether a person was ever enrolled."""
    return _enrolled(conn, tenant, nym) is not None


def admit(
    conn: Connection, tenant: Tenant, verified: VerifiedQuestion, *keys: DecryptionKey
) -> Admitted:
    """Open the audit leg and return whose entry this question makes, or refuse the question."""
    nym = opened(verified, *keys)
    found = _enrolled(conn, tenant, nym)
    if found is None:
        raise HandleUnknown
    return Admitted(nym, *found)


def admit_each(
    conn: Connection, tenant: Tenant, verified: VerifiedBatch, *keys: DecryptionKey
) -> list[Admitted | None]:
    """Open the audit column and return for each place whose it is, None for who is not enrolled.

    One person at two places would have two receipts for one question: that batch is refused.
    """
    nyms = open_batch(verified, *keys)
    handles = [nym.handle for nym in nyms]
    twice = len(handles) - len(set(handles))
    if twice:
        raise PersonsRepeated(times=twice, size=len(nyms))
    given = {"tenant": tenant, "handles": handles}
    found = {bytes(handle): closed for handle, closed in conn.execute(sql.closed_of, given)}
    return [
        Admitted(nym, found[handle]) if handle in found else None
        for nym, handle in zip(nyms, handles, strict=True)
    ]


def _enrolled(conn: Connection, tenant: Tenant, nym: Nym) -> tuple[datetime | None] | None:
    """Return the row of a handle: when it was closed, if ever."""
    nym.belongs_to(tenant)
    return conn.execute(sql.known, {"tenant": tenant, "handle": nym.handle}).fetchone()
