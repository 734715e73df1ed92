"""Turning what was read into closures, once, so that evaluating does nothing but run them."""

from collections.abc import Callable
from typing import Any

from renkei.process.feel import syntax
from renkei.process.feel.errors import FeelTextTooDeep
from renkei.process.feel.running import Code

HIGHEST = 150

Maker = Callable[["Compiler", Any], Code]


class Compiler:
    """Compiles the parts one within the other, and counts how deep they stand."""

    def __init__(self, makers: dict[type[syntax.Node], Maker], level: int = 0) -> None:
        """Stand at a level of the text."""
        self._makers = makers
        self._level = level
        self.peak = level

    def code(self, node: syntax.Node) -> Code:
        """Return the closure of a part."""
        self._level += 1
        self.peak = max(self.peak, self._level)
        if self._level > HIGHEST:
            raise FeelTextTooDeep(most=HIGHEST, line=node.place.line, column=node.place.column)
        made = self._makers[type(node)](self, node)
        self._level -= 1
        return made

    def apart(self, node: syntax.Node) -> tuple[Code, int]:
        """Return the closure of a function's body, and how many levels it has."""
        inner = Compiler(self._makers, self._level)
        code = inner.code(node)
        return code, inner.peak - self._level
