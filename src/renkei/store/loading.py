"""Loading a snapshot: the whole file goes in, or nothing of it and the reasons.

    report = load(conn, town, resident, path, on=day, at=now)

1. The file is read, hashed and judged block by block in a second thread, while the block before
   streams into a temporary table: memory stays flat, and the database is what takes the time.
2. The same file for the same day was loaded before: nothing changes.
3. The rules between records are asked once all lines are right; any エラー blocks the file: nothing
   changes.
4. Otherwise one set-based merge makes it the records in force from that day on.

One load is the caller's one transaction; loads of one entity wait for each other.
"""

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from typing import BinaryIO

import psycopg

from renkei.kit import Connection, Tenant, queries
from renkei.standard import Catalogue, Entity, catalogue
from renkei.store.errors import LoadInterrupted, LoadNotLater, SnapshotOlder
from renkei.store.findings import KEPT_ALIKE, Findings, Place, Severity
from renkei.store.group_judging import report as report_groups
from renkei.store.merging import (
    Changes,
    duplicates,
    fill,
    find_changes,
    holds_none,
    stage,
    write_changes,
)
from renkei.store.snapshot import Limits, SnapshotFile, Verdict
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
class Progress:
    """How far a load is: bytes of the file read, records judged."""

    bytes_read: int
    records: int


def load(
    conn: Connection,
    tenant: Tenant,
    entity: Entity,
    source: BinaryIO | Path,
    *,
    on: date,
    at: datetime,
    progress: Callable[[Progress], object] = lambda _: None,
    allow_ending: bool = False,
    standard: Catalogue | None = None,
    limits: Limits = DEFAULT_LIMITS,
) -> LoadReport:
    """Make a file the records in force from the day it states, or say why not.

    A file that would end more than `limits.ending_share` of the records is blocked, unless
    `allow_ending` says that this is meant.
    """
    findings = Findings()
    opened = source.open("rb") if isinstance(source, Path) else nullcontext(source)
    try:
        with opened as stream:
            reading = Reading(entity, standard or catalogue(), on, stream, findings, limits)
            conn.execute(sql.one_load_at_a_time, {"tenant": tenant, "entity": entity.name})
            stage(conn, entity)
            whole = _stream(conn, entity, reading, progress)
        if whole and findings.errors:
            _report_duplicates(conn, entity, reading)
        share = 1.0 if allow_ending else limits.ending_share
        outcome, changes = _decide(
            conn, tenant, entity, reading, whole=whole, on=on, at=at, share=share
        )
        conn.execute(sql.drop_staging)
    except psycopg.Error as error:
        # Not `from error`: its text may quote the line of the file it stopped at.
        raise LoadInterrupted(entity=entity.name, reason=_reason(error)) from None
    return LoadReport(
        outcome,
        entity.name,
        on,
        reading.sha256,
        reading.file.bytes_read,
        reading.records,
        changes,
        findings,
    )


class Reading:
    """One file on its way in: read and judged, block by block."""

    def __init__(
        self,
        entity: Entity,
        standard: Catalogue,
        on: date,
        stream: BinaryIO,
        findings: Findings,
        limits: Limits,
    ) -> None:
        """Take the source and the place for what is found."""
        # Here, not above: polars costs a second of start-up, and only a load needs it.
        from renkei.store.validation import Validator

        self.file = SnapshotFile(stream, findings, limits)
        self.findings = findings
        self.standard = standard
        self.head_lines = 0
        self.sha256: bytes | None = None
        self._validator = Validator(entity, standard, on, findings)

    @property
    def records(self) -> int:
        """Return how many lines after the header were read."""
        return self.file.lines_read - self.head_lines

    def blocks(self) -> Iterator[tuple[bytes, Verdict, Progress]]:
        """Yield each block with its verdict; end early at what cannot be read."""
        header = self.file.head()
        self.head_lines = self.file.lines_read
        if header is None:
            return
        self._validator.judge_header(header, self.head_lines)
        if self.findings.errors:
            return
        for block in self.file.blocks():
            verdict = self._validator.judge(block)
            yield block.text, verdict, Progress(self.file.bytes_read, self.records)
            if verdict is Verdict.unreadable:
                return
        if self.file.read_to_end:
            self.sha256 = self.file.sha256
            if not self.records:
                self.findings.alert("no-records")


def _stream(
    conn: Connection,
    entity: Entity,
    reading: Reading,
    progress: Callable[[Progress], object],
) -> bool:
    """Judge the file and send it to the staging table; tell whether all of it is there."""
    whole = True
    blocks = reading.blocks()
    with (
        ThreadPoolExecutor(1, thread_name_prefix="judging") as judging,
        conn.cursor() as cursor,
        cursor.copy(merging(entity).copy) as copy,
    ):
        ahead = deque(judging.submit(next, blocks, None) for _ in range(BLOCKS_AHEAD))
        while (judged := ahead.popleft().result()) is not None:
            ahead.append(judging.submit(next, blocks, None))
            text, verdict, so_far = judged
            whole = whole and verdict is Verdict.whole
            if whole:
                copy.write(text)
            progress(so_far)
    return whole and reading.sha256 is not None


def _report_duplicates(conn: Connection, entity: Entity, reading: Reading) -> None:
    """Find the keys that stand on more than one line."""
    shown, total = duplicates(conn, entity, KEPT_ALIKE)
    column = next(n for n, item in enumerate(entity.items, 1) if item.name == entity.key[0])
    for one in shown:
        place = Place(reading.head_lines + one.second, column, entity.items[column - 1].ja)
        reading.findings.error("duplicate-key", place, first=reading.head_lines + one.first)
    reading.findings.many(Severity.error, "duplicate-key", [], total - len(shown))


def _decide(
    conn: Connection,
    tenant: Tenant,
    entity: Entity,
    reading: Reading,
    *,
    whole: bool,
    on: date,
    at: datetime,
    share: float,
) -> tuple[Outcome, Changes | None]:
    """Merge what was staged, unless it was loaded before or is blocked."""
    about = {"tenant": tenant, "entity": entity.name, "on": on, "sha256": reading.sha256}
    if reading.sha256 and conn.execute(sql.load_of_file, about).fetchone():
        return Outcome.already_loaded, None
    if whole and not reading.findings.errors:
        report_groups(
            conn,
            tenant,
            entity,
            reading.findings,
            standard=reading.standard,
            on=on,
            head_lines=reading.head_lines,
        )
    if reading.findings.errors:
        return Outcome.blocked, None
    _refuse_older(conn, tenant, entity, on=on, at=at)
    first = holds_none(conn, tenant, entity)
    if first:
        changes = fill(conn, tenant, entity, on=on, at=at)
    else:
        changes = find_changes(conn, tenant, entity, reading.records)
    if changes is None:
        _report_duplicates(conn, entity, reading)
        return Outcome.blocked, None
    if changes.gone > share * changes.held:
        held, percent = changes.held, round(share * 100)
        reading.findings.error("too-many-ending", gone=changes.gone, held=held, percent=percent)
        return Outcome.blocked, changes
    if not first:
        write_changes(conn, tenant, entity, on=on, at=at)
    _record(conn, entity, changes, {**about, "at": at, "records": reading.records}, first=first)
    return Outcome.loaded, changes


def _record(
    conn: Connection, entity: Entity, changes: Changes, about: Mapping[str, object], *, first: bool
) -> None:
    """Enter the load in the book at the next position, and what it did to each record.

    From here to the end of the transaction no other load of this town can end: the order of
    positions is the order of commits.
    """
    conn.execute(sql.one_end_at_a_time, about)
    numbers = {"new": changes.new, "changed": changes.changed, "gone": changes.gone}
    kind = "fill" if first else "snapshot"
    row = conn.execute(sql.record_load, {**about, **numbers, "kind": kind}).fetchone()
    if row and not first:
        said = {"tenant": about["tenant"], "position": row[0]}
        conn.execute(merging(entity).keep_events, said)


def _refuse_older(
    conn: Connection, tenant: Tenant, entity: Entity, *, on: date, at: datetime
) -> None:
    """Hold the two orders that make any day and any time answerable: of days, of loads."""
    last = conn.execute(sql.last_load, {"tenant": tenant, "entity": entity.name}).fetchone()
    if last is None:
        return
    last_on, last_at = last
    if on < last_on:
        raise SnapshotOlder(entity=entity.name, on=on.isoformat(), last=last_on.isoformat())
    if at <= last_at:
        raise LoadNotLater(entity=entity.name, at=at.isoformat(), last=last_at.isoformat())


def _reason(error: psycopg.Error) -> str:
    """Name a database error without its text, which may hold values of the file."""
    return f"{type(error).__name__} {error.sqlstate or ''}".strip()
