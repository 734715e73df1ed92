"""Reading a range from text: only values that are written down may be its ends."""

from collections.abc import Callable
from typing import Final

from renkei.kit import NodeError
from renkei.process.feel import syntax
from renkei.process.feel.arithmetic import opposite
from renkei.process.feel.comparing import order
from renkei.process.feel.functions.conversions import (
    date_from,
    duration_from,
    moment_from,
    time_from,
)
from renkei.process.feel.names import NO_NAMES, Names
from renkei.process.feel.parser import parse
from renkei.process.feel.running import Refused, Run
from renkei.process.feel.values import Range, Value

_MAKERS: Final[dict[str, Callable[[Run, str], Value | Refused]]] = {
    "date": date_from,
    "time": time_from,
    "date and time": moment_from,
    "duration": duration_from,
}
_NAMES: Final = Names(_MAKERS)
LONGEST = 1_000


def range_from(run: Run, text: str) -> Value | Refused:
    """Return the range a text says.

    >>> range_from(Run(), "[1..3)").end_included
    False
    """
    malformed = Refused("feel-range-malformed")
    if len(text) > LONGEST:
        return malformed
    run.spend(len(text))
    try:
        node = parse(text, NO_NAMES, _NAMES)
    except NodeError:
        return malformed
    if not isinstance(node, syntax.RangeOfNodes) or node.start is None or node.end is None:
        return malformed
    start, end = _end(run, node.start), _end(run, node.end)
    if order(start, end) not in {-1, 0}:
        return malformed
    return Range(start, end, node.start_included, node.end_included)


def _end(run: Run, node: syntax.Node) -> Value:
    """Return a value that is written down, null for anything else."""
    match node:
        case syntax.Constant(value=value):
            return value
        case syntax.Negation(operand=syntax.Constant(value=value)):
            turned = opposite(value)
            return None if isinstance(turned, Refused) else turned
        case syntax.Call(
            function=syntax.Name(name=name),
            arguments=(syntax.Constant(value=str(said)),),
            named=None,
        ) if name in _MAKERS:
            made = _MAKERS[name](run, said)
            return None if isinstance(made, Refused) else made
        case _:
            return None
