"""Records past their time and the archive they move to: what the tests of retention share."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from uuid import UUID, uuid4

import psycopg
from tests.store.rows import NOW, TOWN, Row, day, file, hour, register_number

from renkei import audit, store
from renkei.kit import Connection, Database
from renkei.standard import catalogue

REMOVED = catalogue().entity("removed_record")
RULES = {rule.id: rule for rule in store.retention_rules(catalogue())}
RULE = RULES["RT-01"]
TODAY = date(2026, 6, 1)
AT = NOW + timedelta(days=60)
TEST = audit.Mode.TEST
KEY = audit.Signer.from_seed("test.example/log", bytes(32))


def removed(number: int, on: str, **changes: str) -> Row:
    """Return a valid removed record (除票) of somebody who died on a day."""
    return {
        "register_number": register_number(number),
        "serial_number": "1",
        "removal_reason": "23",
        "removal_occurred_on": on,
        "removed_on": on,
    } | changes


def load(conn: Connection, rows: list[Row], *, on: int = 0, at: datetime | None = None) -> None:
    report = store.load(
        *(conn, TOWN, REMOVED, file(REMOVED, rows)),
        on=day(on),
        at=at or hour(on),
        allow_ending=True,
    )
    assert report.outcome is store.Outcome.loaded, report.findings.kept


def move(
    conn: Connection, archive: Connection, *, at: datetime = AT, batch: UUID | None = None
) -> store.Removed | None:
    """Move one batch by the first rule."""
    return store.move(
        *(conn, archive, TOWN, RULE, REMOVED),
        batch=batch or uuid4(),
        mode=TEST,
        at=at,
        on=TODAY,
    )


def held(conn: Connection) -> list[str]:
    """Return the register numbers in force, in order."""
    found = conn.execute("SELECT register_number FROM store_removed_record ORDER BY 1")
    return [number for (number,) in found]


def versions(conn: Connection) -> int:
    row = conn.execute("SELECT count(*) FROM store_removed_record_history").fetchone()
    return row[0] if row else 0


@contextmanager
def archived(archive_dsn: str) -> Iterator[list[tuple[str, bool]]]:
    """Give what stands in the archive of all towns: (register number, confirmed)."""
    with psycopg.connect(archive_dsn) as conn:
        found = conn.execute(
            "SELECT record ->> 'register_number', confirmed FROM store_archived"
            " JOIN store_archive_batch USING (tenant, batch) ORDER BY 1, valid_from, known_from"
        )
        yield found.fetchall()


def run(records: Database, archive: Database) -> int:
    """Do what the edge does: settle, move until nothing is due, settle; return what was moved."""
    count = 0
    while True:
        with records.transaction(TOWN) as conn, archive.transaction(TOWN) as kept:
            store.settle(conn, kept, TOWN)
        with records.transaction(TOWN) as conn, archive.transaction(TOWN) as kept:
            done = move(conn, kept)
        if done is None:
            return count
        count += done.records + done.versions
