"""Closures around closures: with the place of their element, with a type, with a reason to fail."""

from typing import cast

from renkei.process import feel
from renkei.process.decisions.places import Place
from renkei.process.decisions.running import Evaluation
from renkei.process.decisions.shapes import Shape
from renkei.process.feel import Code, Scope, Value


def running(scope: Scope) -> Evaluation:
    """Return the evaluation a scope belongs to; no box is ever run by another."""
    return cast("Evaluation", scope.run)


def typed(code: Code, shape: Shape, place: Place) -> Code:
    """Return a closure whose value is handed over to a type, or null with a problem."""
    if shape.is_anything:
        return code

    holds, is_open = shape.type.holds, shape.check is None

    def checked(scope: Scope) -> Value:
        value = code(scope)
        if is_open and value is not None and holds(value):
            return value
        return fitting(value, shape, place, cast("Evaluation", scope.run))

    return checked


def fitting(value: Value, shape: Shape, place: Place, run: Evaluation) -> Value:
    """Return a value handed over to a type, or null and a problem."""
    is_fit, taken = shape.take(value)
    if is_fit:
        return taken
    is_of_type, _ = feel.coerced(value, shape.type)
    if is_of_type:
        run.tell("decision-value-not-allowed", place)
    else:
        facts = {"wanted": str(shape.type), "found": str(feel.type_of(value))}
        run.tell("decision-type-differs", place, **facts)
    return None


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
