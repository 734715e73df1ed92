"""Why, in words: what was decided, by which rule of which table, from what, under which article."""

from collections.abc import Collection, Iterator

from renkei.kit import Language
from renkei.process.decisions.asking import Outcome
from renkei.process.decisions.books import InForce
from renkei.process.decisions.findings import phrase
from renkei.process.decisions.showing import plain, show
from renkei.process.decisions.trace import DecisionReason, Hit, Named, TableReason


def sentences(outcome: Outcome, language: Language) -> list[str]:
    """Return the reasons of an outcome as lines, the decision asked for first."""
    lines: list[str] = []
    for reason in reversed(outcome.reasons):
        lines += _decision(reason, language)
    for problem in outcome.problems:
        lines.append(phrase("why-problem", language, text=problem.text(language)))
    return lines


def circumstances(in_force: InForce, given: Collection[str], language: Language) -> list[str]:
    """Return what was in force on the day: the edition, and the amounts of these names."""
    edition = in_force.edition
    facts = {
        "on": in_force.on.isoformat(),
        "file": edition.model.file,
        "period": str(edition.period),
        "article": edition.article or "–",
        "provenance": phrase(f"provenance-{edition.provenance}", language),
    }
    lines = [phrase("why-edition", language, **facts)]
    for amount in in_force.amounts:
        if amount.name in given:
            facts = {
                "name": amount.name
                if amount.key is None
                else f"{amount.name} [{show(amount.key)}]",
                "value": show(amount.value),
                "unit": amount.unit,
                "period": str(amount.period),
                "article": amount.article or "–",
                "provenance": phrase(f"provenance-{amount.provenance}", language),
            }
            lines.append(f"  {phrase('why-amount', language, **facts)}")
    return lines


def _decision(reason: DecisionReason, language: Language) -> Iterator[str]:
    yield phrase("why-decision", language, name=reason.name, value=show(reason.value))
    if reason.question:
        yield "  " + phrase("why-question", language, question=reason.question)
    if reason.given:
        yield "  " + phrase("why-given", language, given=_named(reason.given))
    for table in reason.tables:
        yield from (f"  {line}" for line in _table(table, language))
    if reason.cited:
        yield "  " + phrase(
            "why-cited", language, articles=phrase("why-and", language).join(reason.cited)
        )
    yield "  " + phrase("why-model", language, model=reason.model, version=reason.version[:12])


def _table(table: TableReason, language: Language) -> Iterator[str]:
    facts = {"place": str(table.place), "policy": table.policy, "saw": _named(table.saw)}
    yield phrase("why-table", language, **facts)
    if table.by_default:
        yield "  " + phrase("why-default", language, value=show(table.gave))
    elif not table.hits:
        yield "  " + phrase("why-none", language)
    for hit in table.hits:
        code = "why-rule" if hit.counts else "why-rule-passed"
        yield "  " + phrase(code, language, rule=hit.number, gave=_named(hit.gave))
        yield from (f"    {line}" for line in _notes(hit))


def _notes(hit: Hit) -> Iterator[str]:
    for name, text in hit.annotations:
        yield f"{name}: {text}" if name else text


def _named(values: Named) -> str:
    return ", ".join(f"{name} = {show(value)}" if name else show(value) for name, value in values)


def why_data(outcome: Outcome) -> list[dict[str, object]]:
    """Return the reasons for programs."""
    return [
        {
            "decision": reason.name,
            "question": reason.question,
            "place": str(reason.place),
            "value": plain(reason.value),
            "given": {name: plain(value) for name, value in reason.given},
            "tables": [_table_data(table) for table in reason.tables],
            "articles": list(reason.cited),
            "model": reason.model,
            "version": reason.version,
        }
        for reason in reversed(outcome.reasons)
    ]


def _table_data(table: TableReason) -> dict[str, object]:
    return {
        "place": str(table.place),
        "hit_policy": table.policy,
        "saw": {name: plain(value) for name, value in table.saw},
        "value": plain(table.gave),
        "by_default": table.by_default,
        "rules": [
            {
                "rule": hit.number,
                "id": hit.id,
                "place": str(hit.place),
                "counts": hit.counts,
                "gave": {name: plain(value) for name, value in hit.gave},
                "annotations": dict(hit.annotations),
                "articles": list(hit.articles),
            }
            for hit in table.hits
        ],
    }
