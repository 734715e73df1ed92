"""Compiling a catalogue folder to one checked byte string, and reading it back.

The version is the SHA-256 of the content's bytes: structs in the order of their fields, without
any map whose order could vary, so two machines compile one folder to one version.
"""

import hashlib
import os
import tempfile
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

import msgspec

from renkei import kit
from renkei.standard.checks import check
from renkei.standard.content import Catalogue, Content
from renkei.standard.draft import Draft
from renkei.standard.errors import CatalogueFaulty, CompiledDamaged
from renkei.standard.findings import Finding
from renkei.standard.reading import read_draft

FORMAT = "renkei-catalogue-3"
SHIPPED = "catalogue"


class Compiled(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The file a release carries: its format, its version, the content's own bytes."""

    format: str
    version: str
    content: msgspec.Raw


def shipped_folder() -> Traversable:
    """Return the folder of the standard this program ships."""
    return files("renkei.standard") / SHIPPED


def check_catalogue(
    folder: Traversable, overlays: Sequence[Traversable] = ()
) -> tuple[Finding, ...]:
    """Return everything that is wrong in a catalogue folder, in the order of the places."""
    return _findings(_checked(folder, overlays))


def compile_catalogue(folder: Traversable, overlays: Sequence[Traversable] = ()) -> bytes:
    """Check a catalogue folder and return it as msgpack; raise all its findings at once."""
    draft = _checked(folder, overlays)
    content, findings = draft.content(), _findings(draft)
    if content is None or findings:
        raise CatalogueFaulty(findings)
    data = msgspec.msgpack.encode(content)
    version = hashlib.sha256(data).hexdigest()
    return msgspec.msgpack.encode(Compiled(FORMAT, version, msgspec.Raw(data)))


def read_compiled(data: bytes) -> Catalogue:
    """Read what `compile_catalogue` wrote, after checking that the bytes fit their version."""
    try:
        compiled = kit.read_msgpack(data, Compiled)
        if compiled.format != FORMAT:
            raise CompiledDamaged(reason=f"its format is not {FORMAT}")
        if hashlib.sha256(compiled.content).hexdigest() != compiled.version:
            raise CompiledDamaged(reason="its content does not fit its version")
        content = kit.read_msgpack(compiled.content, Content)
    except msgspec.DecodeError as error:
        raise CompiledDamaged(reason="it is not a compiled catalogue") from error
    return Catalogue(compiled.version, content)


@cache
def catalogue() -> Catalogue:
    """Return the standard this program ships.

    It is compiled when a file of it, or of this room, has changed; what was compiled is kept as
    Python keeps its bytecode, in a folder beside the sources, if that can be written.

    >>> catalogue().entity("resident").item("name").ja
    '氏名'
    """
    kept = _kept_file()
    if kept is not None:
        try:
            return read_compiled(kept.read_bytes())
        except (OSError, CompiledDamaged):
            pass
    data = compile_catalogue(shipped_folder())
    if kept is not None:
        _keep(kept, data)
    return read_compiled(data)


def _checked(folder: Traversable, overlays: Sequence[Traversable]) -> Draft:
    draft = read_draft(folder, overlays)
    check(draft)
    return draft


def _findings(draft: Draft) -> tuple[Finding, ...]:
    return tuple(sorted(draft.findings, key=lambda finding: finding.place))


def _kept_file() -> Path | None:
    """Name the compiled file after everything it is made from; None where nothing is on disk."""
    room = Path(__file__).parent
    if not (room / SHIPPED).is_dir():
        return None
    digest = hashlib.sha256()
    sources = [*room.glob("*.py"), *(room / SHIPPED).rglob("*.[ty]*")]
    for path in sorted(sources):
        digest.update(path.relative_to(room).as_posix().encode() + b"\0")
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return room / "__pycache__" / f"catalogue-{digest.hexdigest()[:32]}.msgpack"


def _keep(file: Path, data: bytes) -> None:
    try:
        file.parent.mkdir(exist_ok=True)
        for old in file.parent.glob("catalogue-*.msgpack"):
            old.unlink(missing_ok=True)
        with tempfile.NamedTemporaryFile(dir=file.parent, delete=False) as opened:
            opened.write(data)
        Path(opened.name).chmod(0o644)
        os.replace(opened.name, file)  # noqa: PTH105  # whole or not at all
    except OSError:
        return  # a place that cannot be written costs time, nothing else
