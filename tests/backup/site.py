"""A database with one table and an archive: what the tests of this room write, ship and restore."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import psycopg
from msgspec.structs import replace

from renkei import backup
from renkei.kit import Connection, tenant
from renkei.kit.postgres import Postgres
from renkei.kit.programs import find_binaries

TOWN, OTHER_TOWN = tenant("131016"), tenant("131024")
KEY = backup.BackupKey(bytes(range(32)))


@dataclass
class Site:
    """One database under one archive; `note` and `noted` are its table, `at` its clock."""

    server: Postgres
    conn: Connection
    archive: backup.Archive
    writer: backup.Writer
    since: datetime = field(init=False)

    def __post_init__(self) -> None:
        """Start with an empty table, no slot, and an archive of our own."""
        self.conn.execute("CREATE TABLE IF NOT EXISTS diary (word text)")
        self.conn.execute("TRUNCATE diary")
        backup.forget(self.conn)
        self.since = self.now.at
        backup.claim(self.archive, self.writer, self.now.lineage, at=self.since)
        self.ship()

    @property
    def now(self) -> backup.Standing:
        return backup.standing(self.conn)

    def note(self, *words: str) -> datetime:
        """Write into the table, and return a moment after that."""
        for word in words:
            self.conn.execute("INSERT INTO diary VALUES (%s)", [word])
        return self.now.at

    def next_file(self) -> None:
        """Let the database begin another log file."""
        self.conn.execute("SELECT pg_switch_wal()")

    def ship(self) -> backup.Shipped:
        shipped = backup.ship(self.conn, self.archive, self.writer, since=self.since)
        self.since = shipped.until
        return shipped

    def take(self, ago: timedelta = timedelta(0)) -> backup.Base:
        """Take a base, and say that it was taken some time ago."""
        base = backup.take(
            self.server.dsn(),
            self.archive,
            find_binaries(),
            self.now,
            TOWN,
            clock=lambda: self.now.at,
        )
        self.ship()
        base = replace(base, ended_at=base.ended_at - ago)
        backup.ended(self.archive, base)
        return base

    def names(self, folder: str) -> list[str]:
        """Return the files of a folder of this lineage."""
        return [one.name for one in self.archive.files(f"{self.now.lineage}/{folder}")]

    def path(self, name: str) -> Path:
        """Return where a file of the archive lies."""
        return Path(self.archive.target.place) / name


def words(dsn: str) -> list[str]:
    """Return what stands in the table of a restored database."""
    with psycopg.connect(dsn) as conn:
        return [word for (word,) in conn.execute("SELECT word FROM diary")]


@contextmanager
def new_folder() -> Iterator[Path]:
    """Give a folder that the server's account may pass."""
    with tempfile.TemporaryDirectory(prefix="renkei-backup-") as made:
        Path(made).chmod(0o711)
        yield Path(made)


@contextmanager
def opened(server: Postgres, folder: Path, target: backup.Target | None = None) -> Iterator[Site]:
    """Give a site whose archive and state lie in a folder."""
    with psycopg.connect(server.dsn(), autocommit=True) as conn:
        archive = backup.Archive(target or backup.Target(str(folder / "archive")), KEY)
        yield Site(server, conn, archive, backup.Writer.of(TOWN, folder / "state"))
