"""Calling a function: arguments handed over to the parameters, depth and steps counted."""

from renkei.process.feel.running import Place, Refused, Run
from renkei.process.feel.types import coerced, type_of
from renkei.process.feel.values import Function, Parameter, Value


def call_in_order(run: Run, called: Value, arguments: list[Value], place: Place) -> Value:
    """Call with arguments in the order of the parameters."""
    if type(called) is not Function:
        return _no_function(run, called, place)
    ways = [way for way in (called, *called.others) if _counts(way, len(arguments))]
    if not ways:
        facts = {"wanted": len(called.parameters), "given": len(arguments)}
        run.note("feel-argument-count", place, facts)
        return None
    return _call(run, [(way, _in_order(way, arguments)) for way in ways], place)


def call_by_name(run: Run, called: Value, arguments: dict[str, Value], place: Place) -> Value:
    """Call with arguments by the names of the parameters."""
    if type(called) is not Function:
        return _no_function(run, called, place)
    ways = [way for way in (called, *called.others) if _names(way, arguments)]
    if not ways:
        names = " / ".join(
            ", ".join(parameter.name for parameter in way.parameters)
            for way in (called, *called.others)
        )
        run.note("feel-argument-names", place, {"wanted": names[:200]})
        return None
    return _call(
        run,
        [(way, [arguments.get(p.name, ABSENT) for p in way.parameters]) for way in ways],
        place,
    )


class _Absent:
    """Stands where an argument was left out; a function sees null."""


ABSENT = _Absent()
Given = list[Value | _Absent]


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


def _names(way: Function, arguments: dict[str, Value]) -> bool:
    wanted = {parameter.name: parameter for parameter in way.parameters}
    return arguments.keys() <= wanted.keys() and all(
        parameter.may_be_absent or name in arguments for name, parameter in wanted.items()
    )


def _no_function(run: Run, called: Value, place: Place) -> Value:
    if called is not None:
        run.note("feel-no-function", place, {"type": type_of(called)})
    return None


def _call(run: Run, ways: list[tuple[Function, Given]], place: Place) -> Value:
    """Call the first way that fits the arguments as they are, or else handed over."""
    for function, given in ways:
        if len(ways) > 1 and not _fits(function, given):
            continue
        break
    else:
        function, given = ways[0]
        for way, arguments in ways:
            if all(
                type(_handed(p, a)) is not Refused
                for p, a in zip(way.parameters, arguments, strict=True)
            ):
                function, given = way, arguments
                break
    handed: list[Value] = []
    for parameter, argument in zip(function.parameters, given, strict=True):
        value = _handed(parameter, argument)
        if type(value) is Refused:
            run.note(value.code, place, value.facts)
            return None
        handed.append(value)  # type: ignore[arg-type]  # no Refused
    return invoke(run, function, handed, place)


def invoke(run: Run, function: Function, arguments: list[Value], place: Place) -> Value:
    """Call a function with arguments that fit its parameters."""
    run.spend(1)
    run.enter(function.frames)
    value = function.call(run, arguments)
    run.leave(function.frames)
    if type(value) is Refused:
        run.note(value.code, place, value.facts)
        return None
    fits, result = coerced(value, function.result)  # type: ignore[arg-type]  # no Refused
    if not fits:
        run.note("feel-result-unfit", place, {"wanted": function.result})
    return result


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
        return Refused(
            "feel-argument-unfit",
            parameter=parameter.name,
            wanted=parameter.type,
            given=type_of(argument),
        )
    if value is None and not parameter.may_be_null:
        return Refused("feel-argument-null", parameter=parameter.name)
    return value
