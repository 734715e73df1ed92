"""Sending the log: what the database has on its disk goes to the archive, then it may forget it.

A replication slot of ours makes the database keep its log from the slot's position on. `ship` reads
the log files through the connection, puts them into the archive, and moves the slot behind what
the archive has: the slot's position is the only state, so a crash anywhere repeats a file at most.
One process of a site ships at a time (`hold`).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

import psycopg

from renkei.backup import ownership
from renkei.backup.archive import Archive
from renkei.backup.errors import BackupRightsMissing, LogNotKept
from renkei.backup.ownership import Writer
from renkei.backup.segments import Segment
from renkei.kit import Connection, queries

sql = queries("renkei.backup")

FILES = 16  # log files sent in one call, so that the caller can look around between them
RIGHTS = (
    "ALTER ROLE … REPLICATION; GRANT EXECUTE ON FUNCTION pg_read_binary_file(text, bigint, bigint)"
    " TO …; GRANT EXECUTE ON FUNCTION pg_control_system() TO …; a line `replication` for it in"
    " pg_hba.conf; wal_level = replica"
)


@dataclass(frozen=True, slots=True)
class Standing:
    """Where the database's log is, and where the slot: the archive has everything before it."""

    at: datetime
    flushed: int
    current: Segment
    system: str
    archived: int | None
    lost: bool
    limit: str
    version: str

    @property
    def lineage(self) -> str:
        """Return the archive's folder of this database: another one after every restore."""
        return f"{self.system}-{self.current.timeline}"

    @property
    def waiting(self) -> int:
        """Return how many bytes of log the archive has not got."""
        return self.flushed - (self.flushed if self.archived is None else self.archived)


@dataclass(frozen=True, slots=True)
class Shipped:
    """What one call sent, and up to which moment the archive now has everything."""

    standing: Standing
    files: int
    until: datetime
    is_level: bool


def hold(conn: Connection) -> bool:
    """Become the one that ships, as long as the connection lives; False where another one does."""
    row = conn.execute(sql.try_to_ship).fetchone()
    return bool(row and row[0])


def release(conn: Connection) -> None:
    """Let another process ship."""
    conn.execute(sql.stop_shipping)


def standing(conn: Connection) -> Standing:
    """Return where the log and its copy are."""
    with _rights():
        row = conn.execute(sql.standing).fetchone()
    assert row is not None  # noqa: S101  # a row of its own, joined to the slot if there is one
    at, flushed, timeline, size, system, archived, status, limit, version = row
    current = Segment.holding(int(timeline, 16), flushed, size)
    return Standing(at, flushed, current, system, archived, status == "lost", limit, version)


def begin(conn: Connection) -> None:
    """Make the database keep its log for us from here on."""
    with _rights():
        conn.execute(sql.make_slot)


def forget(conn: Connection) -> bool:
    """Let the database keep no log for us any more; tell whether it had to."""
    return conn.execute(sql.drop_slot).fetchone() is not None


def ship(conn: Connection, archive: Archive, writer: Writer, *, since: datetime) -> Shipped:
    """Send what the archive lacks, at most FILES files. Needs a connection in autocommit.

    `since` is the moment up to which the archive had everything before: a file in the middle of a
    long queue claims no more. LogNotKept where the database has given log up: the slot begins
    anew, and a base must be taken.
    """
    now = standing(conn)
    ownership.check(archive, writer)
    if now.archived is None:
        if now.lost:
            _start_anew(conn, now, since)
        begin(conn)
        now = standing(conn)
    done, lsn = 0, now.archived or 0
    level = lsn >= now.flushed
    while not level and done < FILES:
        segment = Segment.holding(now.current.timeline, lsn, now.current.size)
        reached = min(segment.end, now.flushed)
        level = reached == now.flushed
        moment = now.at if level else since
        data = _read(conn, segment, reached - segment.start, now, since)
        if reached == segment.end:
            archive.put(f"{now.lineage}/wal/{segment.name}", data, moment)
            tails = archive.files(f"{now.lineage}/tail/{segment.name}")
            archive.delete(one.name for one in tails)
        else:
            folder = f"{now.lineage}/tail/{segment.name}"
            archive.put(f"{folder}/{reached - segment.start:08X}", data, moment)
            if lsn > segment.start:
                archive.delete([f"{folder}/{lsn - segment.start:08X}"])
        conn.execute(sql.advance_slot, {"lsn": reached})
        lsn, done = reached, done + 1
    return Shipped(standing(conn), done, now.at if level else since, level)


def _read(conn: Connection, segment: Segment, length: int, now: Standing, since: datetime) -> bytes:
    asked = {"name": segment.name, "length": length}
    try:
        with _rights():
            row = conn.execute(sql.read_log, asked, binary=True).fetchone()
    except psycopg.errors.UndefinedFile:  # given up between two checkpoints
        _start_anew(conn, now, since)
    return bytes(row[0]) if row else b""


def _start_anew(conn: Connection, now: Standing, since: datetime) -> None:
    forget(conn)
    begin(conn)
    raise LogNotKept(limit=now.limit, since=since.isoformat(timespec="seconds"))


@contextmanager
def _rights() -> Iterator[None]:
    try:
        yield
    except (
        psycopg.errors.InsufficientPrivilege,
        psycopg.errors.ObjectNotInPrerequisiteState,
    ) as error:
        reason = str(error).split("\n", maxsplit=1)[0]
        raise BackupRightsMissing(reason=reason, wanted=RIGHTS) from error
