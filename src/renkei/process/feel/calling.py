"""Calling a function: arguments handed over to the parameters, depth and steps counted."""

from typing import Final

from renkei.process.feel.running import Place, Refused, Run
from renkei.process.feel.types import coerced, type_of
from renkei.process.feel.values import Function, Parameter, Value


class _Absent:
    """Stands where an argument was left out; a function sees null."""


ABSENT: Final = _Absent()
Given = list[Value | _Absent]
Ready = tuple[Function, list[Value]]


def call_by_name(run: Run, called: Value, arguments: dict[str, Value], place: Place) -> Value:
    """Call with arguments by the names of the parameters."""
    ready = ready_by_name(run, called, arguments, place)
    return None if ready is None else invoke(run, *ready, place)


def invoke(run: Run, function: Function, arguments: list[Value], place: Place) -> Value:
    """Call a function with arguments that fit its parameters."""
    run.enter(function.frames)
    value = function.call(run, arguments)
    run.leave(function.frames)
    return finished(run, function, value, place)


def ready_in_order(run: Run, called: Value, arguments: list[Value], place: Place) -> Ready | None:
    """Return the way of a function that takes so many arguments, and them handed over."""
    if type(called) is not Function:
        _note_no_function(run, called, place)
        return None
    ways = [way for way in (called, *called.others) if _counts(way, len(arguments))]
    if not ways:
        facts = {"wanted": len(called.parameters), "given": len(arguments)}
        run.note("feel-argument-count", place, facts)
        return None
    return _ready(run, [(way, _in_order(way, arguments)) for way in ways], place)


def ready_by_name(
    run: Run, called: Value, arguments: dict[str, Value], place: Place
) -> Ready | None:
    """Return the way of a function that takes these names, and the arguments handed over."""
    if type(called) is not Function:
        _note_no_function(run, called, place)
        return None
    ways = [way for way in (called, *called.others) if _knows(way, arguments)]
    if not ways:
        names = " / ".join(
            ", ".join(parameter.name for parameter in way.parameters)
            for way in (called, *called.others)
        )
        run.note("feel-argument-names", place, {"wanted": names[:200]})
        return None
    ways.sort(key=lambda way: len(way.parameters))
    given = [(way, [_named(p, arguments) for p in way.parameters]) for way in ways]
    return _ready(run, given, place)


def finished(run: Run, function: Function, value: Value | Refused, place: Place) -> Value:
    """Return what a function gave, handed over to the type of its result."""
    if type(value) is Refused:
        run.note(value.code, place, value.facts)
        return None
    if type(value) is str:
        run.check_text(len(value))
        run.spend(len(value) >> 6)
    fits, result = coerced(value, function.result)  # type: ignore[arg-type]  # no Refused
    if not fits:
        run.note("feel-result-unfit", place, {"wanted": function.result})
    return result


def _counts(way: Function, given: int) -> bool:
    most = len(way.parameters)
    if most and way.parameters[-1].takes_rest:
        return given >= most
    return most - sum(p.may_be_absent for p in way.parameters) <= given <= most


def _in_order(way: Function, arguments: list[Value]) -> Given:
    most = len(way.parameters)
    if most and way.parameters[-1].takes_rest:
        return [*arguments[: most - 1], arguments[most - 1 :]]
    return [*arguments, *([ABSENT] * (most - len(arguments)))]


def _knows(way: Function, arguments: dict[str, Value]) -> bool:
    return arguments.keys() <= {parameter.name for parameter in way.parameters}


def _named(parameter: Parameter, arguments: dict[str, Value]) -> Value | _Absent:
    """Return the argument of a name; one not given is null, unless the parameter may be absent."""
    return arguments.get(parameter.name, ABSENT if parameter.may_be_absent else None)


def _note_no_function(run: Run, called: Value, place: Place) -> None:
    if called is not None:
        run.note("feel-no-function", place, {"type": type_of(called)})


def _ready(run: Run, ways: list[tuple[Function, Given]], place: Place) -> Ready | None:
    """Take the first way that fits the arguments as they are, or else handed over."""
    function, given = ways[0] if len(ways) == 1 else _chosen(ways)
    run.spend(1)
    handed: list[Value] = []
    for parameter, argument in zip(function.parameters, given, strict=True):
        if parameter.type.is_deep:
            run.weigh(None if isinstance(argument, _Absent) else argument)
        value = _handed(parameter, argument)
        if type(value) is Refused:
            run.note(value.code, place, value.facts)
            return None
        if type(value) is str:
            run.spend(len(value) >> 6)
        handed.append(value)  # type: ignore[arg-type]  # no Refused
    return function, handed


def _chosen(ways: list[tuple[Function, Given]]) -> tuple[Function, Given]:
    for way in ways:
        if _fits(*way):
            return way
    for function, given in ways:
        handed = map(_handed, function.parameters, given)
        if not any(type(value) is Refused for value in handed):
            return function, given
    return ways[0]


def _fits(function: Function, given: Given) -> bool:
    return all(
        argument is ABSENT
        or (parameter.may_be_null if argument is None else parameter.type.holds(argument))  # type: ignore[arg-type]  # not absent
        for parameter, argument in zip(function.parameters, given, strict=True)
    )


def _handed(parameter: Parameter, argument: Value | _Absent) -> Value | Refused:
    if isinstance(argument, _Absent):
        return None
    fits, value = coerced(argument, parameter.type)
    if not fits:
        facts = {"parameter": parameter.name, "wanted": parameter.type, "given": type_of(argument)}
        return Refused("feel-argument-unfit", **facts)
    if value is None and not parameter.may_be_null:
        return Refused("feel-argument-null", parameter=parameter.name)
    return value
