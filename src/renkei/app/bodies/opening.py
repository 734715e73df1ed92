"""Opening sealed bodies where their custodian's key is: away from the node, from its evidence.

The evidence is verified as a stranger would. What opens is written whole or not at all, and only if
it is the body the entry says.
"""

import hashlib
import os
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

from renkei import exchange, federation
from renkei.app.bodies.release import NamedBody, named_bodies
from renkei.app.bodies.sealed_body import SealedBody
from renkei.app.errors import (
    BodiesMissing,
    BodyDiffers,
    EvidenceBroken,
    FileExists,
    FileUnreadable,
    SealedBodyDamaged,
)
from renkei.app.proofs import offline_verifier
from renkei.app.proofs.exchange_evidence import SEALED


@dataclass(frozen=True, slots=True)
class OpenedBody:
    """A body as it was sealed, in a file, and the entry that says so."""

    file: Path
    named: NamedBody
    size: int

    def facts(self) -> dict[str, object]:
        """Return what is told of it."""
        return {
            "file": str(self.file),
            "which": self.named.kind,
            "entry": self.named.index,
            "bytes": self.size,
            "sha256": exchange.encode(self.named.plain),
        }


@dataclass(frozen=True, slots=True)
class _Sealed:
    """Where the sealed bodies that were given lie: in the zip, or beside it, by their digests."""

    archive: bytes
    beside: dict[str, Path]

    @contextmanager
    def stream(self, digest: str) -> Iterator[BinaryIO | None]:
        """Open a sealed body, if it was given."""
        name = f"bodies/{digest}{SEALED}"
        with zipfile.ZipFile(BytesIO(self.archive)) as archive:
            if name in archive.namelist():
                yield BytesIO(archive.read(name))
            elif digest in self.beside:
                with self.beside[digest].open("rb") as stream:
                    yield stream
            else:
                yield None


def open_bodies(
    bundle: Path,
    beside: list[Path],
    key: federation.SealingKey,
    authority: str,
    out: Path,
) -> list[OpenedBody]:
    """Verify evidence, open every sealed body that came with it, and write each into a file."""
    data = _read(bundle)
    digests = {_digest(file): file for file in beside}
    request, entries = _verified(bundle.name, data, list(digests), authority)
    given = _Sealed(data, {exchange.encode(digest): file for digest, file in digests.items()})
    opened = []
    for named in entries:
        with given.stream(exchange.encode(named.kept.digest)) as stream:
            if stream is not None:
                opened.append(_open(named, request, SealedBody.read(stream, key), out))
    if not opened:
        raise BodiesMissing(request=request[:80])
    return opened


def _verified(
    name: str, data: bytes, sealed: list[bytes], authority: str
) -> tuple[str, list[NamedBody]]:
    """Return the request and the sealed bodies that proven entries name."""
    try:
        report = offline_verifier.verify([(name, data)], [authority], sealed=sealed)
        if report.broken:
            raise EvidenceBroken(defect=report.broken[0].text("en"))
        parts = offline_verifier.open_archive(name, data)
        return report.request, named_bodies(parts["bundle.json"])
    except offline_verifier.Unreadable as error:
        raise EvidenceBroken(defect=error.said.text("en")) from error
    except ValueError as error:
        raise EvidenceBroken(defect="what an entry says of a sealed body is malformed") from error


def _open(named: NamedBody, request: str, body: SealedBody, out: Path) -> OpenedBody:
    if (body.of.request, body.of.kind) != (request, named.kind):
        raise SealedBodyDamaged(reason="it was sealed for another message")
    path, part = (out / f"{named.index}-{named.kind}.{end}" for end in ("body", "part"))
    if path.exists():
        raise FileExists(file=str(path))
    hashed, size = hashlib.sha256(), 0
    try:
        out.mkdir(parents=True, exist_ok=True)
        part.unlink(missing_ok=True)  # of a run that was killed
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as stream:
            for piece in body.pieces():
                hashed.update(piece)
                size += len(piece)
                stream.write(piece)
        if hashed.digest() != named.plain:
            raise BodyDiffers(kind=named.kind, index=named.index)
        part.rename(path)
    except OSError as error:
        raise FileUnreadable(file=str(path), reason=error.strerror or "") from error
    finally:
        part.unlink(missing_ok=True)
    return OpenedBody(path, named, size)


def _read(file: Path) -> bytes:
    try:
        with file.open("rb") as stream:
            return stream.read(offline_verifier.LARGEST_ARCHIVE + 1)
    except OSError as error:
        raise FileUnreadable(file=str(file), reason=error.strerror or "") from error


def _digest(file: Path) -> bytes:
    try:
        with file.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").digest()
    except OSError as error:
        raise FileUnreadable(file=str(file), reason=error.strerror or "") from error
