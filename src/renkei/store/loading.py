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

from collections.abc import Callable
from contextlib import nullcontext
from datetime import date, datetime
from pathlib import Path
from typing import BinaryIO

import psycopg

from renkei.kit import Connection, Tenant, queries
from renkei.standard import Catalogue, Entity, catalogue
from renkei.store.errors import LoadInterrupted
from renkei.store.filling import fill, report_filled
from renkei.store.findings import Policy
from renkei.store.formats import Format
from renkei.store.merging import holds_none
from renkei.store.plan import LoadReport, Plan
from renkei.store.reading import Progress
from renkei.store.snapshot import Limits
from renkei.store.staging import merge

sql = queries("renkei.store")

DEFAULT_LIMITS = Limits()


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
                if (filled := fill(conn, plan, plan.reading(stream))) is not None:
                    stream.seek(start)
                    report_filled(plan, filled, stream)
                    return filled.report
                stream.seek(start)
            return merge(conn, plan, plan.reading(stream))
    except psycopg.Error as error:
        # Not `from error`: its text may quote the line of the file it stopped at.
        raise LoadInterrupted(entity=entity.name, reason=_reason(error)) from None


def _reason(error: psycopg.Error) -> str:
    """Name a database error without its text, which may hold values of the file."""
    return f"{type(error).__name__} {error.sqlstate or ''}".strip()
