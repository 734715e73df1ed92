"""Random bytes in small portions: drawn from the system by the page, since each draw is a call.

For salts, nonces and numbers, of which an exchange needs many; a key is drawn from `secrets`.
Nothing is given twice: a portion is cut off under a lock, and a forked process begins anew.
"""

import os
import threading
import time
import uuid

PAGE = 4096
VERSION_AND_VARIANT = 0xF << 76 | 0b11 << 62
VERSION_7 = 0x7 << 76 | 0b10 << 62


class _Stock:
    """What has been drawn and not been given yet."""

    def __init__(self) -> None:
        self.renew()

    def renew(self) -> None:
        """Begin with nothing; in a forked process the lock may be held by a thread not there."""
        self._lock = threading.Lock()
        self._bytes = b""
        self._given = 0

    def take(self, count: int) -> bytes:
        """Cut off some bytes."""
        with self._lock:
            if len(self._bytes) - self._given < count:
                self._bytes, self._given = os.urandom(max(PAGE, count)), 0
            self._given += count
            return self._bytes[self._given - count : self._given]


_stock = _Stock()
os.register_at_fork(after_in_child=_stock.renew)


def random_bytes(count: int) -> bytes:
    """Return random bytes of the system's source.

    >>> len(random_bytes(16)), random_bytes(16) == random_bytes(16)
    (16, False)
    """
    return _stock.take(count)


def timed_number() -> str:
    """Return a new UUID (version 7) as text: its time to the millisecond, and 74 random bits.

    One made later comes later in an index too, which so grows at its end: a number by chance alone
    (version 4) changes a page of its own in every index, however long that is (0043).

    >>> uuid.UUID(timed_number()).version, timed_number() == timed_number()
    (7, False)
    """
    number = time.time_ns() // 1_000_000 << 80 | int.from_bytes(random_bytes(10))
    return str(uuid.UUID(int=number & ~VERSION_AND_VARIANT | VERSION_7))
