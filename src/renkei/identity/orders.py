"""Orders to the registrar (依頼), and the step each of them led to: once, whenever it comes again.

A step, its row and its entry in the log stand in the caller's transaction: all of it happened or
nothing did. Whoever orders names the order; the same name with the same content finds the answer
of the first time, with another content it is refused.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from renkei import audit
from renkei.identity.errors import OrderDiffers
from renkei.identity.registrar import RegistrarSecrets
from renkei.kit import Connection, Tenant, queries

sql = queries("renkei.identity")


class StepKind(StrEnum):
    """What was done with a person's number or pid."""

    issued = "issued"  # 付番
    changed = "changed"  # 番号の変更
    reissued = "reissued"  # 符号の元(pid)の再発行
    merged = "merged"  # 二重付番の訂正
    separated = "separated"  # 重複付番(二人に一つ)の訂正
    died = "died"  # 死亡による閉鎖


@dataclass(frozen=True, slots=True)
class Order:
    """By which order, of whom, and why a step is taken, and who takes it.

    The reason stands in the log for the registrar's staff and the oversight body: it names nobody.
    """

    request: str
    ordered_by: Tenant
    taken_by: str
    reason: str
    at: datetime
    mode: audit.Mode


@dataclass(frozen=True, slots=True)
class Step:
    """What an order led to; numbers stand as their index."""

    kind: StepKind
    person: UUID
    other: UUID | None = None
    before: bytes | None = None
    after: bytes | None = None
    other_index: bytes | None = None


def once(
    conn: Connection,
    tenant: Tenant,
    order: Order,
    asked: tuple[StepKind, *tuple[str, ...]],
    take: Callable[[], Step],
    *,
    secrets: RegistrarSecrets,
) -> list[str]:
    """Take a step unless this order was taken before; return the numbers it gave, then as now."""
    facts = {"tenant": tenant, "request": order.request}
    mark = secrets.mark(tenant, "order", *(part.encode() for part in asked))
    conn.execute(sql.one_request, facts)
    row = conn.execute(sql.step, facts).fetchone()
    if row is not None:
        kind, earlier, after, other = row
        if bytes(earlier) != mark:
            raise OrderDiffers(request=order.request[:80])
        return _given(conn, tenant, StepKind(kind), after, other, secrets)
    step = take()
    conn.execute(
        sql.keep_step,
        {
            **facts,
            "kind": step.kind,
            "asked": mark,
            "person": step.person,
            "other": step.other,
            "before": step.before,
            "after": step.after,
            "other_index": step.other_index,
            "ordered_by": order.ordered_by,
            "taken_by": order.taken_by,
            "reason": order.reason,
            "at": order.at,
        },
    )
    audit.append(conn, tenant, _entry(tenant, order, f"number-{step.kind}"))
    return _given(conn, tenant, step.kind, step.after, step.other_index, secrets)


def enter_view(conn: Connection, tenant: Tenant, order: Order) -> None:
    """Enter that staff looked at the history of somebody's numbers."""
    audit.append(conn, tenant, _entry(tenant, order, "seen", kind=audit.Kind.VIEW))


def enter_load(conn: Connection, tenant: Tenant, order: Order, count: int) -> None:
    """Enter that so many numbers of a list of issued ones were taken in."""
    entry = _entry(tenant, order, "numbers-loaded")
    audit.append(conn, tenant, replace(entry, details={**entry.details, "persons": str(count)}))


def _given(
    conn: Connection,
    tenant: Tenant,
    kind: StepKind,
    after: bytes | None,
    other: bytes | None,
    secrets: RegistrarSecrets,
) -> list[str]:
    """Return the numbers a step gave to somebody."""
    gives = kind in (StepKind.issued, StepKind.changed, StepKind.separated)
    indices = [index for index in (after, other) if gives and index is not None]
    if not indices:
        return []
    rows = conn.execute(sql.numbers, {"tenant": tenant, "indices": indices})
    numbers = {bytes(index): secrets.open_number(tenant, index, number) for index, number in rows}
    return [numbers[bytes(index)] for index in indices]


def _entry(
    tenant: Tenant, order: Order, outcome: str, *, kind: audit.Kind = audit.Kind.ISSUANCE
) -> audit.Entry:
    """Return the entry of a step: under no person's label, and with nobody's number."""
    return audit.Entry(
        kind=kind,
        request=order.request,
        at=order.at,
        asker=order.ordered_by,
        holder=tenant,
        procedure="",
        outcome=outcome,
        mode=order.mode,
        purpose=order.reason,
        details={"by": order.taken_by},
    )
