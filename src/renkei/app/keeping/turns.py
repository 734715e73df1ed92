"""Threads that look after one thing beside the doors, until they are told to finish."""

import logging
import threading

import psycopg

from renkei import kit

log = logging.getLogger("renkei.app")

LONGEST_PAUSE = 60.0
"""Until a turn is tried again after many have failed, of a keeper whose own rhythm is quicker."""


class EndingThread(threading.Thread):
    """One that is told to end, and whose end is waited for."""

    def __init__(self, name: str) -> None:
        """Take what the thread is called; `start` begins."""
        super().__init__(name=name)
        self._ending = threading.Event()

    def finish(self) -> None:
        """End after what is under way."""
        self._ending.set()
        self.join()


class TurnThread(EndingThread):
    """One that takes turns: what fails is said once and tried again; nothing is given up.

    After a failure the pause doubles.
    """

    def __init__(self, name: str, seconds: float) -> None:
        """Take what the thread is called, and how long it pauses between two turns."""
        super().__init__(name)
        self._seconds = seconds
        self._said = ""

    def run(self) -> None:
        """Take turns until told to finish."""
        pause = self._seconds
        while not self._ending.wait(pause):
            trouble = self._trouble()
            pause = max(self._seconds, min(2 * pause, LONGEST_PAUSE)) if trouble else self._seconds
            if trouble not in ("", self._said):
                log.warning("the %s waits: %s", self.name, trouble)
            self._said = trouble

    def turn(self) -> object:
        """Do what is to be done now."""
        raise NotImplementedError

    def _trouble(self) -> str:
        """Take a turn and return what stopped it, in words that name nobody."""
        try:
            self.turn()
        except kit.NodeError as error:
            return f"{error.code()}: {error}"
        except (psycopg.Error, TimeoutError, OSError) as error:
            return type(error).__name__
        except Exception as error:  # one that ended would leave its work undone without a word
            log.exception("the %s could not take its turn", self.name)
            return type(error).__name__
        return ""
