"""What the catalogue's files say, before anybody has checked it as a whole.

A definition that does not fit its struct becomes a finding; its name stays known, so that a
reference to it is not reported as a second defect.
"""

import re
from collections import Counter
from copy import copy
from dataclasses import dataclass, field, fields, replace
from datetime import date
from typing import Self, TypeVar

import msgspec

from renkei import kit
from renkei.standard.content import Content, Edition
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
    Definition,
    Entity,
    ItemType,
    Term,
    Unit,
)
from renkei.standard.row_rules import Rule
from renkei.standard.sources import Document, Path

D = TypeVar("D", bound=Definition)


@dataclass(slots=True)
class Draft:
    """The definitions read so far, the place of each name, and what was found wrong."""

    findings: list[Finding] = field(default_factory=list)
    places: dict[tuple[str, str], Place] = field(default_factory=dict)
    edition: Edition | None = None
    overlays: list[Edition] = field(default_factory=list)
    units: list[Unit] = field(default_factory=list)
    parties: list[Party] = field(default_factory=list)
    entities: list[Entity] = field(default_factory=list)
    code_lists: list[CodeList] = field(default_factory=list)
    code_mappings: list[CodeMapping] = field(default_factory=list)
    rules: list[Rule] = field(default_factory=list)
    flows: list[Flow] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    interfaces: list[Interface] = field(default_factory=list)
    procedures: list[Procedure] = field(default_factory=list)
    provisions: list[Provision] = field(default_factory=list)
    own_uses: list[OwnUse] = field(default_factory=list)
    terms: list[Term] = field(default_factory=list)

    def copy(self) -> Self:
        """Return a draft that says the same, to be changed by itself."""
        copies = {one.name: copy(getattr(self, one.name)) for one in fields(self)}
        return replace(self, **copies)

    def content(self) -> Content | None:
        """Return the content to compile; None where even the head is missing."""
        if self.edition is None:
            return None
        lists = {
            name: tuple(getattr(self, name))
            for name in Content.__struct_fields__
            if name != "edition"
        }
        return Content(edition=self.edition, **lists)

    def find(self, code: str, kind: str, name: str, **facts: str | int) -> None:
        """Note a finding at the place where a definition stands."""
        place = self.places.get((kind, name), Place("standard.yaml", 1))
        self.findings.append(Finding(code, place, kind, {"name": name, **facts}))

    def knows(self, kind: str, name: str) -> bool:
        """Tell whether the files define a name, well formed or not."""
        return (kind, name) in self.places

    def whole_units(self) -> set[str]:
        """Return the units whose head and functions have shape: only they can leave things idle."""
        written = Counter(name.split("/")[0] for kind, name in self.places if kind == "function")
        return {unit.id for unit in self.units if len(unit.functions) == written[unit.id]}

    def add_name(self, kind: str, name: str, place: Place) -> bool:
        """Note where a name is defined; a second definition of it is a finding, and False."""
        first = self.places.setdefault((kind, name), place)
        if first is place:
            return True
        facts: dict[str, str | int] = {"name": name, "first": str(first)}
        self.findings.append(Finding("catalogue-name-repeated", place, kind, facts))
        return False

    def check_dates(self, kind: str, name: str, since: date, until: date | None) -> None:
        """Note a definition that ends before it begins."""
        if until is not None and since > until:
            facts = {"since": since.isoformat(), "until": until.isoformat()}
            self.find("catalogue-dates-reversed", kind, name, **facts)

    def check_known(self, owner: tuple[str, str], kind: str, name: str) -> bool:
        """Note a reference to what is not defined; say whether it is."""
        known = self.knows(kind, name)
        if not known:
            self.find("catalogue-reference-unknown", *owner, wanted=name)
        return known

    def shape(
        self, model: type[D], raw: object, kind: str, document: Document, at: Path = ()
    ) -> D | None:
        """Turn plain data into a definition, or note why it is none."""
        try:
            # Every scalar is text so far; `strict=False` reads the numbers of numeric fields.
            return kit.read_value(raw, model, strict=False)
        except msgspec.ValidationError as error:
            inner, code, facts = _reason(str(error))
            place = document.place((*at, *inner))
            self.findings.append(Finding(code, place, kind, facts))
            return None


def _reason(message: str) -> tuple[Path, str, dict[str, str | int]]:
    """Read where and why from msgspec's sentence, e.g. `Expected ... - at `$.items[0].type``."""
    said, _, at = message.partition(" - at `$")
    path: Path = tuple(
        int(number) if number else name
        for name, number in re.findall(r"\.?([A-Za-z_]+)|\[(\d+)\]", at.rstrip("`"))
    )
    missing = re.fullmatch(r"Object missing required field `(\w+)`", said)
    unknown = re.fullmatch(r"Object contains unknown field `(\w+)`", said)
    where = next((part for part in reversed(path) if isinstance(part, str)), "-")
    if "provenance" in (where, missing and missing[1]):
        return path, "catalogue-provenance-missing", {}
    if missing:
        return path, "catalogue-field-missing", {"field": missing[1]}
    if unknown:
        return (*path, unknown[1]), "catalogue-field-unknown", {"field": unknown[1]}
    if where == "type":
        return path, "catalogue-type-unknown", {"found": said, "known": " ".join(ItemType)}
    return path, "catalogue-value-malformed", {"field": where, "reason": said}
