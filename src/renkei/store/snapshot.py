"""A delivered file, read once from front to back in blocks of complete lines.

The file's own bytes are hashed as they pass; the blocks that come out are UTF-8 text with LF line
ends. What keeps a file from being read at all (encoding, an endless line, no header) becomes a
finding here and ends the reading; what is wrong inside a line is for `validation`.
"""

import codecs
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import Enum, auto
from typing import BinaryIO

from renkei.store.findings import Findings, Place

MEBIBYTE = 2**20


class Verdict(Enum):
    """What may be done with a block: send it on, only look on for more findings, or stop."""

    whole = auto()
    broken = auto()
    unreadable = auto()


@dataclass(frozen=True, slots=True)
class Limits:
    """What is accepted of a file, and how much of it is held in memory at once.

    `ending_share`: of the records held; a file without more than that is likely to be cut off.
    """

    file_bytes: int = 16 * 1024 * MEBIBYTE
    line_bytes: int = 64 * 1024
    block_bytes: int = 4 * MEBIBYTE
    ending_share: float = 0.10


@dataclass(frozen=True, slots=True)
class Block:
    """Complete lines of the file: their bytes, where they begin in it, how many they are."""

    text: bytes
    first_line: int
    offset: int
    lines: int = 1


class SnapshotFile:
    """One delivered file while it is read: its header, its blocks, its digest.

    The head is read first, then the blocks; after the last block `sha256` is that of the file.
    """

    def __init__(self, source: BinaryIO, findings: Findings, limits: Limits) -> None:
        """Take a source of bytes; findings are added to the given ones."""
        self.bytes_read = 0
        self.lines_read = 0
        self.read_to_end = False
        self._source = source
        self._findings = findings
        self._limits = limits
        self._hash = hashlib.sha256()
        self._rest = b""
        self._offset = 0
        self._ended = False
        self._over = False

    @property
    def sha256(self) -> bytes:
        """Return the digest of all bytes read so far."""
        return self._hash.digest()

    def head(self) -> str | None:
        """Return the header line, after a BOM and comment lines; None if there is none."""
        self._read()
        if self._rest.startswith(codecs.BOM_UTF8):
            self._findings.alert("byte-order-mark", Place(line=1))
            self._take(len(codecs.BOM_UTF8))
        while (line := self._head_line()) is not None:
            if not line.startswith("#"):
                return line
        if not self._findings.errors:
            self._findings.error("empty-file")
        return None

    def blocks(self) -> Iterator[Block]:
        """Yield the lines after the header, in blocks; stop at what cannot be read."""
        while True:
            end = self._rest.rfind(b"\n") + 1
            if end:
                text = self._rest[:end]
                block = Block(text, self.lines_read + 1, self._offset, text.count(b"\n"))
                self._take(end)
                self.lines_read += block.lines
                yield _with_line_feeds(block)
            elif len(self._rest) > self._limits.line_bytes:
                place = Place(line=self.lines_read + 1)
                self._findings.error("line-too-long", place, limit=self._limits.line_bytes)
                return
            if self._ended:
                break
            self._read()
        if self._rest and not self._over:
            self._findings.error("unfinished-line", Place(line=self.lines_read + 1))
        self.read_to_end = not self._over

    def _head_line(self) -> str | None:
        """Take one line of the head and decode it."""
        while (end := self._rest.find(b"\n")) < 0 and not self._ended:
            if len(self._rest) > self._limits.line_bytes:
                break
            self._read()
        place = Place(line=self.lines_read + 1)
        if end < 0:
            if len(self._rest) > self._limits.line_bytes:
                self._findings.error("line-too-long", place, limit=self._limits.line_bytes)
                return None
            if not self._rest:
                return None
            end = len(self._rest)
        line = self._rest[:end]
        block = Block(line, self.lines_read + 1, self._offset)
        self._take(end + 1)
        self.lines_read += 1
        if report_wrong_encoding(block, self._findings):
            return None
        return line.decode().removesuffix("\r")

    def _read(self) -> None:
        """Read one more piece of the source; note its end, and a file over the limit."""
        piece = self._source.read(self._limits.block_bytes)
        self._ended = not piece
        self._hash.update(piece)
        self.bytes_read += len(piece)
        if self.bytes_read > self._limits.file_bytes:
            self._findings.error("file-too-large", limit=self._limits.file_bytes)
            self._ended, self._over, piece = True, True, b""
        self._rest += piece

    def _take(self, length: int) -> None:
        taken = min(length, len(self._rest))
        self._rest = self._rest[taken:]
        self._offset += taken


def report_wrong_encoding(block: Block, findings: Findings) -> bool:
    """Add the one finding of bytes that are not UTF-8, with line, byte offset and a guess."""
    try:
        block.text.decode("utf-8")
    except UnicodeDecodeError as error:
        line = block.first_line + block.text.count(b"\n", 0, error.start)
        start = block.text.rfind(b"\n", 0, error.start) + 1
        end = block.text.find(b"\n", error.start)
        guess = _guess(block.text[start : end if end >= 0 else None])
        findings.error(
            f"not-utf-8-but-{guess}" if guess else "not-utf-8",
            Place(line=line),
            offset=block.offset + error.start,
        )
        return True
    return False


def _guess(line: bytes) -> str | None:
    """Return the encoding a line is written in, if it is one that town halls use."""
    if line.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    # EUC-JP first: its bytes often pass as Windows-31J, hardly ever the other way round.
    for name, codec in (("euc-jp", "euc_jp"), ("windows-31j", "cp932")):
        try:
            line.decode(codec)
        except UnicodeDecodeError:
            continue
        return name
    return None


def _with_line_feeds(block: Block) -> Block:
    """Return the block with LF line ends; a file with CR LF is accepted."""
    if b"\r" not in block.text:
        return block
    return replace(block, text=block.text.replace(b"\r\n", b"\n"))
