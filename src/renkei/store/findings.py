"""What a delivered file did wrong: where, which rule, what to do; never the value itself.

Two severities, as in 標準仕様 §11.1: an エラー keeps the file out, or by the policy its row; an
アラート is reported and goes in. A finding shows the *shape* of a value (digits as 9, kana as ア,
kanji as 漢, letters as A), so a report may be sent to a vendor without a permit. A rule between the
items of a record or between records is the standard's, and so are its sentence and its remedy.
"""

import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from renkei.kit import Language, say
from renkei.standard import Entity, Level, Rule

KEPT = 1000  # findings kept of one file; all are counted
KEPT_ALIKE = 50  # of them, by one rule in one column, so that one fault does not hide another
SHAPE_LENGTH = 30

SAFE = frozenset(" -/.,:;()（）　・、。，－〜～\"'#")


class Severity(StrEnum):
    """How much a finding weighs: an error blocks, an alert is to be confirmed."""

    error = "error"
    alert = "alert"


class Policy(StrEnum):
    """What an エラー in a row keeps out; one that is about the file always keeps out all of it."""

    file = "file"
    row = "row"


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the file: line from 1, column from 1, the Japanese name of the item."""

    line: int | None = None
    column: int | None = None
    item: str | None = None


NOWHERE = Place()
OF_STANDARD = "standard-rule"  # names the texts around the sentence of a rule of the standard


@dataclass(frozen=True, slots=True)
class Finding:
    """One defect in a delivered file. `rule` names the texts `finding-…` and `remedy-…`.

    `standard` is the standard's rule that is broken, where one says so: then `rule` is its number,
    or the way a value breaks it. `items` are the names of the items to look at.
    """

    severity: Severity
    rule: str
    place: Place = NOWHERE
    shape: str | None = None
    facts: tuple[tuple[str, str | int], ...] = ()
    items: tuple[str, ...] = ()
    standard: Rule | None = None

    @property
    def cites(self) -> str | None:
        """Return the number of the standard's rule, where `rule` is another name."""
        return self.standard.id if self.standard and self.standard.id != self.rule else None

    def says(self, language: Language) -> str:
        """Return what is wrong.

        >>> Finding(Severity.error, "empty-file").says("en")
        'The file is empty or holds no header line.'
        """
        return self._say("finding", language)

    def remedy(self, language: Language) -> str:
        """Return what to do about it."""
        return self._say("remedy", language)

    def _say(self, part: str, language: Language) -> str:
        rule = self.standard
        if rule is None or rule.id != self.rule:
            return say(f"{part}-{self.rule}", language, **dict(self.facts))
        said, remedy = (rule.ja, rule.remedy_ja) if language == "ja" else (rule.en, rule.remedy_en)
        facts = {"says": said, "clause": rule.clause, "remedy": remedy}
        return say(f"{part}-{OF_STANDARD}", language, **facts)


@dataclass(slots=True)
class Findings:
    """The findings of one file: all counted, the first ones of each kind kept.

    `in_rows` of the `errors` are each about one row alone.
    """

    kept: list[Finding] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    errors: int = 0
    in_rows: int = 0
    _alike: Counter[tuple[str, int | None]] = field(default_factory=Counter)

    def error(
        self, rule: str, place: Place = NOWHERE, shape: str | None = None, **facts: str | int
    ) -> None:
        """Add an エラー: the file will not go in."""
        self.errors += 1
        self._keep(Finding(Severity.error, rule, place, shape, tuple(facts.items())))

    def row_error(
        self, rule: str, place: Place, shape: str | None = None, **facts: str | int
    ) -> None:
        """Add an エラー of one row: it, or by the policy the file, will not go in."""
        self.in_rows += 1
        self.error(rule, place, shape, **facts)

    def alert(self, rule: str, place: Place = NOWHERE, **facts: str | int) -> None:
        """Add an アラート: the file may go in."""
        self._keep(Finding(Severity.alert, rule, place, None, tuple(facts.items())))

    def many(
        self,
        severity: Severity,
        rule: str,
        shown: Sequence[tuple[Place, str | None]],
        total: int,
        **facts: str | int,
    ) -> None:
        """Add `total` findings in rows of one rule, the first ones with their place and value."""
        said = tuple(facts.items())
        for place, value in shown:
            masked = None if value is None else shape(value)
            self._keep(Finding(severity, rule, place, masked, said))
        self._count(severity, rule, total - len(shown), total, in_rows=True)

    def breaches(
        self, rule: Rule, shown: Sequence[tuple[Place, tuple[str, ...]]], total: int
    ) -> None:
        """Add `total` breaches of a rule about single rows, the first with place and items."""
        severity = Severity.error if rule.level is Level.error else Severity.alert
        found = [
            Finding(severity, rule.id, place, items=items, standard=rule) for place, items in shown
        ]
        self.alike(found, total)

    def alike(self, shown: Sequence[Finding], total: int, *, in_rows: bool = True) -> None:
        """Add `total` findings that differ in their place alone, the first ones as they are."""
        for finding in shown:
            self._keep(finding)
        if shown:
            first = shown[0]
            self._count(first.severity, first.rule, total - len(shown), total, in_rows=in_rows)

    def _count(
        self, severity: Severity, rule: str, unseen: int, total: int, *, in_rows: bool
    ) -> None:
        if unseen > 0:
            self.counts[rule] += unseen
        if severity is Severity.error:
            self.errors += total
            self.in_rows += total if in_rows else 0

    def _keep(self, finding: Finding) -> None:
        kind = (finding.rule, finding.place.column)
        self.counts[finding.rule] += 1
        self._alike[kind] += 1
        if self._alike[kind] <= KEPT_ALIKE and len(self.kept) < KEPT:
            self.kept.append(finding)


def place_of(entity: Entity, items: Sequence[str], line: int | None = None) -> Place:
    """Return the place of the first of some items, which is what a reader looks up."""
    column = next(n for n, item in enumerate(entity.items, 1) if item.name == items[0])
    return Place(line, column, entity.items[column - 1].ja)


def shape(value: str) -> str:
    """Return what a value looks like, without what it says.

    >>> shape("東京都千代田区1-2 Ａ棟 カタかな")
    '漢漢漢漢漢漢漢9-9 A漢 アアアア'
    """
    masked = "".join(_mask(letter) for letter in value[:SHAPE_LENGTH])
    return masked if len(value) <= SHAPE_LENGTH else f"{masked}…({len(value)})"


def _mask(letter: str) -> str:
    if letter in SAFE:
        return letter
    category = unicodedata.category(letter)
    if category == "Nd":
        return "9"
    if category in {"Cc", "Cf", "Zl", "Zp"}:
        return "�"
    name = unicodedata.name(letter, "")
    if name.startswith(("KATAKANA", "HIRAGANA", "HALFWIDTH KATAKANA")):
        return "ア"
    # Private-use letters are 外字, and count as kanji.
    if name.startswith(("CJK", "IDEOGRAPHIC")) or category == "Co":
        return "漢"
    return "A" if category.startswith("L") else "?"
