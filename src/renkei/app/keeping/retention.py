"""Running retention and erasure: two databases, committed in the order that loses nothing."""

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from uuid import uuid4

import psycopg
from psycopg import conninfo

from renkei import audit, kit, standard, store
from renkei.app.bodies.expiry import expire_bodies
from renkei.app.bodies.place import BodyPlace
from renkei.app.errors import ArchiveDatabaseMissing
from renkei.app.keeping.pruning import shard_states
from renkei.app.settings import Settings
from renkei.app.site import now, site_standard

log = logging.getLogger("renkei.app")

REMOVER, READER = "renkei_retention", "renkei_archive"
ROOM = "renkei.store.archive"
DAY_SECONDS = 24 * 3600.0
FAILING = (kit.NodeError, psycopg.Error, OSError)


@dataclass(slots=True)
class Run:
    """What one run did, by rule."""

    given_back: int = 0
    done: dict[str, int] = field(default_factory=dict)
    expired: int = 0
    bodies: int = 0


def archive_dsn(dsn: str) -> str:
    """Return the connection string of the archive: the database beside ours, `…_archive`."""
    name = conninfo.conninfo_to_dict(dsn).get("dbname") or "renkei"
    return conninfo.make_conninfo(dsn, dbname=f"{name}_archive")


def prepare_archive(dsn: str) -> str:
    """Make the archive's database if there is none, closed to everybody else; return its string."""
    own = archive_dsn(dsn)
    name = str(conninfo.conninfo_to_dict(own)["dbname"])
    try:
        kit.make_database(dsn, name)
    except psycopg.Error as error:
        raise ArchiveDatabaseMissing(name=name, reason=type(error).__name__) from error
    kit.migrate(own, [ROOM])
    return own


@dataclass(frozen=True, slots=True)
class Retention:
    """A site's records and its archive, opened for removing."""

    settings: Settings
    records: kit.Database
    archive: kit.Database
    rules: tuple[store.Rule, ...]

    @classmethod
    @contextmanager
    def open(cls, settings: Settings, dsn: str) -> "Iterator[Retention]":
        """Open both databases, the archive made at first use."""
        own = settings.retention.rules if settings.retention else None
        rules = store.retention_rules(site_standard(settings), own)
        with (
            kit.Database(dsn, size=1) as records,
            kit.Database(prepare_archive(dsn), size=1, role=REMOVER) as archive,
        ):
            yield cls(settings, records, archive, rules)

    @property
    def mode(self) -> audit.Mode:
        """Return whether this is production, a drill or a test."""
        return audit.Mode(self.settings.mode)

    def due(self, at: datetime) -> dict[str, dict[str, int]]:
        """Return what is past its time, by rule; nothing is changed."""
        known, on = site_standard(self.settings), kit.day_of(at)
        tenant = self.settings.tenant
        with self.records.transaction(tenant) as conn:
            due = {rule.id: store.due(conn, tenant, rule, known, on=on) for rule in self.rules}
            for one in shard_states(conn, self.settings, self.rules, on=on):
                if one.is_due and one.rule is not None:
                    due[one.rule.id] |= {one.name: one.entries}
        return due

    def returned(self) -> dict[str, int]:
        """Return how many erased records came back with a later load, by entity."""
        with self.records.transaction(self.settings.tenant) as conn:
            return store.returned(conn, self.settings.tenant, site_standard(self.settings))

    def run(self, clock: Callable[[], datetime]) -> Run:
        """Move and remove all that is past its time, batch by batch; safe to kill and to repeat."""
        done = Run(given_back=self._settle())
        known = site_standard(self.settings)
        for rule in self.rules:
            on = kit.day_of(clock())
            is_ours = rule.then is not store.Then.keep and rule.kind is not store.RuleKind.log
            if not is_ours or not rule.is_in_force(on):
                continue
            if rule.kind is store.RuleKind.rows:
                self._count(done, self._rows(rule, clock()))
            for entity in store.targets(rule, known):
                while self._count(done, self._move(rule, entity, clock())):
                    pass
            with self.archive.transaction(self.settings.tenant) as archive:
                done.expired += store.expire(archive, self.settings.tenant, rule, on=on)
        self._settle()
        done.bodies = expire_bodies(self.settings, self.records, clock())
        return done

    def erase_person(self, subject: str, order: store.Order, at: datetime) -> store.Erasure:
        """Erase all records about a person, here and in the archive."""
        tenant = self.settings.tenant
        self._settle()
        with (
            self.records.transaction(tenant) as conn,
            self.archive.transaction(tenant) as archive,
        ):
            return store.erase_person(
                conn,
                archive,
                tenant,
                subject,
                order,
                standard=site_standard(self.settings),
                mode=self.mode,
                at=at,
                on=kit.day_of(at),
            )

    def erase_load(
        self, entity: str, loaded_at: datetime, order: store.Order, at: datetime
    ) -> store.Erasure:
        """Erase what one load brought, here and in the archive."""
        tenant = self.settings.tenant
        self._settle()
        with (
            self.records.transaction(tenant) as conn,
            self.archive.transaction(tenant) as archive,
        ):
            return store.erase_load(
                conn,
                archive,
                tenant,
                site_standard(self.settings).entity(entity),
                loaded_at,
                order,
                mode=self.mode,
                at=at,
                on=kit.day_of(at),
            )

    def _move(
        self, rule: store.Rule, entity: standard.Entity, at: datetime
    ) -> store.Removed | None:
        """Move one batch: the inner transaction, the archive's, commits first."""
        tenant = self.settings.tenant
        with (
            self.records.transaction(tenant) as conn,
            self.archive.transaction(tenant) as archive,
        ):
            return store.move(
                conn,
                archive,
                tenant,
                rule,
                entity,
                batch=uuid4(),
                mode=self.mode,
                at=at,
                on=kit.day_of(at),
            )

    def _rows(self, rule: store.Rule, at: datetime) -> store.Removed | None:
        tenant = self.settings.tenant
        with self.records.transaction(tenant) as conn:
            return store.remove_rows(
                conn, tenant, rule, batch=uuid4(), mode=self.mode, at=at, on=kit.day_of(at)
            )

    def _settle(self) -> int:
        tenant = self.settings.tenant
        with (
            self.records.transaction(tenant) as conn,
            self.archive.transaction(tenant) as archive,
        ):
            return store.settle(conn, archive, tenant)

    @staticmethod
    def _count(done: Run, removed: store.Removed | None) -> bool:
        if removed is None:
            return False
        before = done.done.get(removed.rule, 0)
        done.done[removed.rule] = before + removed.records + removed.versions
        return True


@contextmanager
def retention_keeper(settings: Settings, dsn: str) -> Iterator[None]:
    """Run retention once a day while a site runs, if its settings say so.

    Kept bodies go daily in any case: their days are the site's own word, and no proposal.
    """
    is_daily = settings.retention is not None and settings.retention.daily
    if settings.role != "node":
        yield
        return
    ending = threading.Event()
    run = run_daily if is_daily else bodies_daily

    def keep() -> None:
        while True:
            run(settings, dsn)
            if ending.wait(DAY_SECONDS):
                return

    keeper = threading.Thread(target=keep, name="retention keeper")
    keeper.start()
    try:
        yield
    finally:
        ending.set()
        keeper.join()


def run_daily(settings: Settings, dsn: str) -> Run | None:
    """Run retention once; what fails is said, and tried again the next day."""
    try:
        with Retention.open(settings, dsn) as retention:
            done = retention.run(now)
    except FAILING as error:
        _warn(error)
        return None
    if done.done or done.expired or done.bodies:
        said = "retention: %s, %d gone from the archive, %d bodies deleted"
        log.info(said, done.done, done.expired, done.bodies)
    return done


def bodies_daily(settings: Settings, dsn: str) -> int | None:
    """Delete the kept bodies that are past their last day; what fails is tried the next day."""
    if not BodyPlace.of(settings).root.is_dir():  # none was ever kept
        return 0
    try:
        with kit.Database(dsn, size=1) as records:
            deleted = expire_bodies(settings, records, now())
    except FAILING as error:
        _warn(error)
        return None
    if deleted:
        log.info("retention: %d bodies deleted", deleted)
    return deleted


def _warn(error: Exception) -> None:
    text = error.text() if isinstance(error, kit.NodeError) else type(error).__name__
    log.warning("retention did not run: %s", text)
