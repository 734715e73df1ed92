"""The bytes of a delivered file, read once from front to back.

`Source` hashes and counts the file's own bytes as they pass and stops at the limit; `Lines` cuts
them into blocks of complete lines with LF line ends. What keeps bytes from being read at all (an
endless line, a missing last line end, another encoding) becomes a finding here.
"""

import codecs
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import Enum, auto
from typing import BinaryIO

from renkei.store.findings import Findings, Place

MEBIBYTE = 2**20
ENCODINGS = (("euc-jp", "euc_jp"), ("windows-31j", "cp932"))


class Verdict(Enum):
    """What may be done with a block: send it on, only look on for more findings, or stop."""

    whole = auto()
    broken = auto()
    unreadable = auto()


@dataclass(frozen=True, slots=True)
class Limits:
    """What is accepted of a file, and how much of it is held in memory at once.

    `line_bytes` holds for CSV and JSON lines, `record_bytes` for a record in XML; a group of rows
    of Parquet may hold `group_rows` and, decompressed, `group_bytes`, in pages of `page_bytes`.
    `ending_share`: of the records held; a file without more than that is likely to be cut off.
    """

    file_bytes: int = 16 * 1024 * MEBIBYTE
    line_bytes: int = 64 * 1024
    block_bytes: int = 4 * MEBIBYTE
    record_bytes: int = MEBIBYTE
    records: int = 200_000_000
    group_rows: int = 4 * MEBIBYTE
    group_bytes: int = 2048 * MEBIBYTE
    page_bytes: int = 64 * MEBIBYTE
    ending_share: float = 0.10


@dataclass(frozen=True, slots=True)
class Block:
    """Complete lines of the file: their bytes, where they begin in it, how many they are."""

    text: bytes
    first_line: int
    offset: int
    lines: int = 1


class Source:
    """The file's own bytes as they pass: hashed, counted, and cut off at the limit."""

    def __init__(self, stream: BinaryIO, findings: Findings, limits: Limits) -> None:
        """Take a stream of bytes; a file over the limit is added to the findings."""
        self.bytes_read = 0
        self.ended = False
        self.is_over = False
        self._stream = stream
        self._findings = findings
        self._limits = limits
        self._hash = hashlib.sha256()
        self._first: bytes | None = None

    @property
    def sha256(self) -> bytes:
        """Return the digest of all bytes read so far."""
        return self._hash.digest()

    def peek(self) -> bytes:
        """Return the first piece, which `read` then returns once more."""
        if self._first is None:
            self._first = self._next()
        return self._first

    def read(self) -> bytes:
        """Return the next piece, empty at the end."""
        if self._first is not None:
            piece, self._first = self._first, None
            return piece
        return self._next()

    def _next(self) -> bytes:
        piece = self._stream.read(self._limits.block_bytes)
        self.ended = not piece
        self._hash.update(piece)
        self.bytes_read += len(piece)
        if self.bytes_read > self._limits.file_bytes:
            self._findings.error("file-too-large", limit=self._limits.file_bytes)
            self.ended, self.is_over, piece = True, True, b""
        return piece


class Lines:
    """A file of lines while it is read: single lines of its head first, then blocks."""

    def __init__(self, source: Source, findings: Findings, limits: Limits) -> None:
        """Take the bytes; findings are added to the given ones."""
        self.read = 0
        self._source = source
        self._findings = findings
        self._limits = limits
        self._rest = b""
        self._offset = 0
        self._ended = False

    def skip_mark(self) -> None:
        """Skip a byte order mark at the very beginning, and say so."""
        self._read()
        if self._rest.startswith(codecs.BOM_UTF8):
            self._findings.alert("byte-order-mark", Place(line=1))
            self._take(len(codecs.BOM_UTF8))

    def line(self) -> Block | None:
        """Take one line with its line end; None at the end, and where the line is endless."""
        while (end := self._rest.find(b"\n")) < 0 and not self._ended:
            if len(self._rest) > self._limits.line_bytes:
                break
            self._read()
        if end < 0 and self._is_too_long():
            return None
        text = self._rest[: end + 1] if end >= 0 else self._rest
        if not text:
            return None
        block = Block(text, self.read + 1, self._offset)
        self._take(len(text))
        self.read += 1
        return block

    def blocks(self) -> Iterator[Block | None]:
        """Yield the lines that are left, in blocks; None where they cannot be read on."""
        while True:
            end = self._rest.rfind(b"\n") + 1
            if end:
                text = self._rest[:end]
                block = Block(text, self.read + 1, self._offset, text.count(b"\n"))
                self._take(end)
                self.read += block.lines
                yield _with_line_feeds(block)
            elif self._is_too_long():
                yield None
                return
            if self._ended:
                break
            self._read()
        if self._source.is_over:
            yield None
        elif self._rest:
            self._findings.error("unfinished-line", Place(line=self.read + 1))

    def _is_too_long(self) -> bool:
        if len(self._rest) <= self._limits.line_bytes:
            return False
        place = Place(line=self.read + 1)
        self._findings.error("line-too-long", place, limit=self._limits.line_bytes)
        return True

    def _read(self) -> None:
        """Add one more piece to what is left; note the end."""
        self._rest += self._source.read()
        self._ended = self._source.ended

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
        guess = guess_encoding(block.text[start : end if end >= 0 else None])
        findings.error(
            f"not-utf-8-but-{guess}" if guess else "not-utf-8",
            Place(line=line),
            offset=block.offset + error.start,
        )
        return True
    return False


def guess_encoding(line: bytes) -> str | None:
    """Return the encoding a line that is not UTF-8 is in, if it is one that town halls use."""
    if line.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    # EUC-JP first: its bytes often pass as Windows-31J, hardly ever the other way round.
    for name, codec in ENCODINGS:
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
