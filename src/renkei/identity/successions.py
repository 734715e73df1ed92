"""What organisations are told when a person's pid is no longer the one their codes come from.

The registrar keeps, for each organisation it issued a code to, the old pid and the one that takes
its place, both sealed, until the organisation says that it has them. It travels as an issuance
does: through the converters, so that the organisation sees its own two codes and nobody else any.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from renkei.identity.issuance import Pid
from renkei.identity.orders import Order, StepKind
from renkei.identity.registrar import RegistrarSecrets
from renkei.kit import Connection, Tenant, queries

TABLE = "identity_succession"
ENDING = frozenset({StepKind.separated, StepKind.died})
"""After these a code is nobody's."""

sql = queries("renkei.identity")


@dataclass(frozen=True, slots=True)
class Succession:
    """That the codes of one pid are from now on those of another, or (None) of nobody."""

    position: int
    kind: StepKind
    old: Pid
    new: Pid | None


def hand_on(
    conn: Connection,
    tenant: Tenant,
    person: UUID,
    order: Order,
    kind: StepKind,
    old: Pid,
    new: Pid | None,
    *,
    secrets: RegistrarSecrets,
) -> None:
    """Keep for every holder of a person's code what has become of the pid."""
    asked = {"tenant": tenant, "person": person}
    organisations = [name for (name,) in conn.execute(sql.holders, asked)]
    if not organisations:
        return

    def close(organisation: str, which: bytes, pid: Pid | None) -> bytes:
        row = _row(tenant, organisation, order.request, which)
        return b"" if pid is None else secrets.seal.close(pid.encoded, TABLE, *row)

    conn.execute(sql.one_succession, {"tenant": tenant})
    conn.execute(
        sql.add_successions,
        {
            "tenant": tenant,
            "request": order.request,
            "kind": kind,
            "organisations": organisations,
            "olds": [close(one, b"old", old) for one in organisations],
            "news": [close(one, b"new", new) for one in organisations],
        },
    )


def successions(
    conn: Connection,
    tenant: Tenant,
    organisation: Tenant,
    *,
    after: int,
    limit: int,
    secrets: RegistrarSecrets,
) -> Sequence[Succession]:
    """Return what an organisation has yet to be told, in order; up to `after` it has been told."""
    asked = {"tenant": tenant, "organisation": organisation, "after": after, "limit": limit}
    conn.execute(sql.drop_successions, asked)

    def opened(sealed: bytes, request: str, which: bytes) -> Pid:
        row = _row(tenant, organisation, request, which)
        return Pid.parse(secrets.seal.open(sealed, TABLE, *row))

    return [
        Succession(
            position,
            StepKind(kind),
            opened(old, request, b"old"),
            None if new is None else opened(new, request, b"new"),
        )
        for position, kind, request, old, new in conn.execute(sql.successions, asked).fetchall()
    ]


def _row(tenant: Tenant, organisation: str, request: str, which: bytes) -> tuple[bytes, ...]:
    return tenant.encode(), organisation.encode(), request.encode(), which
