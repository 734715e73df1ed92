"""Restoring a site's database into a new folder, and looking whether its books balance."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from renkei import audit, backup, kit, store
from renkei.app.membership.keys import Keys
from renkei.app.settings import Settings
from renkei.app.site import ROOMS, site_standard


@dataclass(slots=True)
class Books:
    """What came back, counted, and everything that does not agree."""

    migrations: int = 0
    waiting: list[str] = field(default_factory=list)
    loads: int = 0
    records: int = 0
    entries: int = 0
    published: int | None = None
    defects: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Restoration:
    """A finished restoration: what was asked, what was reached, and the books."""

    folder: Path
    base: str
    asked: datetime | None
    reached: datetime
    last_commit: datetime | None
    log_files: int
    books: Books | None

    @property
    def holds(self) -> bool:
        """Tell whether nothing is amiss."""
        return self.books is None or not self.books.defects

    def facts(self, language: kit.Language) -> dict[str, object]:
        """Return what to print; times are Japan's."""
        what = {
            "folder": str(self.folder),
            "base": self.base,
            "asked for": _shown(self.asked),
            "reached": _shown(self.reached),
            "last commit": _shown(self.last_commit),
            "log files": self.log_files,
            "statement": kit.say(
                "restored", language, at=_shown(self.reached), folder=str(self.folder)
            ),
        }
        if self.books is not None:
            what |= {
                "holds": self.holds,
                "migrations": self.books.migrations,
                "waiting migrations": self.books.waiting,
                "loads": self.books.loads,
                "records": self.books.records,
                "entries": self.books.entries,
                "published entries": self.books.published,
                "defects": self.books.defects,
            }
        return what


def restore_site(
    archive: backup.Archive,
    folder: Path,
    *,
    at: datetime | None,
    settings: Settings | None,
    binaries: Path | None,
    language: kit.Language,
    progress: Callable[[int, int], object],
) -> Restoration:
    """Restore, look at the books of the site if its settings are at hand, and stop the server."""
    with backup.restore(archive, folder, at=at, binaries=binaries, progress=progress) as restored:
        books = None if settings is None else look(restored.dsn, settings, language)
    asked = restored.asked
    reached = restored.until if asked is None else min(asked, restored.until)
    return Restoration(
        folder,
        restored.base.id,
        asked,
        reached,
        restored.last_commit,
        restored.log_files,
        books,
    )


def look(dsn: str, settings: Settings, language: kit.Language) -> Books:
    """Hold the records against the book of loads, and the log against its key and its tiles.

    The database is only read. One with an older schema is counted by the node that starts on it.
    """
    books = Books()
    done, books.waiting = kit.applied(dsn, ROOMS[settings.role])
    books.migrations = len(done)
    if books.waiting:
        return books
    with kit.Database(dsn, size=1) as database, database.transaction(settings.tenant) as conn:
        if "renkei.store" in ROOMS[settings.role]:
            for one in store.balances(conn, settings.tenant, site_standard(settings)):
                books.loads += one.loads
                books.records += one.held
                if one.held != one.booked:
                    books.defects.append(
                        kit.say(
                            "records-unbalanced",
                            language,
                            entity=one.entity,
                            held=one.held,
                            booked=one.booked,
                        )
                    )
        books.defects += _log(conn, settings, books, language)
    return books


def _log(
    conn: kit.Connection, settings: Settings, books: Books, language: kit.Language
) -> Iterator[str]:
    """Yield what is wrong with the log: in itself, or against what was published of it."""
    key = Keys(settings.keys, settings.tenant).signer().verifier
    yield from (one.text(language) for one in audit.verify(conn, settings.tenant, key))
    known = [one.year for one in audit.shards(conn, settings.tenant)]
    for year in sorted({*known, *audit.published_years(settings.state / "log")}):
        yield from _shard(conn, settings, audit.shard_verifier(key, year), year, books, language)


def _shard(
    conn: kit.Connection,
    settings: Settings,
    key: audit.Verifier,
    year: int,
    books: Books,
    language: kit.Language,
) -> Iterator[str]:
    """Yield what is wrong with a shard against what was published of it."""
    newest = audit.newest(conn, settings.tenant, year)
    books.entries += 0 if newest is None else newest.size
    folder = audit.shard_folder(settings.state / "log", year)
    note = folder / "checkpoint"
    if not note.exists():
        return
    published = audit.Checkpoint.open(note.read_text(encoding="utf-8"), [key])
    books.published = (books.published or 0) + published.size
    if newest is None:
        yield kit.say("log-behind-published", language, count=published.size)
        return
    try:
        if newest.size >= published.size:
            proof = audit.consistency(conn, settings.tenant, published.size, year=year)[1]
            audit.check_fork(published, newest, proof)
        else:
            tree = audit.published_tree(folder, published.size)
            audit.check_fork(newest, published, tree.consistency(newest.size))
            yield kit.say("log-behind-published", language, count=published.size - newest.size)
    except kit.NodeError as error:
        yield error.text(language)


def _shown(at: datetime | None) -> str:
    return "–" if at is None else kit.in_japan(at).isoformat(timespec="milliseconds")
