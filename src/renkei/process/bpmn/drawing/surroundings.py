"""What stands around the flow, and no token comes to: pools, lanes, data, remarks, groups."""

from collections.abc import Callable

from renkei import kit
from renkei.process.bpmn.diagram import Box, Figure
from renkei.process.bpmn.document import Xml, child, local, text
from renkei.process.bpmn.drawing.figures import draw_icon, draw_label
from renkei.process.bpmn.drawing.paper import INK, PAPER, lines, middle, path, rectangle, upright
from renkei.process.bpmn.drawing.wrapping import fitted, is_wide
from renkei.process.bpmn.shapes import ARROW, ENVELOPE

BAND = 30.0
"""Of a pool or lane: where its name stands."""

Drawing = Callable[[Xml, Figure, Xml, str], None]


def _draw_pool(at: Xml, figure: Figure, xml: Xml, name: str) -> None:
    box = figure.box
    settings = {"fill": PAPER, "stroke": INK, "stroke_width": 1.5}
    rectangle(at, box, **settings)
    is_closed = local(xml) == "participant" and not xml.get("processRef")
    if is_closed or min(box.width, box.height) < 2 * BAND:  # nothing is shown inside
        said, size = fitted(name, box.width - 12, box.height - 6, (13, 12, 11, 10))
        middle(at, said, box, size, font_weight="bold")
        return
    if figure.is_horizontal:
        band = Box(box.x, box.y, BAND, box.height)
        rectangle(at, band, **settings | {"fill": "#eef1f4"})
        _write_up(at, name, band, (13, 12, 11, 10), font_weight="bold")
    else:
        band = Box(box.x, box.y, box.width, BAND)
        rectangle(at, band, **settings | {"fill": "#eef1f4"})
        said, size = fitted(name, box.width - 10, BAND - 2, (13, 12, 11, 10))
        middle(at, said, band, size, font_weight="bold")


def _draw_lane(at: Xml, figure: Figure, xml: Xml, name: str) -> None:
    box = figure.box
    rectangle(at, box, fill="none", stroke=INK, stroke_width=1)
    if not name:
        return
    if figure.is_horizontal:
        _write_up(at, name, Box(box.x, box.y, BAND, box.height), (12, 11, 10))
    else:
        said, size = fitted(name, box.width - 10, BAND - 2)
        middle(at, said, Box(box.x, box.y, box.width, BAND), size)


def _write_up(at: Xml, name: str, band: Box, sizes: tuple[float, ...], **settings: object) -> None:
    """Write a name along a band: Japanese upright, other letters turned."""
    said, size = fitted(name, band.height - 10, band.width - 2, sizes)
    x, y = band.centre
    if any(is_wide(char) for char in name):
        upright(at, said, (x, y), size, **settings)
    else:
        turned = f"rotate(-90 {x:.1f} {y:.1f})"
        middle(at, said, band, size, transform=turned, **settings)


def _draw_data(at: Xml, figure: Figure, xml: Xml, name: str) -> None:
    box, fold = figure.box, min(figure.box.width, figure.box.height) / 3
    corner = box.right - fold
    sheet = f"M{box.x} {box.y}H{corner}L{box.right} {box.y + fold}V{box.bottom}H{box.x}Z"
    path(at, sheet, fill="#f7f7f7", stroke=INK, stroke_width=1.3, stroke_linejoin="round")
    path(at, f"M{corner} {box.y}V{box.y + fold}H{box.right}", fill="none", stroke=INK)
    if local(xml) in {"dataInput", "dataOutput"}:
        arrow = Box(box.x + 4, box.y + 4, box.width / 2.4, box.width / 2.4)
        draw_icon(at, ARROW, arrow, is_full=local(xml) == "dataOutput")
    state = child(xml, "dataState")
    held = f"[{state.get('name', '')}]" if state is not None and state.get("name") else ""
    _label(at, figure, name if held in name else f"{name} {held}".strip())


def _draw_store(at: Xml, figure: Figure, xml: Xml, name: str) -> None:
    box = figure.box
    wide, high = box.width / 2, box.height / 8
    top, low = box.y + high, box.bottom - high
    arc = f"A{wide} {high} 0 0 0 {box.right} "
    body = f"M{box.x} {top}V{low}{arc}{low}V{top}A{wide} {high} 0 0 0 {box.x} {top}Z"
    path(at, body, fill="#f7f7f7", stroke=INK, stroke_width=1.3)
    for down in (0.0, high * 0.8):
        path(at, f"M{box.x} {top + down}{arc}{top + down}", fill="none", stroke=INK)
    _label(at, figure, name)


def _label(at: Xml, figure: Figure, name: str) -> None:
    box = figure.box
    if name:
        draw_label(at, name, figure.label or Box(box.centre[0] - 50, box.bottom + 4, 100, 30))


def _draw_remark(at: Xml, figure: Figure, xml: Xml, name: str) -> None:
    box = figure.box
    bracket = f"M{box.x + 12} {box.y}H{box.x}V{box.bottom}H{box.x + 12}"
    path(at, bracket, fill="none", stroke=INK, stroke_width=1.3)
    said, size = fitted(name, max(box.width - 12, 40), max(box.height, 14), (12, 11, 10, 9))
    lines(at, said, (box.x + 8, box.y + size * 0.8), size, anchor="start")


def _draw_group(at: Xml, figure: Figure, xml: Xml, name: str) -> None:
    settings = {"fill": "none", "stroke": INK, "stroke_dasharray": "8 3 2 3"}
    rectangle(at, figure.box, rx=8, **settings)
    if name:
        draw_label(at, name, Box(figure.box.x, figure.box.y - 18, figure.box.width, 16))


def _draw_message(at: Xml, figure: Figure, xml: Xml, name: str) -> None:
    draw_icon(at, ENVELOPE, figure.box)
    _label(at, figure, name)


def _draw_unknown(at: Xml, figure: Figure, xml: Xml, name: str) -> None:
    settings = {"fill": PAPER, "stroke": INK, "stroke_dasharray": "4 3"}
    rectangle(at, figure.box, **settings)
    said, size = fitted(name or local(xml), figure.box.width - 8, figure.box.height - 4)
    middle(at, said, figure.box, size)


DRAWINGS: dict[str, Drawing] = {
    "participant": _draw_pool,
    "lane": _draw_lane,
    "dataObjectReference": _draw_data,
    "dataObject": _draw_data,
    "dataInput": _draw_data,
    "dataOutput": _draw_data,
    "dataStoreReference": _draw_store,
    "textAnnotation": _draw_remark,
    "group": _draw_group,
    "message": _draw_message,
}
WORDS: dict[str, tuple[str, str]] = {
    "participant": ("参加者", "participant"),
    "lane": ("担当", "lane"),
    "dataObjectReference": ("データ", "data"),
    "dataObject": ("データ", "data"),
    "dataInput": ("入力データ", "data input"),
    "dataOutput": ("出力データ", "data output"),
    "dataStoreReference": ("データストア", "data store"),
    "textAnnotation": ("注記", "remark"),
    "group": ("グループ", "group"),
    "message": ("メッセージ", "message"),
    "messageFlow": ("メッセージの流れ", "message flow"),
    "association": ("関連", "association"),
    "dataInputAssociation": ("データの流れ", "way of data"),
    "dataOutputAssociation": ("データの流れ", "way of data"),
}


def draw_surrounding(at: Xml, figure: Figure, xml: Xml, name: str) -> None:
    """Draw something that is no element of the flow."""
    DRAWINGS.get(local(xml), _draw_unknown)(at, figure, xml, name)


def name_of(xml: Xml, by_id: dict[str, Xml]) -> str:
    """Return what it is called; of a remark its text, of a group that of its category."""
    if local(xml) == "textAnnotation":
        return text(child(xml, "text"))
    if local(xml) == "group":
        held = by_id.get(xml.get("categoryValueRef", "").rpartition(":")[2])
        return "" if held is None else held.get("value", "")
    named = xml.get("name", "").strip()
    if not named and (other := xml.get("dataObjectRef", "") or xml.get("dataStoreRef", "")):
        held = by_id.get(other.rpartition(":")[2])
        return "" if held is None else held.get("name", "").strip()
    return named


def words_of(xml: Xml, language: kit.Language) -> str:
    """Return what it is."""
    return WORDS.get(local(xml), (local(xml), local(xml)))[language == "en"]
