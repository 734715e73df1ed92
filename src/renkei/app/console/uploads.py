"""Forms that bring a file: `multipart/form-data` as browsers send it (RFC 7578), and nothing else.

What does not have the form of a browser is no form of ours. Whoever sends it is signed in, and the
token of their session is looked at as in any other form.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from email.message import Message

from renkei.app.errors import FormStale

KIND = "multipart/form-data"
MOST_PARTS = 1000
LONGEST_BOUNDARY = 70


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as it came, and what it was called there."""

    name: str
    data: bytes


def parse_parts(kind: str, body: bytes) -> tuple[Mapping[str, Sequence[str]], Mapping[str, Upload]]:
    """Return the fields and the files of a form; a file field left empty brings none."""
    fields: dict[str, list[str]] = {}
    files: dict[str, Upload] = {}
    for piece in _pieces(kind, body):
        head, found, data = piece.partition(b"\r\n\r\n")
        if not found or not head.startswith(b"\r\n"):
            raise FormStale
        try:
            name, file = _named(head.decode())
            if file is None:
                fields.setdefault(name, []).append(data.decode())
            elif file or data:
                files[name] = Upload(file, data)
        except UnicodeDecodeError:
            raise FormStale from None
    return fields, files


def _pieces(kind: str, body: bytes) -> list[bytes]:
    """Return the parts between the boundaries, each with the line's end before its head."""
    said = _header("Content-Type", kind)
    boundary = said.get_boundary("")
    if said.get_content_type() != KIND or not 0 < len(boundary) <= LONGEST_BOUNDARY:
        raise FormStale
    if not boundary.isascii():
        raise FormStale
    first, *pieces = (b"\r\n" + body).split(b"\r\n--" + boundary.encode())
    if first or not pieces or pieces.pop().rstrip() != b"--" or len(pieces) > MOST_PARTS:
        raise FormStale
    return pieces


def _named(head: str) -> tuple[str, str | None]:
    """Return what a part is called, and the name of its file if it is one."""
    for line in head.split("\r\n"):
        label, _, value = line.partition(":")
        if label.strip().lower() == "content-disposition":
            said = _header("Content-Disposition", value.strip())
            name, file = (said.get_param(part, None, "Content-Disposition") for part in PARAMETERS)
            if isinstance(name, str) and not isinstance(file, tuple):
                return name, file
    raise FormStale


PARAMETERS = ("name", "filename")


def _header(name: str, value: str) -> Message:
    said = Message()
    said[name] = value
    return said
