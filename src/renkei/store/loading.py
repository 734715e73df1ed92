"""Loading a delivery: the whole file goes in, or nothing of it and the reasons.

    report = load(conn, town, resident, path, on=day, at=now)

1. The file is read, hashed and judged block by block in a second thread, while the block before
   streams into the database: memory stays flat, and the database is what takes the time.
2. A first snapshot streams straight into the records. If anything is wrong with it, all of that is
   taken back and the file is read once more, with care.
3. With care: the file streams into a temporary table. The same file for the same day was loaded
   before: nothing changes. The rules between records are asked once every line is right. Any エラー
   blocks the file: nothing changes. Otherwise one set-based merge makes it the records in force
   from that day on.

One load is the caller's one transaction; loads of one entity wait for each other.
"""

from collections import deque
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from typing import BinaryIO

import psycopg
from psycopg.sql import Composed

from renkei.kit import Connection, Tenant, queries
from renkei.standard import CHANGE, Catalogue, Entity, catalogue, difference_of
from renkei.store.errors import (
    DifferenceMissing,
    DifferenceRepeated,
    LoadInterrupted,
    LoadNotLater,
    SnapshotOlder,
)
from renkei.store.findings import KEPT_ALIKE, Findings, Place, Policy, Severity
from renkei.store.formats import Format
from renkei.store.group_judging import Between, Mark, between
from renkei.store.group_judging import report as report_between
from renkei.store.group_statements import Scope
from renkei.store.merging import (
    Changes,
    begin_fill,
    duplicates,
    find_changes,
    find_differences,
    holds_none,
    index_keys,
    misfits,
    recount,
    spare,
    spare_all,
    stage,
    write_changes,
)
from renkei.store.reading import Progress, Reading
from renkei.store.removals import returned_to
from renkei.store.snapshot import Limits, Verdict
from renkei.store.statements import merging

sql = queries("renkei.store")

DEFAULT_LIMITS = Limits()
BLOCKS_AHEAD = 2  # judged while the database takes one; they are all that is held in memory


class Outcome(StrEnum):
    """What became of a file."""

    loaded = "loaded"
    already_loaded = "already-loaded"
    blocked = "blocked"


@dataclass(frozen=True, slots=True)
class LoadReport:
    """What a load did: the outcome, what changed, what was found.

    `sha256` is None where the reading stopped before the end of the file.
    """

    outcome: Outcome
    entity: str
    on: date
    sha256: bytes | None
    bytes_read: int
    records: int
    changes: Changes | None
    findings: Findings


@dataclass(frozen=True, slots=True)
class Plan:
    """What one load is about: what the file is said to be, and how it is to be taken in."""

    tenant: Tenant
    entity: Entity
    standard: Catalogue
    on: date
    at: datetime
    difference: int | None
    policy: Policy
    limits: Limits
    share: float
    progress: Callable[[Progress], object]
    file_format: Format | None
    name: str | None
    organisation: str | None

    @property
    def layout(self) -> Entity:
        """Return the entity as the file has it."""
        return self.entity if self.difference is None else difference_of(self.entity)

    def reading(self, stream: BinaryIO) -> Reading:
        """Begin to read the file."""
        return Reading(
            self.tenant,
            self.layout,
            self.standard,
            self.on,
            stream,
            Findings(),
            self.limits,
            policy=self.policy,
            file_format=self.file_format,
            name=self.name,
            organisation=self.organisation,
        )

    def facts(self, reading: Reading) -> dict[str, object]:
        """Return what the book of loads says of the file."""
        return {
            "tenant": self.tenant,
            "entity": self.entity.name,
            "on": self.on,
            "at": self.at,
            "number": self.difference,
            "sha256": reading.sha256,
            "records": reading.records,
            "blocked": reading.records - self.taken(reading),
        }

    def between(self, conn: Connection, scope: Scope) -> list[Between]:
        """Return what is wrong between the records of a scope."""
        return between(
            conn, self.tenant, self.entity, standard=self.standard, on=self.on, scope=scope
        )

    def taken(self, reading: Reading) -> int:
        """Return how many records of the file go in, if it does."""
        return reading.records - (reading.blocked if self.policy is Policy.row else 0)

    def report(self, reading: Reading, outcome: Outcome, changes: Changes | None) -> LoadReport:
        """Return what a load did."""
        return LoadReport(
            outcome,
            self.entity.name,
            self.on,
            reading.sha256,
            reading.bytes_read,
            reading.records,
            changes,
            reading.findings,
        )


def load(
    conn: Connection,
    tenant: Tenant,
    entity: Entity,
    source: BinaryIO | Path,
    *,
    on: date,
    at: datetime,
    difference: int | None = None,
    policy: Policy = Policy.file,
    progress: Callable[[Progress], object] = lambda _: None,
    allow_ending: bool = False,
    standard: Catalogue | None = None,
    limits: Limits = DEFAULT_LIMITS,
    file_format: Format | None = None,
    organisation: str | None = None,
) -> LoadReport:
    """Make a file the records in force from the day it states, or say why not.

    The file is a snapshot, or the difference of that number. Its format is that of its beginning
    unless it is given; `organisation` is the code that something beside the file, such as a
    manifest, says it comes from. What an エラー in a row keeps out is the file, or by `policy` the
    row; what is wrong with the file or between rows keeps out the file. One that would end more
    than `limits.ending_share` of the records is blocked, unless `allow_ending` says it is meant.
    """
    plan = Plan(
        tenant,
        entity,
        standard or catalogue(),
        on,
        at,
        difference,
        policy,
        limits,
        share=1.0 if allow_ending else limits.ending_share,
        progress=progress,
        file_format=file_format,
        name=source.name if isinstance(source, Path) else None,
        organisation=organisation,
    )
    opened = source.open("rb") if isinstance(source, Path) else nullcontext(source)
    try:
        with opened as stream:
            conn.execute(sql.one_load_at_a_time, {"tenant": tenant, "entity": entity.name})
            # What cannot be read a second time takes the careful way at once.
            if difference is None and stream.seekable() and holds_none(conn, tenant, entity):
                start = stream.tell()
                if (filled := _fill(conn, plan, plan.reading(stream))) is not None:
                    stream.seek(start)
                    _report_filled(plan, filled, stream)
                    return filled.report
                stream.seek(start)
            return _merge(conn, plan, plan.reading(stream))
    except psycopg.Error as error:
        # Not `from error`: its text may quote the line of the file it stopped at.
        raise LoadInterrupted(entity=entity.name, reason=_reason(error)) from None


class _NotStraight(Exception):
    """The file is no flawless first snapshot: it must be read again, with care."""


@dataclass(frozen=True, slots=True)
class _Filled:
    """A first snapshot that went straight in, and the alerts between its records."""

    report: LoadReport
    alerts: list[Between]


def _fill(conn: Connection, plan: Plan, reading: Reading) -> _Filled | None:
    """Stream a first snapshot straight into the records; None if it must be read with care."""
    try:
        with conn.transaction():
            return _fill_straight(conn, plan, reading)
    except (_NotStraight, psycopg.errors.UniqueViolation):
        return None


def _fill_straight(conn: Connection, plan: Plan, reading: Reading) -> _Filled:
    begin_fill(conn, on=plan.on, at=plan.at)
    statement = merging(plan.entity).fill_straight
    if not _stream(conn, statement, reading, plan.progress, stop_when_blocked=True):
        raise _NotStraight
    facts = plan.facts(reading)
    if conn.execute(sql.load_of_file, facts).fetchone():
        raise _NotStraight
    _refuse_older(conn, plan)
    changes = Changes(new=plan.taken(reading), changed=0, gone=0, same=0)
    found = plan.between(conn, Scope.held)
    if _stops(found):
        raise _NotStraight
    _record(conn, plan, facts, changes, reading.findings, kind="fill")
    return _Filled(plan.report(reading, Outcome.loaded, changes), found)


def _report_filled(plan: Plan, filled: _Filled, stream: BinaryIO) -> None:
    """Find the lines of the alerts between records, which were found in the records."""
    keys = {mark for one in filled.alerts for mark in one.marks if not isinstance(mark, int)}
    lines = plan.reading(stream).find(keys) if keys else {}
    report_between(
        filled.report.findings,
        plan.layout,
        filled.alerts,
        lambda mark: None if isinstance(mark, int) else lines.get(mark),
    )


def _merge(conn: Connection, plan: Plan, reading: Reading) -> LoadReport:
    """Stage a file, find everything that is wrong with it, and merge it if nothing is."""
    copy = stage(conn, plan.entity, differences=plan.difference is not None)
    whole = _stream(conn, copy, reading, plan.progress)
    if whole and reading.findings.errors:
        _report_duplicates(conn, plan, reading)
    outcome, changes = _decide(conn, plan, reading)
    conn.execute(sql.drop_staging)
    return plan.report(reading, outcome, changes)


def _stream(
    conn: Connection,
    statement: Composed,
    reading: Reading,
    progress: Callable[[Progress], object],
    *,
    stop_when_blocked: bool = False,
) -> bool:
    """Judge the file and send it to a table; tell whether all of it is there."""
    whole = True
    blocks = reading.blocks()
    with (
        ThreadPoolExecutor(1, thread_name_prefix="judging") as judging,
        conn.cursor() as cursor,
        cursor.copy(statement) as copy,
    ):
        ahead = deque(judging.submit(next, blocks, None) for _ in range(BLOCKS_AHEAD))
        while (judged := ahead.popleft().result()) is not None:
            ahead.append(judging.submit(next, blocks, None))
            text, verdict, so_far = judged
            whole = whole and verdict is Verdict.whole
            if stop_when_blocked and reading.must_block:
                return False
            if whole:
                copy.write(text)
            progress(so_far)
    whole = whole and reading.sha256 is not None
    return whole and not (stop_when_blocked and reading.must_block)


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


def _decide(conn: Connection, plan: Plan, reading: Reading) -> tuple[Outcome, Changes | None]:
    """Merge what was staged, unless it was loaded before or is blocked."""
    facts = plan.facts(reading)
    if reading.sha256 and conn.execute(sql.load_of_file, facts).fetchone():
        return Outcome.already_loaded, None
    if reading.is_blocked:
        return Outcome.blocked, None
    _refuse_older(conn, plan)
    _refuse_out_of_order(conn, plan)
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
        _record(conn, plan, facts, changes, reading.findings, kind=kind)
    return (Outcome.blocked, None) if stops else (Outcome.loaded, changes)


def _report_staged(conn: Connection, plan: Plan, reading: Reading) -> bool:
    """Find what is wrong between the rows of a staged snapshot; tell whether it blocks the file."""

    def line_of(mark: Mark) -> int | None:
        return reading.line_of(mark) if isinstance(mark, int) else None

    found = plan.between(conn, Scope.staged)
    report_between(reading.findings, plan.layout, found, line_of)
    return _stops(found)


def _report_touched(conn: Connection, plan: Plan, reading: Reading) -> bool:
    """Find what is wrong between the records that differences touched; tell whether it blocks."""
    found = plan.between(conn, Scope.touched)
    report_between(reading.findings, plan.layout, found, lambda _: None)
    return _stops(found)


def _stops(found: list[Between]) -> bool:
    return any(one.kind.severity is Severity.error for one in found)


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


def _record(
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


def _refuse_older(conn: Connection, plan: Plan) -> None:
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


def _refuse_out_of_order(conn: Connection, plan: Plan) -> None:
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


def _reason(error: psycopg.Error) -> str:
    """Name a database error without its text, which may hold values of the file."""
    return f"{type(error).__name__} {error.sqlstate or ''}".strip()
