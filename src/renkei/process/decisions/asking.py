"""Asking a model: one decision or service, its value, what went wrong, and why it came out so."""

from dataclasses import dataclass

from renkei.process import feel
from renkei.process.decisions.elements import DecisionElement, InputElement
from renkei.process.decisions.findings import Problem
from renkei.process.decisions.models import Model
from renkei.process.decisions.needs import settle
from renkei.process.decisions.running import Evaluation, Inputs
from renkei.process.decisions.trace import DecisionReason, Reasons
from renkei.process.feel import Value


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a decision came to; `version` is the content hash of the model that made it."""

    decision: str
    value: Value
    problems: tuple[Problem, ...]
    reasons: tuple[DecisionReason, ...]
    model: str
    file: str
    version: str

    @property
    def articles(self) -> tuple[str, ...]:
        """Return every provision that was cited, each once, the last decision's first."""
        cited = [article for one in reversed(self.reasons) for article in one.cited]
        return tuple(dict.fromkeys(cited))


def evaluate(
    model: Model,
    name: str,
    inputs: Inputs,
    *,
    clock: feel.Clock | None = None,
    why: bool = False,
    limits: feel.Limits = feel.LIMITS,
) -> Outcome:
    """Ask for a decision or a service by its name or id; `why` keeps the reasons.

    Nothing is raised for what goes wrong on the way: the value is null, and the problems say why.
    """
    reasons = Reasons() if why else None
    library = model.compiler.library
    run = Evaluation(inputs, clock=clock, limits=limits, reasons=reasons, library=library)
    value = _value(model, name, run)
    return Outcome(
        decision=name,
        value=value,
        problems=tuple(run.troubles),
        reasons=tuple(reasons.decisions) if reasons else (),
        model=model.name,
        file=model.file,
        version=model.version,
    )


def value_of(model: Model, name: str, inputs: Inputs, *, clock: feel.Clock | None = None) -> Value:
    """Return the bare value: the fast way, where nobody asks what went wrong."""
    library = model.compiler.library
    return _value(model, name, Evaluation(inputs, clock=clock, library=library))


def _value(model: Model, name: str, run: Evaluation) -> Value:
    element = model.asked(name)
    try:
        if isinstance(element, DecisionElement):
            values, ordered = run.values, model.order(element)
            if ordered is None:
                settle((element,), run)
            else:
                for one in ordered:
                    values[one.key] = one.give(run)
            return values[element.key]
        arguments = []
        for one in element.parameters:
            given = run.inputs.get(one.name)
            if given is None and isinstance(one, InputElement):
                given = run.inputs.get(f"{{{one.namespace}}}{one.name}")
            arguments.append(given)
        return run.weighed(element.call(run, arguments))
    except feel.Exhausted as end:
        run.note(end.problem.code, end.problem.place, end.problem.facts)
    except RecursionError:
        run.note("feel-depth-exceeded", feel.NOWHERE, {})
    return None
