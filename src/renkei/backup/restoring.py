"""Restoring: a base and the log after it become a running database again, as of a moment.

1. The newest base that ended before the moment; without a moment, the newest.
2. Its tar is opened part by part into a new folder and compared with PostgreSQL's own manifest.
3. The log files from the base on are put beside it; one that is missing or damaged is named.
4. PostgreSQL replays them up to the moment, and answers.

The caller gets the running server, looks at what came back, and stops it.
"""

import io
import tarfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import psycopg

from renkei.backup.archive import Archive
from renkei.backup.errors import (
    BackupMissing,
    BackupProgramsDiffer,
    LogFileMissing,
    RestoreFailed,
    RestoreOccupied,
)
from renkei.backup.holdings import Base, Holding, LogFile, holdings
from renkei.backup.shipping import sql
from renkei.kit import NodeError
from renkei.kit.postgres import Postgres
from renkei.kit.programs import Account, account_for, find_binaries, version_of

PATIENCE = 24 * 3600.0  # a day of log takes its time
# Log files lie where the server looks after asking for an archived one, which it never gets.
RECOVERY = {"restore_command": "false", "recovery_target_action": "promote", "hot_standby": "off"}
TOO_EARLY = "recovery ended before configured recovery target was reached"
HBA = "local all all trust\nlocal replication all trust\n"

Progress = Callable[[int, int], object]


@dataclass(frozen=True, slots=True)
class Restored:
    """What came back: from which base, up to which moment, and the last commit in it."""

    dsn: str
    base: Base
    asked: datetime | None
    until: datetime
    last_commit: datetime | None
    log_files: int


@contextmanager
def restore(
    archive: Archive,
    folder: Path,
    *,
    at: datetime | None = None,
    binaries: Path | None = None,
    progress: Progress = lambda *_: None,
) -> Iterator[Restored]:
    """Restore into `folder/database`, which becomes a site's state folder; run it for the block."""
    if folder.exists() and any(folder.iterdir()):
        raise RestoreOccupied(folder=str(folder))
    one, base = choose(archive, at)
    logs = _logs(one, base, at)
    programs = find_binaries(binaries)
    _check_programs(base, programs)
    directory = (folder / "database").resolve()
    folder.mkdir(parents=True, exist_ok=True)
    directory.mkdir(mode=0o711)
    account = account_for(directory / "data")
    data = directory / "data"
    steps = len(base.parts) + len(logs)
    account.make_own(data)
    _extract(archive, base, data, lambda done: progress(done, steps))
    _verify(programs, data, folder)
    until = base.ended_at
    for done, log in enumerate(logs, len(base.parts)):
        progress(done, steps)
        opened = archive.get(log.name)
        path = data / "pg_wal" / log.segment.name
        path.write_bytes(opened.data.ljust(log.segment.size, b"\0"))
        until = max(until, opened.at)
    _prepare(data)
    account.own(data)
    server = _replay(directory, binaries, at, folder)
    try:
        with psycopg.connect(server.dsn("postgres"), autocommit=True) as conn:
            row = conn.execute(sql.recovered).fetchone()
        yield Restored(server.dsn(), base, at, until, row[1] if row else None, len(logs))
    finally:
        server.stop()


def choose(archive: Archive, at: datetime | None) -> tuple[Holding, Base]:
    """Return the newest base that ended before a moment, of the lineage that began last."""
    found = holdings(archive)
    for one in reversed(found):
        for base in reversed(one.bases):
            if at is None or base.ended_at <= at:
                return one, base
    first = min((base.ended_at for one in found for base in one.bases), default=None)
    raise BackupMissing(
        target=archive.target.place,
        at=at.isoformat() if at else "–",
        first=first.isoformat() if first else "–",
    )


def _logs(one: Holding, base: Base, at: datetime | None) -> list[LogFile]:
    """Return the log files to replay; one that is missing before the moment is an error."""
    run = one.run(base)
    missing = one.missing(base)
    if missing is not None:
        if not one.serves(base):
            raise LogFileMissing(name=missing.name, until="–")
        until = one.until(base)
        pruned = missing.number < one.kept_since and at is None
        if not pruned and (at is None or at > until):
            raise LogFileMissing(name=missing.name, until=until.isoformat())
    return run


def _check_programs(base: Base, programs: Path) -> None:
    """Refuse programs of another major version before anything is written."""
    found = version_of(programs, Account("ourselves")) or ""
    if found.partition(".")[0] != base.version.partition(".")[0]:
        raise BackupProgramsDiffer(data=base.version, programs=found)


class _Joined(io.RawIOBase):
    """The parts of a base as one stream, each opened when it is read."""

    def __init__(self, archive: Archive, base: Base, tell: Callable[[int], object]) -> None:
        self._parts = enumerate(base.parts)
        self._archive, self._tell, self._rest = archive, tell, memoryview(b"")

    def readable(self) -> bool:
        """Say yes: that is all it does."""
        return True

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes, fewer at the end of a part."""
        if not self._rest and (part := next(self._parts, None)) is not None:
            self._tell(part[0])
            self._rest = memoryview(self._archive.get(part[1].name).data)
        taken, self._rest = self._rest[:size], self._rest[size:]
        return bytes(taken)


def _extract(archive: Archive, base: Base, data: Path, tell: Callable[[int], object]) -> None:
    """Open the tar of a base. It was sealed by our key; members are confined all the same."""
    with tarfile.open(fileobj=_Joined(archive, base, tell), mode="r|", bufsize=2**20) as tar:
        tar.extractall(data, filter="data")
    data.chmod(0o700)


def _verify(programs: Path, data: Path, folder: Path) -> None:
    """Compare every file with PostgreSQL's own manifest."""
    program = programs / "pg_verifybackup"
    answer = Account("ourselves").run(program, "--no-parse-wal", "--quiet", data)
    if answer.returncode != 0:
        raise RestoreFailed(reason=answer.stdout.strip()[-300:], folder=str(folder))


def _prepare(data: Path) -> None:
    """Let the server recover, and let us in as it does on a laptop, wherever it ran before."""
    (data / "recovery.signal").touch()
    for name in ("postgresql.conf", "pg_ident.conf"):
        (data / name).touch()  # a system may keep them elsewhere
    hba = data / "pg_hba.conf"
    if hba.exists():
        hba.rename(data / "pg_hba.conf.before")
    hba.write_text(HBA, encoding="ascii")


def _replay(directory: Path, binaries: Path | None, at: datetime | None, folder: Path) -> Postgres:
    """Start the server on the log; where nothing was committed after the moment, to its end."""
    target = {} if at is None else {"recovery_target_time": at.isoformat(sep=" ")}
    for settings in (RECOVERY | target, RECOVERY):
        server = Postgres(directory, binaries=binaries, settings=settings, patience=PATIENCE)
        try:
            server.start()
        except NodeError as error:
            said = (directory / "server.log").read_text(encoding="utf-8", errors="replace")
            if not target or TOO_EARLY not in said:
                raise RestoreFailed(reason=error.text(), folder=str(folder)) from error
            target = {}
        else:
            return server
    raise AssertionError  # the second try returns or raises
