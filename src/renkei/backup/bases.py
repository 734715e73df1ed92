"""Taking a base: PostgreSQL's pg_basebackup writes one tar, which goes out part by part.

    base = take(dsn, archive, …)   # the parts are there
    …                              # ship the log up to base.end_lsn
    ended(archive, base)           # now it is a backup

Nothing is written to our own disk. A process killed in the middle leaves parts without a manifest,
which are no backup and are pruned.
"""

import hashlib
import io
import subprocess
import tarfile
import tempfile
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import IO

import msgspec
from psycopg import conninfo

from renkei.backup.archive import Archive
from renkei.backup.errors import BackupFailed, BackupRightsMissing
from renkei.backup.holdings import Base, Part
from renkei.backup.shipping import RIGHTS, Standing
from renkei.kit import Tenant, read_json
from renkei.kit.programs import environment

PART = 16 * 2**20
SENDERS = 2  # parts on their way at once; they are all that is held in memory
MANIFEST = "backup_manifest"


class _Range(msgspec.Struct):
    """A stretch of log that PostgreSQL's own manifest says is needed."""

    timeline: int = msgspec.field(name="Timeline")
    start: str = msgspec.field(name="Start-LSN")
    end: str = msgspec.field(name="End-LSN")


class _Manifest(msgspec.Struct):
    """What we read of PostgreSQL's own manifest; pg_verifybackup reads the rest."""

    ranges: list[_Range] = msgspec.field(name="WAL-Ranges")


def take(
    dsn: str,
    archive: Archive,
    programs: Path,
    now: Standing,
    tenant: Tenant,
    *,
    clock: Callable[[], datetime],
    progress: Callable[[int], object] = lambda _: None,
) -> Base:
    """Copy the whole database into the archive; `clock` is the server's, asked before and after."""
    began = clock()
    folder = f"{now.lineage}/base/{began:%Y%m%dT%H%M%S%f}Z"
    parts = _Parts(archive, folder, began, progress)
    with tempfile.TemporaryFile() as said:
        with _start(dsn, programs, said) as process:
            try:
                with parts:
                    manifest = _read(_Tee(process, parts))
            finally:
                process.kill()
        said.seek(0)
        reason = " / ".join(said.read().decode("utf-8", "replace").strip().splitlines()[-3:])
    if manifest is None:
        if "permission denied" in reason or "pg_hba.conf" in reason:
            raise BackupRightsMissing(reason=reason, wanted=RIGHTS)
        raise BackupFailed(reason=reason or "pg_basebackup ended early")
    stretch = read_json(manifest, _Manifest).ranges[-1]
    return Base(
        id=folder.rpartition("/")[2],
        tenant=tenant,
        lineage=now.lineage,
        version=now.version,
        began_at=began,
        ended_at=clock(),
        start_lsn=stretch.start,
        end_lsn=stretch.end,
        timeline=stretch.timeline,
        segment_bytes=now.current.size,
        tar_bytes=parts.written,
        parts=tuple(parts.kept),
    )


def ended(archive: Archive, base: Base) -> None:
    """Write the manifest: from here on the base is a backup. The log up to its end is there."""
    archive.keep(base.name, base, base.ended_at, replace=False)


def _start(dsn: str, programs: Path, said: IO[bytes]) -> "subprocess.Popen[bytes]":
    """Start pg_basebackup on the database's connection string; a password goes by environment."""
    parts = conninfo.conninfo_to_dict(dsn)
    secret = parts.pop("password", None)
    more = {"PGPASSWORD": str(secret)} if secret else {}
    return subprocess.Popen(
        [
            programs / "pg_basebackup",
            *("--pgdata=-", "--format=tar", "--wal-method=none", "--checkpoint=fast"),
            *("--manifest-checksums=SHA256", "--label=renkei", "--no-password"),
            f"--dbname={conninfo.make_conninfo('', **parts)}",
        ],
        cwd="/",
        env=environment() | more,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=said,
        start_new_session=True,  # Ctrl-C is for us: we end it
    )


def _read(source: "_Tee") -> bytes | None:
    """Read the tar to its end; return PostgreSQL's own manifest, None where it ended early."""
    manifest = None
    try:
        with tarfile.open(fileobj=source, mode="r|", bufsize=2**20) as tar:
            for member in tar:
                if member.name == MANIFEST and (inside := tar.extractfile(member)):
                    manifest = inside.read()
    except (tarfile.TarError, EOFError):
        return None
    while source.read(2**20):
        pass
    return manifest if source.process.wait() == 0 else None


class _Tee(io.RawIOBase):
    """What the program writes, handed to the parts on its way to the reader of the tar."""

    def __init__(self, process: "subprocess.Popen[bytes]", parts: "_Parts") -> None:
        self.process, self._parts = process, parts

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes."""
        assert self.process.stdout is not None  # noqa: S101  # it was opened as a pipe
        data = self.process.stdout.read(size)
        self._parts.write(data)
        return data


@dataclass(slots=True)
class _Parts:
    """The files of one base as they are sealed and sent; in their order when all are there."""

    archive: Archive
    folder: str
    at: datetime
    progress: Callable[[int], object]
    kept: list[Part] = field(default_factory=list)
    written: int = 0
    _data: bytearray = field(default_factory=bytearray)
    _count: int = 0
    _going: "deque[Future[Part]]" = field(default_factory=deque)
    _senders: ThreadPoolExecutor = field(
        default_factory=lambda: ThreadPoolExecutor(SENDERS, thread_name_prefix="base")
    )

    def __enter__(self) -> "_Parts":
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        try:
            if kind is None:
                self._send()
                while self._going:
                    self._arrived()
        finally:
            self._senders.shutdown(cancel_futures=True)

    def write(self, data: bytes) -> None:
        """Take the next bytes of the tar."""
        self._data += data
        self.written += len(data)
        if len(self._data) >= PART:
            self._send()

    def _send(self) -> None:
        if self._data:
            name = f"{self.folder}/{self._count:06d}"
            self._going.append(self._senders.submit(self._put, name, bytes(self._data)))
            self._count += 1
            self._data.clear()
        while len(self._going) > SENDERS:
            self._arrived()

    def _put(self, name: str, data: bytes) -> Part:
        sealed = self.archive.put(name, data, self.at)
        return Part(name, len(sealed), hashlib.sha256(sealed).hexdigest())

    def _arrived(self) -> None:
        self.kept.append(self._going.popleft().result())
        self.progress(self.written)
