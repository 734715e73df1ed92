"""What the catalogue's files say, before anybody has checked it as a whole.

A definition that does not fit its struct becomes a finding; its name stays known, so that a
reference to it is not reported as a second defect.
"""

import re
from dataclasses import dataclass, field
from importlib.resources.abc import Traversable
from typing import TypeVar

import msgspec

from renkei.standard.content import Content
from renkei.standard.findings import Finding, Place
from renkei.standard.model import (
    CodeList,
    CodeValue,
    Definition,
    Entity,
    Function,
    Interface,
    Item,
    ItemType,
    Procedure,
    Unit,
)
from renkei.standard.sources import Document, Path, Plain, Row, read_tsv, read_yaml

D = TypeVar("D", bound=Definition)

ITEM_COLUMNS = Item.__struct_fields__
VALUE_COLUMNS = ("list", *CodeValue.__struct_fields__)
UNIT_PARTS = frozenset({"unit", "functions", "entities", "interfaces", "procedures"})


class Head(Definition, frozen=True, kw_only=True):
    """The head of the whole model: its name and its edition."""

    id: str
    edition: str
    ja: str
    en: str


@dataclass(slots=True)
class Draft:
    """The definitions read so far, the place of each name, and what was found wrong."""

    findings: list[Finding] = field(default_factory=list)
    places: dict[tuple[str, str], Place] = field(default_factory=dict)
    head: Head | None = None
    units: list[Unit] = field(default_factory=list)
    entities: list[Entity] = field(default_factory=list)
    code_lists: list[CodeList] = field(default_factory=list)
    interfaces: list[Interface] = field(default_factory=list)
    procedures: list[Procedure] = field(default_factory=list)

    def content(self) -> Content | None:
        """Return the content to compile; None where even the head is missing."""
        if self.head is None:
            return None
        return Content(
            id=self.head.id,
            edition=self.head.edition,
            ja=self.head.ja,
            en=self.head.en,
            units=tuple(self.units),
            entities=tuple(self.entities),
            code_lists=tuple(self.code_lists),
            interfaces=tuple(self.interfaces),
            procedures=tuple(self.procedures),
        )

    def find(self, code: str, kind: str, name: str, **facts: str | int) -> None:
        """Note a finding at the place where a definition stands."""
        place = self.places.get((kind, name), Place("standard.yaml", 1))
        self.findings.append(Finding(code, place, kind, {"name": name, **facts}))

    def knows(self, kind: str, name: str) -> bool:
        """Tell whether the files define a name, well formed or not."""
        return (kind, name) in self.places

    def add_name(self, kind: str, name: str, place: Place) -> None:
        """Note where a name is defined; a second definition of it is a finding."""
        first = self.places.setdefault((kind, name), place)
        if first is not place:
            facts: dict[str, str | int] = {"name": name, "first": str(first)}
            self.findings.append(Finding("catalogue-name-repeated", place, kind, facts))

    def shape(
        self, model: type[D], raw: object, kind: str, document: Document, at: Path
    ) -> D | None:
        """Turn plain data into a definition, or note why it is none."""
        try:
            return msgspec.convert(raw, model)
        except msgspec.ValidationError as error:
            inner, code, facts = _reason(str(error))
            place = document.place((*at, *inner))
            self.findings.append(Finding(code, place, kind, facts))
            return None


def read_draft(folder: Traversable) -> Draft:
    """Read every file of a catalogue folder, in the order of the file names."""
    draft = Draft()
    head = read_yaml(folder, "standard.yaml", draft.findings)
    draft.head = draft.shape(Head, head.value, "definition", head, ())
    _read_code_lists(folder, draft)
    units = folder / "units"
    names = sorted(entry.name for entry in units.iterdir()) if units.is_dir() else []
    names = [name for name in names if name.endswith(".yaml")]
    for name in names:
        _read_unit(folder, read_yaml(folder, f"units/{name}", draft.findings), draft)
    if not names:
        draft.findings.append(Finding("catalogue-file-missing", Place("units", 1)))
    return draft


def _read_code_lists(folder: Traversable, draft: Draft) -> None:
    values: dict[str, list[CodeValue]] = {}
    rows = read_tsv(folder, "code_lists.tsv", VALUE_COLUMNS, draft.findings)
    heads = read_yaml(folder, "code_lists.yaml", draft.findings)
    for path, raw in heads.rows():
        draft.add_name("code_list", str(raw.get("id")), heads.place(path))
    for row in rows:
        owner = row.cells["list"]
        name = f"{owner}/{row.cells['value']}"
        draft.add_name("code_value", name, row.place)
        if not draft.knows("code_list", owner):
            draft.find("catalogue-reference-unknown", "code_value", name, wanted=owner)
        raw_value: dict[str, Plain] = {**row.cells, "until": row.cells["until"] or None}
        del raw_value["list"]
        value = draft.shape(CodeValue, raw_value, "code_value", _line(row), ())
        if value:
            values.setdefault(owner, []).append(value)
    for path, raw in heads.rows():
        mine = tuple(values.get(str(raw.get("id")), ()))
        codes = draft.shape(CodeList, {**raw, "values": mine}, "code_list", heads, path)
        if codes:
            draft.code_lists.append(codes)


def _read_unit(folder: Traversable, document: Document, draft: Draft) -> None:
    members = document.value if isinstance(document.value, dict) else {}
    for name in members:
        if name not in UNIT_PARTS:
            facts: dict[str, str | int] = {"field": name}
            place = document.place((name,))
            draft.findings.append(Finding("catalogue-field-unknown", place, "unit", facts))
    head = document.part("unit")
    head = head if isinstance(head, dict) else {}
    number = str(head.get("id"))
    draft.add_name("unit", number, document.place(("unit",)))
    functions = []
    for path, raw in document.rows("functions"):
        draft.add_name("function", f"{number}/{raw.get('id')}", document.place(path))
        function = draft.shape(Function, raw, "function", document, path)
        functions.extend([function] if function else [])
    unit = draft.shape(Unit, {**head, "functions": tuple(functions)}, "unit", document, ("unit",))
    if unit:
        draft.units.append(unit)
    for path, raw in document.rows("entities"):
        name = str(raw.get("name"))
        draft.add_name("entity", name, document.place(path))
        items = _read_items(folder, name, draft) if "name" in raw else ()
        entity = draft.shape(
            Entity, {**raw, "unit": number, "items": items}, "entity", document, path
        )
        if entity:
            draft.entities.append(entity)
    for path, raw in document.rows("interfaces"):
        draft.add_name("interface", f"{number}/{raw.get('service')}", document.place(path))
        interface = draft.shape(Interface, {**raw, "unit": number}, "interface", document, path)
        if interface:
            draft.interfaces.append(interface)
    for path, raw in document.rows("procedures"):
        draft.add_name("procedure", str(raw.get("code")), document.place(path))
        procedure = draft.shape(Procedure, {**raw, "unit": number}, "procedure", document, path)
        if procedure:
            draft.procedures.append(procedure)


def _read_items(folder: Traversable, entity: str, draft: Draft) -> tuple[Item, ...]:
    items = []
    for row in read_tsv(folder, f"items/{entity}.tsv", ITEM_COLUMNS, draft.findings):
        cells = row.cells
        draft.add_name("item", f"{entity}.{cells['name']}", row.place)
        draft.add_name("item_id", cells["id"], row.place)
        draft.add_name("column", f"{entity}.csv {cells['ja']}", row.place)
        raw: dict[str, object] = {
            **cells,
            "digits": _count(cells["digits"]),
            "required": _answer(cells["required"]),
            "code_list": cells["code_list"] or None,
            "external_characters": _answer(cells["external_characters"]),
        }
        item = draft.shape(Item, raw, "item", _line(row), ())
        if item:
            items.append(item)
    return tuple(items)


def _count(cell: str) -> int | str | None:
    """Read a whole number; what is none stays text, so that its shape is a finding."""
    return int(cell) if re.fullmatch("[0-9]{1,4}", cell) else cell or None


def _answer(cell: str) -> bool | str:
    """Read `yes` or `no`; what is neither stays text, so that its shape is a finding."""
    return {"yes": True, "no": False}.get(cell, cell)


def _line(row: Row) -> Document:
    return Document(row.place.file, lines={(): row.place.line})


def _reason(message: str) -> tuple[Path, str, dict[str, str | int]]:
    """Read where and why from msgspec's sentence, e.g. `Expected ... - at `$.items[0].type``."""
    said, _, at = message.partition(" - at `$")
    path: Path = tuple(
        int(number) if number else name
        for name, number in re.findall(r"\.?([A-Za-z_]+)|\[(\d+)\]", at.rstrip("`"))
    )
    missing = re.fullmatch(r"Object missing required field `(\w+)`", said)
    unknown = re.fullmatch(r"Object contains unknown field `(\w+)`", said)
    where = str(path[-1]) if path else "-"
    if "provenance" in (where, missing and missing[1]):
        return path, "catalogue-provenance-missing", {}
    if missing:
        return path, "catalogue-field-missing", {"field": missing[1]}
    if unknown:
        return (*path, unknown[1]), "catalogue-field-unknown", {"field": unknown[1]}
    if where == "type":
        return path, "catalogue-type-unknown", {"found": said, "known": " ".join(ItemType)}
    return path, "catalogue-value-malformed", {"field": where, "reason": said}
