"""How many batches of other members are under way here at once: each keeps a processor busy."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import BoundedSemaphore

from renkei.app.errors import NodeBusy

RETRY_SECONDS = 5


class BulkGate:
    """The gate of one process; what finds it full is told so at once, and comes again."""

    def __init__(self, most: int) -> None:
        """Take how many may be inside."""
        self._free = BoundedSemaphore(most)

    @contextmanager
    def entered(self) -> Iterator[None]:
        """Let one batch in, or raise `NodeBusy`."""
        if not self._free.acquire(blocking=False):
            raise NodeBusy(seconds=RETRY_SECONDS)
        try:
            yield
        finally:
            self._free.release()
