"""Verifying an archive without restoring it: every file opened, every log file in its place."""

import hashlib
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime

from renkei.backup.archive import Archive
from renkei.backup.errors import BackupDamaged, BackupKeyDiffers, LogFileMissing
from renkei.backup.holdings import Base, Holding, holdings
from renkei.kit import NodeError


@dataclass(slots=True)
class Checkup:
    """What was read, from and to which moment it leads, and everything that is wrong."""

    bases: int = 0
    files: int = 0
    bytes: int = 0
    since: datetime | None = None
    until: datetime | None = None
    defects: list[NodeError] = field(default_factory=list)


def verify(
    archive: Archive, *, everything: bool, progress: Callable[[int, int], object] = lambda *_: None
) -> Checkup:
    """Read the newest base and the log after it, or all; the digest, the seal, the order."""
    checkup = Checkup()
    found = [one for one in holdings(archive) if one.bases]
    names: dict[str, str] = {}  # name → digest its manifest states, or nothing
    for one in found if everything else found[-1:]:
        bases = one.bases if everything else one.bases[-1:]
        checkup.bases += len(bases)
        for base in bases:
            names |= {part.name: part.sha256 for part in base.parts}
            names |= {log.name: "" for log in one.run(base)}
            checkup.since = min(checkup.since or base.ended_at, base.ended_at)
        with suppress(BackupDamaged):  # it is read below, and said there
            checkup.until = one.until(bases[-1])
            checkup.defects += [gap for base in bases if (gap := _gap(one, base)) is not None]
    for done, (name, digest) in enumerate(names.items()):
        progress(done, len(names))
        try:
            checkup.bytes += _read(archive, name, digest)
        except (BackupDamaged, BackupKeyDiffers) as defect:
            checkup.defects.append(defect)
        checkup.files += 1
    return checkup


def _gap(one: Holding, base: Base) -> LogFileMissing | None:
    """Return the missing log file after a base; what was pruned on purpose is not missing."""
    missing = one.missing(base)
    if missing is None or (one.serves(base) and missing.number < one.kept_since):
        return None
    until = one.until(base) if one.serves(base) else None
    return LogFileMissing(name=missing.name, until=until.isoformat() if until else "–")


def _read(archive: Archive, name: str, digest: str) -> int:
    opened, sealed = archive.open(name)
    if digest and hashlib.sha256(sealed).hexdigest() != digest:
        raise BackupDamaged(name=name, reason="its SHA-256 is not the one of the manifest")
    return len(opened.data)
