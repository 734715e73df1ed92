"""Who was asked about here and has no number here: known by the code alone, of its newest version.

The house answers that it holds nothing, and that is entered about somebody. The code is kept,
sealed, so that the entry is found when the same person asks, or is given a number here.
"""

from collections.abc import Sequence
from uuid import UUID, uuid4

from renkei.identity.group import Element, Scalar
from renkei.identity.nym import Nym
from renkei.identity.rotation import rotated
from renkei.identity.seal import Seal
from renkei.kit import Connection, Tenant, queries

TABLE = "identity_stranger"

sql = queries("renkei.identity")


def stranger_with(conn: Connection, tenant: Tenant, versions: Sequence[Nym]) -> UUID | None:
    """Return which stranger has a code in one of its versions, if any."""
    asked = {"tenant": tenant, "codes": [nym.code for nym in versions]}
    row = conn.execute(sql.stranger_with, asked).fetchone()
    return None if row is None else UUID(str(row[0]))


def keep_stranger(conn: Connection, tenant: Tenant, nym: Nym, *, seal: Seal) -> UUID:
    """Keep a stranger's code; the caller holds off whoever keeps codes, and knows there is none."""
    stranger = uuid4()
    conn.execute(sql.keep_stranger, _given(tenant, stranger, nym, seal))
    return stranger


def rotate_strangers(
    conn: Connection,
    tenant: Tenant,
    before: int,
    after: int,
    factor: Scalar,
    *,
    seal: Seal,
    limit: int,
) -> int:
    """Give the next strangers their codes under a new version, in place; return how many."""
    asked = {"tenant": tenant, "kv": before, "limit": limit}
    rows = conn.execute(sql.strangers_of_version, asked).fetchall()
    for stranger, sealed in rows:
        plain = seal.open(sealed, TABLE, *_row(tenant, stranger, before))
        newer = rotated(Nym(tenant, before, Element.parse(plain)), factor, after)
        conn.execute(sql.change_stranger, _given(tenant, stranger, newer, seal))
    return len(rows)


def follow_stranger(
    conn: Connection, tenant: Tenant, old: Sequence[Nym], new: Sequence[Nym], *, seal: Seal
) -> None:
    """Let a stranger's chains end, and be those of whoever has the new code, in any version."""
    stranger = stranger_with(conn, tenant, old)
    if stranger is None:
        return
    conn.execute(sql.end_chains_of_stranger, {"tenant": tenant, "stranger": stranger})
    if not new:
        return
    asked = {"tenant": tenant, "codes": [nym.code for nym in new]}
    known = conn.execute(sql.persons_of, asked).fetchone()
    other = None if known else stranger_with(conn, tenant, new)
    if known is None and other is None:
        conn.execute(sql.change_stranger, _given(tenant, stranger, new[0], seal))
        return
    person = known and known[1]
    to = {"tenant": tenant, "stranger": stranger, "person": person, "other": other}
    conn.execute(sql.move_chains_of_stranger, to)
    conn.execute(sql.drop_stranger, {"tenant": tenant, "stranger": stranger})


def _given(tenant: Tenant, stranger: UUID, nym: Nym, seal: Seal) -> dict[str, object]:
    sealed = seal.close(nym.element.encoded, TABLE, *_row(tenant, stranger, nym.kv))
    return {
        "tenant": tenant,
        "stranger": stranger,
        "kv": nym.kv,
        "code": nym.code,
        "nym": sealed,
    }


def _row(tenant: Tenant, stranger: UUID, kv: int) -> tuple[bytes, ...]:
    return tenant.encode(), stranger.bytes, str(kv).encode()
