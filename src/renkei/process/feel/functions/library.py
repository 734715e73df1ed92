"""Functions gathered under their names: what an expression may call."""

from collections.abc import Iterable
from typing import Final

from renkei.process.feel.functions.callbacks import CALLBACKS
from renkei.process.feel.functions.contexts import CONTEXTS
from renkei.process.feel.functions.conversions import CONVERSIONS
from renkei.process.feel.functions.lists import LISTS
from renkei.process.feel.functions.moments import MOMENTS
from renkei.process.feel.functions.numbers import NUMERIC
from renkei.process.feel.functions.ranges import RANGES
from renkei.process.feel.functions.searches import SEARCHES
from renkei.process.feel.functions.strings import STRINGS
from renkei.process.feel.functions.sums import SUMS
from renkei.process.feel.names import Names
from renkei.process.feel.types import FunctionOf
from renkei.process.feel.values import Function, Value


class Library:
    """Functions by name, and their names as a text may hold them."""

    def __init__(self, functions: Iterable[Function]) -> None:
        """Gather functions."""
        self.functions: dict[str, Value] = {function.name: function for function in functions}
        self.names = Names(
            {
                f.name: FunctionOf(None, f.result)
                for f in self.functions.values()
                if isinstance(f, Function)
            }
        )

    def and_more(self, functions: Iterable[Function]) -> "Library":
        """Return a library with further functions."""
        mine = [f for f in self.functions.values() if isinstance(f, Function)]
        return Library([*mine, *functions])


CONFORMANCE: Final = Library(
    [
        *CONVERSIONS,
        *STRINGS,
        *SEARCHES,
        *LISTS,
        *SUMS,
        *CALLBACKS,
        *NUMERIC,
        *MOMENTS,
        *RANGES,
        *CONTEXTS,
    ]
)
