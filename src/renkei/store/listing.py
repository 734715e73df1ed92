"""Findings as a list that leaves the program: CSV for a spreadsheet, JSON for a program.

A line names its file and, where a finding is about one, the item by number and both names. No value
stands there, only its shape, and no text that a spreadsheet would take for a formula.
"""

import csv
import io
import json
from collections.abc import Iterable, Iterator
from dataclasses import astuple, dataclass

from renkei.kit import Language, say
from renkei.standard import Entity
from renkei.store.findings import Finding, Findings

MARK = "\ufeff"  # by which Excel knows UTF-8
FORMULA = ("=", "+", "-", "@", "\t", "\r")
LANGUAGES: tuple[Language, ...] = ("ja", "en")


@dataclass(frozen=True, slots=True)
class Line:
    """One finding, or how many more there are of its rule, as a person reads it."""

    file: str
    line: int | None
    column: int | None
    item_id: str | None
    item_ja: str | None
    item_en: str | None
    rule: str
    severity: str
    shape: str | None
    message: str
    remedy: str


@dataclass(frozen=True, slots=True)
class Listing:
    """The findings of one file of an entity."""

    file: str
    entity: Entity
    findings: Findings

    def lines(self, language: Language) -> Iterator[Line]:
        """Yield the findings that were kept, then of each rule how many more were counted."""
        for finding in self.findings.kept:
            yield self._line(finding, language)
        for rule, count in self._more():
            severity = next(f.severity for f in self.findings.kept if f.rule == rule)
            yield Line(
                file=self.file,
                line=None,
                column=None,
                item_id=None,
                item_ja=None,
                item_en=None,
                rule=rule,
                severity=say(f"severity-{severity}", language),
                shape=None,
                message=say("findings-more", language, count=count),
                remedy="",
            )

    def facts(self) -> dict[str, object]:
        """Return the findings for programs, their texts in both languages."""
        return {
            "file": self.file,
            "entity": self.entity.name,
            "errors": self.findings.errors,
            "counts": dict(self.findings.counts),
            "findings": [self._facts(finding) for finding in self.findings.kept],
        }

    def _more(self) -> Iterator[tuple[str, int]]:
        kept = [finding.rule for finding in self.findings.kept]
        for rule, count in self.findings.counts.items():
            shown = kept.count(rule)
            if count > shown > 0:
                yield rule, count - shown

    def _line(self, finding: Finding, language: Language) -> Line:
        item = self._item(finding)
        return Line(
            file=self.file,
            line=finding.place.line,
            column=finding.place.column,
            item_id=item["id"],
            item_ja=item["ja"],
            item_en=item["en"],
            rule=finding.rule,
            severity=say(f"severity-{finding.severity}", language),
            shape=finding.shape,
            message=finding.says(language),
            remedy=finding.remedy(language),
        )

    def _facts(self, finding: Finding) -> dict[str, object]:
        return {
            "line": finding.place.line,
            "column": finding.place.column,
            "item": self._item(finding),
            "rule": finding.rule,
            "severity": finding.severity.value,
            "shape": finding.shape,
            "message": {language: finding.says(language) for language in LANGUAGES},
            "remedy": {language: finding.remedy(language) for language in LANGUAGES},
        }

    def _item(self, finding: Finding) -> dict[str, str | None]:
        """Return number and names of the item; of a misspelt one the name as it was written."""
        name = finding.place.item
        for item in self.entity.items:
            if item.ja == name:
                return {"id": item.id, "ja": item.ja, "en": item.en}
        return {"id": None, "ja": name, "en": None}


def findings_csv(listings: Iterable[Listing], language: Language) -> bytes:
    """Return the findings of several files as CSV, as Excel reads it: a BOM, CR LF."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(say(f"listing-{name.replace('_', '-')}", language) for name in Line.__slots__)
    for listing in listings:
        for line in listing.lines(language):
            writer.writerow(_plain(cell) for cell in astuple(line))
    return (MARK + out.getvalue()).encode()


def findings_json(listings: Iterable[Listing]) -> bytes:
    """Return the findings of several files as JSON."""
    text = json.dumps([one.facts() for one in listings], ensure_ascii=False, indent=2)
    return f"{text}\n".encode()


def _plain(cell: str | int | None) -> str | int | None:
    """Return a cell that a spreadsheet does not take for a formula."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA) else cell
