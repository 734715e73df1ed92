"""Who may write into an archive: one folder of one site, and one lineage at a time."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import uuid4

import msgspec

from renkei.backup.archive import Archive
from renkei.backup.errors import ArchiveForeign, ArchiveGone, ArchiveTaken
from renkei.kit import Tenant

OWNER = "owner"


class Owner(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the file `owner` says."""

    tenant: str
    writer: str
    lineage: str
    since: str


@dataclass(frozen=True, slots=True)
class Writer:
    """A folder of a site that writes: its mark lies in the folder and is never copied by us."""

    tenant: Tenant
    mark: str

    @classmethod
    def of(cls, tenant: Tenant, state: Path) -> "Writer":
        """Read the mark of a site's state folder, made at first use."""
        path = state / "backup.writer"
        if not path.exists():
            state.mkdir(parents=True, exist_ok=True)
            path.write_text(uuid4().hex, encoding="ascii")
        return cls(tenant, path.read_text(encoding="ascii").strip())


def claim(
    archive: Archive, writer: Writer, lineage: str, *, at: datetime, take_over: bool = False
) -> None:
    """Make a lineage of this writer the one that writes, or say whose archive it is."""
    owner = archive.value(OWNER, Owner)
    ours = Owner(writer.tenant, writer.mark, lineage, at.isoformat(timespec="seconds"))
    if owner is None:
        archive.keep(OWNER, ours, at, replace=False)
        return
    if not take_over or owner.tenant != writer.tenant:
        _check(archive, owner, writer)
    if (owner.writer, owner.lineage) != (writer.mark, lineage):
        archive.keep(OWNER, ours, at, replace=True)


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
