"""PDF: a table on A4, with its header, its page numbers and who took it on every page.

The Japanese fonts are those every reader of PDF has; nothing is embedded. What they are not sure to
hold becomes 〓 and is counted.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path

from reportlab.lib.pagesizes import A4, landscape
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

from renkei import kit
from renkei.standard.characters import Charset, can_write
from renkei.store.extracts.forms import ColumnOut, Heading, MissingLetter, Rows, Written, plain

FONT, BOLD = "HeiseiMin-W3", "HeiseiKakuGo-W5"
SIZE, LEADING, PAD = 8.0, 10.5, 3.0
MARGIN, HEAD, FOOT = 36.0, 44.0, 22.0
MOST_ROWS = 20_000
MOST_LINES = 6  # of one cell; what is longer ends in …
GETA = "〓"

Lines = list[list[str]]  # the lines of each cell of a row


class Printed:
    """Gathers the rows, few by their limit, and lays out the pages at the end."""

    most_rows = MOST_ROWS

    def __init__(self, path: Path, columns: Sequence[ColumnOut], heading: Heading) -> None:
        """Begin with no rows."""
        self._path = path
        self._heading = heading
        self._missing: dict[str, MissingLetter] = {}
        self._titles = [self._printable(column.title, 1) for column in columns]
        self._rows: list[list[str]] = []

    def write(self, rows: Rows) -> None:
        """Take the next rows."""
        for row in rows:
            number = len(self._rows) + 2
            self._rows.append([self._printable(plain(value), number) for value in row])

    def close(self) -> Written:
        """Lay out the pages and write them."""
        page = landscape(A4)
        widths = _widths(self._titles, self._rows, page[0] - 2 * MARGIN)
        head = [
            _wrapped(title, width, BOLD) for title, width in zip(self._titles, widths, strict=True)
        ]
        room = page[1] - 2 * MARGIN - HEAD - FOOT - _height(head)
        pages = list(_pages(self._rows, widths, room))
        canvas = Canvas(str(self._path), pagesize=page, pageCompression=1)
        canvas.setTitle(self._heading.name)
        canvas.setAuthor(self._heading.by)
        canvas.setSubject(self._heading.purpose)
        for number, rows in enumerate(pages, 1):
            self._frame(canvas, page, number, len(pages))
            top = page[1] - MARGIN - HEAD
            canvas.setFillColorRGB(0.91, 0.93, 0.96)
            canvas.rect(MARGIN, top - _height(head), sum(widths), _height(head), stroke=0, fill=1)
            top = _draw(canvas, head, widths, top, BOLD)
            for row in rows:
                top = _draw(canvas, row, widths, top, FONT)
            canvas.showPage()
        canvas.save()
        return Written(tuple(self._missing.values()))

    def abort(self) -> None:
        """Let go of the rows."""
        self._rows.clear()

    def _frame(self, canvas: Canvas, page: tuple[float, float], number: int, total: int) -> None:
        """Draw what stands on every page: who, when, what for; which page of how many."""
        (_, name), *facts = self._heading.lines()
        canvas.setFillColorRGB(0, 0, 0)
        canvas.setFont(BOLD, 12)
        canvas.drawString(MARGIN, page[1] - MARGIN - 10, self._printable(name, 0))
        canvas.setFont(FONT, SIZE)
        line = "　".join(f"{label} {text}" for label, text in facts)
        for n, part in enumerate(
            _wrapped(self._printable(line, 0), page[0] - 2 * MARGIN, FONT)[:2]
        ):
            canvas.drawString(MARGIN, page[1] - MARGIN - 24 - n * LEADING, part)
        said = kit.say("extract-page", self._heading.language, number=number, total=total)
        canvas.drawRightString(page[0] - MARGIN, MARGIN, said)
        canvas.drawString(MARGIN, MARGIN, kit.say("extract-careful", self._heading.language))

    def _printable(self, text: str, row: int) -> str:
        if text.isascii() or all(_is_printable(letter) for letter in text):
            return text
        for letter in text:
            if not _is_printable(letter):
                known = self._missing.get(letter, MissingLetter(letter, 0, row))
                self._missing[letter] = replace(known, count=known.count + 1)
        return "".join(letter if _is_printable(letter) else GETA for letter in text)


@cache
def _fonts() -> None:
    for name in (FONT, BOLD):
        pdfmetrics.registerFont(UnicodeCIDFont(name))


@cache
def _is_printable(letter: str) -> bool:
    """Tell whether every reader's Japanese font has a character: the sets of JIS and of Windows."""
    is_private = "\ue000" <= letter <= "\uf8ff"
    return not is_private and (letter.isascii() or can_write(letter, Charset.windows_31j))


def _width(text: str, font: str) -> float:
    _fonts()
    return float(pdfmetrics.stringWidth(text, font, SIZE))


def _widths(titles: list[str], rows: list[list[str]], room: float) -> list[float]:
    """Share the width of the page: each column what it needs, the wide ones less if they must."""
    wanted = [
        max(
            min(_width(title, BOLD), 90.0),
            *(min(_width(row[n], FONT), 260.0) for row in rows[:200]),
            24.0,
        )
        + 2 * PAD
        for n, title in enumerate(titles)
    ]
    total = sum(wanted)
    return wanted if total <= room else [width * room / total for width in wanted]


def _wrapped(text: str, width: float, font: str) -> list[str]:
    """Break a text into lines that fit; Japanese breaks between any two letters."""
    lines, line, used = [], "", 0.0
    for letter in text:
        more = _letter_width(letter, font)
        if line and used + more > width - 2 * PAD:
            lines.append(line)
            line, used = "", 0.0
        line, used = line + letter, used + more
    lines.append(line)
    if len(lines) > MOST_LINES:
        lines = [*lines[: MOST_LINES - 1], lines[MOST_LINES - 1][:-1] + "…"]
    return lines


@cache
def _letter_width(letter: str, font: str) -> float:
    return _width(letter, font)


def _height(row: Lines) -> float:
    return max(len(lines) for lines in row) * LEADING + PAD


def _pages(rows: list[list[str]], widths: list[float], room: float) -> Iterator[list[Lines]]:
    """Yield the rows of each page; without any rows one empty page."""
    page: list[Lines] = []
    left = room
    for row in rows:
        lines = [_wrapped(text, width, FONT) for text, width in zip(row, widths, strict=True)]
        if page and _height(lines) > left:
            yield page
            page, left = [], room
        page.append(lines)
        left -= _height(lines)
    yield page


def _draw(canvas: Canvas, row: Lines, widths: list[float], top: float, font: str) -> float:
    """Draw a row and the line below it; return where the next one begins."""
    canvas.setFillColorRGB(0, 0, 0)
    canvas.setFont(font, SIZE)
    left, bottom = MARGIN, top - _height(row)
    for lines, width in zip(row, widths, strict=True):
        for n, line in enumerate(lines):
            canvas.drawString(left + PAD, top - LEADING * (n + 1) + 2, line)
        left += width
    canvas.setStrokeColorRGB(0.75, 0.78, 0.82)
    canvas.setLineWidth(0.3)
    canvas.line(MARGIN, bottom, left, bottom)
    return bottom
