"""Reading the catalogue's YAML and TSV files without losing the line of anything.

Every YAML scalar stays text, so a number such as `06` keeps its zero; only `true`, `false` and an
empty value are more than text.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib.resources.abc import Traversable
from typing import TypeAlias

import yaml

from renkei.standard.findings import Finding, Place

Plain: TypeAlias = "str | bool | list[Plain] | dict[str, Plain] | None"
Path = tuple[str | int, ...]

BOOL = "tag:yaml.org,2002:bool"
NULL = "tag:yaml.org,2002:null"


@dataclass(slots=True)
class Document:
    """One YAML file: its value and the line of each part, by the path to it."""

    file: str
    value: Plain = None
    lines: dict[Path, int] = field(default_factory=dict)

    def place(self, path: Path = ()) -> Place:
        """Return the line of a part, or of the nearest part around it."""
        while path and path not in self.lines:
            path = path[:-1]
        return Place(self.file, self.lines.get(path, 1))

    def part(self, name: str) -> Plain:
        """Return a member of the outermost mapping; None where there is none."""
        return self.value.get(name) if isinstance(self.value, dict) else None

    def rows(self, name: str = "") -> Iterator[tuple[Path, dict[str, Plain]]]:
        """Give the mappings of a list and their paths; without a name, of the outermost list.

        What is no mapping is given as an empty one, whose missing members are then findings.
        """
        path: Path = (name,) if name else ()
        listed = self.part(name) if name else self.value
        if listed is None:
            return
        rows = listed if isinstance(listed, list) else [listed]
        for number, row in enumerate(rows):
            yield (*path, number), row if isinstance(row, dict) else {}


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a TSV file, its cells by column."""

    place: Place
    cells: dict[str, str]


def read_yaml(folder: Traversable, file: str, findings: list[Finding]) -> Document:
    """Read one YAML file; what cannot be read becomes a finding and an empty document."""
    document = Document(file)
    text = _text(folder, file, findings)
    if text is None:
        return document
    try:
        node = _compose(text)
    except yaml.YAMLError as error:
        mark = error.problem_mark if isinstance(error, yaml.MarkedYAMLError) else None
        reason = error.problem if isinstance(error, yaml.MarkedYAMLError) else str(error)
        place = Place(file, mark.line + 1 if mark else 1)
        findings.append(Finding("catalogue-yaml-broken", place, facts={"reason": reason or "-"}))
        return document
    document.value = None if node is None else _plain(node, (), document, findings)
    return document


def read_tsv(
    folder: Traversable, file: str, columns: tuple[str, ...], findings: list[Finding]
) -> list[Row]:
    """Read one TSV file whose header must be exactly these columns; `#` starts a comment."""
    text = _text(folder, file, findings)
    if text is None:
        return []
    lines = [
        (Place(file, number), line.split("\t"))
        for number, line in enumerate(text.split("\n"), 1)
        if line and not line.startswith("#")
    ]
    wanted = " ".join(columns)
    if not lines or tuple(lines[0][1]) != columns:
        place = lines[0][0] if lines else Place(file, 1)
        findings.append(Finding("catalogue-columns-wrong", place, facts={"wanted": wanted}))
        return []
    rows = []
    for place, cells in lines[1:]:
        if len(cells) == len(columns):
            rows.append(Row(place, dict(zip(columns, cells, strict=True))))
        else:
            counts: dict[str, str | int] = {"wanted": len(columns), "found": len(cells)}
            findings.append(Finding("catalogue-cells-wrong", place, facts=counts))
    return rows


def _text(folder: Traversable, file: str, findings: list[Finding]) -> str | None:
    try:
        # Spreadsheets write a byte order mark and CR LF; neither changes what a file says.
        return (folder / file).read_bytes().decode("utf-8-sig").replace("\r\n", "\n")
    except OSError:
        findings.append(Finding("catalogue-file-missing", Place(file, 1)))
    except UnicodeDecodeError:
        findings.append(Finding("catalogue-file-not-utf-8", Place(file, 1)))
    return None


def _compose(text: str) -> yaml.Node | None:
    """Return the tree of a text; an alias could make it endless, so none is accepted."""
    for event in yaml.parse(text, yaml.CSafeLoader):
        if isinstance(event, yaml.AliasEvent):
            raise yaml.YAMLError("aliases are not used here")
    return yaml.compose(text, yaml.CSafeLoader)


def _plain(node: yaml.Node, path: Path, document: Document, findings: list[Finding]) -> Plain:
    document.lines[path] = node.start_mark.line + 1
    match node:
        case yaml.ScalarNode(tag=tag, value=text):
            return {BOOL: text.lower() in {"true", "yes", "on"}, NULL: None}.get(tag, str(text))
        case yaml.SequenceNode(value=parts):
            return [_plain(part, (*path, n), document, findings) for n, part in enumerate(parts)]
        case yaml.MappingNode(value=pairs):
            value: dict[str, Plain] = {}
            for key, part in pairs:
                name = str(key.value)
                if name in value:
                    place = Place(document.file, key.start_mark.line + 1)
                    findings.append(Finding("catalogue-key-repeated", place, facts={"field": name}))
                value[name] = _plain(part, (*path, name), document, findings)
                document.lines[*path, name] = key.start_mark.line + 1
            return value
    return None
