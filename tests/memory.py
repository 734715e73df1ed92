"""How much memory work takes: in a process of its own, where nothing else of a suite allocates."""

import multiprocessing
import tracemalloc
import warnings
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import TypeVar

SECONDS = 120

T = TypeVar("T")


def peak_of(work: Callable[[], T]) -> tuple[T, int]:
    """Return what the work returns and the bytes Python held at most while it ran.

    A worker of the suite has other threads (a bucket server, pools) that allocate whenever they
    like. A forked child has none of them.
    """
    context = multiprocessing.get_context("fork")
    ours, theirs = context.Pipe(duplex=False)
    child = context.Process(target=_measured, args=(work, theirs))
    with warnings.catch_warnings():
        # From 3.12 on Python warns of a fork beside threads; the child takes no lock of theirs.
        warnings.simplefilter("ignore", DeprecationWarning)
        child.start()
    theirs.close()
    try:
        assert ours.poll(SECONDS), f"not done within {SECONDS} s"
        result, peak = ours.recv()
    finally:
        child.kill()
        child.join()
    return result, peak


def _measured(work: Callable[[], object], to: Connection) -> None:
    tracemalloc.start()
    result = work()
    to.send((result, tracemalloc.get_traced_memory()[1]))
