"""The register of clauses: what each finds wrong, how grave that is, and what to do."""

import csv
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files

from renkei import kit
from renkei.process.bpmn.findings import Finding

ROOM = "renkei.process.bpmn.linting"


class Severity(StrEnum):
    """How grave a finding is."""

    ERROR = "error"
    """A case would be stuck, or go wrong."""
    WARNING = "warning"
    """Something is probably not as it was meant."""
    HINT = "hint"
    """People would understand it better."""


@dataclass(frozen=True, slots=True)
class Clause:
    """One rule."""

    id: str
    severity: Severity
    ja: str
    ja_remedy: str
    en: str
    en_remedy: str

    def text(self, language: kit.Language, about: str = "") -> str:
        """Return what is wrong."""
        return (self.ja if language == "ja" else self.en).format(about=about)

    def remedy(self, language: kit.Language) -> str:
        """Return what to do."""
        return self.ja_remedy if language == "ja" else self.en_remedy


@cache
def clauses() -> dict[str, Clause]:
    """Return every clause by its id."""
    lines = (files(ROOM) / "clauses.tsv").read_text(encoding="utf-8").splitlines()
    rows = csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
    made = (
        Clause(
            row["clause"],
            Severity(row["severity"]),
            row["ja"],
            row["ja_remedy"],
            row["en"],
            row["en_remedy"],
        )
        for row in rows
    )
    return {one.id: one for one in made}


def clause(finding: Finding) -> Clause:
    """Return the clause of a finding."""
    return clauses()[finding.clause]


def told(finding: Finding, language: kit.Language) -> str:
    """Return a finding as a sentence, with what to do."""
    held = clause(finding)
    blank = "" if language == "ja" else " "
    return held.text(language, finding.about) + blank + held.remedy(language)
