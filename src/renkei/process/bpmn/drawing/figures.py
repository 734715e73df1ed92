"""Elements on the page: outline, icon, markers, name. How a kind looks, the kind itself says."""

from renkei.process.bpmn.diagram import Box, Figure
from renkei.process.bpmn.document import Xml
from renkei.process.bpmn.drawing.paper import INK, lines, middle, part, path, rectangle
from renkei.process.bpmn.drawing.wrapping import LEADING, fitted, widest, wrap
from renkei.process.bpmn.model import Element
from renkei.process.bpmn.shapes import FOLDED, Border, Form, Icon, Picture

ICON = 18.0
MARKER = 14.0
WIDTHS = {Border.THIN: 1.5, Border.THICK: 3.5, Border.DOUBLE: 1.5, Border.DOTTED: 1.5}
ROUND = 10


def draw_outline(at: Xml, figure: Figure, picture: Picture, tint: str) -> None:
    """Draw the outline of an element, filled with its tint."""
    shape = picture.shape
    dash = "6 4" if picture.is_dashed else "2 4" if shape.border is Border.DOTTED else None
    settings = {
        "stroke": INK,
        "stroke_width": WIDTHS[shape.border],
        "stroke_dasharray": dash,
    }
    _outline(at, shape.form, figure.box, 0, {"fill": tint, **settings})
    if shape.border is Border.DOUBLE:
        _outline(at, shape.form, figure.box, 3.5, {"fill": "none", **settings})


def _outline(at: Xml, form: Form, box: Box, inset: float, settings: dict[str, object]) -> None:
    x, y = box.centre
    match form:
        case Form.BOX:
            wide, high = max(box.width - 2 * inset, 0), max(box.height - 2 * inset, 0)
            inner = Box(box.x + inset, box.y + inset, wide, high)
            rectangle(at, inner, rx=max(ROUND - inset, 0), **settings)
        case Form.CIRCLE:
            radius = max(min(box.width, box.height) / 2 - inset, 0)
            part(at, "circle", cx=x, cy=y, r=radius, **settings)
        case Form.DIAMOND:
            way = f"M{x} {box.y}L{box.right} {y}L{x} {box.bottom}L{box.x} {y}Z"
            path(at, way, stroke_linejoin="round", **settings)


def draw_icon(at: Xml, icon: Icon, box: Box, *, is_full: bool = False) -> None:
    """Draw a sign in a box."""
    scale = min(box.width, box.height) / 24
    where = f"translate({box.x:.2f} {box.y:.2f}) scale({scale:.3f})"
    group = part(at, "g", transform=where, stroke_linejoin="round", stroke_linecap="round")
    wide = round(1.3 / scale, 2)
    if icon.area:
        fill = INK if is_full else "#ffffff"
        path(group, icon.area, fill=fill, fill_rule="evenodd", stroke=INK, stroke_width=wide)
    if icon.lines:
        colour = "#ffffff" if is_full and icon.area else INK
        path(group, icon.lines, fill="none", stroke=colour, stroke_width=wide)


def draw_signs(at: Xml, figure: Figure, picture: Picture, *, is_folded: bool) -> None:
    """Draw what stands inside the outline, but the name."""
    box = figure.box
    if picture.shape.form is Form.BOX:
        if picture.icon is not None:
            inside = Box(box.x + 6, box.y + 6, ICON, ICON)
            draw_icon(at, picture.icon, inside, is_full=picture.is_full)
        _draw_markers(at, box, (*((FOLDED,) if is_folded else ()), *picture.markers))
    elif picture.icon is not None:
        share = 0.62 if picture.shape.form is Form.CIRCLE else 0.52
        side = min(box.width, box.height) * share
        x, y = box.centre
        inside = Box(x - side / 2, y - side / 2, side, side)
        draw_icon(at, picture.icon, inside, is_full=picture.is_full)


def _draw_markers(at: Xml, box: Box, markers: tuple[Icon, ...]) -> None:
    whole = len(markers) * (MARKER + 4) - 4
    for number, marker in enumerate(markers):
        left = box.centre[0] - whole / 2 + number * (MARKER + 4)
        draw_icon(at, marker, Box(left, box.bottom - MARKER - 4, MARKER, MARKER))


def draw_name(
    at: Xml, figure: Figure, element: Element, *, is_open: bool, has_marker: bool
) -> None:
    """Write the name: in the box, or below what is too small; `is_open` is one with content."""
    name, box = element.name, figure.box
    if not name:
        return
    picture = element.picture
    if picture.shape.form is not Form.BOX:
        label = figure.label or Box(box.centre[0] - 55, box.bottom + 3, 110, 40)
        is_above = label.bottom <= box.y + box.height / 4
        draw_label(at, name, label, is_above=is_above)
    elif is_open:
        left = box.x + 10 + (ICON if picture.icon is not None else 0)
        said, size = fitted(name, box.right - left - 10, 34)
        lines(at, said, (left, box.y + 14), size, anchor="start", font_weight="bold")
    else:
        foot = MARKER if has_marker else 0.0
        head = ICON + 2 if picture.icon is not None and box.height >= 60 else 0.0  # a task
        said, size = fitted(name, box.width - 12, box.height - head - foot - 6, (12, 11, 10, 9))
        if head and len(said) * size * LEADING <= box.height - 2 * head - 2 * foot:
            head = foot = max(head, foot)
        middle(at, said, Box(box.x, box.y + head, box.width, box.height - head - foot), size)


def draw_label(at: Xml, name: str, box: Box, *, size: float = 12.0, is_above: bool = False) -> None:
    """Write a name beside what it names, where the file says it, as wide as our letters need.

    One above what it names ends where its place does.
    """
    said = wrap(name, max(box.width * 1.1, 72, min(widest(name, size), 130)), size)
    high = len(said) * size * LEADING
    top = min(box.y, box.bottom - high) if is_above else box.y
    lines(at, said, (box.centre[0], top + size * 0.6), size, has_halo=True)
