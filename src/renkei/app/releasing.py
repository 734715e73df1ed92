"""Signing a release of the standard."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from renkei import standard
from renkei.app.errors import FileExists
from renkei.app.keys import file_signer
from renkei.standard.releases import make_release


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
