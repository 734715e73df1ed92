"""A book of decisions: models that follow each other in time, and amounts as dated data.

A book is a folder. `models.tsv` says which file is in force from when until when, `amounts.tsv`
which amounts and limits; both cite the provision, and say whether somebody has verified it. What is
asked is asked as of a day: the model and the amounts in force on it answer.
"""

import hashlib
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from renkei import kit
from renkei.process import feel
from renkei.process.decisions.asking import Outcome, evaluate
from renkei.process.decisions.book_tables import Amount, Period, Row, read_rows
from renkei.process.decisions.errors import BookMalformed, InputFixed, NothingInForce
from renkei.process.decisions.models import Model
from renkei.process.decisions.opening import open_file
from renkei.process.decisions.running import Inputs
from renkei.process.feel import Value

MODELS, AMOUNTS = "models.tsv", "amounts.tsv"
_MODEL_COLUMNS = ("since", "until", "file", "article", "provenance", "note")
_AMOUNT_COLUMNS = ("name", "key", "since", "until", "value", "unit", "article", "provenance")
PROVENANCES = ("verified", "proposed")


@dataclass(frozen=True, slots=True)
class Edition:
    """A model and the days it is in force."""

    period: Period
    model: Model
    article: str
    provenance: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class InForce:
    """What holds on a day: the edition, and the amounts by name."""

    on: date
    edition: Edition
    amounts: tuple[Amount, ...]

    def values(self) -> dict[str, Value]:
        """Return the amounts as inputs: one value, or a list of `key` and `value` where keyed."""
        found: dict[str, Value] = {}
        for amount in self.amounts:
            if amount.key is None:
                found[amount.name] = amount.value
                continue
            rows = found.setdefault(amount.name, [])
            if isinstance(rows, list):
                rows.append({"key": amount.key, "value": amount.value})
        return found


@dataclass(frozen=True, slots=True)
class Answer:
    """The outcome of a question to a book of a version, and what was in force on its day."""

    outcome: Outcome
    in_force: InForce
    book: str
    version: str

    @property
    def articles(self) -> tuple[str, ...]:
        """Return what was cited by rules and decisions, then what the edition rests on."""
        edition = self.in_force.edition.article
        return tuple(dict.fromkeys((*self.outcome.articles, *([edition] if edition else ()))))


@dataclass(frozen=True, slots=True)
class Book:
    """Editions in the order of time, none of which overlap, and all amounts of all times."""

    name: str
    editions: tuple[Edition, ...]
    amounts: tuple[Amount, ...]
    version: str
    """The content hash of all models and amounts, in hexadecimal."""

    def on(self, day: date) -> InForce:
        """Return what is in force on a day."""
        for edition in self.editions:
            if edition.period.holds(day):
                amounts = tuple(one for one in self.amounts if one.period.holds(day))
                return InForce(day, edition, amounts)
        known = ", ".join(str(edition.period) for edition in self.editions)
        raise NothingInForce(book=self.name, day=day.isoformat(), known=known)

    def evaluate(
        self,
        decision: str,
        inputs: Inputs,
        *,
        on: date,
        clock: feel.Clock | None = None,
        why: bool = False,
    ) -> Answer:
        """Ask the model in force on a day; the amounts of that day cannot be given otherwise."""
        in_force = self.on(on)
        model, amounts = in_force.edition.model, in_force.values()
        if twice := sorted(amounts.keys() & inputs.keys()):
            raise InputFixed(book=self.name, name=", ".join(twice))
        taken = {name: value for name, value in amounts.items() if name in model.all_inputs()}
        outcome = evaluate(model, decision, {**inputs, **taken}, clock=clock, why=why)
        return Answer(outcome, in_force, self.name, self.version)


def open_book(folder: Path, *, library: feel.Library = feel.CONFORMANCE) -> Book:
    """Return the book of a folder; periods that overlap or end before they begin are refused."""
    editions: list[Edition] = []
    opened: dict[str, Model] = {}
    for row in read_rows(folder / MODELS, _MODEL_COLUMNS):
        file = row.cell("file")
        if not file or Path(file).name != file:
            raise row.wrong(f"file: {file or '-'}")
        if file not in opened:
            opened[file] = open_file(folder / file, library=library)
        edition = Edition(
            period=row.period(),
            model=opened[file],
            article=row.cell("article"),
            provenance=_provenance(row),
            note=row.cell("note"),
        )
        editions.append(edition)
        _check_apart([one.period for one in editions], row)
    if not editions:
        raise BookMalformed(file=MODELS, line=1, defect="0")
    amounts = tuple(_amounts(folder))
    ordered = sorted(editions, key=lambda edition: edition.period.since)
    tables = [path for path in (folder / MODELS, folder / AMOUNTS) if path.exists()]
    parts = [hashlib.sha256(path.read_bytes()).hexdigest() for path in tables]
    version = kit.digest([*parts, *(one.model.version for one in ordered)]).hex()
    return Book(folder.name, tuple(ordered), amounts, version)


def _amounts(folder: Path) -> list[Amount]:
    """Return the dated amounts; one name has one value a day, or one a day for each key."""
    path = folder / AMOUNTS
    if not path.exists():
        return []
    found: list[Amount] = []
    for row in read_rows(path, _AMOUNT_COLUMNS):
        amount = Amount(
            name=row.cell("name"),
            key=row.literal("key") if row.cell("key") else None,
            period=row.period(),
            value=row.literal("value"),
            unit=row.cell("unit"),
            article=row.cell("article"),
            provenance=_provenance(row),
        )
        same = [a.period for a in found if (a.name, a.key) == (amount.name, amount.key)]
        _check_apart([*same, amount.period], row)
        found.append(amount)
    return found


def _provenance(row: Row) -> str:
    said = row.cell("provenance")
    if said not in PROVENANCES:
        raise row.wrong(f"provenance: {said or '-'}")
    return said


def _check_apart(periods: list[Period], row: Row) -> None:
    """Refuse a row whose period, the last, overlaps one before it."""
    *before, last = periods
    for other in before:
        if last.overlaps(other):
            raise row.wrong(f"{last} / {other}")
