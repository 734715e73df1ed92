"""Packages: an envelope alone, or in multipart/related before attachments nobody here looks into.

SOAP Messages with Attachments and MTOM put the envelope first. It is read into memory up to a
limit; what follows stays where it is. Whatever two readers could take for two different envelopes
is refused: a second boundary or type, a `start` that is another part, lines that end otherwise.
"""

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from email.message import Message
from email.parser import BytesHeaderParser
from email.policy import Compat32
from typing import Self

from renkei.exchange.bodies import Body
from renkei.exchange.errors import PackageMalformed

LONGEST = 1 << 20
"""Bytes an envelope may have, alone or before attachments."""
LONGEST_HEAD = 8 << 10
MOST_FIELDS = 32
RELATED = "multipart/related"

_LOOK = 64 << 10
_END = b"\r\n\r\n"
_HEAD = BytesHeaderParser(policy=Compat32())
_BOUNDARY = re.compile(r"[A-Za-z0-9'+_,\-./:=?]{1,70}", re.ASCII)
_PLAIN_ENCODINGS = ("7bit", "8bit", "binary")


@dataclass(frozen=True, slots=True)
class Package:
    """What has come of a package so far, and where in it the envelope stands."""

    read: bytes
    kind: str
    begins: int
    ends: int
    mark: bytes = b""

    @classmethod
    def of(cls, envelope: bytes, kind: str) -> Self:
        """Return the package that is an envelope alone."""
        return cls(envelope, kind, 0, len(envelope))

    @property
    def envelope(self) -> bytes:
        """Return the envelope as it was sent."""
        return self.read[self.begins : self.ends]

    @property
    def has_attachments(self) -> bool:
        """Tell whether another part follows the envelope."""
        return bool(self.mark) and not self._after().startswith(b"--")

    async def whole(self, rest: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        """Give all of it, as it comes; `PackageMalformed` where it ends before its last mark."""
        yield self.read
        if not self.mark:  # an envelope alone was read to its end
            return
        end, kept = self.mark + b"--", self.read[self.ends :]
        is_closed = end in kept
        async for piece in rest:
            if not is_closed:
                kept = kept[-len(end) :] + piece
                is_closed = end in kept
            yield piece
        if not is_closed:
            raise PackageMalformed(defect="the last boundary is missing")

    def replaced(self, envelope: bytes, body: Body) -> Body:
        """Return the body with another envelope in its place; what follows is left alone."""
        lead = self.read[: self.begins] + envelope
        if body.file is None:
            return Body.of(lead + body.data[self.ends :])
        return body.after(lead, self.ends)

    def _after(self) -> bytes:
        return self.read[self.ends + len(self.mark) :]


def is_related(content_type: str) -> bool:
    """Tell whether a body is a multipart one of the kind that holds an envelope."""
    return content_type.partition(";")[0].strip().lower() == RELATED


async def open_package(pieces: AsyncIterator[bytes], content_type: str) -> Package:
    """Read until the envelope has come whole; `pieces` then gives what follows."""
    if not is_related(content_type):
        read = bytearray()
        async for piece in pieces:
            read += piece
            if len(read) > LONGEST:
                raise PackageMalformed(defect=f"an envelope of more than {LONGEST} bytes")
        return Package.of(bytes(read), content_type)
    parameters = _parameters(content_type)
    boundary = parameters.get("boundary", "")
    if not _BOUNDARY.fullmatch(boundary):
        raise PackageMalformed(defect="no boundary, or a wrong one")
    mark = b"\r\n--" + boundary.encode()
    read, look = bytearray(b"\r\n"), _LOOK
    async for piece in pieces:
        read += piece
        if len(read) >= look:
            # Looked for at sizes that double: who sends byte by byte costs no more than others.
            found = _find(bytes(read), mark, parameters)
            if found is not None:
                return found
            if len(read) > LONGEST + 2 * LONGEST_HEAD:
                raise PackageMalformed(defect=f"an envelope of more than {LONGEST} bytes")
            look = 2 * len(read)
            await asyncio.sleep(0)
    found = _find(bytes(read), mark, parameters)
    if found is None:
        raise PackageMalformed(defect="it ends within the envelope")
    return found


def _find(read: bytes, mark: bytes, parameters: dict[str, str]) -> Package | None:
    """Find the envelope in what was read behind a line end of ours; None if more is needed."""
    # 1. The first mark begins the body; a preamble other readers could take for a part does not.
    begin = 2 if read.startswith(b"\r\n" + mark) else 0
    if len(read) < begin + len(mark) + 2:
        return None
    if not read.startswith(mark, begin):
        raise PackageMalformed(defect="it does not begin with its boundary")
    # 2. The head of the part, to the empty line.
    line = read.find(b"\r\n", begin + len(mark))
    split = -1 if line < 0 else read.find(_END, line)
    if (split if split >= 0 else len(read)) - begin > LONGEST_HEAD:
        raise PackageMalformed(defect=f"a head of more than {LONGEST_HEAD} bytes")
    if split < 0:
        return None
    if read[begin + len(mark) : line].strip(b" \t"):
        raise PackageMalformed(defect="it does not begin with its boundary")
    kind = _kind(read[line + 2 : split + 2], parameters)
    # 3. The envelope, to the next mark with two signs more: they say whether a part follows.
    begins = split + len(_END)
    ends = read.find(mark, begins - 2)
    if ends < 0 or len(read) < ends + len(mark) + 2:
        return None
    if ends < begins or ends - begins > LONGEST or mark[2:] in read[begins:ends]:
        raise PackageMalformed(defect="the boundary stands within the envelope")
    follows = read[ends + len(mark) : ends + len(mark) + 2]
    if follows != b"--" and follows[:1] not in (b"\r", b" ", b"\t"):
        raise PackageMalformed(defect="the boundary stands within the envelope")
    # The line end put before the body is no part of it.
    return Package(read[2:], kind, begins - 2, ends - 2, mark)


def _kind(head: bytes, parameters: dict[str, str]) -> str:
    """Return the type of the first part, which must be the one the package begins with."""
    ends = {head.count(one) for one in (b"\r", b"\n", b"\r\n")}
    if not head.isascii() or b"\0" in head or len(ends) != 1:
        raise PackageMalformed(defect="the head of the first part is no MIME")
    fields = _HEAD.parsebytes(head)
    if fields.defects or fields.get_payload() or len(fields) > MOST_FIELDS:
        raise PackageMalformed(defect="the head of the first part is no MIME")
    encoding = _only(fields, "content-transfer-encoding").strip().lower()
    if encoding and encoding not in _PLAIN_ENCODINGS:
        raise PackageMalformed(defect="the envelope is encoded for transfer; send it as 8bit")
    start = parameters.get("start", "").strip(" <>")
    if start and start != _only(fields, "content-id").strip(" <>"):
        raise PackageMalformed(defect="`start` names another part than the first")
    return " ".join(_only(fields, "content-type").split())


def _only(fields: Message, name: str) -> str:
    found = fields.get_all(name, [])
    if len(found) > 1:
        raise PackageMalformed(defect=f"{name} stands there more than once")
    return str(found[0]) if found else ""


def _parameters(content_type: str) -> dict[str, str]:
    """Return the parameters of a type by name; each may stand there once, in one piece."""
    if not content_type.isascii() or not content_type.isprintable() or "*" in content_type:
        raise PackageMalformed(defect="Content-Type has parameters in parts, or no MIME")
    message = Message()
    message["content-type"] = content_type
    found: dict[str, str] = {}
    for name, value in (message.get_params() or [])[1:]:
        key = name.lower().strip()
        if key in found:
            raise PackageMalformed(defect="Content-Type names a parameter twice")
        found[key] = str(value)
    return found
