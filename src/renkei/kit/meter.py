"""Where the processor time of a process goes, by part: a stopwatch a benchmark can read.

A part counts its own time only: a part begun inside another pauses the outer one. Times are of the
thread that runs the part (`time.thread_time_ns`), so they never count waiting.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

Part = Literal["law", "codes", "proofs", "log", "signatures", "database"]

_totals: dict[str, int] = {}
_lock = threading.Lock()


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


@contextmanager
def metered(part: Part) -> Iterator[None]:
    """Count the thread's processor time of a block, or of a function, for a part.

    >>> with metered("law"):
    ...     total = sum(range(1000))
    >>> "law" in totals()
    True
    """
    _switch(time.thread_time_ns())
    _running.stack.append(part)
    try:
        yield
    finally:
        _switch(time.thread_time_ns())
        _running.stack.pop()


def totals() -> dict[str, float]:
    """Return part → seconds so far, and `process`: the whole process, all threads."""
    with _lock:
        seconds = {part: total / 1e9 for part, total in _totals.items()}
    return seconds | {"process": time.process_time()}
