"""The few strokes the diagrams are made of: measured text, boxes, lines, links."""

from dataclasses import dataclass, field
from unicodedata import east_asian_width

from markupsafe import Markup

SIZE = 13.0
ROW = 24.0


def width(text: str, size: float = SIZE) -> float:
    """Return how wide a text is at most: a full-width character one em, others less.

    >>> width("所得", 10), width("il", 10) < 20
    (20.0, True)
    """
    return sum(_ems(char) for char in text) * size


def _ems(char: str) -> float:
    if east_asian_width(char) in "WFA":
        return 1.0
    return 0.76 if char.isupper() or char in "mw%@&" else 0.6


def clipped(text: str, limit: float, size: float = SIZE) -> str:
    """Return a text cut to a width; what is cut stands in the tooltip."""
    if width(text, size) <= limit:
        return text
    while text and width(text, size) + size > limit:
        text = text[:-1]
    return f"{text}…"


@dataclass
class Drawing:
    """A picture that grows by strokes; everything it writes is escaped."""

    title: str
    strokes: list[Markup] = field(default_factory=list)
    right: float = 0
    bottom: float = 0

    def box(self, x: float, y: float, wide: float, high: float, kind: str) -> None:
        """Draw a rectangle of a kind the style sheet knows."""
        self._reach(x + wide, y + high)
        self.strokes.append(
            Markup('<rect class="{}" x="{}" y="{}" width="{}" height="{}" rx="4"/>').format(
                kind, _n(x), _n(y), _n(wide), _n(high)
            )
        )

    def text(self, x: float, y: float, text: str, kind: str = "", limit: float = 9999) -> None:
        """Write a text from its left end, cut where the limit is."""
        shown = clipped(text, limit)
        self._reach(x + width(shown), y)
        tip = Markup("<title>{}</title>").format(text) if shown != text else ""
        self.strokes.append(
            Markup('<text class="{}" x="{}" y="{}">{}{}</text>').format(
                kind, _n(x), _n(y), tip, shown
            )
        )

    def link(
        self, x: float, y: float, text: str, address: str, tip: str, limit: float = 9999
    ) -> None:
        """Write a text that leads somewhere."""
        shown = clipped(text, limit)
        self._reach(x + width(shown), y)
        self.strokes.append(
            Markup('<a href="{}"><text x="{}" y="{}"><title>{}</title>{}</text></a>').format(
                address, _n(x), _n(y), tip, shown
            )
        )

    def line(self, points: list[tuple[float, float]], kind: str = "") -> None:
        """Draw a line through points."""
        for x, y in points:
            self._reach(x, y)
        path = " ".join(f"{_n(x)},{_n(y)}" for x, y in points)
        self.strokes.append(Markup('<polyline class="line {}" points="{}"/>').format(kind, path))

    def arrow(self, x: float, y: float, kind: str = "") -> None:
        """Draw the head of an arrow to the right, its tip here."""
        points = f"{_n(x)},{_n(y)} {_n(x - 8)},{_n(y - 4)} {_n(x - 8)},{_n(y + 4)}"
        self.strokes.append(Markup('<polygon class="head {}" points="{}"/>').format(kind, points))

    def svg(self) -> Markup:
        """Return the picture as it stands in a page."""
        wide, high = self.right + 2, self.bottom + 2
        return Markup(
            '<svg class="diagram" role="group" aria-label="{0}" width="{1}" height="{2}" '
            'viewBox="0 0 {1} {2}">{3}</svg>'
        ).format(self.title, _n(wide), _n(high), Markup("\n").join(self.strokes))

    def _reach(self, x: float, y: float) -> None:
        self.right, self.bottom = max(self.right, x), max(self.bottom, y)


def _n(value: float) -> str:
    """Write a length as short as it can be, alike on every machine."""
    return f"{value:.1f}".removesuffix(".0")
