"""A thread that takes turns over a place of files; what fails waits for the next turn."""

import logging
import threading
import time
from collections.abc import Callable
from datetime import datetime
from typing import Protocol

import psycopg

from renkei import kit

log = logging.getLogger("renkei.app")

TURN_SECONDS = 5.0
TIDY_SECONDS = 3600.0


class Sweep(Protocol):
    """What is done at a place: whatever lies ready is taken, what is old is deleted."""

    def turn(self) -> object:
        """Take everything that lies ready."""

    def tidy(self, *, before: float) -> int:
        """Delete what is older than a time."""


class Watch(threading.Thread):
    """One thread for one place."""

    def __init__(
        self,
        name: str,
        sweep: Sweep,
        *,
        days: int,
        clock: Callable[[], datetime],
        seconds: float = TURN_SECONDS,
    ) -> None:
        """Take what a turn does, how long files are kept, and how often a turn is taken."""
        super().__init__(name=f"{name} watch")
        self._place = name
        self._sweep = sweep
        self._days = days
        self._clock = clock
        self._seconds = seconds
        self._ending = threading.Event()
        self._tidied = 0.0

    def finish(self) -> None:
        """End after the turn that is being taken."""
        self._ending.set()
        self.join()

    def run(self) -> None:
        """Take turns until told to finish."""
        while not self._ending.wait(self._seconds):
            try:
                self._sweep.turn()
                if time.monotonic() - self._tidied > TIDY_SECONDS:
                    self._tidied = time.monotonic()
                    self._sweep.tidy(before=self._clock().timestamp() - self._days * 86400)
            except (kit.DatabaseUnreachable, psycopg.Error) as error:
                log.warning("%s waits for the database: %s", self._place, type(error).__name__)
            except Exception:  # a full disk, a folder that went away: say so, and try again
                log.exception("%s could not be emptied", self._place)
