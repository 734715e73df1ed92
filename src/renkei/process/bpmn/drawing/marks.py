"""What is laid over a picture, given as data: where cases are, how many passed, what is stuck.

Each says by its form what it says by its colour: tokens are a disc, incidents a triangle, load is a
row of five squares.
"""

from dataclasses import dataclass
from datetime import timedelta

from renkei import kit
from renkei.process.bpmn.diagram import Box, Point
from renkei.process.bpmn.document import Xml
from renkei.process.bpmn.drawing.paper import INK, PAPER, lines, part, path, rectangle
from renkei.process.bpmn.drawing.wrapping import width
from renkei.process.bpmn.words import phrase

BLUE = "#0b5394"
RED = "#b3261e"
HEAT = ("#fff8e1", "#ffecb3", "#ffd77a", "#ffbe5c", "#ff9f4a")
"""From little to much; dark letters are readable on each."""
STEPS = len(HEAT)
SQUARE = 7.0
SMALL = 55.0
"""What is lower is an event or a gateway."""


@dataclass(frozen=True, slots=True)
class Mark:
    """What is known of one element, or of one flow, at the moment."""

    tokens: int = 0
    """How many cases are there now."""
    passed: int | None = None
    """How many passed."""
    duration: timedelta | None = None
    """How long it takes, as a rule."""
    incidents: int = 0
    heat: float | None = None
    """How much of the load is here, from 0 to 1."""

    @property
    def step(self) -> int | None:
        """Return the load in five steps, from 1."""
        if self.heat is None:
            return None
        return min(int(max(self.heat, 0.0) * STEPS) + 1, STEPS)

    def words(self, language: kit.Language) -> list[str]:
        """Return it in words."""
        said = []
        if self.tokens:
            said.append(phrase("mark-tokens", language, count=self.tokens))
        if self.incidents:
            said.append(phrase("mark-incidents", language, count=self.incidents))
        if self.passed is not None:
            said.append(phrase("mark-passed", language, count=self.passed))
        if self.duration is not None:
            said.append(phrase("mark-duration", language, duration=long(self.duration, language)))
        if self.step is not None:
            said.append(phrase("mark-heat", language, level=self.step))
        return said


def long(duration: timedelta, language: kit.Language) -> str:
    """Return a duration in its largest unit that is at least one.

    >>> long(timedelta(hours=36), "ja"), long(timedelta(minutes=5), "en")
    ('1.5日', '5 minutes')
    """
    seconds = duration.total_seconds()
    for unit, size in (("days", 86_400), ("hours", 3_600), ("minutes", 60)):
        if seconds >= size:
            number = f"{seconds / size:.1f}".removesuffix(".0")
            return phrase(unit[:-1] if number == "1" else unit, language, number=number)
    return phrase("seconds", language, number=f"{seconds:.0f}")


def tint(mark: Mark | None, otherwise: str) -> str:
    """Return the colour of what a mark lies over."""
    return HEAT[mark.step - 1] if mark is not None and mark.step is not None else otherwise


def draw_mark(at: Xml, box: Box, mark: Mark, language: kit.Language) -> None:
    """Lay a mark over an element."""
    group = part(at, "g", aria_hidden="true")  # its words stand in the name of the element
    if mark.step is not None:
        draw_heat(group, (box.right - STEPS * (SQUARE + 2) - 14, box.y + 6), mark.step)
    top = box.y + (10 if box.height < SMALL else -2)  # the name of a gateway stands above it
    if mark.tokens:
        draw_tokens(group, (box.right - 2, top), mark.tokens)
    if mark.incidents:
        draw_incidents(group, (box.x, top), mark.incidents)
    said = []
    if mark.passed is not None:
        said.append(phrase("unit-cases", language, count=mark.passed))
    if mark.duration is not None:
        said.append(long(mark.duration, language))
    if said:
        draw_note(group, box, " · ".join(said))


def draw_tokens(at: Xml, middle: Point, count: int) -> None:
    """Draw how many are here: a disc with a number."""
    said = str(count)
    radius = max(11.0, width(said, 12) / 2 + 5)
    x, y = middle
    part(at, "circle", cx=x, cy=y, r=radius, fill=BLUE, stroke=PAPER, stroke_width=2)
    lines(at, [said], middle, 12, fill=PAPER, font_weight="bold")


def draw_incidents(at: Xml, middle: Point, count: int) -> None:
    """Draw how many are stuck: a triangle with a number."""
    x, y = middle
    path(
        at,
        f"M{x:.1f} {y - 14:.1f}L{x + 16:.1f} {y + 12:.1f}H{x - 16:.1f}Z",
        fill=RED,
        stroke=PAPER,
        stroke_width=2,
        stroke_linejoin="round",
    )
    lines(at, [f"!{count}"], (x, y + 3), 11, fill=PAPER, font_weight="bold")


def draw_heat(at: Xml, start: Point, step: int) -> None:
    """Draw the load: so many of five squares are full."""
    for number in range(STEPS):
        box = Box(start[0] + number * (SQUARE + 2), start[1], SQUARE, SQUARE)
        fill = INK if number < step else PAPER
        rectangle(at, box, fill=fill, stroke=INK, stroke_width=1)


def draw_note(at: Xml, edge: Box, said: str) -> None:
    """Write a few numbers on a strip: at the lower edge, left of events that are there."""
    wide = width(said, 11) + 12
    is_small = edge.height < SMALL  # its name stands below it
    x = edge.centre[0] if is_small else edge.x - 6 + wide / 2
    y = edge.y - 8 if is_small else edge.bottom
    box = Box(x - wide / 2, y - 8, wide, 17)
    rectangle(at, box, rx=8, fill=PAPER, stroke=BLUE, stroke_width=1.2)
    lines(at, [said], (x, y + 0.5), 11, fill=BLUE)


def draw_legend(at: Xml, start: Point, kinds: list[str], language: kit.Language) -> float:
    """Say what the marks mean, below the picture; return how high that is."""
    x, y = start[0] + 20, start[1] + 14
    for kind in kinds:
        match kind:
            case "tokens":
                draw_tokens(at, (x, y), 3)
            case "incidents":
                draw_incidents(at, (x, y), 1)
            case "heat":
                draw_heat(at, (x - 20, y - 3), 3)
            case _:
                draw_note(at, Box(x - 12, y + 8, 24, 0), "12")
        said = phrase(f"legend-{kind}", language)
        lines(at, [said], (x + 34, y), 12, anchor="start")
        y += 32
    return y - start[1]


def kinds_of(marks: list[Mark]) -> list[str]:
    """Return which kinds of marks there are, for the legend."""
    held = {
        "tokens": any(one.tokens for one in marks),
        "incidents": any(one.incidents for one in marks),
        "passed": any(one.passed is not None or one.duration is not None for one in marks),
        "heat": any(one.heat is not None for one in marks),
    }
    return [kind for kind, is_there in held.items() if is_there]
