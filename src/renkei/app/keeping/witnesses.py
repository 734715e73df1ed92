"""The keeper of cosignatures: after each publication it asks the site's witnesses.

Never in the path of a message: it has a thread of its own, and waits for nobody but itself.
"""

import logging
from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import TypeVar

from renkei import audit, kit
from renkei.app.keeping.cosigned_log import CosignedLog, WitnessStanding
from renkei.app.keeping.own_logs import own_logs
from renkei.app.keeping.turns import TurnThread
from renkei.app.site import Site, now

log = logging.getLogger("renkei.app")

TURN_SECONDS = 1.0
_T = TypeVar("_T")


class WitnessKeeper(TurnThread):
    """One thread a site with witnesses."""

    def __init__(
        self, site: Site, *, clock: Callable[[], datetime] = now, seconds: float = TURN_SECONDS
    ) -> None:
        """Take the site; `start` begins. PolicyMalformed for a policy that is not of its log."""
        super().__init__("witness keeper", seconds)
        self._site, self._clock = site, clock
        self._shards: dict[int, tuple[CosignedLog, CosignedLog]] = {}
        self.policy = self._shard(audit.FIRST)[0].policy
        """Which witnesses must have cosigned the log."""

    def _shard(self, year: int) -> tuple[CosignedLog, CosignedLog]:
        """Return a shard and its output log; a year that has begun is taken up here."""
        if year not in self._shards:
            site = self._site
            log, output = own_logs(site.settings, site.signer.verifier, year)
            pair = CosignedLog(site, log, self._clock), CosignedLog(site, output, self._clock)
            self._shards = dict(sorted({**self._shards, year: pair}.items()))
        return self._shards[year]

    @property
    def _logs(self) -> list[CosignedLog]:
        """Return every log, the oldest shard first, each before its output log."""
        return [one for pair in self._shards.values() for one in pair]

    @property
    def standing(self) -> list[WitnessStanding]:
        """Return how it stands with each, log by log, in the order of the policy."""
        return [standing for one in self._logs for standing in one.standing]

    @property
    def cosigned(self) -> audit.Checkpoint | None:
        """Return the newest checkpoint of the newest shard that meets the policy."""
        found = [log.cosigned for log, _ in self._shards.values() if log.cosigned is not None]
        return found[-1] if found else None

    @property
    def all_cosigned(self) -> dict[str, audit.Checkpoint | None]:
        """Return the same of each log, by its origin."""
        return {one.origin: one.cosigned for one in self._logs}

    def run(self) -> None:
        """Take turns until told to finish; without witnesses there are none to take."""
        if self.policy.witnesses:
            super().run()

    def turn(self) -> None:
        """Ask every witness that has not cosigned what is published.

        The output log is looked at first and asked for last: the entries its epochs name are
        published by then, and cosigned before it.
        """
        for year in audit.published_years(self._site.tiles):
            self._shard(year)
        published = [(one, _tried(one.published)) for one in reversed(self._logs)]
        for one, checkpoint in reversed(published):
            if checkpoint is not None:
                _tried(partial(one.ask, checkpoint))


def _tried(step: Callable[[], _T]) -> _T | None:
    """Take a step; what fails is said, and tried again at the next turn."""
    try:
        return step()
    except kit.NodeError as error:  # the database is away, or the log was altered
        log.warning("witnesses wait: %s: %s", error.code(), error)
    except Exception:  # a full disk
        log.exception("witnesses could not be asked")
    return None
