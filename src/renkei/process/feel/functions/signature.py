"""Declaring a function in one line: its name, its parameters, and what runs.

`"list: list, start position: number, length?: number"`: a parameter with `?` may be left out; a
type with `?` may be null; a name with `...` takes all that follow.
"""

from collections.abc import Callable
from typing import Any

from renkei.process.feel.names import Names
from renkei.process.feel.reading import Reader
from renkei.process.feel.running import Refused, Run
from renkei.process.feel.types import ANY, Type
from renkei.process.feel.types_reading import read_type
from renkei.process.feel.values import Function, Parameter, Range, Value

Body = Callable[..., Value | Refused]


class _Point(Type):
    """Any value that has no parts: what may lie in a range."""

    def holds(self, value: Value) -> bool:
        return not isinstance(value, Range | list | dict | Function)

    def __str__(self) -> str:
        return "point"


_NAMES = Names(types={"point": _Point()})


def function(name: str, *ways: tuple[str, Body]) -> Function:
    """Return a function that can be called in one way, or in several.

    >>> function("even", ("n: number", lambda run, n: n % 2 == 0)).parameters[0].name
    'n'
    """
    first, *others = [_way(name, parameters, body) for parameters, body in ways]
    return Function(
        first.parameters, ANY, first.call, name=name, frames=first.frames, others=tuple(others)
    )


def over_list(name: str, body: Body, parameter: str = "list") -> Function:
    """Return a function of a list that also takes its items one by one."""
    return function(name, (f"{parameter}: list", body), (f"{parameter}...: Any", body))


def _way(name: str, parameters: str, body: Body) -> Function:
    def call(run: Run, arguments: list[Any]) -> Value | Refused:
        return body(run, *arguments)

    declared = tuple(_parameter(part) for part in parameters.split(",") if part)
    return Function(declared, ANY, call, name=name)


def _parameter(text: str) -> Parameter:
    name, _, of = (part.strip() for part in text.partition(":"))
    rest = name.endswith("...")
    null = of.endswith("?")
    kind = read_type(Reader(of.removesuffix("?"), _NAMES, _NAMES))
    return Parameter(
        name.removesuffix("...").removesuffix("?"),
        ANY if rest else kind,
        may_be_null=null,
        may_be_absent=name.endswith("?"),
        takes_rest=rest,
    )
