"""Turning what was read into closures, once, so that evaluating does nothing but run them."""

from collections.abc import Callable
from typing import Any

from renkei.process.feel import syntax
from renkei.process.feel.errors import FeelTextTooDeep
from renkei.process.feel.running import Code

HIGHEST = 150
PARTS_OF_A_STEP = 2

Maker = Callable[["Compiler", Any], Code]

# These run their parts within a comprehension, which is a frame of its own.
_TWO_FRAMES = (syntax.Call, syntax.ListOfNodes)


class Compiler:
    """Compiles the parts one within the other; counts them, and how deep they stand.

    The depth is that of Python's frames when they run; the count, the price of running them again.
    """

    def __init__(self, makers: dict[type[syntax.Node], Maker]) -> None:
        """Stand at the top."""
        self._makers = makers
        self.level = 0
        self.parts = 0

    def code(self, node: syntax.Node) -> Code:
        """Return the closure of a part."""
        frames = 2 if isinstance(node, _TWO_FRAMES) else 1
        self.level += frames
        self.parts += 1
        if self.level > HIGHEST:
            raise FeelTextTooDeep(most=HIGHEST, line=node.place.line, column=node.place.column)
        made = self._makers[type(node)](self, node)
        self.level -= frames
        return made

    def priced(self, node: syntax.Node) -> tuple[Code, int]:
        """Return the closure of a part that runs many times, and the steps each time costs."""
        before = self.parts
        code = self.code(node)
        return code, (self.parts - before) // PARTS_OF_A_STEP + 1

    def apart(self, node: syntax.Node) -> tuple[Code, int]:
        """Return the closure of a function's body, which runs in its own frames, and its price."""
        level, self.level = self.level, 0
        made = self.priced(node)
        self.level = level
        return made
