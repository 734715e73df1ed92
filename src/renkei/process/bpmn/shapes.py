"""How things look: the few forms of the notation, and icons as lines in a box of 24 by 24.

Which of them a kind of element has stands with the kind, in its own file.
"""

from dataclasses import dataclass
from enum import StrEnum


class Form(StrEnum):
    """The outline."""

    BOX = "box"
    CIRCLE = "circle"
    DIAMOND = "diamond"


class Border(StrEnum):
    """The line around it: it tells kinds apart without a colour."""

    THIN = "thin"
    THICK = "thick"
    DOUBLE = "double"
    DOTTED = "dotted"


@dataclass(frozen=True, slots=True)
class Shape:
    """An outline with its line, and a pale colour that only underlines what the line says."""

    form: Form
    border: Border = Border.THIN
    tint: str = "#ffffff"
    size: tuple[int, int] = (120, 80)
    """How large it is where no diagram says it."""


@dataclass(frozen=True, slots=True)
class Icon:
    """A sign: an area, which is empty or full, and lines upon it. Both are paths of SVG."""

    area: str = ""
    lines: str = ""


@dataclass(frozen=True, slots=True)
class Picture:
    """How one element is drawn."""

    shape: Shape
    icon: Icon | None = None
    is_full: bool = False
    """Of the icon: its area is full, as of an event that throws."""
    is_dashed: bool = False
    """Of the line around: nothing is interrupted."""
    markers: tuple[Icon, ...] = ()
    """Signs at the foot of an activity."""


TASK = Shape(Form.BOX, tint="#f4f8fd")
GATEWAY = Shape(Form.DIAMOND, tint="#fdf6dc", size=(50, 50))
START = Shape(Form.CIRCLE, tint="#e9f6e6", size=(36, 36))
BETWEEN = Shape(Form.CIRCLE, Border.DOUBLE, tint="#fdf6dc", size=(36, 36))
END = Shape(Form.CIRCLE, Border.THICK, tint="#fbe9e7", size=(36, 36))

ENVELOPE = Icon("M2 5H22V19H2Z", "M2 5L12 13L22 5")
RING = "M12 2A10 10 0 1 1 11.99 2Z"
PENTAGON = "M12 2L22 9.5L18 21H6L2 9.5Z"
PLUS = "M9.5 2H14.5V9.5H22V14.5H14.5V22H9.5V14.5H2V9.5H9.5Z"
CROSS = "M5 2L12 9L19 2L22 5L15 12L22 19L19 22L12 15L5 22L2 19L9 12L2 5Z"
REWIND = Icon("M12 5V19L2 12ZM22 5V19L12 12Z")
ARROW = Icon("M2 9H13V4L22 12L13 20V15H2Z")
SEVERAL = Icon(PENTAGON)
ALL = Icon(PLUS)

LOOP = Icon(lines="M8 20A9 9 0 1 1 16 20M8 20V14M8 20H2")
BESIDE = Icon(lines="M6 3V21M12 3V21M18 3V21")
IN_TURN = Icon(lines="M3 6H21M3 12H21M3 18H21")
FOLDED = Icon("M2 2H22V22H2Z", "M12 6V18M6 12H18")
