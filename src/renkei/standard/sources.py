"""Reading the catalogue's YAML and TSV files without losing the line of anything.

Every YAML scalar stays text, so a number such as `06` keeps its zero; only `true`, `false` and an
empty value are more than text.
"""

import re
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

LARGEST_FILE = 8 * 1024 * 1024  # bytes; the largest file of the shipped catalogue has a tenth
DEEPEST = 24  # levels of a YAML file; the format needs 6
# Texts that could be nested deeper than that: they are counted before they are composed.
MAYBE_DEEP = re.compile(rf"^[-?:\s]{{{DEEPEST}}}", re.MULTILINE)


@dataclass(slots=True)
class Document:
    """One YAML file: its value and the line of each part, by the path to it.

    `unread` tells that the file is missing or no YAML, which is a finding already.
    """

    file: str
    value: Plain = None
    unread: bool = False
    lines: dict[Path, int] = field(default_factory=dict)

    @classmethod
    def line(cls, place: Place) -> "Document":
        """Return a document that is one line of a table."""
        return cls(place.file, lines={(): place.line})

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


@dataclass(frozen=True, slots=True)
class Layer:
    """The folder of the model, or of an overlay; only an overlay has a name."""

    name: str
    folder: Traversable

    def has(self, file: str) -> bool:
        """Tell whether there is such a file."""
        return (self.folder / file).is_file()

    def names(self, part: str, suffix: str) -> list[str]:
        """Return the files of a part of the folder with a suffix, by name."""
        folder = self.folder / part
        found = [entry.name for entry in folder.iterdir()] if folder.is_dir() else []
        return [f"{part}/{name}" for name in sorted(found) if name.endswith(suffix)]

    def yaml(self, file: str, findings: list[Finding]) -> Document:
        """Read one YAML file; what cannot be read becomes a finding and an empty document."""
        text = self._text(file, findings)
        return _read_yaml(self._said(file), text, findings)

    def tsv(self, file: str, columns: tuple[str, ...], findings: list[Finding]) -> list[Row]:
        """Read one TSV file whose header must be exactly these columns; `#` starts a comment."""
        text = self._text(file, findings)
        return [] if text is None else _read_tsv(self._said(file), text, columns, findings)

    def _said(self, file: str) -> str:
        return f"{self.name}/{file}" if self.name else file

    def _text(self, file: str, findings: list[Finding]) -> str | None:
        return _text(self.folder / file, self._said(file), findings)


def _read_yaml(file: str, text: str | None, findings: list[Finding]) -> Document:
    document = Document(file)
    if text is None:
        document.unread = True
        return document
    try:
        node = _compose(text)
    except yaml.YAMLError as error:
        mark = error.problem_mark if isinstance(error, yaml.MarkedYAMLError) else None
        reason = error.problem if isinstance(error, yaml.MarkedYAMLError) else str(error)
        place = Place(file, mark.line + 1 if mark else 1)
        findings.append(Finding("catalogue-yaml-broken", place, facts={"reason": reason or "-"}))
        document.unread = True
        return document
    document.value = None if node is None else _Reader(document, findings).plain(node, ())
    return document


def _read_tsv(file: str, text: str, columns: tuple[str, ...], findings: list[Finding]) -> list[Row]:
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


def _text(path: Traversable, file: str, findings: list[Finding]) -> str | None:
    try:
        with path.open("rb") as opened:
            data = opened.read(LARGEST_FILE + 1)
    except OSError:
        findings.append(Finding("catalogue-file-missing", Place(file, 1)))
        return None
    if len(data) > LARGEST_FILE:
        facts: dict[str, str | int] = {"limit": LARGEST_FILE // 1024 // 1024}
        findings.append(Finding("catalogue-file-too-large", Place(file, 1), facts=facts))
        return None
    try:
        # Spreadsheets write a byte order mark and CR LF; neither changes what a file says.
        return data.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        findings.append(Finding("catalogue-file-not-utf-8", Place(file, line)))
    return None


def _compose(text: str) -> yaml.Node | None:
    """Return the tree of a text, after a look whether it is too deep to be composed safely."""
    if (text.count("[") + text.count("{") and _brackets(text) > DEEPEST) or MAYBE_DEEP.search(text):
        depth = 0
        for event in yaml.parse(text, yaml.CSafeLoader):
            if isinstance(event, yaml.CollectionStartEvent):
                depth += 1
            elif isinstance(event, yaml.CollectionEndEvent):
                depth -= 1
            if depth > DEEPEST:
                reason = f"nested deeper than {DEEPEST} levels"
                raise yaml.YAMLError(reason)
    return yaml.compose(text, yaml.CSafeLoader)


def _brackets(text: str) -> int:
    """Return how deep the brackets of a text go at most, those in quotes counted too."""
    depth = deepest = 0
    for bracket in re.findall(r"[\[\]{}]", text):
        depth += 1 if bracket in "[{" else -1
        deepest = max(deepest, depth)
    return deepest


@dataclass(slots=True)
class _Reader:
    """Turns the tree of a YAML text into plain values; notes lines and what is wrong."""

    document: Document
    findings: list[Finding]
    seen: set[int] = field(default_factory=set)

    def plain(self, node: yaml.Node, path: Path) -> Plain:
        document = self.document
        document.lines[path] = node.start_mark.line + 1
        match node:
            case yaml.ScalarNode(tag=tag, value=text):
                return {BOOL: text.lower() in {"true", "yes", "on"}, NULL: None}.get(tag, str(text))
            case yaml.CollectionNode() if id(node) in self.seen:
                # An alias could make the tree endless, so none is followed.
                self._find("catalogue-alias-used", node)
                return None
            case yaml.SequenceNode(value=parts):
                self.seen.add(id(node))
                return [self.plain(part, (*path, n)) for n, part in enumerate(parts)]
            case yaml.MappingNode(value=pairs):
                self.seen.add(id(node))
                value: dict[str, Plain] = {}
                for key, part in pairs:
                    name = str(key.value)
                    if name in value:
                        self._find("catalogue-key-repeated", key, field=name)
                    value[name] = self.plain(part, (*path, name))
                    document.lines[*path, name] = key.start_mark.line + 1
                return value
        return None

    def _find(self, code: str, node: yaml.Node, **facts: str | int) -> None:
        place = Place(self.document.file, node.start_mark.line + 1)
        self.findings.append(Finding(code, place, facts=facts))
