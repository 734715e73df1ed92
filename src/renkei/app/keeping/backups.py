"""A site's backups: its keeper sends the log and takes bases; the commands do the same by hand.

One process of a site ships the log at a time. A command beside a running node takes its base and
waits for the node to ship what belongs to it; alone, it ships itself.
"""

import logging
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime

import psycopg

from renkei import backup, kit
from renkei.app.errors import BackupNotPlanned
from renkei.app.keeping.turns import EndingThread
from renkei.app.membership.keys import Keys
from renkei.app.settings import BackupPlan, Settings
from renkei.app.site import running_database
from renkei.kit.programs import find_binaries

log = logging.getLogger("renkei.app")

TAIL_SECONDS = 5.0
"""How often the log goes out: with the time of one upload, what a lost machine loses."""
DUE_SECONDS = 60.0
WARN_SECONDS = 300.0
SHIP_PATIENCE = 120.0


def archive_of(settings: Settings, *, make_key: bool = False) -> backup.Archive:
    """Open the archive of the settings under the site's key."""
    if settings.backup is None:
        raise BackupNotPlanned
    key = Keys(settings.keys, settings.tenant).backup(make=make_key)
    return backup.Archive(settings.backup.target, key)


def is_due(held: backup.Holding, plan: BackupPlan, at: datetime) -> bool:
    """Tell whether a base is wanted: the newest is old, or the log after it has a gap."""
    if not held.bases:
        return True
    newest = held.bases[-1]
    return at - newest.ended_at >= plan.every or held.missing(newest) is not None


@dataclass(slots=True)
class _Desk:
    """One connection of the database's operator and what is done through it."""

    conn: kit.Connection
    archive: backup.Archive
    writer: backup.Writer
    ships: bool
    since: datetime

    @classmethod
    def open(cls, settings: Settings, dsn: str, *, take_over: bool = False) -> "_Desk":
        """Connect, make sure whose archive it is, and become the shipper if nobody is."""
        archive = archive_of(settings, make_key=True)
        conn: kit.Connection = psycopg.connect(dsn, autocommit=True)
        try:
            now = backup.standing(conn)
            writer = backup.Writer.of(settings.tenant, settings.state)
            backup.claim(archive, writer, now.lineage, at=now.at, take_over=take_over)
            held = backup.holding(archive, now.lineage)
            since = held.until(held.bases[-1]) if held.bases else now.at
            return cls(conn, archive, writer, backup.hold(conn), since)
        except BaseException:
            conn.close()
            raise

    def ship(self) -> backup.Shipped:
        """Send the next log files."""
        shipped = backup.ship(self.conn, self.archive, self.writer, since=self.since)
        self.since = shipped.until
        return shipped

    def ship_up_to(self, base: backup.Base) -> None:
        """Send the log that makes a base whole, or wait for whoever sends it."""
        deadline = time.monotonic() + SHIP_PATIENCE
        while (backup.standing(self.conn).archived or 0) < base.end_position:
            if self.ships or backup.hold(self.conn):
                self.ships = True
                self.ship()
            elif time.monotonic() > deadline:
                raise backup.ShipperBusy(wanted=base.end_lsn, seconds=int(SHIP_PATIENCE))
            else:
                time.sleep(TAIL_SECONDS / 10)


def take_base(
    settings: Settings,
    dsn: str,
    *,
    take_over: bool = False,
    progress: Callable[[int], object] = lambda _: None,
) -> backup.Base:
    """Take one base now, whole when this returns."""
    desk = _Desk.open(settings, dsn, take_over=take_over)
    with desk.conn:
        now = backup.standing(desk.conn)
        if desk.ships or now.archived is None:
            with suppress(backup.LogNotKept):  # a base is what it asks for
                desk.ship()
        base = backup.take(
            dsn,
            desk.archive,
            find_binaries(settings.binaries),
            now,
            settings.tenant,
            clock=lambda: backup.standing(desk.conn).at,
            progress=progress,
        )
        desk.ship_up_to(base)
        backup.ended(desk.archive, base)
    return base


def back_up_now(
    settings: Settings,
    *,
    take_over: bool = False,
    progress: Callable[[int], object] = lambda _: None,
) -> backup.Base:
    """Take a base beside the running node, or with the database run for it."""
    if settings.backup is None:
        raise BackupNotPlanned
    with running_database(settings) as dsn:
        return take_base(settings, dsn, take_over=take_over, progress=progress)


@contextmanager
def backup_keeper(settings: Settings, dsn: str) -> Iterator[None]:
    """Keep the backups while a site runs; without a plan, let the database keep no log for them."""
    if settings.backup is None:
        with suppress(psycopg.Error), psycopg.connect(dsn, autocommit=True) as conn:
            if backup.forget(conn):
                log.warning("no backup is planned any more: the database keeps no log for it")
        yield
        return
    keeper = BackupKeeper(settings, settings.backup, dsn)
    keeper.start()
    try:
        yield
    finally:
        keeper.finish()


class BackupKeeper(EndingThread):
    """One thread that ships, one that takes bases and prunes. What fails is tried again."""

    def __init__(self, settings: Settings, plan: BackupPlan, dsn: str) -> None:
        """Take the site's settings and database; `start` begins."""
        super().__init__("backup keeper")
        self._settings, self._plan, self._dsn = settings, plan, dsn
        self._desk: _Desk | None = None
        self._bases = ThreadPoolExecutor(1, thread_name_prefix="base backup")
        self._base: Future[None] | None = None
        self._looked = self._warned = float("-inf")

    def run(self) -> None:
        """Take turns until told to finish, and ship once more; a base in progress is given up."""
        self._turn()
        while not self._ending.wait(TAIL_SECONDS):
            self._turn()
        self._turn()
        self._close()
        self._bases.shutdown(wait=True)

    def _turn(self) -> None:
        try:
            if self._desk is None:
                self._desk = _Desk.open(self._settings, self._dsn)
            if not self._desk.ships:
                self._desk.ships = backup.hold(self._desk.conn)
            while self._desk.ships and not self._desk.ship().is_level:
                if self._ending.is_set():
                    break
            self._look(self._desk)
        except backup.LogNotKept as error:
            log.error("%s: %s", error.code(), error.text())  # noqa: TRY400  # it says all there is
            self._looked = float("-inf")
        except (kit.NodeError, psycopg.Error) as error:
            self._warn(error)
            self._close()
        except Exception:
            log.exception("the backup could not be kept")
            self._close()

    def _look(self, desk: _Desk) -> None:
        """Begin a base where one is due, at most one at a time."""
        if self._base is not None and self._base.done():
            self._base = None
        if self._base or self._ending.is_set() or time.monotonic() < self._looked + DUE_SECONDS:
            return
        self._looked = time.monotonic()
        now = backup.standing(desk.conn)
        if is_due(backup.holding(desk.archive, now.lineage), self._plan, now.at):
            self._base = self._bases.submit(self._take)

    def _take(self) -> None:
        try:
            base = take_base(self._settings, self._dsn, progress=self._give_up)
            pruned = backup.prune(archive_of(self._settings), self._plan.keep, at=base.ended_at)
            log.info("base backup %s, %d old ones pruned", base.id, pruned.bases)
        except (kit.NodeError, psycopg.Error) as error:
            self._warn(error)
        except Exception:
            log.exception("the base backup failed")

    def _give_up(self, _: int) -> None:
        """Stop a base in its middle where the site stops."""
        if self._ending.is_set():
            raise backup.BackupFailed(reason="the site stops")

    def _warn(self, error: Exception) -> None:
        """Say what fails and how much log waits for it, not at every turn."""
        if time.monotonic() < self._warned + WARN_SECONDS:
            return
        self._warned = time.monotonic()
        text = error.text() if isinstance(error, kit.NodeError) else type(error).__name__
        waits = "?"
        with suppress(psycopg.Error, kit.NodeError):
            with psycopg.connect(self._dsn, autocommit=True) as conn:
                now = backup.standing(conn)
            waits = f"{now.waiting // 2**20} MiB of {now.limit}"
        log.warning("backup waits: %s (log that waits: %s)", text, waits)

    def _close(self) -> None:
        desk, self._desk = self._desk, None
        if desk is not None:
            with suppress(psycopg.Error):
                desk.conn.close()
