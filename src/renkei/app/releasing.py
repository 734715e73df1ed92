"""Signing a release of the standard."""

from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path

from renkei import audit, standard
from renkei.app.errors import FileExists, FileUnreadable
from renkei.app.keys import file_signer
from renkei.standard.releases import Shelf, make_release, read_release


def write_release(
    folder: Path | None,
    overlays: Sequence[Path],
    *,
    key: Path,
    issuer: str,
    out: Path | None,
    at: datetime,
) -> dict[str, object]:
    """Compile, sign and write a release; say its version and the key that verifies it.

    The same catalogue and key give the same bytes. A file of another content is not overwritten.
    """
    compiled = standard.compile_catalogue(folder or standard.shipped_folder(), overlays)
    known = standard.read_compiled(compiled)
    signer = file_signer(key, issuer)
    data = make_release(compiled, {str(signer.verifier): signer.sign})
    edition = known.edition
    file = out or Path(f"{edition.id}-{edition.edition}.release")
    if file.exists() and file.read_bytes() != data:
        raise FileExists(file=str(file))
    file.write_bytes(data)
    return {
        "file": str(file),
        "bytes": len(data),
        "edition": f"{edition.id} {edition.edition}",
        "version": known.version,
        "key": str(signer.verifier),
        "signed_at": at.isoformat(timespec="seconds"),
    }


def editions_in_force(
    files: Sequence[Path], trust: Sequence[str], *, on: date, interface: str
) -> dict[str, object]:
    """Say which of several releases are in force on a day, and how each has an interface.

    Only releases that a trusted key signed are read.
    """
    keys = {str(key): key.fits for key in map(audit.Verifier.parse, trust)}
    shelf = Shelf.of(read_release(_bytes(file), keys) for file in files)
    facts: dict[str, object] = {
        "on": on.isoformat(),
        "editions": [
            f"{one.edition.edition} ({one.edition.since}–{one.edition.until or ''}) {one.version}"
            for one in shelf.on(on)
        ],
    }
    if interface:
        unit, _, service = interface.partition("/")
        found = shelf.interfaces(unit, service, on)
        facts["interface"] = {edition: " ".join(one.items) for edition, one in found.items()}
    return facts


def _bytes(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise FileUnreadable(file=str(file), reason=error.strerror or "") from error
