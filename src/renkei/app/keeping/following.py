"""A node's keeper of its codes: asks the registrar now and then what became of them.

The command `renkei linkage follow` does the same at once; whichever of our nodes did it last, it is
noted for all.
"""

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime

from renkei import federation, identity
from renkei.app.keeping.turns import TurnThread
from renkei.app.site import Site, now

log = logging.getLogger("renkei.app")

TURN_SECONDS = 600.0


class FollowingKeeper(TurnThread):
    """One thread a node."""

    def __init__(self, site: Site, *, clock: Callable[[], datetime] = now) -> None:
        """Take the site; `start` begins."""
        super().__init__("following keeper", TURN_SECONDS)
        self._site, self._clock = site, clock
        self._keys = site.keys.node()

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
