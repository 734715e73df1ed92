"""The registrar's keeper of closings: tells the log operator what a step ended, until it has it.

Besides it notes who succeeds whom by the list in force, so that a successor is told of its
predecessor's people. A step is taken by a command beside this process; it waits for nobody.
"""

import asyncio
from collections.abc import Callable
from datetime import datetime

from renkei import exchange, federation, identity, kit
from renkei.app.keeping.turns import TurnThread
from renkei.app.site import Site, now

TURN_SECONDS = 1.0


class ClosingKeeper(TurnThread):
    """One thread at a registrar."""

    def __init__(self, site: Site, *, clock: Callable[[], datetime] = now) -> None:
        """Take the site; `start` begins."""
        super().__init__("closing keeper", TURN_SECONDS)
        self._site, self._clock = site, clock
        self._secrets = site.keys.registrar()
        self._noted = 0

    def turn(self) -> int:
        """Note who succeeds whom, then tell all that waits; return how many it was."""
        self._note()
        done = 0
        while told := self._tell():
            done += told
        return done

    def _note(self) -> None:
        members, tenant = self._site.membership.members, self._site.desk.tenant
        if members.version == self._noted:
            return
        with self._site.database.transaction(tenant) as conn:
            identity.note_heirs(conn, tenant, members.heirs, secrets=self._secrets)
        self._noted = members.version

    def _tell(self) -> int:
        site, desk, at = self._site, self._site.desk, self._clock()
        with site.database.transaction(desk.tenant) as conn:
            waiting = federation.take_closings(conn, desk, self._secrets)
        if not waiting:
            return 0
        id_ = exchange.new_id(desk.members.instance)
        pairs = [(one.old, one.new) for one in waiting]
        with asyncio.Runner() as runner:
            channel = federation.Channel(
                site.membership, seconds=federation.ISSUE_SECONDS, limits=federation.ISSUE_LIMITS
            )
            runner.run(channel.__aenter__())
            try:

                def call(peer: kit.Tenant, path: str, body: bytes) -> bytes:
                    headers = (("pf-mode", desk.mode),)
                    asked = channel.call(peer, "POST", path, body, headers, at=self._clock())
                    return federation.body_of(peer, runner.run(asked))

                federation.settle_at_log(desk, pairs, id_=id_, call=call, at=at)
            finally:
                runner.run(channel.__aexit__(None, None, None))
        with site.database.transaction(desk.tenant) as conn:
            federation.drop_closings(conn, desk, waiting, id_=id_, at=self._clock())
        return len(waiting)
