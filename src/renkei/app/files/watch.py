"""A thread that takes turns over a place of files; what fails waits for the next turn."""

import time
from collections.abc import Callable
from datetime import datetime
from typing import Protocol

from renkei.app.keeping.turns import TurnThread

TURN_SECONDS = 5.0
TIDY_SECONDS = 3600.0


class Sweep(Protocol):
    """What is done at a place: whatever lies ready is taken, what is old is deleted."""

    def turn(self) -> object:
        """Take everything that lies ready."""

    def tidy(self, *, before: float) -> int:
        """Delete what is older than a time."""


class Watch(TurnThread):
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
        super().__init__(f"watch over {name}", seconds)
        self._sweep = sweep
        self._days = days
        self._clock = clock
        self._tidied = 0.0

    def turn(self) -> None:
        """Take what lies ready; now and then delete what is old."""
        self._sweep.turn()
        if time.monotonic() - self._tidied > TIDY_SECONDS:
            self._tidied = time.monotonic()
            self._sweep.tidy(before=self._clock().timestamp() - self._days * 86400)
