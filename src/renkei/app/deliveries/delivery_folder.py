"""The folder units deliver into: who may be read, how a file leaves it, in which order.

    incoming/UNIT/   a unit writes its file, then the manifest or marker that says it is whole
    done/UNIT/       what is in, with an acknowledgement beside it
    refused/UNIT/    what is not, with an acknowledgement and the findings

Everything is opened below the descriptor of its own folder, without following a link: a name leads
nowhere but to a plain file in the folder of the unit. The acknowledgement is written first, then
the file moves, then its manifest; so a crash in between is noticed by the acknowledgement.
"""

import hashlib
import os
import stat
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO
from uuid import NAMESPACE_URL, UUID, uuid5

from renkei.app.deliveries.manifest import MANIFEST, MOST_BYTES, READY
from renkei.app.deliveries.plain_files import names_in, open_plain, opened_folder, write_whole

INCOMING, DONE, REFUSED = "incoming", "done", "refused"
ACK, FINDINGS = ".ack.json", ".findings.csv"
MODE = 0o770
PIECE = 1 << 20


@dataclass(frozen=True, slots=True)
class Notice:
    """A manifest or marker that lies in a unit's folder, and the number its delivery has."""

    unit: str
    name: str
    data: bytes | None  # None: it is no plain small file
    number: UUID
    written_at: float

    @property
    def named(self) -> str:
        """Return what the names of this delivery begin with, once it is put away."""
        return f"{self.name.removesuffix(MANIFEST).removesuffix(READY)[:100]}.{self.number}"

    @property
    def is_marker(self) -> bool:
        """Tell whether it is a marker."""
        return self.name.endswith(READY)


@dataclass(frozen=True, slots=True)
class DeliveryFolder:
    """One town's folder."""

    root: Path

    def prepare(self, units: tuple[str, ...]) -> None:
        """Make the folders that are missing."""
        for part in (INCOMING, DONE, REFUSED):
            for unit in units:
                (self.root / part / unit).mkdir(mode=MODE, parents=True, exist_ok=True)

    def opened(self, part: str, unit: str) -> AbstractContextManager[int]:
        """Open a unit's folder; a link in its place is an error of the operating system."""
        return opened_folder(self.root / part / unit)

    def notices(self, tenant: str, unit: str) -> list[Notice]:
        """Return what lies ready in a unit's folder, the oldest first."""
        with self.opened(INCOMING, unit) as folder:
            names = [one for one in names_in(folder) if one.endswith((MANIFEST, READY))]
            found = [notice for name in names if (notice := _notice(folder, tenant, unit, name))]
        return sorted(found, key=lambda notice: (notice.written_at, notice.name))

    @contextmanager
    def file(self, unit: str, name: str) -> Iterator[BinaryIO | None]:
        """Open a delivered file; None if it is no plain file. Not there: `FileNotFoundError`."""
        with self.opened(INCOMING, unit) as folder:
            stream = open_plain(folder, name)
        if stream is None:
            yield None
            return
        with stream:
            yield stream

    def has_acknowledged(self, notice: Notice) -> str | None:
        """Return where the acknowledgement of a notice lies, if there is one."""
        for part in (DONE, REFUSED):
            name = self.root / part / notice.unit / f"{notice.named}{ACK}"
            if name.is_file():
                return part
        return None

    def acknowledge(self, notice: Notice, part: str, *, ack: bytes, findings: bytes | None) -> None:
        """Write what became of a delivery, findings first: the acknowledgement ends it."""
        with self.opened(part, notice.unit) as folder:
            if findings is not None:
                write_whole(folder, f"{notice.named}{FINDINGS}", findings)
            write_whole(folder, f"{notice.named}{ACK}", ack)

    def put_away(self, notice: Notice, part: str, file: str | None) -> None:
        """Move a delivery out of the incoming folder; what is away already is away."""
        moves = [(notice.name, f"{notice.named}.notice")]
        if file is not None:
            moves.insert(0, (file, f"{notice.named}.data"))
        with self.opened(INCOMING, notice.unit) as source, self.opened(part, notice.unit) as target:
            for name, to in moves:
                with suppress(FileNotFoundError):
                    os.rename(name, to, src_dir_fd=source, dst_dir_fd=target)
            os.fsync(target)

    def tidy(self, units: tuple[str, ...], *, before: float) -> int:
        """Delete the files that were put away before a time; acknowledgements stay."""
        deleted = 0
        for part in (DONE, REFUSED):
            for unit in units:
                with self.opened(part, unit) as folder:
                    for name in names_in(folder):
                        if name.endswith((ACK, FINDINGS)):
                            continue
                        about = os.stat(name, dir_fd=folder, follow_symlinks=False)
                        if stat.S_ISREG(about.st_mode) and about.st_ctime < before:
                            os.unlink(name, dir_fd=folder)
                            deleted += 1
        return deleted


def digest_of(stream: BinaryIO) -> tuple[bytes, int]:
    """Return the SHA-256 and the size of a stream, and go back to its start."""
    hashed, size = hashlib.sha256(), 0
    while piece := stream.read(PIECE):
        hashed.update(piece)
        size += len(piece)
    stream.seek(0)
    return hashed.digest(), size


def _notice(folder: int, tenant: str, unit: str, name: str) -> Notice | None:
    """Return a notice; its number is that of these bytes written at this time, and no other."""
    try:
        about = os.stat(name, dir_fd=folder, follow_symlinks=False)
        stream = open_plain(folder, name) if about.st_size <= MOST_BYTES else None
    except FileNotFoundError:
        return None
    data = None
    if stream is not None:
        with stream:
            data = stream.read(MOST_BYTES)
    seen = hashlib.sha256(data or b"").hexdigest()
    number = uuid5(NAMESPACE_URL, f"{tenant}/{unit}/{name}/{about.st_mtime_ns}/{seen}")
    return Notice(unit, name, data, number, about.st_mtime)
