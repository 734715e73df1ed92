"""The rules of retention as data: what is kept how long, since when, by which source.

`retention.tsv` holds the rules of this program, most of them proposals; a site's own file with the
same columns replaces a rule of the same id or adds one.
"""

import csv
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from importlib.resources import files
from pathlib import Path

from renkei.kit import Language, NodeError
from renkei.standard import Catalogue, ItemType, Provenance
from renkei.store.errors import RetentionRuleDefective

ROWS = ("store_event", "store_delivery", "store_reconciliation")
LOG = "access_log"
COLUMNS = ["id", "kind", "target", "dated_by", "when", "years", "then", "delete_after", "ja", "en"]
COLUMNS += ["since", "until", "provenance", "source"]


class RuleKind(StrEnum):
    """What a rule is about."""

    records = "records"  # records in force of one entity, with all their versions
    history = "history"  # replaced versions, of one entity or all (*)
    rows = "rows"  # of a table beside the records
    book = "book"  # a table that stays
    log = "log"  # the access record, a closed year at a time: removed by `renkei log prune`


class Then(StrEnum):
    """What happens when the time has passed."""

    archive = "archive"
    delete = "delete"
    keep = "keep"


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule. `when` limits it to records with one of these values of an item."""

    id: str
    kind: RuleKind
    target: str
    dated_by: str
    when: tuple[str, tuple[str, ...]] | None
    years: int
    then: Then
    delete_after: int | None
    ja: str
    en: str
    since: date
    until: date | None
    provenance: Provenance
    source: str

    def is_in_force(self, on: date) -> bool:
        """Tell whether the rule holds on a day."""
        return self.since <= on and (self.until is None or on <= self.until)

    def says(self, language: Language) -> str:
        """Return the rule in words."""
        return self.ja if language == "ja" else self.en

    def before(self, on: date) -> date:
        """Return the day before which something must be dated to be past its time."""
        return years_before(on, self.years)


def years_before(on: date, years: int) -> date:
    """Return the same day of an earlier year; of a leap day, the day before.

    >>> years_before(date(2028, 2, 29), 5)
    datetime.date(2023, 2, 28)
    """
    try:
        return on.replace(year=on.year - years)
    except ValueError:
        return on.replace(year=on.year - years, day=28)


def retention_rules(standard: Catalogue, own: Path | None = None) -> tuple[Rule, ...]:
    """Return the rules, those of a site's own file in the place of ours; a defect is an error."""
    shipped = (files("renkei.store") / "retention.tsv").read_text(encoding="utf-8")
    found = _parse(shipped, "retention.tsv", standard)
    if own is not None:
        try:
            text = own.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise RetentionRuleDefective(file=str(own), line=0, defect=str(error)) from error
        found |= _parse(text, str(own), standard)
    return tuple(found[name] for name in sorted(found))


def _parse(text: str, file: str, standard: Catalogue) -> dict[str, Rule]:
    lines = text.splitlines()
    reader = csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
    found: dict[str, Rule] = {}
    if list(reader.fieldnames or ()) != COLUMNS:
        raise RetentionRuleDefective(file=file, line=1, defect=f"columns: {' '.join(COLUMNS)}")
    for number, row in enumerate(reader, 2):
        try:
            rule = _rule(row)
            _check(rule, standard)
        except (NodeError, KeyError, ValueError, TypeError, AttributeError) as error:
            raise RetentionRuleDefective(file=file, line=number, defect=str(error)) from error
        if rule.id in found:
            raise RetentionRuleDefective(file=file, line=number, defect=f"{rule.id} stands twice")
        found[rule.id] = rule
    return found


def _rule(row: dict[str, str]) -> Rule:
    item, _, values = row["when"].partition("=")
    return Rule(
        row["id"],
        RuleKind(row["kind"]),
        row["target"],
        row["dated_by"],
        (item, tuple(values.split(","))) if item else None,
        int(row["years"] or 0),
        Then(row["then"]),
        int(row["delete_after"]) if row["delete_after"] else None,
        row["ja"],
        row["en"],
        date.fromisoformat(row["since"]),
        date.fromisoformat(row["until"]) if row["until"] else None,
        Provenance(row["provenance"]),
        row["source"],
    )


def _check(rule: Rule, standard: Catalogue) -> None:
    """Refuse a rule that names what is not there, or that would remove at once."""
    if not (rule.id and rule.ja and rule.en and rule.source):
        raise ValueError("id, ja, en and source are wanted")
    if rule.then is not Then.keep and rule.years < 1:
        raise ValueError("years: at least 1")
    if rule.then is Then.archive and rule.kind not in {RuleKind.records, RuleKind.history}:
        raise ValueError("only records and history are archived")
    if rule.kind is RuleKind.history and rule.dated_by != "known_to":
        raise ValueError("dated_by: history counts from known_to")
    if rule.kind is RuleKind.book and rule.then is not Then.keep:
        raise ValueError("a book is kept")
    if rule.kind is RuleKind.records:
        entity = standard.entity(rule.target)
        dated = entity.item(rule.dated_by)
        if dated is None or dated.type is not ItemType.date:
            raise ValueError(f"dated_by: {rule.dated_by} is no date of {rule.target}")
        if rule.when is not None and entity.item(rule.when[0]) is None:
            raise ValueError(f"when: {rule.target} has no {rule.when[0]}")
    elif rule.kind is RuleKind.rows and rule.target not in ROWS:
        raise ValueError(f"target: one of {', '.join(ROWS)}")
    elif rule.kind is RuleKind.log and rule.target != LOG:
        raise ValueError(f"target: {LOG}")
    elif rule.kind is RuleKind.history and rule.target != "*":
        standard.entity(rule.target)
