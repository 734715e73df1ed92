"""A node's keeper of its codes: asks the registrar now and then what became of them.

The command `renkei linkage follow` does the same at once; whichever of our nodes did it last, it is
noted for all.
"""

import asyncio
import logging
import threading
from collections.abc import Callable
from datetime import datetime

from renkei import federation, identity, kit
from renkei.app.site import Site, now

log = logging.getLogger("renkei.app")

TURN_SECONDS = 600.0


class FollowingKeeper(threading.Thread):
    """One thread a node. What fails is tried again at the next turn."""

    def __init__(self, site: Site, *, clock: Callable[[], datetime] = now) -> None:
        """Take the site; `start` begins."""
        super().__init__(name="following keeper")
        self._site, self._clock = site, clock
        self._keys = site.keys.node()
        self._ending = threading.Event()

    def finish(self) -> None:
        """End after the turn that runs."""
        self._ending.set()
        self.join()

    def run(self) -> None:
        """Take turns until told to finish."""
        while not self._ending.wait(TURN_SECONDS):
            try:
                self.turn()
            except kit.NodeError as error:
                log.warning("our codes wait for the registrar: %s: %s", error.code(), error)
            except Exception:  # tried again at the next turn
                log.exception("our codes could not be followed")

    def turn(self) -> int | None:
        """Follow if it is time; return how many codes became others, None if it was not."""
        site = self._site
        tenant = site.desk.tenant
        with site.database.transaction(tenant) as conn:
            last = identity.followed_up(conn, tenant)
        if last is not None and self._clock() - last < site.settings.follow_every:
            return None
        done, shared = asyncio.run(self._follow())
        if done:
            log.info("%d of our codes became others or ended", done)
        if shared:  # no person is named in a log of the process
            log.warning(
                "%d people stand in our register twice, and one number of each has no code now: "
                "`renkei codes` names them",
                len(shared),
            )
        return done

    async def _follow(self) -> tuple[int, list[identity.SharedCode]]:
        done = 0

        def tell(count: int) -> None:
            nonlocal done
            done = count

        async with federation.Channel(
            self._site.membership,
            seconds=federation.ISSUE_SECONDS,
            limits=federation.ISSUE_LIMITS,
        ) as channel:
            shared = await federation.follow(
                self._site.desk,
                self._keys,
                self._site.database,
                channel,
                clock=self._clock,
                progress=tell,
            )
        return done, shared
