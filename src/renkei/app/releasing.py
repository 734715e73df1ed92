"""Signing a release of the standard."""

import secrets
from base64 import b64decode, b64encode
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from renkei import audit, standard
from renkei.app.errors import FileExists, FileUnreadable, KeysExposed
from renkei.standard.releases import make_release

SEED = 32  # bytes of the key


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
    signer = _signer(key, issuer)
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


def _signer(file: Path, issuer: str) -> audit.Signer:
    """Read the key, whose file holds its name and its secret; make one where there is none."""
    if not file.exists():
        secret = b64encode(secrets.token_bytes(SEED)).decode()
        file.touch(mode=0o600)
        file.write_text(f"{issuer}\n{secret}\n", encoding="ascii")
    if file.stat().st_mode & 0o077:
        raise KeysExposed(file=str(file))
    try:
        name, secret = file.read_text(encoding="ascii").split()
        return audit.Signer.from_seed(name, b64decode(secret, validate=True))
    except ValueError as error:
        raise FileUnreadable(file=str(file), reason="no signing key of a release") from error
