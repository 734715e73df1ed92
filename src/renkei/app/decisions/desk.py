"""A model file, a book's folder or a shipped book: opened, checked, asked as of a day."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from renkei import kit
from renkei.process import decisions, feel
from renkei.process.feel.domain import DOMAIN

Facts = dict[str, object]
DAY = "基準日"
"""An input of this name is the day asked about, unless it is given."""


@dataclass(frozen=True, slots=True)
class OneModel:
    """A model file, whose days nobody has said."""

    model: decisions.Model

    def models(self) -> Sequence[decisions.Model]:
        """Return the model."""
        return (self.model,)

    def on(self, _: date) -> tuple[decisions.Model, Facts]:
        """Return the model, with nothing to say of the day."""
        return self.model, {}

    def circumstances(self, _: date, __: Collection[str], ___: kit.Language) -> list[str]:
        """Return nothing: a model says nothing of days."""
        return []

    def ask(self, name: str, given: decisions.Inputs, _: date, *, why: bool) -> decisions.Outcome:
        """Ask for a decision."""
        return decisions.evaluate(self.model, name, given, clock=clock, why=why)


@dataclass(frozen=True, slots=True)
class OneBook:
    """A book, whose model is that of the day."""

    book: decisions.Book

    def models(self) -> Sequence[decisions.Model]:
        """Return the model of every edition."""
        return tuple(edition.model for edition in self.book.editions)

    def on(self, day: date) -> tuple[decisions.Model, Facts]:
        """Return the model in force on a day, and what else is to be said of it."""
        in_force = self.book.on(day)
        edition = in_force.edition
        until = edition.period.until
        return edition.model, {
            "book": self.book.name,
            "book_version": self.book.version,
            "on": day.isoformat(),
            "since": edition.period.since.isoformat(),
            "until": None if until is None else until.isoformat(),
            "article": edition.article,
            "provenance": edition.provenance,
            "amounts": [amount.as_data() for amount in in_force.amounts],
        }

    def circumstances(self, day: date, given: Collection[str], language: kit.Language) -> list[str]:
        """Return what was in force on a day, in words."""
        return decisions.circumstances(self.book.on(day), given, language)

    def ask(self, name: str, given: decisions.Inputs, on: date, *, why: bool) -> decisions.Outcome:
        """Ask for a decision as of a day."""
        return self.book.evaluate(name, given, on=on, clock=clock, why=why).outcome


def opened(name: str) -> OneModel | OneBook:
    """Return what a name says: a file, a folder with a book, or a book that is shipped."""
    path = Path(name)
    if path.is_dir():
        return OneBook(decisions.open_book(path, library=DOMAIN))
    if not path.exists() and (book := decisions.shipped_book(name, library=DOMAIN)) is not None:
        return OneBook(book)
    return OneModel(decisions.open_file(path, library=DOMAIN))


def checked(name: str, language: kit.Language) -> Facts:
    """Return the findings of a model, or of every edition of a book."""
    models = opened(name).models()
    found = [finding for model in models for finding in decisions.check(model)]
    return {
        "models": [f"{model.file} {model.name} {model.version[:12]}" for model in models],
        "errors": sum(one.severity == "error" for one in found),
        "findings": [one.text(language) for one in found],
    }


def checked_data(name: str) -> Facts:
    """Return the same for programs."""
    models = opened(name).models()
    found = [finding for model in models for finding in decisions.check(model)]
    return {
        "models": [{"file": m.file, "name": m.name, "version": m.version} for m in models],
        "errors": sum(one.severity == "error" for one in found),
        "findings": [one.as_data() for one in found],
    }


@dataclass(frozen=True, slots=True)
class Told:
    """What was decided: facts for programs, lines for people, and whether every value is there."""

    facts: Facts
    lines: tuple[str, ...]
    is_whole: bool


def told(
    name: str, inputs: str, decision: str, on: date, language: kit.Language, *, why: bool
) -> Told:
    """Ask a decision, or all that no other needs, and tell the outcome in facts and in words."""
    source = opened(name)
    model, of_the_day = source.on(on)
    given = decisions.read_inputs(inputs or "{}", model)
    if DAY in model.inputs and DAY not in given:
        given[DAY] = feel.Date.from_python(on)
    wanted = (decision,) if decision else model.outermost()
    facts = {"model": model.name, "file": model.file, "version": model.version, **of_the_day}
    lines: list[str] = []
    answers: list[Facts] = []
    seen: set[str] = set()
    for one in wanted:
        outcome = source.ask(one, given, on, why=why)
        answers.append(_answer(outcome, why=why))
        lines += _lines(outcome, language, why=why)
        seen |= {name for reason in outcome.reasons for name, _ in reason.given}
    if why:
        lines += source.circumstances(on, seen, language)
    is_whole = not any(a["value"] is None and a["problems"] for a in answers)
    return Told({**facts, "decisions": answers}, tuple(lines), is_whole)


def clock() -> datetime:
    return kit.in_japan(datetime.now(UTC))


def _answer(outcome: decisions.Outcome, *, why: bool) -> Facts:
    facts: Facts = {
        "decision": outcome.decision,
        "value": decisions.plain(outcome.value),
        "problems": [problem.as_data() for problem in outcome.problems],
    }
    if why:
        facts |= {"articles": list(outcome.articles), "why": decisions.why_data(outcome)}
    return facts


def _lines(outcome: decisions.Outcome, language: kit.Language, *, why: bool) -> list[str]:
    if why:
        return decisions.sentences(outcome, language)
    problems = [problem.text(language) for problem in outcome.problems]
    return [f"{outcome.decision}: {decisions.show(outcome.value)}", *problems]
