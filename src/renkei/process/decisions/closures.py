"""Closures around closures: with the place of their element, with a type, with a reason to fail."""

from renkei.process import feel
from renkei.process.decisions.places import Place
from renkei.process.decisions.running import Evaluation
from renkei.process.decisions.shapes import Shape
from renkei.process.feel import Code, Scope, Value


def running(scope: Scope) -> Evaluation:
    """Return the evaluation a scope belongs to; no box is ever run by another."""
    run = scope.run
    assert isinstance(run, Evaluation)
    return run


def typed(code: Code, shape: Shape, place: Place) -> Code:
    """Return a closure whose value is handed over to a type, or null with a problem."""
    if shape.is_anything:
        return code
    take, wanted = shape.take, str(shape.type)

    def checked(scope: Scope) -> Value:
        value = code(scope)
        is_fit, taken = take(value)
        if not is_fit:
            found = str(feel.type_of(value))
            running(scope).tell("decision-type-differs", place, wanted=wanted, found=found)
        return taken

    return checked


def placed(code: Code, place: Place) -> Code:
    def at_place(scope: Scope) -> Value:
        scope.run.place = place  # type: ignore[attr-defined]  # an Evaluation, see `running`
        return code(scope)

    return at_place


def failing(place: Place, problem: str, **facts: object) -> Code:
    def failing(scope: Scope) -> Value:
        running(scope).tell(problem, place, **facts)
        return None

    return failing


