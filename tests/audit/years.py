"""A log over several years: deeds on given days, and the turns of its keeper."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from tests.audit.samples import ENTRY

from renkei import audit
from renkei.kit import Database, Tenant, day_of

JAPAN = ZoneInfo("Asia/Tokyo")
GRACE = timedelta(days=7)


def moment(text: str) -> datetime:
    """Return a moment of Japan's clock, such as `2026-12-31 23:59`."""
    return datetime.fromisoformat(text).replace(tzinfo=JAPAN)


def label(at: datetime, person: int = 1) -> bytes:
    """Return the label of a person in the year of a moment."""
    return bytes([person]) * 30 + day_of(at).year.to_bytes(2)


@dataclass(frozen=True, slots=True)
class Years:
    """The log of an organisation and its key."""

    database: Database
    tenant: Tenant
    signer: audit.Signer

    def deed(self, request: str, at: datetime, person: int = 1, **parts: object) -> None:
        """Append an entry about a person."""
        told = {"request": request, "at": at, "label": label(at, person), "salt": bytes(16)}
        with self.database.transaction(self.tenant) as conn:
            audit.append(conn, self.tenant, replace(ENTRY, **told | parts))  # type: ignore[arg-type]

    def turn(self, at: datetime, folder: Path | None = None) -> None:
        """Do what the keeper does: sequence, map, close, and publish."""
        with self.database.transaction(self.tenant) as conn:
            while audit.sequence(conn, self.tenant, self.signer, at=at):
                pass
            audit.close_shards(
                conn, self.tenant, self.signer, grace=GRACE, mode=audit.Mode.TEST, at=at
            )
        with self.database.transaction(self.tenant) as conn:
            while audit.sequence(conn, self.tenant, self.signer, at=at):
                pass
            for shard in audit.shards(conn, self.tenant):
                if shard.closing is None:
                    audit.make_epoch(conn, self.tenant, self.signer, at=at, year=shard.year)
            if folder is not None:
                audit.publish(conn, self.tenant, folder)

    def prune(self, year: int, at: datetime, folder: Path | None = None) -> None:
        """Prune a shard to its end."""
        word = audit.Word("records office", "RT-40")
        with self.database.transaction(self.tenant) as conn:
            audit.prune(
                conn, self.tenant, self.signer.name, year, word=word, mode=audit.Mode.TEST, at=at
            )
        self.turn(at, folder)
        with self.database.transaction(self.tenant) as conn:
            while audit.remove_pruned(conn, self.tenant, year, limit=2):
                pass

    def bundle(self, *labels: bytes, request: str | None = None) -> bytes:
        """Return a person's file, or a request's."""
        with self.database.transaction(self.tenant) as conn:
            key = self.signer.verifier
            return audit.bundle(conn, self.tenant, key, labels=labels, request=request)

    def defects(self) -> list[audit.Finding]:
        """Verify what is stored."""
        with self.database.transaction(self.tenant) as conn:
            return audit.verify(conn, self.tenant, self.signer.verifier)

    def places(self) -> dict[str, list[str]]:
        """Return where the entries of each request stand."""
        with self.database.transaction(self.tenant) as conn:
            found = audit.search(conn, self.tenant, audit.Search(), limit=1000, withheld=True)
        places: dict[str, list[str]] = {}
        for one in sorted(found, key=lambda one: (one.year, one.index)):
            places.setdefault(one.entry.request, []).append(one.place)
        return places
