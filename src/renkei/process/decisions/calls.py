"""Calling what an expression gave, with arguments by name or in order."""

from collections.abc import Mapping, Sequence

from renkei.process import feel
from renkei.process.decisions.places import Place
from renkei.process.decisions.running import Evaluation
from renkei.process.feel import Value


def call_by_name(
    called: Value, given: Mapping[str, Value], run: Evaluation, place: Place
) -> Value:
    """Call a function with named arguments; one that it does not know, or lacks, is a problem."""
    if not isinstance(called, feel.Function):
        run.tell("decision-not-a-function", place, found=str(feel.type_of(called)))
        return None
    wanted = [one.name for one in called.parameters]
    strange = [name for name in given if name not in wanted]
    missing = [p.name for p in called.parameters if p.name not in given and not p.may_be_absent]
    if strange or missing:
        run.tell("decision-arguments-differ", place, names=", ".join((*strange, *missing)))
        return None
    return call(called, [given.get(name) for name in wanted], run, place)


def call(
    called: feel.Function, arguments: Sequence[Value], run: Evaluation, place: Place
) -> Value:
    """Call a function with an argument for each parameter, handed over to its type."""
    taken: list[Value] = []
    for parameter, value in zip(called.parameters, arguments, strict=True):
        is_fit, fitting = feel.coerced(value, parameter.type)
        if not is_fit:
            facts = {"wanted": str(parameter.type), "found": str(feel.type_of(value))}
            run.tell("decision-type-differs", place.inside(parameter.name), **facts)
            return None
        taken.append(fitting)
    run.spend(1)
    run.enter(called.frames)
    try:
        answer = called.call(run, taken)
    finally:
        run.leave(called.frames)
    if isinstance(answer, feel.Refused):
        run.place = place
        run.note(answer.code, feel.NOWHERE, answer.facts)
        return None
    return answer
