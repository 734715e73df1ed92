"""Opening a model with what it imports: each namespace once, circles refused."""

from collections.abc import Iterable, Mapping
from pathlib import Path

from renkei.process import feel
from renkei.process.decisions.errors import (
    ModelImportCircle,
    ModelImportMissing,
    ModelTooDeep,
    ModelTooLarge,
    ModelUnreadable,
)
from renkei.process.decisions.findings import Finding
from renkei.process.decisions.model import Definitions
from renkei.process.decisions.models import Model
from renkei.process.decisions.reading import read_definitions
from renkei.process.decisions.xml import BYTES

IMPORT_DEPTH = 20
MODELS = 200
"""Files of a folder that are looked at for an import."""


def open_model(
    data: bytes,
    file: str,
    others: Mapping[str, bytes] | None = None,
    *,
    library: feel.Library = feel.CONFORMANCE,
) -> Model:
    """Return a model ready to be asked; `others` are the files, by name, that it may import."""
    definitions, found = read_definitions(data, file)
    if not definitions.imports:
        return Model(definitions, {}, found=found, library=library)
    read = (read_definitions(given, name) for name, given in (others or {}).items())
    return Linking([(definitions, found), *read], library).model(definitions.namespace)


def open_file(path: Path, *, library: feel.Library = feel.CONFORMANCE) -> Model:
    """Return the model of a file; what it imports is looked for in the same folder."""
    data = _bytes(path)
    definitions, _ = read_definitions(data, path.name)
    if not definitions.imports:
        return open_model(data, path.name, library=library)
    beside = sorted(one for one in path.parent.glob("*.dmn") if one != path)[:MODELS]
    return open_model(data, path.name, {p.name: _bytes(p) for p in beside}, library=library)


def _bytes(path: Path) -> bytes:
    try:
        size = path.stat().st_size
        if size > BYTES:
            raise ModelTooLarge(file=path.name, found=f"{size} bytes", most=f"{BYTES} bytes")
        return path.read_bytes()
    except OSError as error:
        raise ModelUnreadable(file=str(path), reason=error.strerror or "") from error


class Linking:
    """Models being linked, by namespace; the first file of a namespace is it."""

    def __init__(
        self,
        read: Iterable[tuple[Definitions, tuple[Finding, ...]]],
        library: feel.Library,
    ) -> None:
        """Take what was read of each file."""
        self._read: dict[str, tuple[Definitions, tuple[Finding, ...]]] = {}
        for definitions, found in read:
            self._read.setdefault(definitions.namespace, (definitions, found))
        self._library = library
        self._made: dict[str, Model] = {}

    def model(self, namespace: str, path: tuple[str, ...] = ()) -> Model:
        """Return the model of a namespace, its imports linked before it."""
        if namespace in self._made:
            return self._made[namespace]
        definitions, found = self._read[namespace]
        way = (*path, definitions.place.file)
        if len(path) > IMPORT_DEPTH:
            raise ModelTooDeep(file=definitions.place.file, line=1, most=IMPORT_DEPTH)
        if definitions.place.file in path:
            raise ModelImportCircle(files=" > ".join(way))
        imported = {}
        for one in definitions.imports:
            if one.namespace not in self._read:
                place = one.place
                raise ModelImportMissing(file=place.file, line=place.line, namespace=one.namespace)
            imported[one.name] = self.model(one.namespace, way)
        made = Model(definitions, imported, found=found, library=self._library)
        self._made[namespace] = made
        return made
