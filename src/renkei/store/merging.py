"""Merging a staged snapshot into the records: what changed is kept as history, set by set.

The whole file stands in a temporary table (`stage`); `merge` compares it with the current records
in one join and writes only what differs. A record that changed or vanished goes to the history with
the day it stopped holding and the time this was learnt; nothing is ever forgotten or overwritten.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime

import psycopg
from psycopg.sql import Composed

from renkei.kit import Connection, Tenant, queries
from renkei.standard import Entity
from renkei.store.statements import differing, merging

sql = queries("renkei.store")

# The file usually comes in the order of its key, as the records do: read both in that order and
# compare as they pass. The planner knows nothing of a temporary table and would hash both.
IN_KEY_ORDER = {"enable_hashjoin": "off", "enable_sort": "off"}
# Few rows changed; without statistics, as after a first fill, the planner would read all of them.
BY_KEY = {"enable_hashjoin": "off", "enable_mergejoin": "off"}
FOR_SORTING = {"maintenance_work_mem": "256MB"}


@dataclass(frozen=True, slots=True)
class Changes:
    """How many records a snapshot begins, changes, ends and leaves as they are."""

    new: int
    changed: int
    gone: int
    same: int

    @property
    def held(self) -> int:
        """Return how many records were in force before."""
        return self.changed + self.gone + self.same


@dataclass(frozen=True, slots=True)
class Duplicate:
    """A key that stands on more than one line of the file, lines counted from its first record."""

    first: int
    second: int


@contextmanager
def set_for(conn: Connection, settings: Mapping[str, str]) -> Iterator[None]:
    """Set parameters of the database for a block, and set them back."""
    before = {name: conn.execute(sql.setting, {"name": name}).fetchone() for name in settings}
    for name, value in settings.items():
        conn.execute(sql.set_setting, {"name": name, "value": value})
    yield
    for name, row in before.items():
        conn.execute(sql.set_setting, {"name": name, "value": row and row[0]})


def stage(conn: Connection, entity: Entity, *, differences: bool = False) -> Composed:
    """Make the empty staging table of this transaction and return the statement that fills it."""
    steps = differing(entity) if differences else merging(entity)
    conn.execute(sql.drop_staging)
    conn.execute(steps.make_staging)
    return steps.copy


def duplicates(conn: Connection, entity: Entity, shown: int) -> tuple[list[Duplicate], int]:
    """Return the first duplicates of the staging table, and how many keys are doubled."""
    rows = conn.execute(merging(entity).duplicates, {"shown": shown}).fetchall()
    return [Duplicate(first, second) for first, second, _ in rows], rows[0][2] if rows else 0


def index_keys(conn: Connection, entity: Entity) -> bool:
    """Index the staged rows by key; False if a key stands there twice."""
    try:
        with conn.transaction(), set_for(conn, FOR_SORTING):
            conn.execute(merging(entity).index_staging)
    except psycopg.errors.UniqueViolation:
        return False
    return True


def find_changes(conn: Connection, tenant: Tenant, entity: Entity, staged: int) -> Changes:
    """Compare the staged snapshot, indexed, with the records. Nothing is written to them yet."""
    with set_for(conn, IN_KEY_ORDER):
        conn.execute(merging(entity).find_changes, {"tenant": tenant})
    return recount(conn, staged)


def recount(conn: Connection, staged: int) -> Changes:
    """Return what was found by comparing a snapshot of so many rows."""
    new, changed, gone = _counted(conn)
    return Changes(new, changed, gone, staged - new - changed)


def spare(conn: Connection, entity: Entity, keys: Iterable[bytes]) -> None:
    """Let no record end whose key is among these: its row was kept out, not missing."""
    steps = merging(entity)
    conn.execute(steps.make_blocked)
    with conn.cursor() as cursor, cursor.copy(steps.copy_blocked) as copy:
        for block in keys:
            copy.write(block)
    conn.execute(steps.spare_blocked)


def spare_all(conn: Connection) -> None:
    """Let no record end: of some row nobody knows whose it is."""
    conn.execute(sql.spare_all)


def find_differences(conn: Connection, tenant: Tenant, entity: Entity) -> Changes:
    """Compare the staged differences with the records. Nothing is written to them yet."""
    with set_for(conn, BY_KEY):
        conn.execute(differing(entity).find_changes, {"tenant": tenant})
    new, changed, gone = _counted(conn)
    row = conn.execute(differing(entity).count_held, {"tenant": tenant}).fetchone()
    return Changes(new, changed, gone, (row[0] if row else 0) - changed - gone)


def misfits(
    conn: Connection, tenant: Tenant, entity: Entity, shown: int
) -> tuple[list[tuple[int, bool]], int]:
    """Return the differences that do not fit the records: (line, whether held), and how many."""
    said = {"tenant": tenant, "shown": shown}
    rows = conn.execute(differing(entity).misfits, said).fetchall()
    return [(line, was_held) for line, was_held, _ in rows], rows[0][2] if rows else 0


def _counted(conn: Connection) -> tuple[int, int, int]:
    conn.execute(sql.analyze_changes)
    row = conn.execute(sql.count_changes).fetchone()
    return row or (0, 0, 0)


def holds_none(conn: Connection, tenant: Tenant, entity: Entity) -> bool:
    """Tell whether no record of this entity is in force."""
    return conn.execute(merging(entity).any_record, {"tenant": tenant}).fetchone() is None


def begin_fill(conn: Connection, *, on: date, at: datetime) -> None:
    """Set both times of the rows that this transaction streams straight into the records."""
    conn.execute(sql.set_setting, {"name": "renkei.states_on", "value": on.isoformat()})
    conn.execute(sql.set_setting, {"name": "renkei.loaded_at", "value": at.isoformat()})


def write_changes(
    conn: Connection, tenant: Tenant, entity: Entity, *, on: date, at: datetime
) -> None:
    """Write what `find_changes` found: first the history, then the records in force."""
    said = {"tenant": tenant, "on": on, "at": at}
    steps = merging(entity)
    with set_for(conn, BY_KEY):
        conn.execute(steps.index_changes)
        for step in (steps.keep_old, steps.end_gone, steps.update_changed, steps.insert_new):
            conn.execute(step, said)


def overlaps(conn: Connection, tenant: Tenant, entity: Entity) -> int:
    """Return how many records hold on a day on which another one of their key holds: 0."""
    row = conn.execute(merging(entity).overlaps, {"tenant": tenant}).fetchone()
    return row[0] if row else 0
