"""Retention: what is past its time moves to the separate archive, or goes.

The edge commits the archive first and the records second (`move` writes to both, and commits
neither). Killed between the two, the batch stands unconfirmed in the archive and the records are
as before: `settle`, which runs first, gives the copy back. So nothing is lost and nothing doubled,
and a run that finds nothing due changes nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from uuid import UUID

from renkei import audit
from renkei.kit import Connection, Tenant, queries
from renkei.standard import Catalogue, Entity
from renkei.store import archive as archives
from renkei.store.archive import Version
from renkei.store.listings import unlist
from renkei.store.removal_statements import SEPARATOR, Removing, removing
from renkei.store.removals import enter_removal, lock, removing_rights
from renkei.store.retention_rules import Rule, RuleKind, Then, years_before

sql = queries("renkei.store")

BATCH = 2000  # records in one transaction: loads of the entity wait for it


@dataclass(frozen=True, slots=True)
class Removed:
    """What one batch removed."""

    rule: str
    target: str
    records: int
    versions: int


def due(
    conn: Connection, tenant: Tenant, rule: Rule, standard: Catalogue, *, on: date
) -> dict[str, int]:
    """Return how many rows are past the time of a rule, by entity or table; nothing is changed."""
    if rule.then is Then.keep or not rule.is_in_force(on):
        return {}
    before = rule.before(on)
    if rule.kind is RuleKind.rows:
        about = {"tenant": tenant, "before": _midnight(before)}
        row = conn.execute(_rows(rule)[0], about).fetchone()
        return {rule.target: row[0]} if row and row[0] else {}
    found = {}
    for entity in targets(rule, standard):
        steps, about = _about(tenant, rule, entity, before)
        if rule.kind is RuleKind.history:
            count = _count(conn, steps.replaced, about)
        else:
            about["limit"] = None
            count = len(conn.execute(steps.due, about).fetchall())
            count += _count(conn, steps.lapsed, about)
        if count:
            found[entity.name] = count
    return found


def targets(rule: Rule, standard: Catalogue) -> Sequence[Entity]:
    """Return the entities a rule is about."""
    if rule.target == "*":
        return standard.entities
    return (
        [standard.entity(rule.target)] if rule.kind in {RuleKind.records, RuleKind.history} else []
    )


def move(
    conn: Connection,
    archive: Connection,
    tenant: Tenant,
    rule: Rule,
    entity: Entity,
    *,
    batch: UUID,
    mode: audit.Mode,
    at: datetime,
    on: date,
) -> Removed | None:
    """Move or remove one batch of an entity; None when nothing of it is past its time.

    Commit the archive, then the records; afterwards `settle` confirms the batch.
    """
    lock(conn, tenant, entity.name)
    with removing_rights(conn):
        records, versions = _take(conn, tenant, rule, entity, on)
        if not records and not versions:
            return None
        about = {"tenant": tenant, "batch": batch, "rule": rule.id, "target": entity.name}
        counts = {"records": len(records), "versions": len(versions)}
        conn.execute(sql.record_batch, {**about, **counts, "at": at})
    unlist(conn, tenant, entity, [one.key for one in (*records, *versions)])
    if rule.then is Then.archive:
        both = [*records, *versions]
        archives.keep(archive, tenant, entity.name, both, rule=rule.id, batch=batch, at=at)
    if records:
        enter_removal(
            conn,
            tenant,
            entity.name,
            keys=[SEPARATOR.join(one.key) for one in records],
            gone=len(records),
            kind="retention",
            event="archived",
            request=str(batch),
            on=on,
            at=at,
        )
    done = Removed(rule.id, entity.name, len(records), len(versions))
    _enter(conn, tenant, rule, done, batch=str(batch), mode=mode, at=at)
    return done


def remove_rows(
    conn: Connection,
    tenant: Tenant,
    rule: Rule,
    *,
    batch: UUID,
    mode: audit.Mode,
    at: datetime,
    on: date,
) -> Removed | None:
    """Remove the rows of a table beside the records past their time; None when there are none."""
    with removing_rights(conn):
        about = {"tenant": tenant, "before": _midnight(rule.before(on))}
        count = conn.execute(_rows(rule)[1], about).rowcount
        if not count:
            return None
        facts = {"batch": batch, "rule": rule.id, "target": rule.target, "at": at}
        conn.execute(sql.record_batch, {**about, **facts, "records": count, "versions": 0})
    done = Removed(rule.id, rule.target, count, 0)
    _enter(conn, tenant, rule, done, batch=str(batch), mode=mode, at=at)
    return done


def settle(conn: Connection, archive: Connection, tenant: Tenant) -> int:
    """Confirm the archive's batches the records let go, give back the rest; return how many."""
    open_ones = archives.unconfirmed(archive, tenant)
    about = {"tenant": tenant, "batches": open_ones}
    gone = {batch for (batch,) in conn.execute(sql.batches, about)}
    kept = [batch for batch in open_ones if batch not in gone]
    archives.settle(archive, tenant, gone=[b for b in open_ones if b in gone], kept=kept)
    return len(kept)


def expire(archive: Connection, tenant: Tenant, rule: Rule, *, on: date) -> int:
    """Remove from the archive what the whole time of a rule has passed for."""
    if rule.delete_after is None:
        return 0
    before = years_before(on, rule.delete_after)
    return archives.expire(archive, tenant, rule=rule.id, before=before)


def _rows(rule: Rule) -> tuple[bytes, bytes]:
    """Return the statements that count and remove rows of a table beside the records."""
    return {
        "store_event": (sql.due_events, sql.remove_events),
        "store_delivery": (sql.due_deliveries, sql.remove_deliveries),
        "store_reconciliation": (sql.due_reconciliations, sql.remove_reconciliations),
    }[rule.target]


def _take(
    conn: Connection, tenant: Tenant, rule: Rule, entity: Entity, on: date
) -> tuple[list[Version], list[Version]]:
    """Delete one batch of what is due and return it: records in force, and versions."""
    steps, about = _about(tenant, rule, entity, rule.before(on))
    if rule.kind is RuleKind.history:
        return [], [_version(row, None) for row in conn.execute(steps.replaced_versions, about)]
    found = conn.execute(steps.due, about).fetchall()
    if not found:
        return [], [_version(row, None) for row in conn.execute(steps.lapsed_versions, about)]
    about |= {"firsts": [first for first, _ in found], "keys": [key for _, key in found]}
    records = [_version(row, None) for row in conn.execute(steps.end, about)]
    days = {one.key: one.dated for one in records}
    return records, [_version(row, days) for row in conn.execute(steps.versions, about)]


def _about(
    tenant: Tenant, rule: Rule, entity: Entity, before: date
) -> tuple[Removing, dict[str, object]]:
    item, values = rule.when or ("", ())
    dated_by = rule.dated_by if rule.kind is RuleKind.records else ""
    about = {"tenant": tenant, "limit": BATCH, "values": list(values)}
    moment = before if rule.kind is RuleKind.records else _midnight(before)
    return removing(entity, dated_by, item), {**about, "before": moment}


def _version(row: Sequence[object], days: dict[tuple[str, ...], date] | None) -> Version:
    """Return what a DELETE returned; a version counts from the day of its record in force."""
    joined, valid_from, known_from, valid_to, known_to, dated, record = row
    key = tuple(str(joined).split(SEPARATOR))
    if days is not None:
        dated = days[key]
    return Version(key, valid_from, known_from, valid_to, known_to, dated, record)  # type: ignore[arg-type]  # the columns of one statement


def _count(conn: Connection, statement: object, about: dict[str, object]) -> int:
    row = conn.execute(statement, about).fetchone()  # type: ignore[call-overload]  # Composed
    return int(row[0]) if row else 0


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def _enter(
    conn: Connection,
    tenant: Tenant,
    rule: Rule,
    done: Removed,
    *,
    batch: str,
    mode: audit.Mode,
    at: datetime,
) -> None:
    """Leave an entry: how much went where by which rule, and of nobody in particular."""
    audit.append(
        conn,
        tenant,
        audit.Entry(
            kind=audit.Kind.RETENTION,
            request=batch,
            at=at,
            asker=tenant,
            holder=tenant,
            procedure="",
            outcome="archived" if rule.then is Then.archive else "deleted",
            mode=mode,
            provision=rule.id,
            table=rule.source,
            details={
                "target": done.target,
                "records": str(done.records),
                "versions": str(done.versions),
            },
        ),
    )
