"""Reading a catalogue folder, and the folders of overlays laid upon it, into a draft.

An overlay has the same files; it adds definitions and narrows items and code values of the model
below (`narrowing`). The findings of an overlay name its folder before the file.
"""

from collections.abc import Iterator, Sequence
from datetime import date
from importlib.resources.abc import Traversable

from renkei.standard.content import Edition
from renkei.standard.draft import D, Draft
from renkei.standard.findings import Finding, Place
from renkei.standard.linkage import (
    Fault,
    Flow,
    Interface,
    OwnUse,
    Party,
    Procedure,
    Provision,
)
from renkei.standard.model import (
    CodeList,
    CodeMapping,
    CodePair,
    CodeValue,
    Entity,
    Function,
    Item,
    Term,
    Unit,
)
from renkei.standard.narrowing import narrowed_item, narrowed_value
from renkei.standard.row_rules import Rule
from renkei.standard.sources import Document, Layer, Path, Plain, Row

ITEM_COLUMNS = ("entity", *(name for name in Item.__struct_fields__ if name != "decimals"))
VALUE_COLUMNS = ("list", *CodeValue.__struct_fields__)
PAIR_COLUMNS = ("mapping", *CodePair.__struct_fields__)
UNIT_PARTS = frozenset(
    ["unit", "extends", "functions", "code_lists", "entities", "rules", "interfaces", "procedures"]
)
COMMON_PARTS = frozenset({"code_lists", "code_mappings", "parties"})
COMMON = "common"

LAST_SERIAL_OF_MODEL = 900  # of an item id; an overlay begins behind it

RawItem = dict[str, object]


class Reading:
    """One reading: the draft, and the parts that are put together when every file was read."""

    def __init__(self) -> None:
        """Begin with nothing read."""
        self.draft = Draft()
        self._functions: dict[str, list[Function]] = {}
        self._heads: list[tuple[Document, Path, dict[str, Plain]]] = []
        self._lists: list[tuple[Document, Path, dict[str, Plain]]] = []
        self._mappings: list[tuple[Document, Path, dict[str, Plain]]] = []
        self._entities: list[tuple[Document, Path, dict[str, Plain]]] = []
        self._items: dict[str, dict[str, tuple[RawItem, Place]]] = {}
        self._values: dict[str, dict[tuple[str, str], CodeValue]] = {}
        self._pairs: dict[str, list[CodePair]] = {}

    def read(self, layer: Layer) -> None:
        """Read every file of one layer, in the order of the file names."""
        draft = self.draft
        head = layer.yaml("overlay.yaml" if layer.name else "standard.yaml", draft.findings)
        edition = None if head.unread else draft.shape(Edition, head.value, "definition", head)
        if not layer.name:
            draft.edition = edition
        elif edition:
            self._join(layer, edition, head)
        if not layer.name or layer.has("common.yaml"):
            self._read_common(layer)
        self._read_tables(layer)
        units = layer.names("units", ".yaml")
        for name in units:
            self._read_unit(layer.yaml(name, draft.findings))
        if not units and not layer.name:
            draft.findings.append(Finding("catalogue-file-missing", Place("units", 1)))
        for name in layer.names("items", ".tsv"):
            for row in layer.tsv(name, ITEM_COLUMNS, draft.findings):
                self._read_item(row, overlay=bool(layer.name))
        for name in layer.names("code_lists", ".tsv"):
            for row in layer.tsv(name, VALUE_COLUMNS, draft.findings):
                self._read_value(row, overlay=bool(layer.name))

    def finish(self) -> Draft:
        """Put the parts together and return the draft."""
        draft = self.draft
        units = {}
        for document, path, raw in self._heads:
            number = str(raw.get("id"))
            whole: dict[str, object] = {**raw, "functions": tuple(self._functions.get(number, ()))}
            if unit := draft.shape(Unit, whole, "unit", document, path):
                units[number] = unit
        draft.units = sorted(units.values(), key=lambda unit: unit.id)
        for document, path, raw in self._lists:
            values = tuple(self._values.get(str(raw.get("id")), {}).values())
            whole = {**raw, "values": values}
            if codes := draft.shape(CodeList, whole, "code_list", document, path):
                draft.code_lists.append(codes)
        for document, path, raw in self._mappings:
            pairs = tuple(self._pairs.get(str(raw.get("id")), ()))
            whole = {**raw, "pairs": pairs}
            if mapping := draft.shape(CodeMapping, whole, "code_mapping", document, path):
                draft.code_mappings.append(mapping)
        for document, path, raw in self._entities:
            self._finish_entity(document, path, raw, units)
        draft.entities.sort(key=lambda entity: entity.unit)
        draft.interfaces.sort(key=lambda interface: interface.unit)
        draft.procedures.sort(key=lambda procedure: procedure.unit)
        return draft

    def _join(self, layer: Layer, edition: Edition, head: Document) -> None:
        base = self.draft.edition
        if base is not None and edition.extends != base.id:
            facts: dict[str, str | int] = {"found": edition.extends or "-", "wanted": base.id}
            place = head.place(("extends",))
            self.draft.findings.append(Finding("catalogue-overlay-stranger", place, facts=facts))
        self.draft.overlays.append(edition)

    def _read_common(self, layer: Layer) -> None:
        draft = self.draft
        document = layer.yaml("common.yaml", draft.findings)
        self._check_parts(document, COMMON_PARTS, "definition")
        for path, raw in document.rows("code_lists"):
            draft.add_name("code_list", str(raw.get("id")), document.place(path))
            self._lists.append((document, path, {**raw, "group": COMMON}))
        for path, raw in document.rows("code_mappings"):
            draft.add_name("code_mapping", str(raw.get("id")), document.place(path))
            self._mappings.append((document, path, raw))
        for path, raw in document.rows("parties"):
            name = ("party", str(raw.get("id")))
            self._add_part(Party, name, document, path, raw, draft.parties)

    def _read_tables(self, layer: Layer) -> None:
        draft = self.draft
        for row in self._rows(layer, "code_mappings.tsv", PAIR_COLUMNS):
            self._read_pair(row)
        for row in self._rows(layer, "flows.tsv", Flow.__struct_fields__):
            cells = [cell.split(">") for cell in row.cells["cells"].split()]
            raw = _plain(row, cells=cells, timings=row.cells["timings"].split())
            self._add(Flow, "flow", row.cells["number"], raw, row, draft.flows)
        for row in self._rows(layer, "faults.tsv", Fault.__struct_fields__):
            raw = _plain(row, timings=row.cells["timings"].split())
            self._add(Fault, "fault", row.cells["id"], raw, row, draft.faults)
        for row in self._rows(layer, "provisions.tsv", Provision.__struct_fields__):
            raw = provision_fields(row)
            self._add(Provision, "provision", row.cells["row"], raw, row, draft.provisions)
        for row in self._rows(layer, "own_use.tsv", OwnUse.__struct_fields__):
            name = " ".join(row.cells[part] for part in ("organisation", "procedure", "since"))
            self._add(OwnUse, "own_use", name, own_use_fields(row), row, draft.own_uses)
        for row in self._rows(layer, "vocabulary.tsv", Term.__struct_fields__):
            name = " ".join(row.cells[part] for part in ("definition", "scheme", "term"))
            self._add(Term, "term", name, _plain(row), row, draft.terms)

    def _add(
        self,
        model: type[D],
        kind: str,
        name: str,
        raw: dict[str, object],
        row: Row,
        known: list[D],
    ) -> None:
        self.draft.add_name(kind, name, row.place)
        if definition := self.draft.shape(model, raw, kind, Document.line(row.place)):
            known.append(definition)

    def _read_pair(self, row: Row) -> None:
        draft = self.draft
        raw = _plain(row, maps_to=row.cells["maps_to"] or None)
        owner = str(raw.pop("mapping"))
        name = f"{owner}/{row.cells['value']}"
        if not draft.knows("code_mapping", owner):
            draft.add_name("code_pair", name, row.place)
            draft.find("catalogue-reference-unknown", "code_pair", name, wanted=owner)
            return
        self._add(CodePair, "code_pair", name, raw, row, self._pairs.setdefault(owner, []))

    def _rows(self, layer: Layer, file: str, columns: tuple[str, ...]) -> Sequence[Row]:
        if layer.name and not layer.has(file):
            return ()
        return layer.tsv(file, columns, self.draft.findings)

    def _read_unit(self, document: Document) -> None:
        draft = self.draft
        if document.unread:
            # Its number is known by the file's name, so that nobody is told it does not exist.
            number = document.file.rpartition("/")[2].partition("-")[0].removesuffix(".yaml")
            draft.add_name("unit", number, document.place())
            return
        self._check_parts(document, UNIT_PARTS, "unit")
        number = self._read_head(document)
        for path, raw in document.rows("functions"):
            draft.add_name("function", f"{number}/{raw.get('id')}", document.place(path))
            if function := draft.shape(Function, raw, "function", document, path):
                self._functions.setdefault(number, []).append(function)
        for path, raw in document.rows("code_lists"):
            draft.add_name("code_list", str(raw.get("id")), document.place(path))
            self._lists.append((document, path, {**raw, "group": number}))
        for path, raw in document.rows("entities"):
            draft.add_name("entity", str(raw.get("name")), document.place(path))
            self._entities.append((document, path, {**raw, "unit": number}))
        for path, raw in document.rows("rules"):
            self._add_part(Rule, ("rule", str(raw.get("id"))), document, path, raw, draft.rules)
        for path, raw in document.rows("interfaces"):
            name = ("interface", f"{number}/{raw.get('service')}")
            whole = {**raw, "unit": number}
            self._add_part(Interface, name, document, path, whole, draft.interfaces)
        for path, raw in document.rows("procedures"):
            name = ("procedure", str(raw.get("code")))
            whole = {**raw, "unit": number}
            self._add_part(Procedure, name, document, path, whole, draft.procedures)

    def _read_head(self, document: Document) -> str:
        """Return the number of the unit a file defines, or extends in an overlay."""
        draft = self.draft
        extends = document.part("extends")
        if extends is None:
            head = document.part("unit")
            head = head if isinstance(head, dict) else {}
            number = str(head.get("id"))
            draft.add_name("unit", number, document.place(("unit",)))
            self._heads.append((document, ("unit",), head))
            return number
        number = str(extends)
        if not draft.knows("unit", number):
            facts: dict[str, str | int] = {"name": document.file, "wanted": number}
            place = document.place(("extends",))
            draft.findings.append(Finding("catalogue-reference-unknown", place, "unit", facts))
        return number

    def _add_part(
        self,
        model: type[D],
        name: tuple[str, str],
        document: Document,
        path: Path,
        raw: dict[str, Plain],
        known: list[D],
    ) -> None:
        self.draft.add_name(*name, document.place(path))
        if definition := self.draft.shape(model, raw, name[0], document, path):
            known.append(definition)

    def _read_item(self, row: Row, *, overlay: bool) -> None:
        draft, cells = self.draft, row.cells
        entity, name = cells["entity"], cells["name"]
        mine = self._items.setdefault(entity, {})
        digits, _, decimals = cells["digits"].partition(".")
        raw: RawItem = {
            **_plain(row),
            "digits": digits or None,
            "decimals": decimals or None,
            "required": _answer(cells["required"]),
            "code_list": cells["code_list"] or None,
            "external_characters": _answer(cells["external_characters"]),
        }
        del raw["entity"]
        if overlay and name in mine:
            before, place = mine[name]
            found = narrowed_item(f"{entity}.{name}", before, raw, row.place)
            draft.findings.extend(found)
            if not found:
                mine[name] = ({**before, **raw}, place)
            return
        if not draft.add_name("item", f"{entity}.{name}", row.place):
            return
        draft.add_name("item_id", cells["id"], row.place)
        draft.add_name("column", f"{entity}.csv {cells['ja']}", row.place)
        if not draft.knows("entity", entity):
            draft.find("catalogue-reference-unknown", "item", f"{entity}.{name}", wanted=entity)
        serial = cells["id"].rpartition("-")[2]
        if serial.isdigit() and (int(serial) > LAST_SERIAL_OF_MODEL) is not overlay:
            draft.find("catalogue-serial-reserved", "item", f"{entity}.{name}", id=cells["id"])
        mine[name] = (raw, row.place)

    def _read_value(self, row: Row, *, overlay: bool) -> None:
        draft = self.draft
        raw = _plain(row)
        owner = str(raw.pop("list"))
        name = f"{owner}/{row.cells['value']}"
        draft.places.setdefault(("code_value", name), row.place)
        if not draft.knows("code_list", owner):
            draft.find("catalogue-reference-unknown", "code_value", name, wanted=owner)
        value = draft.shape(CodeValue, raw, "code_value", Document.line(row.place))
        if value is None:
            return
        mine = self._values.setdefault(owner, {})
        if overlay and (narrower := narrowed_value(name, mine, value, row.place)):
            draft.findings.extend(narrower)
            return
        key = (value.value, value.since.isoformat())
        if key in mine and not overlay:
            facts: dict[str, str | int] = {"name": name, "since": key[1]}
            draft.findings.append(
                Finding("catalogue-value-overlaps", row.place, "code_value", facts)
            )
            return
        mine[key] = value

    def _finish_entity(
        self, document: Document, path: Path, raw: dict[str, Plain], units: dict[str, Unit]
    ) -> None:
        draft = self.draft
        unit = units.get(str(raw["unit"]))
        # A unit that has no shape is one finding; what it holds is read with any day.
        dates = {"since": unit.since if unit else date.min, "until": unit.until if unit else None}
        name = str(raw.get("name"))
        whole: dict[str, object] = {**dates, **raw}
        items = []
        for item_raw, place in self._items.get(name, {}).values():
            own = {key: value for key, value in item_raw.items() if value is not None}
            required = {"digits": None, "code_list": None}
            full = {**required, "since": whole.get("since"), "until": whole.get("until"), **own}
            if item := draft.shape(Item, full, "item", Document.line(place)):
                items.append(item)
        whole["items"] = tuple(items)
        if entity := draft.shape(Entity, whole, "entity", document, path):
            draft.entities.append(entity)

    def _check_parts(self, document: Document, known: frozenset[str], kind: str) -> None:
        for name in document.value if isinstance(document.value, dict) else ():
            if name not in known:
                facts: dict[str, str | int] = {"field": name}
                place = document.place((name,))
                self.draft.findings.append(Finding("catalogue-field-unknown", place, kind, facts))


def read_draft(folder: Traversable, overlays: Sequence[Traversable] = ()) -> Draft:
    """Read a catalogue folder and the overlays upon it, lower ones first."""
    reading = Reading()
    for layer in _layers(folder, overlays):
        reading.read(layer)
    return reading.finish()


def _layers(folder: Traversable, overlays: Sequence[Traversable]) -> Iterator[Layer]:
    yield Layer("", folder)
    for overlay in overlays:
        yield Layer(overlay.name or "overlay", overlay)  # the folder one stands in has no name


def _plain(row: Row, **other: object) -> dict[str, object]:
    """Return a row's cells as fields: an empty cell is left out, `other` are put in its place."""
    return {name: cell for name, cell in row.cells.items() if cell} | other


def provision_fields(row: Row) -> dict[str, object]:
    """Return the fields of a line of the provision table."""
    return _plain(
        row,
        items=row.cells["items"].split(),
        conditions=row.cells["conditions"].split(),
        persons=row.cells["persons"].split(),
        item_terms=[_item_term(text) for text in row.cells["item_terms"].split()],
        until=row.cells["until"] or None,
    )


def own_use_fields(row: Row) -> dict[str, object]:
    """Return the fields of a line of the own uses."""
    return _plain(row, until=row.cells["until"] or None)


def _item_term(text: str) -> dict[str, str]:
    """Read `06-1-030@2025-04-01/2026-03-31`; a side of the days may be open."""
    item, _, days = text.partition("@")
    since, _, until = days.partition("/")
    return {name: day for name, day in (("since", since), ("until", until)) if day} | {"item": item}


def _answer(cell: str) -> bool | str:
    """Read `yes` or `no`; what is neither stays text, so that its shape is a finding."""
    return {"yes": True, "no": False}.get(cell, f"{cell or '-'} is neither yes nor no")
