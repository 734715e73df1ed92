"""The log operator's handles: everyone a code was ever issued to, without number or code.

A request whose audit leg opens to no enrolled handle was not made from one issued code. So nobody
can ask about a combination of persons, and nothing is converted that cannot be entered.
"""

from collections.abc import Sequence

from renkei.identity.errors import HandleUnknown
from renkei.identity.keys import DecryptionKey
from renkei.identity.nym import Nym
from renkei.identity.question import VerifiedQuestion, opened
from renkei.kit import Connection, Tenant, queries

sql = queries("renkei.identity")


def enrol(conn: Connection, tenant: Tenant, nyms: Sequence[Nym]) -> None:
    """Enrol persons by their nyms in the log's domain; again is no harm."""
    for nym in nyms:
        nym.belongs_to(tenant)
    conn.execute(sql.enrol, {"tenant": tenant, "handles": [nym.handle for nym in nyms]})


def known(conn: Connection, tenant: Tenant, nym: Nym) -> bool:
    """Tell whether a person is enrolled."""
    nym.belongs_to(tenant)
    found = conn.execute(sql.known, {"tenant": tenant, "handle": nym.handle}).fetchone()
    return found is not None


def admit(conn: Connection, tenant: Tenant, verified: VerifiedQuestion, key: DecryptionKey) -> Nym:
    """Open the audit leg and return whose entry this question makes, or refuse the question."""
    nym = opened(verified, key)
    if not known(conn, tenant, nym):
        raise HandleUnknown
    return nym
