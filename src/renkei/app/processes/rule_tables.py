"""The decision tables a process rests on, as people read them: rules, articles, amounts."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from renkei import kit
from renkei.app.processes.decision_jobs import DecisionDesk
from renkei.process import bpmn, decisions
from renkei.process.bpmn.elements.business_rule_task import BusinessRuleTask
from renkei.process.bpmn.words import called
from renkei.process.decisions.model import Decision, Definitions, LiteralBox, TableBox

MOST = 12
"""Tables shown of one decision, those it needs among them."""


@dataclass(frozen=True, slots=True)
class RuleTable:
    """One table: what is asked in its columns, what comes of it, what each rule cites."""

    title: str
    question: str
    inputs: Sequence[str]
    outputs: Sequence[str]
    rules: Sequence[tuple[int, Sequence[str], Sequence[str], Sequence[str]]]
    """Number, conditions, results, and articles and remarks."""


@dataclass(frozen=True, slots=True)
class Decided:
    """What decides at a task: the edition in force on a day, its tables and amounts."""

    element: str
    title: str
    decision: str
    edition: decisions.Edition | None
    """None where no book that is at hand decides this, or none is in force."""
    tables: Sequence[RuleTable] = ()
    amounts: Sequence[decisions.Amount] = ()


def decided_by(
    definition: bpmn.Definition, desk: DecisionDesk, language: kit.Language, *, on: date
) -> list[Decided]:
    """Return what decides at each business rule task of a process, as of a day."""
    return [
        _decided(element, desk, language, on)
        for process in definition.processes.values()
        for element in process.inner()
        if isinstance(element, BusinessRuleTask) and element.decision
    ]


def _decided(
    element: BusinessRuleTask, desk: DecisionDesk, language: kit.Language, on: date
) -> Decided:
    about = (element.id, called(element, language), element.decision)
    found = desk.book_of(element.decision)
    if found is None:
        return Decided(*about, None)
    book, decision = found
    try:
        in_force = book.on(on)
    except kit.NodeError:
        return Decided(*about, None)
    model = in_force.edition.model.definitions
    tables = list(_tables(model, decision))[:MOST]
    return Decided(*about, in_force.edition, tables, in_force.amounts)


def _tables(model: Definitions, name: str) -> Iterator[RuleTable]:
    """Yield the tables of a decision and of those it needs, each once, the last one first."""
    by_id = {one.id: one for one in model.nodes.values() if isinstance(one, Decision)}
    waiting = [one for one in by_id.values() if one.variable.name == name]
    told = set[str]()
    while waiting:
        one = waiting.pop(0)
        if one.id in told:
            continue
        told.add(one.id)
        if isinstance(one.logic, TableBox):
            yield _table(one, one.logic)
        ids = (reference.rpartition("#")[2] for reference in one.needs.decisions)
        waiting += [by_id[id_] for id_ in ids if id_ in by_id]


def _table(decision: Decision, table: TableBox) -> RuleTable:
    return RuleTable(
        decision.variable.name,
        decision.question,
        [one.label or one.expression.text for one in table.inputs],
        [one.label or one.name or table.label or decision.variable.name for one in table.outputs],
        [
            (
                one.number,
                [_read(cell) for cell in one.conditions],
                [_read(cell) for cell in one.results],
                [text for _, text in one.annotations if text] or list(one.articles),
            )
            for one in table.rules
        ],
    )


def _read(cell: LiteralBox) -> str:
    """Return a cell as a person reads it: without quotation marks, a dash where all fits."""
    text = " ".join(cell.text.split())
    return "–" if text in ("-", "") else text.replace('"', "")
