"""Bodies that are passed on: read once, hashed on the way, in memory or in a nameless file.

A body is passed on only when all of it has come and fits its signature, so it must wait somewhere:
a small one in memory, a large one on disk, whatever its size in the same memory. The file has no
name; it is gone with the process that wrote it.
"""

import asyncio
import hashlib
import tempfile
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from renkei.exchange.errors import BodyBroken, BodyLate, BodyTooLarge, BodyWithoutRoom
from renkei.exchange.limits import Receive

IN_MEMORY = 256 << 10
PIECE = 1 << 20
SLOWEST = 64 << 10
"""Bytes a second: who sends slower than this is given up."""
STEP = 0.05
"""The clock of a body is set anew after this share of its time: to set it costs as much as to take
a small piece."""


@dataclass(frozen=True, slots=True)
class BodyLimits:
    """The size a body may have, and for how many seconds it may stand still."""

    size: int = 2 << 30
    seconds: float = 10.0


@dataclass(frozen=True, slots=True)
class Body:
    """A body that has come whole. Use it as a context: its file is closed at the end.

    `sha512` is there for who asked for it (X-Road-Request-Hash wants it), of a body that is not
    empty. Of a body with a file, `data` stands before what `begins` at a place of the file.
    """

    size: int
    sha256: bytes
    sha512: bytes
    data: bytes = field(default=b"", repr=False)
    file: IO[bytes] | None = None
    begins: int = 0

    @classmethod
    def of(cls, data: bytes) -> Self:
        """Return the body that is these bytes."""
        return cls(len(data), hashlib.sha256(data).digest(), b"", data)

    @classmethod
    async def read(
        cls, pieces: AsyncIterator[bytes], limits: BodyLimits, folder: Path, *, sha512: bool = False
    ) -> "Body":
        """Read a body to its end, or raise `BodyTooLarge`, `BodyLate` or `BodyWithoutRoom`.

        Nothing of a body that was refused is left.
        """
        coming = _Coming(limits.size, folder)
        loop = asyncio.get_running_loop()
        begun = since = loop.time()
        try:
            async with asyncio.timeout(limits.seconds) as clock:
                async for piece in pieces:
                    await coming.add(piece, sha512=sha512)
                    # Who stands still is given up, and who is slower than the slowest.
                    due = min(loop.time(), begun + coming.size / SLOWEST)
                    if due - since > limits.seconds * STEP:
                        clock.reschedule(due + limits.seconds)
                        since = due
            return await coming.whole()
        except TimeoutError:
            coming.close()
            raise BodyLate(seconds=round(limits.seconds)) from None
        except BaseException:
            coming.close()
            raise

    def after(self, lead: bytes, begins: int) -> "Body":
        """Return other bytes before what begins at a place of the file; nothing is hashed anew."""
        size = len(lead) + self.size - begins
        return Body(size, b"", b"", lead, self.file, begins)

    async def pieces(self) -> AsyncIterator[bytes]:
        """Give the body from its beginning, piece by piece; again, if it is asked for again."""
        if self.data:
            yield self.data
        if self.file is None:
            return
        self.file.seek(self.begins)
        while piece := await asyncio.to_thread(self.file.read, PIECE):
            yield piece

    def close(self) -> None:
        """Let go of the file, if there is one."""
        if self.file is not None:
            self.file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


class _Coming:
    """A body on its way in: what has come, hashed, and on disk from a certain size on."""

    def __init__(self, most: int, folder: Path) -> None:
        self.size = 0
        self._most = most
        self._folder = folder
        self._sha256, self._sha512 = hashlib.sha256(), hashlib.sha512()
        self._is_long_wanted = False
        self._kept = bytearray()
        self._file: IO[bytes] | None = None

    async def add(self, piece: bytes, *, sha512: bool) -> None:
        """Take the next piece."""
        self.size += len(piece)
        if self.size > self._most:
            raise BodyTooLarge(limit=self._most)
        self._sha256.update(piece)
        if sha512:
            self._sha512.update(piece)
            self._is_long_wanted = True
        self._kept += piece
        if len(self._kept) >= (PIECE if self._file else IN_MEMORY + 1):
            await self._write()

    async def whole(self) -> Body:
        """Return the body that has come."""
        if self._file is not None:
            await self._write()
        data = b"" if self._file else bytes(self._kept)
        long = self._sha512.digest() if self._is_long_wanted and self.size else b""
        return Body(self.size, self._sha256.digest(), long, data, self._file)

    def close(self) -> None:
        """Drop what has come."""
        if self._file is not None:
            self._file.close()

    async def _write(self) -> None:
        try:
            if self._file is None:
                self._file = tempfile.TemporaryFile(dir=self._folder, buffering=0)  # noqa: SIM115  # closed by whoever uses the body
            await asyncio.to_thread(_write_all, self._file, self._kept)
        except OSError as error:  # the disk is full, or not there
            raise BodyWithoutRoom(reason=error.strerror or type(error).__name__) from error
        self._kept = bytearray()


def _write_all(file: IO[bytes], data: bytes | bytearray) -> None:
    """Write all of it now: what a buffer still held would fail when the file is closed."""
    rest = memoryview(data)
    while rest:
        rest = rest[file.write(rest) :]


async def received(receive: Receive) -> AsyncIterator[bytes]:
    """Give what a server receives, piece by piece, or raise `BodyBroken` where it breaks off."""
    more = True
    while more:
        message = await receive()
        if message["type"] != "http.request":
            raise BodyBroken
        more = message.get("more_body", False)
        if message["body"]:
            yield message["body"]
