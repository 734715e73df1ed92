"""The book of loads: in which order they may come, and what each did."""

from collections.abc import Mapping

from renkei.kit import Connection, queries
from renkei.store.errors import (
    DifferenceMissing,
    DifferenceRepeated,
    LoadNotLater,
    SnapshotOlder,
)
from renkei.store.findings import Findings
from renkei.store.merging import Changes
from renkei.store.plan import Plan
from renkei.store.removals import returned_to
from renkei.store.statements import merging

sql = queries("renkei.store")


def is_entered(conn: Connection, facts: Mapping[str, object]) -> bool:
    """Tell whether the same bytes were loaded for the same day before."""
    return conn.execute(sql.load_of_file, facts).fetchone() is not None


def record(
    conn: Connection,
    plan: Plan,
    facts: Mapping[str, object],
    changes: Changes,
    findings: Findings,
    *,
    kind: str,
) -> None:
    """Enter the load in the book at the next position, and what it did to each record.

    From here to the end of the transaction no other load of this town can end: the order of
    positions is the order of commits.
    """
    conn.execute(sql.one_end_at_a_time, facts)
    numbers = {"new": changes.new, "changed": changes.changed, "gone": changes.gone}
    row = conn.execute(sql.record_load, {**facts, **numbers, "kind": kind}).fetchone()
    if back := returned_to(conn, plan.tenant, plan.entity):
        findings.alert("erased-returned", count=back)
    if row and kind != "fill":
        said = {"tenant": plan.tenant, "position": row[0]}
        conn.execute(merging(plan.entity).keep_events, said)


def refuse_older(conn: Connection, plan: Plan) -> None:
    """Hold the two orders that make any day and any time answerable: of days, of loads."""
    about = {"tenant": plan.tenant, "entity": plan.entity.name}
    last = conn.execute(sql.last_load, about).fetchone()
    if last is None:
        return
    last_on, last_at = last
    name, on, at = plan.entity.name, plan.on, plan.at
    if on < last_on:
        raise SnapshotOlder(entity=name, on=on.isoformat(), last=last_on.isoformat())
    if at <= last_at:
        raise LoadNotLater(entity=name, at=at.isoformat(), last=last_at.isoformat())


def refuse_out_of_order(conn: Connection, plan: Plan) -> None:
    """Hold the order of differences: each once, none left out, but where a snapshot came between.

    The first one ever is number 1, unless a snapshot came before it.
    """
    if plan.difference is None:
        return
    about = {"tenant": plan.tenant, "entity": plan.entity.name}
    name, number = plan.entity.name, plan.difference
    row = conn.execute(sql.last_difference, about).fetchone()
    if row is None:
        last, may_skip = 0, conn.execute(sql.last_load, about).fetchone() is not None
    else:
        last, may_skip = row
    if number <= last:
        raise DifferenceRepeated(entity=name, number=number, last=last)
    if number > last + 1 and not may_skip:
        raise DifferenceMissing(entity=name, number=number, wanted=last + 1)
