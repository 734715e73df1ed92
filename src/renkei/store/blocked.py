"""The keys of rows that were kept out, set aside in a temporary file until somebody asks."""

import weakref
from collections.abc import Iterator
from tempfile import SpooledTemporaryFile

from renkei.store.errors import NoRoomAside

IN_MEMORY = 2**20
AT_ONCE = 2**20


class BlockedKeys:
    """Lines of CSV, kept in memory while they are few and in a nameless file when they are many."""

    def __init__(self) -> None:
        """Begin with none."""
        self._file = SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115 - it lives as long as we do
        weakref.finalize(self, self._file.close)

    def add(self, lines: bytes) -> None:
        """Add complete lines."""
        try:
            self._file.write(lines)
        except OSError as error:
            raise NoRoomAside(reason=error.strerror or "") from error

    def blocks(self) -> Iterator[bytes]:
        """Yield everything that was added, from the beginning."""
        self._file.seek(0)
        while block := self._file.read(AT_ONCE):
            yield block
