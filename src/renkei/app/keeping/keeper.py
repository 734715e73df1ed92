"""The keeper of a site's log: sequences what is pending, publishes it, drops old marks."""

import logging
import time
from datetime import timedelta

import psycopg

from renkei import audit, exchange, federation, kit
from renkei.app.keeping.turns import EndingThread
from renkei.app.site import Site, now

log = logging.getLogger("renkei.app")

TURN_SECONDS = 0.2
PUBLISHING_SECONDS = 1.0
"""How long after one publication the next one waits: its files are as many for few entries as for
many, and each must reach the disk before the checkpoint does."""
EPOCH_SECONDS = 60.0
"""How long after one epoch of the map the next one waits: until when, at least, a person's list is
proven complete. Each is a leaf of the output log for ever, and is witnessed."""
TIDY_SECONDS = 60
TASK_DAYS = 7  # that an answer can be fetched after its task expired
REQUEST_DAYS = 30
"""How long a unit's message id is remembered; after that it may be used again."""


class LogKeeper(EndingThread):
    """One thread a site. What fails is tried again at the next turn; nothing is given up.

    Sequenced and published are two steps, and a crash may fall between them: a keeper that starts
    publishes first, whatever is pending or not.
    """

    def __init__(self, site: Site) -> None:
        """Take the site; `start` begins."""
        super().__init__("log keeper")
        self._site = site
        self._published = self._mapped = False
        self._published_at = -PUBLISHING_SECONDS
        self._mapped_at = -EPOCH_SECONDS
        self._tidied = self._kept_at = time.monotonic()

    @property
    def seconds_behind(self) -> float:
        """Return since when the log has not been whole and published."""
        return time.monotonic() - self._kept_at

    def run(self) -> None:
        """Take turns until told to finish, and keep the log once more."""
        while not self._ending.wait(TURN_SECONDS):
            self._turn()
        self._turn()

    def _turn(self) -> None:
        try:
            with kit.metered("log"):
                self._keep()
            self._kept_at = time.monotonic()
            if time.monotonic() - self._tidied > TIDY_SECONDS:
                self._tidied = time.monotonic()
                self._tidy()
        except (kit.DatabaseUnreachable, psycopg.Error) as error:
            log.warning("the log waits for the database: %s", type(error).__name__)
        except Exception:  # a full disk, a log that forked: say so, and try again
            log.exception("the log could not be kept")

    def _keep(self) -> None:
        """Take everything pending into the tree, now and then into the map; publish both.

        Neither map nor publication follows the one before at once.
        """
        site, tenant = self._site, self._site.desk.tenant
        while True:
            with site.database.transaction(tenant) as conn:
                checkpoint = audit.sequence(conn, tenant, site.signer, at=now())
            if checkpoint is None:
                break
            self._published = self._mapped = False
            self._publish()  # now and then also while more comes than is taken at once
        rested = time.monotonic() - self._mapped_at >= EPOCH_SECONDS
        if not self._mapped and (rested or self._ending.is_set()):
            while self._map():
                self._published = False
            self._mapped = True
            self._mapped_at = time.monotonic()
        self._publish(at_once=self._ending.is_set())

    def _publish(self, *, at_once: bool = False) -> None:
        rested = time.monotonic() - self._published_at >= PUBLISHING_SECONDS
        if not self._published and (rested or at_once):
            with self._site.database.transaction(self._site.desk.tenant) as conn:
                audit.publish(conn, self._site.desk.tenant, self._site.tiles)
            self._published = True
            self._published_at = time.monotonic()

    def _map(self) -> bool:
        """Make the next epoch of each open shard; tell whether there was anything to take in."""
        tenant = self._site.desk.tenant
        with self._site.database.transaction(tenant) as conn:
            known = audit.shards(conn, tenant)
        made = [self._map_shard(one.year) for one in known if one.closing is None]
        return any(made)

    def _map_shard(self, year: int) -> bool:
        site, tenant = self._site, self._site.desk.tenant
        try:
            with site.database.transaction(tenant) as conn:
                return audit.make_epoch(conn, tenant, site.signer, at=now(), year=year) is not None
        except audit.MapAltered:
            log.exception("the map is made anew from the entries")
            with site.database.transaction(tenant) as conn:
                audit.remake_map(conn, tenant, site.signer.name, year=year)
                return audit.make_epoch(conn, tenant, site.signer, at=now(), year=year) is not None

    def _close(self) -> None:
        """Close the shard of a year that is over; its last word takes its place the next turn."""
        site, tenant = self._site, self._site.desk.tenant
        grace = timedelta(seconds=federation.MERGE_DELAY_SECONDS) + site.settings.shard_grace
        mode = audit.Mode(site.settings.mode)
        with site.database.transaction(tenant) as conn:
            years = audit.close_shards(conn, tenant, site.signer, grace=grace, mode=mode, at=now())
        for year in years:
            name = audit.shard_name(site.signer.name, year)
            log.info("the shard %s of the log is closed", name)

    def _tidy(self) -> None:
        """Close a year that is over, drop the marks of old messages, look at the log anew."""
        at, tenant = now(), self._site.desk.tenant
        self._close()
        self._published = self._mapped = False  # another node of ours may have taken entries
        with self._site.database.transaction(tenant) as conn:
            exchange.forget(conn, tenant, at=at)
            exchange.forget_requests(conn, tenant, before=at - timedelta(days=REQUEST_DAYS))
            exchange.files.forget(conn, tenant, before=at - timedelta(days=TASK_DAYS))
            exchange.tasks.forget(conn, tenant, before=at - timedelta(days=TASK_DAYS))
            exchange.bulks.forget(conn, tenant, before=at - timedelta(days=TASK_DAYS))
