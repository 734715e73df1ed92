"""Who may write into an archive: one folder of one site, and one lineage at a time."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Self
from uuid import uuid4

import msgspec

from renkei.backup.archive import Archive
from renkei.backup.errors import ArchiveForeign, ArchiveGone, ArchiveTaken
from renkei.kit import Tenant, read_json

OWNER = "owner"


class Owner(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the file `owner` says."""

    tenant: str
    writer: str
    lineage: str
    since: str


class _Note(msgspec.Struct, forbid_unknown_fields=True):
    """The note in a site's state folder: its mark, and the archives it has begun."""

    mark: str
    begun: list[str]


@dataclass(frozen=True, slots=True)
class Writer:
    """A folder of a site that writes: its mark lies in the folder and is in no backup."""

    tenant: Tenant
    mark: str
    note: Path

    @classmethod
    def of(cls, tenant: Tenant, state: Path) -> Self:
        """Read the mark of a site's state folder, made at first use."""
        path = state / "backup.json"
        if not path.exists():
            state.mkdir(parents=True, exist_ok=True)
            _write(path, _Note(uuid4().hex, []))
        return cls(tenant, _read(path).mark, path)

    def has_begun(self, place: str) -> bool:
        """Tell whether this folder has written there before: then an empty place is a loss."""
        return place in _read(self.note).begun

    def begin(self, place: str) -> None:
        """Remember that this folder writes there."""
        note = _read(self.note)
        if place not in note.begun:
            _write(self.note, _Note(note.mark, [*note.begun, place]))


def claim(
    archive: Archive, writer: Writer, lineage: str, *, at: datetime, take_over: bool = False
) -> None:
    """Make a lineage of this writer the one that writes, or say whose archive it is."""
    place = archive.target.place
    owner = archive.value(OWNER, Owner)
    ours = Owner(writer.tenant, writer.mark, lineage, at.isoformat(timespec="seconds"))
    if owner is None:
        if writer.has_begun(place) and not take_over:
            raise ArchiveGone(target=place)
        archive.keep(OWNER, ours, at, replace=False)
    else:
        if not take_over or owner.tenant != writer.tenant:
            _check(archive, owner, writer)
        if (owner.writer, owner.lineage) != (writer.mark, lineage):
            archive.keep(OWNER, ours, at, replace=True)
    writer.begin(place)


def check(archive: Archive, writer: Writer) -> None:
    """Raise unless the archive is there and this writer still owns it."""
    owner = archive.value(OWNER, Owner)
    if owner is None:
        raise ArchiveGone(target=archive.target.place)
    _check(archive, owner, writer)


def _check(archive: Archive, owner: Owner, writer: Writer) -> None:
    if owner.tenant != writer.tenant:
        raise ArchiveForeign(target=archive.target.place, owner=owner.tenant, tenant=writer.tenant)
    if owner.writer != writer.mark:
        raise ArchiveTaken(target=archive.target.place, since=owner.since)


def _read(path: Path) -> _Note:
    return read_json(path.read_bytes(), _Note)


def _write(path: Path, note: _Note) -> None:
    fresh = path.with_suffix(".new")
    fresh.write_bytes(msgspec.json.encode(note))
    fresh.replace(path)
