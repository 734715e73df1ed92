"""What organisations are told when a person's pid is no longer the one their codes come from.

The registrar keeps, for each organisation it issued a code to, the old pid and the one that takes
its place, both sealed, until the organisation says that it has them. It travels as an issuance
does: through the converters, so that the organisation sees its own two codes and nobody else any.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from renkei.identity.closings import keep_closing
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
    """Keep what has become of a pid: for the log operator, and for every holder of a code."""
    keep_closing(conn, tenant, order, old, new, secrets=secrets)
    asked = {"tenant": tenant, "person": person}
    organisations = [name for (name,) in conn.execute(sql.holders, asked)]
    if not organisations:
        return

    _add(conn, tenant, organisations, order.request, kind, old, new, secrets)


def note_heirs(
    conn: Connection,
    tenant: Tenant,
    heirs: Iterable[tuple[str, str]],
    *,
    secrets: RegistrarSecrets,
) -> int:
    """Note who succeeds whom (predecessor, successor), for good; return how many are new.

    Whoever succeeds is told what the predecessor has yet to be told, and all that follows.
    """
    pairs = sorted(set(heirs))
    conn.execute(sql.one_succession, {"tenant": tenant})
    given = {
        "tenant": tenant,
        "predecessors": [predecessor for predecessor, _ in pairs],
        "successors": [successor for _, successor in pairs],
    }
    fresh = conn.execute(sql.add_heirs, given).fetchall()
    for predecessor, successor in fresh:
        asked = {"tenant": tenant, "organisation": successor}
        heard = [name for (name,) in conn.execute(sql.heirs_of, asked) if name != predecessor]
        untold = _rows(conn, tenant, predecessor, 0, None, secrets)
        for request, one in untold:
            _add(conn, tenant, heard, request, one.kind, one.old, one.new, secrets)
    return len(fresh)


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
    asked = {"tenant": tenant, "organisation": organisation, "after": after}
    conn.execute(sql.drop_successions, asked)
    return [one for _, one in _rows(conn, tenant, organisation, after, limit, secrets)]


def _add(
    conn: Connection,
    tenant: Tenant,
    organisations: Sequence[str],
    request: str,
    kind: StepKind,
    old: Pid,
    new: Pid | None,
    secrets: RegistrarSecrets,
) -> None:
    def close(organisation: str, which: bytes, pid: Pid | None) -> bytes:
        row = _row(tenant, organisation, request, which)
        return b"" if pid is None else secrets.seal.close(pid.encoded, TABLE, *row)

    conn.execute(sql.one_succession, {"tenant": tenant})
    conn.execute(
        sql.add_successions,
        {
            "tenant": tenant,
            "request": request,
            "kind": kind,
            "organisations": organisations,
            "olds": [close(one, b"old", old) for one in organisations],
            "news": [close(one, b"new", new) for one in organisations],
        },
    )


def _rows(
    conn: Connection,
    tenant: Tenant,
    organisation: str,
    after: int,
    limit: int | None,
    secrets: RegistrarSecrets,
) -> list[tuple[str, Succession]]:
    """Return what an organisation has yet to be told, each with the order it came from."""
    asked = {"tenant": tenant, "organisation": organisation, "after": after, "limit": limit}

    def opened(sealed: bytes, request: str, which: bytes) -> Pid:
        row = _row(tenant, organisation, request, which)
        return Pid.parse(secrets.seal.open(sealed, TABLE, *row))

    return [
        (
            request,
            Succession(
                position,
                StepKind(kind),
                opened(old, request, b"old"),
                None if new is None else opened(new, request, b"new"),
            ),
        )
        for position, kind, request, old, new in conn.execute(sql.successions, asked).fetchall()
    ]


def _row(tenant: Tenant, organisation: str, request: str, which: bytes) -> tuple[bytes, ...]:
    return tenant.encode(), organisation.encode(), request.encode(), which
