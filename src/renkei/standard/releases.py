"""Releases: the standard as one signed file, and which of several is in force on a day.

A release is what `compile_catalogue` wrote, with signatures over its version. Two releases may be
in force on one day: a partner may still speak the older one. Then each interface is found in the
version that a message names, or in the newest.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date

import msgspec

from renkei.kit import digest, read_msgpack
from renkei.standard.compiled import read_compiled
from renkei.standard.content import Catalogue
from renkei.standard.errors import ReleaseDamaged, ReleaseUnsigned
from renkei.standard.linkage import Interface
from renkei.standard.model import in_force

FORMAT = "renkei-release-1"
PURPOSE = "renkei standard release"

Sign = Callable[[bytes], bytes]
Verify = Callable[[bytes, bytes], bool]


class Signature(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who signed (the name of a key) and the signature of what `signed_bytes` returns."""

    key: str
    signature: bytes


class Release(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The one file of a release: the compiled catalogue and its signatures."""

    format: str
    compiled: bytes
    signatures: tuple[Signature, ...]


@dataclass(frozen=True, slots=True)
class Shelf:
    """The releases a node has, newest first."""

    catalogues: tuple[Catalogue, ...]

    @classmethod
    def of(cls, catalogues: Iterable[Catalogue]) -> "Shelf":
        """Put releases on a shelf, in the order of the day they come into force."""
        newest_first = sorted(catalogues, key=lambda one: one.edition.since, reverse=True)
        return cls(tuple(newest_first))

    def on(self, day: date) -> tuple[Catalogue, ...]:
        """Return the releases in force on a day, newest first; there may be two, or none."""
        return tuple(
            one for one in self.catalogues if in_force(one.edition.since, one.edition.until, day)
        )

    def interfaces(self, unit: str, service: str, day: date) -> Mapping[str, Interface]:
        """Return an interface in each release in force on a day, by edition, newest first.

        An interface that itself begins or ends within a release counts only while it is in force.
        """
        found: dict[str, Interface] = {}
        for one in self.on(day):
            for interface in one.interfaces_of(unit):
                is_it = interface.service == service
                if is_it and in_force(interface.since, interface.until, day):
                    found[one.edition.edition] = interface
        return found


def signed_bytes(catalogue: Catalogue) -> bytes:
    """Return what a signature of a release covers: its purpose, edition, days and version."""
    edition = catalogue.edition
    return digest(
        {
            "purpose": PURPOSE,
            "id": edition.id,
            "edition": edition.edition,
            "since": edition.since.isoformat(),
            "until": edition.until.isoformat() if edition.until else None,
            "version": catalogue.version,
        }
    )


def make_release(compiled: bytes, signers: Mapping[str, Sign]) -> bytes:
    """Return a release of a compiled catalogue, signed by each of the named keys."""
    text = signed_bytes(read_compiled(compiled))
    signatures = tuple(Signature(key, sign(text)) for key, sign in sorted(signers.items()))
    return msgspec.msgpack.encode(Release(FORMAT, compiled, signatures))


def read_release(data: bytes, trusted: Mapping[str, Verify]) -> Catalogue:
    """Return the catalogue of a release that at least one trusted key signed."""
    release = _release(data)
    catalogue = read_compiled(release.compiled)
    text = signed_bytes(catalogue)
    for one in release.signatures:
        verify = trusted.get(one.key)
        if verify is not None and verify(text, one.signature):
            return catalogue
    keys = ", ".join(one.key for one in release.signatures)
    raise ReleaseUnsigned(edition=catalogue.edition.edition, keys=keys or "-")


def unverified(data: bytes) -> Catalogue:
    """Return the catalogue of a release or compiled file to look at, whoever signed it."""
    try:
        return read_compiled(_release(data).compiled)
    except ReleaseDamaged:
        return read_compiled(data)


def _release(data: bytes) -> Release:
    try:
        release = read_msgpack(data, Release)
    except msgspec.DecodeError as error:
        raise ReleaseDamaged(reason="it is no release file") from error
    if release.format != FORMAT:
        raise ReleaseDamaged(reason=f"its format is not {FORMAT}")
    return release
