"""The keeper of a node's lists: brings what lists go by up to the last load, while it serves."""

import logging
import threading

from renkei import kit, store
from renkei.app.keeping.turns import TurnThread
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


class ListKeeper(TurnThread):
    """One thread a node. A list is complete also before its turn."""

    def __init__(self, site: Site) -> None:
        """Take the site; `start` begins."""
        super().__init__("list keeper", TURN_SECONDS)
        self._site = site
        self._known = site_standard(site.settings)

    def turn(self) -> None:
        """Take every step that is due."""
        index_all(self._site.database, self._site.desk.tenant, self._known, self._ending)
