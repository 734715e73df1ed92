"""Releases of the standard as files: signing one, and those a site has on its shelf."""

from collections.abc import Sequence
from datetime import date, datetime
from functools import cache
from pathlib import Path

from renkei import audit, federation, law, standard
from renkei.app.errors import EditionTaken, FileExists, FileUnreadable
from renkei.app.membership.keys import file_signer
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
    What is called as the shipped release is has its table of provisions, or is not released.
    """
    source = folder or standard.shipped_folder()
    compiled = standard.compile_catalogue(source, overlays)
    known = standard.read_compiled(compiled)
    if not overlays:  # a house's own table is of no release others decide by
        _expect_one_table([(str(source), known), ("", standard.catalogue())])
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


@cache
def shelved(folder: Path | None, authority: str) -> federation.Releases:
    """Return the releases a site speaks: its own, and each `*.release` that the authority signed.

    Read once, at the start. A file that is none, or signed by nobody trusted, stops the start: a
    release that is missing unnoticed would show only when somebody asks in it. So does one whose
    edition is that of another with other provisions, of which one would never be decided by.
    """
    own = standard.catalogue()
    if folder is None:
        return federation.Releases(own)
    if not folder.is_dir():
        raise FileUnreadable(file=str(folder), reason="no such folder")
    key = audit.Verifier.parse(authority)
    files = sorted(folder.glob("*.release"))
    read = [(str(file), read_release(_bytes(file), {str(key): key.fits})) for file in files]
    _expect_one_table([*read, ("", own)])
    return federation.Releases(own, Shelf.of(one for _, one in read))


def _expect_one_table(releases: Sequence[tuple[str, standard.Catalogue]]) -> None:
    """Raise `EditionTaken` for the first file whose edition another one has, with another table."""
    tables: dict[tuple[str, str], str] = {}
    for file, one in reversed(releases):
        name, version = (one.edition.id, one.edition.edition), law.table_of(one).version
        if tables.setdefault(name, version) != version:
            raise EditionTaken(file=file, edition=one.edition.edition)


def _bytes(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise FileUnreadable(file=str(file), reason=error.strerror or "") from error
