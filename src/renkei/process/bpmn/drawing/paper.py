"""What a picture is made of: parts of SVG with the few settings that all of them share."""

from lxml import etree

from renkei.process.bpmn.diagram import Box, Point
from renkei.process.bpmn.document import Xml
from renkei.process.bpmn.drawing.wrapping import LEADING

SVG = "http://www.w3.org/2000/svg"
INK = "#1f2933"
PAPER = "#ffffff"
FONTS = (
    "'Noto Sans JP','Noto Sans CJK JP','Hiragino Sans','BIZ UDPGothic','Yu Gothic',Meiryo,"
    "sans-serif"
)


def part(parent: Xml, name: str, **settings: object) -> Xml:
    """Add a part; `stroke_width` is written as SVG has it, numbers without needless digits."""
    made = etree.SubElement(parent, f"{{{SVG}}}{name}")
    for key, value in settings.items():
        if value is not None:
            made.set(key.strip("_").replace("_", "-"), _shown(value))
    return made


def _shown(value: object) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)


def title(parent: Xml, text: str) -> None:
    """Say what a part is: to those who point at it, and to those who do not see it."""
    part(parent, "title").text = text


def rectangle(parent: Xml, box: Box, **settings: object) -> Xml:
    """Add a rectangle."""
    return part(parent, "rect", x=box.x, y=box.y, width=box.width, height=box.height, **settings)


def path(parent: Xml, way: str, **settings: object) -> Xml:
    """Add a way of SVG."""
    return part(parent, "path", d=way, **settings)


def lines(
    parent: Xml,
    said: list[str],
    at: Point,
    size: float,
    *,
    anchor: str = "middle",
    has_halo: bool = False,
    **settings: object,
) -> None:
    """Add lines of text, the first one's middle at a point; a halo keeps it readable over lines."""
    halo = {"paint_order": "stroke", "stroke": PAPER, "stroke_width": 3} if has_halo else {}
    text = part(
        parent,
        "text",
        font_size=size,
        text_anchor=anchor,
        fill=settings.pop("fill", INK),
        stroke_linejoin="round" if has_halo else None,
        **halo,
        **settings,
    )
    for number, line in enumerate(said):
        y = at[1] + size * 0.36 + number * size * LEADING
        part(text, "tspan", x=at[0], y=y).text = line


def upright(parent: Xml, said: list[str], at: Point, size: float, **settings: object) -> None:
    """Add lines of Japanese from above to below, the first one rightmost, around a point."""
    right = at[0] + (len(said) - 1) * size * LEADING / 2
    for number, line in enumerate(said):
        text = part(
            parent,
            "text",
            x=right - number * size * LEADING,
            y=at[1],
            font_size=size,
            text_anchor="middle",
            dominant_baseline="central",
            writing_mode="vertical-rl",
            fill=INK,
            **settings,
        )
        text.text = line


def middle(parent: Xml, said: list[str], box: Box, size: float, **settings: object) -> None:
    """Add lines of text in the middle of a box."""
    x, y = box.centre
    first = y - (len(said) - 1) * size * LEADING / 2
    lines(parent, said, (x, first), size, **settings)  # type: ignore[arg-type] # settings of SVG
