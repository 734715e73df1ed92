"""A delivery that is read with care: staged, judged as a whole, merged if nothing is wrong."""

import psycopg

from renkei.kit import Connection, queries
from renkei.standard import CHANGE
from renkei.store.book import is_entered, record, refuse_older, refuse_out_of_order
from renkei.store.findings import KEPT_ALIKE, Place, Severity
from renkei.store.group_judging import Mark, report, stops
from renkei.store.group_statements import Scope
from renkei.store.merging import (
    Changes,
    duplicates,
    find_changes,
    find_differences,
    index_keys,
    misfits,
    recount,
    spare,
    spare_all,
    stage,
    write_changes,
)
from renkei.store.plan import LoadReport, Outcome, Plan
from renkei.store.reading import Reading
from renkei.store.streaming import stream

sql = queries("renkei.store")


def merge(conn: Connection, plan: Plan, reading: Reading) -> LoadReport:
    """Stage a file, find everything that is wrong with it, and merge it if nothing is."""
    copy = stage(conn, plan.entity, differences=plan.difference is not None)
    whole = stream(conn, copy, reading, plan.progress)
    if whole and reading.findings.errors:
        _report_duplicates(conn, plan, reading)
    outcome, changes = _decide(conn, plan, reading)
    conn.execute(sql.drop_staging)
    return plan.report(reading, outcome, changes)


def _decide(conn: Connection, plan: Plan, reading: Reading) -> tuple[Outcome, Changes | None]:
    """Merge what was staged, unless it was loaded before or is blocked."""
    facts = plan.facts(reading)
    if reading.sha256 and is_entered(conn, facts):
        return Outcome.already_loaded, None
    if reading.is_blocked:
        return Outcome.blocked, None
    refuse_older(conn, plan)
    refuse_out_of_order(conn, plan)
    if not index_keys(conn, plan.entity):
        _report_duplicates(conn, plan, reading)
        return Outcome.blocked, None
    if plan.difference is None:
        if _report_staged(conn, plan, reading):
            return Outcome.blocked, None
        kind, changes = "snapshot", _find_changes(conn, plan, reading)
    else:
        if _report_misfits(conn, plan, reading):
            return Outcome.blocked, None
        kind, changes = "difference", find_differences(conn, plan.tenant, plan.entity)
    if changes.gone > plan.share * changes.held:
        held, percent = changes.held, round(plan.share * 100)
        reading.findings.error("too-many-ending", gone=changes.gone, held=held, percent=percent)
        return Outcome.blocked, changes
    stops = False
    with conn.transaction() as written:
        write_changes(conn, plan.tenant, plan.entity, on=plan.on, at=plan.at)
        stops = plan.difference is not None and _report_touched(conn, plan, reading)
        if stops:
            raise psycopg.Rollback(written)
        record(conn, plan, facts, changes, reading.findings, kind=kind)
    return (Outcome.blocked, None) if stops else (Outcome.loaded, changes)


def _find_changes(conn: Connection, plan: Plan, reading: Reading) -> Changes:
    """Compare a staged snapshot with the records; a row that was kept out ends no record."""
    staged = plan.taken(reading)
    changes = find_changes(conn, plan.tenant, plan.entity, staged)
    if staged == reading.records or not changes.gone:
        return changes
    if reading.unnamed:
        spare_all(conn)
    else:
        spare(conn, plan.entity, reading.blocked_keys())
    kept = recount(conn, staged)
    reading.findings.alert("endings-withheld", records=changes.gone - kept.gone)
    return kept


def _report_duplicates(conn: Connection, plan: Plan, reading: Reading) -> None:
    """Find the keys that stand on more than one line."""
    shown, total = duplicates(conn, plan.entity, KEPT_ALIKE)
    key, items = plan.entity.key[0], plan.layout.items
    column = next(n for n, item in enumerate(items, 1) if item.name == key)
    for one in shown:
        place = Place(reading.line_of(one.second), column, items[column - 1].ja)
        reading.findings.error("duplicate-key", place, first=reading.line_of(one.first))
    reading.findings.many(Severity.error, "duplicate-key", [], total - len(shown))


def _report_misfits(conn: Connection, plan: Plan, reading: Reading) -> int:
    """Find and count the differences that do not fit what is held: one is missing or doubled."""
    shown, total = misfits(conn, plan.tenant, plan.entity, KEPT_ALIKE)
    for line, was_held in shown:
        rule = "already-held" if was_held else "not-held"
        reading.findings.error(rule, Place(reading.line_of(line), 1, CHANGE.ja))
    reading.findings.many(Severity.error, "not-held", [], total - len(shown))
    return total


def _report_staged(conn: Connection, plan: Plan, reading: Reading) -> bool:
    """Find what is wrong between the rows of a staged snapshot; tell whether it blocks the file."""

    def line_of(mark: Mark) -> int | None:
        return reading.line_of(mark) if isinstance(mark, int) else None

    found = plan.between(conn, Scope.staged)
    report(reading.findings, plan.layout, found, line_of)
    return stops(found)


def _report_touched(conn: Connection, plan: Plan, reading: Reading) -> bool:
    """Find what is wrong between the records that differences touched; tell whether it blocks."""
    found = plan.between(conn, Scope.touched)
    report(reading.findings, plan.layout, found, lambda _: None)
    return stops(found)
