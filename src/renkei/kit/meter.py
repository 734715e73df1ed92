"""Where the processor time of a process goes, by part: a stopwatch a benchmark can read.

A part counts its own time only: a part begun inside another pauses the outer one. Times are of the
thread that runs the part (`time.thread_time_ns`), so they never count waiting. To read that clock
costs as much as a small part, so nothing is counted unless RENKEI_METER is set.
"""

import os
import threading
import time
from collections.abc import Callable
from functools import wraps
from typing import Literal, ParamSpec, TypeVar

Part = Literal["law", "codes", "proofs", "log", "signatures", "database"]

COUNTS = bool(os.environ.get("RENKEI_METER"))

_totals: dict[str, int] = {}
_lock = threading.Lock()

P = ParamSpec("P")
R = TypeVar("R")


class _Running(threading.local):
    """The parts now running in this thread: the start of the current one, and the stack."""

    def __init__(self) -> None:
        self.started = 0
        self.stack: list[str] = []


_running = _Running()


def _switch(now: int) -> None:
    if _running.stack:
        with _lock:
            part = _running.stack[-1]
            _totals[part] = _totals.get(part, 0) + now - _running.started
    _running.started = now


class Stopwatch:
    """Counts a part, as a context or around a function."""

    __slots__ = ("_part",)

    def __init__(self, part: Part) -> None:
        """Take the part."""
        self._part = part

    def __enter__(self) -> None:
        if COUNTS:
            _switch(time.thread_time_ns())
            _running.stack.append(self._part)

    def __exit__(self, *_: object) -> None:
        if COUNTS:
            _switch(time.thread_time_ns())
            _running.stack.pop()

    def __call__(self, work: Callable[P, R]) -> Callable[P, R]:
        """Return a function that counts its time; it is the function itself where none is."""
        if not COUNTS:
            return work

        @wraps(work)
        def counted(*args: P.args, **kwargs: P.kwargs) -> R:
            with self:
                return work(*args, **kwargs)

        return counted


def metered(part: Part) -> Stopwatch:
    """Count the thread's processor time of a block, or of a function, for a part.

    >>> with metered("law"):
    ...     total = sum(range(1000))
    >>> "process" in totals()
    True
    """
    return Stopwatch(part)


def totals() -> dict[str, float]:
    """Return part → seconds so far, and `process`: the whole process, all threads."""
    with _lock:
        seconds = {part: total / 1e9 for part, total in _totals.items()}
    return seconds | {"process": time.process_time()}
