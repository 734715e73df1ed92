"""Findings of models as people and programs read them."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from renkei import kit
from renkei.app.errors import ModelDefective
from renkei.process import partners
from renkei.process.bpmn import Finding
from renkei.process.bpmn.linting import clause, lint, told
from renkei.process.bpmn.model import Definition
from renkei.standard import Catalogue


@dataclass(frozen=True, slots=True)
class Shown:
    """One finding, with how grave it is, and what its element is called."""

    finding: Finding
    severity: str
    name: str


def findings_of(
    definition: Definition, severities: Sequence[str], known: Catalogue | None = None, *, on: date
) -> list[Shown]:
    """Return the findings of a model that are of these severities.

    Where it plays a part between bodies, it is held against the public process of a day as well.
    """
    found = _as_shown(definition, [*lint(definition, known), *unfit_in_public(definition, on=on)])
    return [one for one in found if one.severity in severities]


def public_findings(definition: Definition, *, on: date) -> list[Shown]:
    """Return in what a model does not fit the public process it plays in."""
    return list(_as_shown(definition, unfit_in_public(definition, on=on)))


def unfit_in_public(definition: Definition, *, on: date) -> list[Finding]:
    """Return the findings of a model against the public processes that are shipped."""
    return partners.check(definition, partners.Collaborations.shipped(), on=on)


def _as_shown(definition: Definition, found: Iterable[Finding]) -> Iterator[Shown]:
    for one in found:
        yield Shown(one, clause(one).severity.value, _name(definition, one))


def check_fit(definition: Definition, known: Catalogue | None = None, *, on: date) -> None:
    """Raise ModelDefective where a model has findings that are errors, as of its first day."""
    found = findings_of(definition, ("error",), known, on=on)
    if found:
        first, file = found[0].finding, definition.document.name
        raise ModelDefective(file=file, count=len(found), line=first.line, clause=first.clause)


def _name(definition: Definition, finding: Finding) -> str:
    elements = (process.by_id.get(finding.element) for process in definition.processes.values())
    return next((" ".join(one.name.split()) for one in elements if one is not None), "")


def lines(file: str, found: list[Shown], language: kit.Language) -> Iterator[tuple[str, str]]:
    """Yield a line for each, with its severity; editors understand where each begins."""
    for one in found:
        named = f"{one.finding.element}「{one.name}」" if one.name else one.finding.element
        severity = kit.say(f"process-{one.severity}", language)
        said = told(one.finding, language)
        yield (
            one.severity,
            f"{file}:{one.finding.line}: {severity} [{one.finding.clause}] {named}: {said}",
        )
    if not found:
        yield "", f"{file}: {kit.say('process-no-finding', language)}"


def shown(found: list[Shown]) -> list[dict[str, object]]:
    """Return findings for programs, in both languages."""
    return [
        {
            "line": one.finding.line,
            "element": one.finding.element,
            "name": one.name,
            "clause": one.finding.clause,
            "severity": one.severity,
            "about": one.finding.about,
            "ja": told(one.finding, "ja"),
            "en": told(one.finding, "en"),
        }
        for one in found
    ]
