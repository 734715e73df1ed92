"""Compiling a catalogue folder to one checked byte string, and reading it back.

The version is the SHA-256 of the content's bytes: structs in the order of their fields, without
any map whose order could vary, so two machines compile one folder to one version.
"""

import hashlib
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable

import msgspec

from renkei.standard.checks import check
from renkei.standard.content import Catalogue, Content, indexed
from renkei.standard.draft import read_draft
from renkei.standard.errors import CatalogueFaulty, CompiledDamaged
from renkei.standard.findings import Finding

FORMAT = "renkei-catalogue-1"


class Compiled(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The file a release carries: its format, its version, the content's own bytes."""

    format: str
    version: str
    content: msgspec.Raw


def check_catalogue(folder: Traversable) -> tuple[Finding, ...]:
    """Return everything that is wrong in a catalogue folder, in the order of the places."""
    return _checked(folder)[1]


def compile_catalogue(folder: Traversable) -> bytes:
    """Check a catalogue folder and return it as msgpack; raise all its findings at once."""
    content, findings = _checked(folder)
    if content is None or findings:
        raise CatalogueFaulty(findings)
    data = msgspec.msgpack.encode(content)
    version = hashlib.sha256(data).hexdigest()
    return msgspec.msgpack.encode(Compiled(FORMAT, version, msgspec.Raw(data)))


def read_compiled(data: bytes) -> Catalogue:
    """Read what `compile_catalogue` wrote, after checking that the bytes fit their version."""
    try:
        compiled = msgspec.msgpack.decode(data, type=Compiled)
        if compiled.format != FORMAT:
            raise CompiledDamaged(reason=f"its format is not {FORMAT}")
        if hashlib.sha256(compiled.content).hexdigest() != compiled.version:
            raise CompiledDamaged(reason="its content does not fit its version")
        content = msgspec.msgpack.decode(compiled.content, type=Content)
    except msgspec.DecodeError as error:
        raise CompiledDamaged(reason="it is not a compiled catalogue") from error
    return indexed(content, compiled.version)


@cache
def catalogue() -> Catalogue:
    """Return the standard this program ships, compiled once a process.

    >>> catalogue().entity("resident").item("name").ja
    '氏名'
    """
    return read_compiled(compile_catalogue(files("renkei.standard") / "catalogue"))


def _checked(folder: Traversable) -> tuple[Content | None, tuple[Finding, ...]]:
    draft = read_draft(folder)
    check(draft)
    findings = sorted(draft.findings, key=lambda finding: finding.place)
    return draft.content(), tuple(findings)
