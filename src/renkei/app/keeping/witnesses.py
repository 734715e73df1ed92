"""The keeper of cosignatures: after each publication it asks the site's witnesses.

Never in the path of a message: it has a thread of its own, and waits for nobody but itself.
"""

import logging
import threading
from collections.abc import Callable
from datetime import datetime

from renkei import audit, kit
from renkei.app.keeping.cosigned_log import CosignedLog, WitnessStanding
from renkei.app.site import Site, now

log = logging.getLogger("renkei.app")

TURN_SECONDS = 1.0


class WitnessKeeper(threading.Thread):
    """One thread a site with witnesses."""

    def __init__(
        self, site: Site, *, clock: Callable[[], datetime] = now, seconds: float = TURN_SECONDS
    ) -> None:
        """Take the site; `start` begins. PolicyMalformed for a policy that is not of its log."""
        super().__init__(name="witness keeper")
        self._seconds = seconds
        self._main = CosignedLog(site, site.tiles, site.signer.verifier, clock)
        self._logs = [self._main]
        self._ending = threading.Event()

    @property
    def policy(self) -> audit.Policy:
        """Return which witnesses must have cosigned the log."""
        return self._main.policy

    @property
    def standing(self) -> list[WitnessStanding]:
        """Return how it stands with each, log by log, in the order of the policy."""
        return [standing for one in self._logs for standing in one.standing]

    @property
    def cosigned(self) -> audit.Checkpoint | None:
        """Return the newest checkpoint of the log that meets the policy."""
        return self._main.cosigned

    def finish(self) -> None:
        """End after the turn that runs."""
        self._ending.set()
        self.join()

    def run(self) -> None:
        """Take turns until told to finish; without witnesses there are none to take."""
        if not self.policy.witnesses:
            return
        while not self._ending.wait(self._seconds):
            self.turn()

    def turn(self) -> None:
        """Ask every witness that has not cosigned what is published."""
        for one in self._logs:
            try:
                one.turn()
            except kit.NodeError as error:  # the database is away, or the log was altered
                log.warning("witnesses wait: %s: %s", error.code(), error)
            except Exception:  # a full disk: said, and tried again
                log.exception("witnesses could not be asked")
