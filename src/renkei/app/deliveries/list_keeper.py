"""The keeper of a node's lists: brings what lists go by up to the last load, while it serves."""

import logging
import threading

import psycopg

from renkei import kit, store
from renkei.app.site import Site, site_standard
from renkei.standard import Catalogue

log = logging.getLogger("renkei.app")

TURN_SECONDS = 2.0


def index_all(
    database: kit.Database, tenant: kit.Tenant, known: Catalogue, ending: threading.Event
) -> int:
    """Take every step that is due, each in a transaction of its own; return how many.

    Between two steps it ends when told to; what was not taken is due the next time.
    """
    steps = 0
    for name in store.LISTED:
        while not ending.is_set():
            with database.transaction(tenant) as conn:
                step = store.index_lists(conn, tenant, known.entity(name))
            if step is None:
                break
            steps += 1
            log.info("lists of %s by %s are up to date", name, step)
    return steps


class ListKeeper(threading.Thread):
    """One thread a node. What fails is tried again at the next turn; a list is complete anyway."""

    def __init__(self, site: Site) -> None:
        """Take the site; `start` begins."""
        super().__init__(name="list keeper")
        self._site = site
        self._known = site_standard(site.settings)
        self._ending = threading.Event()

    def finish(self) -> None:
        """End after the step that runs."""
        self._ending.set()
        self.join()

    def run(self) -> None:
        """Take turns until told to finish."""
        while not self._ending.wait(TURN_SECONDS):
            try:
                index_all(self._site.database, self._site.desk.tenant, self._known, self._ending)
            except (kit.NodeError, psycopg.Error) as error:
                log.warning("the lists wait: %s", type(error).__name__)
