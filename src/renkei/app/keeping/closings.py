"""The registrar's keeper of closings: tells the log operator what a step ended, until it has it.

Besides it notes who succeeds whom by the list in force, so that a successor is told of its
predecessor's people. A step is taken by a command beside this process; it waits for nobody.
"""

import asyncio
import logging
import threading
from collections.abc import Callable
from datetime import datetime

import psycopg

from renkei import exchange, federation, identity, kit
from renkei.app.site import Site, now

log = logging.getLogger("renkei.app")

TURN_SECONDS = 1.0
LONGEST_PAUSE = 60.0


class ClosingKeeper(threading.Thread):
    """One thread at a registrar. What fails is tried again, and never given up."""

    def __init__(self, site: Site, *, clock: Callable[[], datetime] = now) -> None:
        """Take the site; `start` begins."""
        super().__init__(name="closing keeper")
        self._site, self._clock = site, clock
        self._secrets = site.keys.registrar()
        self._ending = threading.Event()
        self._noted = 0
        self._said = ""

    def finish(self) -> None:
        """End after the turn that runs."""
        self._ending.set()
        self.join()

    def run(self) -> None:
        """Take turns until told to finish."""
        pause = TURN_SECONDS
        while not self._ending.wait(pause):
            trouble = self._trouble()
            pause = min(2 * pause, LONGEST_PAUSE) if trouble else TURN_SECONDS
            if trouble not in ("", self._said):
                log.warning("closings wait for the log operator: %s", trouble)
            self._said = trouble

    def turn(self) -> int:
        """Note who succeeds whom, then tell all that waits; return how many it was."""
        self._note()
        done = 0
        while told := self._tell():
            done += told
        return done

    def _trouble(self) -> str:
        """Take a turn and return what stopped it, in words that name nobody."""
        try:
            self.turn()
        except kit.NodeError as error:
            return f"{error.code()}: {error}"
        except (psycopg.Error, TimeoutError, OSError) as error:
            return type(error).__name__
        except Exception as error:  # a keeper that ends would leave the dead asked about
            log.exception("closings could not be told")
            return type(error).__name__
        return ""

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
