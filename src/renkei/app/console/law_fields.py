"""One row of a draft as the fields of a form: what may be chosen, what was given, what is wrong."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from types import MappingProxyType

from renkei import kit, law, standard
from renkei.app.console.frame import Visit
from renkei.standard import Catalogue, Finding
from renkei.standard.amending import COLUMNS, FILE, OWN_COLUMNS, Kind, Line

KINDS = ("municipality", "prefecture", "state", "firm")
CONDITIONS = ("consent", "guardian-consent", "own-use")
PERSONS = ("applicant", "household", "guardian", "minor")
MANY = frozenset({"items", "conditions", "persons"})
GIVEN = frozenset({"asker_kind", "asker_unit", "holder_kind", "provenance", "organisation"})
"""What stands in an empty row, or follows from another cell."""
AT: Mapping[str, str] = MappingProxyType(
    {
        "catalogue-dates-reversed": "until",
        "catalogue-provision-beyond": "items",
        "catalogue-procedure-elsewhere": "procedure",
        "catalogue-provisions-overlap": "since",
        "catalogue-provision-gap": "since",
        "catalogue-term-elsewhere": "item_terms",
        "catalogue-term-outside": "item_terms",
        "catalogue-guardian-idle": "persons",
        "catalogue-years-idle": "years",
        "catalogue-own-use-idle": "procedure",
        "catalogue-own-uses-overlap": "since",
        "catalogue-provenance-missing": "provenance",
        "catalogue-draft-repeated": "row",
        "catalogue-draft-elsewhere": "row",
    }
)
"""At which field a finding is told."""


@dataclass(frozen=True, slots=True)
class Choice:
    """What may be chosen: the value, and what it is called."""

    value: str
    label: str


@dataclass(frozen=True, slots=True)
class OpenRow:
    """The row in the form: its kind, the name under which it was opened, its cells by column."""

    kind: Kind
    was: str
    cells: Mapping[str, str]
    findings: Mapping[str, Sequence[str]] = field(default_factory=dict)

    @property
    def columns(self) -> tuple[str, ...]:
        """Return the columns of the file the row stands in."""
        return COLUMNS if self.kind == "provision" else OWN_COLUMNS

    @property
    def name(self) -> str:
        """Return the name the row has with these cells."""
        if self.kind == "provision":
            return self.cells["row"]
        return " ".join(self.cells[part] for part in ("organisation", "procedure", "since"))

    @property
    def is_blank(self) -> bool:
        """Tell whether nobody wrote in it."""
        return not any(cell for column, cell in self.cells.items() if column not in GIVEN)

    @property
    def line(self) -> str:
        """Return the row as a line of its file."""
        return "\t".join(self.cells[column] for column in self.columns)


def empty_row(kind: Kind, tenant: kit.Tenant) -> OpenRow:
    """Return a row nobody has written in."""
    columns = COLUMNS if kind == "provision" else OWN_COLUMNS
    given = {"asker_kind": KINDS[0], "holder_kind": KINDS[0], "provenance": "proposed"}
    if kind == "own_use":
        given["organisation"] = tenant
    return OpenRow(kind, "", {column: given.get(column, "") for column in columns})


def row_of(line: Line) -> OpenRow | None:
    """Return a line of a draft, or of the table, as a row to be written on."""
    columns = COLUMNS if line.kind == "provision" else OWN_COLUMNS
    if len(line.cells) != len(columns):
        return None
    return OpenRow(line.kind, line.name, dict(zip(columns, line.cells, strict=True)))


def row_from(visit: Visit, known: Catalogue) -> OpenRow | None:
    """Return the row a form gives; white space of any sort is one space, so a row stays a line."""
    said = visit.field("row-kind")
    if said not in ("provision", "own_use"):
        return None
    kind: Kind = "provision" if said == "provision" else "own_use"
    cells = {}
    for column in COLUMNS if kind == "provision" else OWN_COLUMNS:
        texts = visit.form.get(f"cell-{column.replace('_', '-')}", ())
        given = texts if column in MANY else texts[:1]
        cells[column] = " ".join(" ".join(given).split())
    if kind == "provision":
        units = {one.code: one.unit for one in known.procedures}
        cells["asker_unit"] = units.get(cells["procedure"], "")
    return OpenRow(kind, visit.field("row-was"), cells)


def at_fields(row: OpenRow, findings: Iterable[Finding], reader: kit.Language) -> OpenRow:
    """Return the row with what is wrong at each of its fields; `row` holds what is of none."""
    found: dict[str, list[str]] = {}
    for one in findings:
        found.setdefault(_column(row, one), []).append(said(one, reader))
    return OpenRow(row.kind, row.was, row.cells, found)


def said(finding: Finding, reader: kit.Language) -> str:
    """Return what is wrong; a place is named only if it is not in the draft."""
    text = finding.text(reader)
    return text.partition(": ")[2] if finding.place.file == FILE else text


def _column(row: OpenRow, finding: Finding) -> str:
    """Return the field a finding is about."""
    named = str(finding.facts.get("field", AT.get(finding.code, "")))
    if wanted := str(finding.facts.get("wanted", "")):
        holds = (name for name, cell in row.cells.items() if wanted in cell.split())
        named = next(holds, named)
    return named if named in row.cells else "row" if "row" in row.cells else row.columns[0]


@dataclass(frozen=True, slots=True)
class Choices:
    """What the standard lets a row name, in the reader's language."""

    known: Catalogue
    reader: kit.Language

    def procedures(self) -> list[tuple[str, list[Choice]]]:
        """Return every procedure, by its unit."""
        units = {one.id: self._named(one) for one in self.known.units}
        parts = groupby(self.known.procedures, key=lambda one: one.unit)
        return [
            (f"{unit} {units.get(unit, '')}", [Choice(one.code, self._named(one)) for one in ones])
            for unit, ones in parts
        ]

    def information(self) -> list[Choice]:
        """Return every name under which the law lists what an interface carries, once."""
        found = {one.information.code: one.information for one in self.known.interfaces}
        return [Choice(code, f"{self._named(one)} ({code})") for code, one in found.items()]

    def items(self, row: OpenRow) -> list[Choice]:
        """Return the items that a row's information carries, and those the row names besides."""
        numbers: dict[str, str] = {}
        for interface in self.known.interfaces:
            if interface.information.code == row.cells["information"]:
                of_name = {one.name: one for one in self.known.entity(interface.entity).items}
                for item in filter(None, map(of_name.get, interface.items)):
                    numbers[item.id] = f"{item.id} {self._named(item)}"
        named = row.cells["items"].split()
        every = dict.fromkeys([*numbers, *named])
        return [Choice(number, numbers.get(number, number)) for number in every]

    def provenances(self) -> list[Choice]:
        """Return how a row may be known."""
        return [
            Choice(one.value, kit.say(f"law-provenance-{one.value}", self.reader))
            for one in standard.Provenance
        ]

    def conditions(self) -> list[Choice]:
        """Return the closed set of conditions."""
        return [Choice(name, kit.say(f"law-condition-{name}", self.reader)) for name in CONDITIONS]

    def persons(self) -> list[Choice]:
        """Return whom a question may be about."""
        words = law.Words(self.known, self.reader)
        return [Choice(name, words.text(f"relation-{name}")) for name in PERSONS]

    def kinds(self, *, own: bool) -> list[Choice]:
        """Return the kinds of party; `own` is the asker itself, as a holder may be."""
        return [
            Choice(kind, law.Words(self.known, self.reader).kind(kind))
            for kind in (*KINDS, *([standard.OWN] if own else []))
        ]

    def _named(self, one: object) -> str:
        return str(getattr(one, self.reader))
