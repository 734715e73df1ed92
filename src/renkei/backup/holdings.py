"""What an archive holds: bases, the log that follows each, and up to which moment they lead."""

from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby

import msgspec

from renkei.backup.archive import Archive
from renkei.backup.segments import Segment, parse_segment, position

PRUNED = "pruned"


class Part(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One file of a base: 16 MiB of its tar, how large it is stored, the digest of those bytes."""

    name: str
    size: int
    sha256: str


class Base(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The manifest of a base backup; it is written last, so a base that has one is whole."""

    id: str
    tenant: str
    lineage: str
    version: str
    began_at: datetime
    ended_at: datetime
    start_lsn: str
    end_lsn: str
    timeline: int
    segment_bytes: int
    tar_bytes: int
    parts: tuple[Part, ...]

    @property
    def name(self) -> str:
        """Return the manifest's name in the archive."""
        return f"{self.lineage}/base/{self.id}/manifest"

    @property
    def stored_bytes(self) -> int:
        """Return what the base takes in the archive."""
        return sum(part.size for part in self.parts)

    @property
    def end_position(self) -> int:
        """Return the position up to which the log belongs to the base itself."""
        return position(self.end_lsn)

    @property
    def first(self) -> Segment:
        """Return the log file that restoring begins with."""
        return Segment.holding(self.timeline, position(self.start_lsn), self.segment_bytes)

    @property
    def last(self) -> Segment:
        """Return the log file without which the base is of no use."""
        return Segment.holding(self.timeline, self.end_position - 1, self.segment_bytes)


class PrunedMark(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Log files before this one are kept only for the bases that need them."""

    before: int


@dataclass(frozen=True, slots=True)
class LogFile:
    """A log file in the archive: whole, or as far as its tail."""

    segment: Segment
    name: str
    size: int
    length: int


@dataclass(frozen=True, slots=True)
class Holding:
    """One lineage in an archive, its files listed but not read."""

    archive: Archive
    lineage: str
    bases: tuple[Base, ...]
    logs: tuple[LogFile, ...]
    strays: tuple[str, ...]  # parts of bases that have no manifest
    kept_since: int  # log files before it may be missing without harm

    def run(self, base: Base) -> list[LogFile]:
        """Return the log files from a base on without a gap."""
        run: list[LogFile] = []
        wanted = base.first
        for log in self.logs:
            if log.segment < wanted:
                continue
            if log.segment != wanted or (run and run[-1].length < run[-1].segment.size):
                break
            run.append(log)
            wanted = wanted.next()
        return run

    def missing(self, base: Base) -> Segment | None:
        """Return the first log file after a base that is missing while later ones are there."""
        run = self.run(base)
        wanted = run[-1].segment.next() if run else base.first
        if wanted.start < base.end_position:
            return wanted
        return wanted if self.logs and self.logs[-1].segment > wanted else None

    def serves(self, base: Base) -> bool:
        """Tell whether the log that makes a base whole is there."""
        run = self.run(base)
        return bool(run) and run[-1].segment.start + run[-1].length >= base.end_position

    def until(self, base: Base) -> datetime:
        """Return the moment up to which the log leads from a base."""
        run = self.run(base)
        if not run or not self.serves(base):
            return base.ended_at
        return max(base.ended_at, self.archive.moment(run[-1].name, run[-1].size))


def holdings(archive: Archive) -> list[Holding]:
    """Return every lineage of an archive, the one that began last at the end."""
    found = [holding(archive, folder) for folder in archive.folders() if _is_lineage(folder)]
    never = datetime.max.replace(tzinfo=UTC)
    return sorted(found, key=lambda one: one.bases[0].ended_at if one.bases else never)


def holding(archive: Archive, lineage: str) -> Holding:
    """Return one lineage: three listings and the manifests are read."""
    files = archive.files(f"{lineage}/base")
    manifests = [one.name for one in files if one.name.endswith("/manifest")]
    bases = [base for name in manifests if (base := archive.value(name, Base)) is not None]
    whole = tuple(name.removesuffix("manifest") for name in manifests)
    strays = tuple(one.name for one in files if not one.name.startswith(whole or ("\0",)))
    mark = archive.value(f"{lineage}/{PRUNED}", PrunedMark)
    size = bases[-1].segment_bytes if bases else 16 * 2**20
    bases.sort(key=lambda base: base.ended_at)
    logs = tuple(_logs(archive, lineage, size))
    return Holding(archive, lineage, tuple(bases), logs, strays, mark.before if mark else 0)


def _logs(archive: Archive, lineage: str, size: int) -> list[LogFile]:
    """Return the log files by number; of tails the longest, and none of a file that is whole."""
    found = {}
    for one in archive.files(f"{lineage}/wal"):
        segment = parse_segment(one.name.rpartition("/")[2], size)
        if segment is not None:
            found[segment] = LogFile(segment, one.name, one.size, size)
    tails = archive.files(f"{lineage}/tail")
    for folder, many in groupby(tails, key=lambda one: one.name.rpartition("/")[0]):
        segment = parse_segment(folder.rpartition("/")[2], size)
        longest = max(many, key=lambda one: one.name)
        if segment is not None and segment not in found:
            length = int(longest.name.rpartition("/")[2], 16)
            found[segment] = LogFile(segment, longest.name, longest.size, length)
    return [found[segment] for segment in sorted(found)]


def _is_lineage(folder: str) -> bool:
    system, _, timeline = folder.rpartition("-")
    return system.isdigit() and timeline.isdigit()
