"""Text in lines: how wide it is, where it may break. Japanese breaks but before some signs."""

import re
import unicodedata
from functools import cache

NOT_FIRST = frozenset(
    "、。，．・：；？！）」』】〕〉》ー々ぁぃぅぇぉっゃゅょァィゥェォッャュョ…,.:;?!)]}%"
)
NOT_LAST = frozenset("（「『【〔〈《([{")
NARROW = frozenset("ijltfrI.,:;'|!()[]{}-/ ")
WIDE = frozenset("mwMW@%")

_PIECES = re.compile(r"[A-Za-z0-9_.@&'’\-À-ɏ]+|\s+|.", re.DOTALL)


def is_wide(char: str) -> bool:
    """Tell whether a sign is as wide as those of Japanese are."""
    return unicodedata.east_asian_width(char) in "WFA"


@cache
def _width(char: str) -> float:
    if is_wide(char):
        return 1.0
    if char in NARROW:
        return 0.34
    return 0.86 if char in WIDE else 0.58


def width(text: str, size: float) -> float:
    """Return about how wide a text is; fonts differ, so a little more than most need.

    >>> width("審査 A", 10)
    29.2
    """
    return round(sum(map(_width, text)) * size, 2)


def wrap(text: str, most: float, size: float) -> list[str]:
    """Break a text into lines no wider than `most`, as few as go, and about equally long.

    >>> wrap("申請書を受け付ける", 104, 12)
    ['申請書を受', 'け付ける']
    >>> wrap("Send the invoice", 60, 12)
    ['Send the', 'invoice']
    """
    pieces = _pieces(text, most, size)
    lines = _filled(pieces, most, size)
    low, high = max((width(one, size) for one in pieces), default=0.0), most
    while len(lines) > 1 and high - low > size / 4:
        middle = (low + high) / 2
        tried = _filled(pieces, middle, size)
        if len(tried) == len(lines):
            high, lines = middle, tried
        else:
            low = middle
    return lines


def widest(text: str, size: float) -> float:
    """Return how wide the widest word is that would not be broken."""
    return max((width(one, size) for one in _pieces(text, 1e9, size)), default=0.0)


def _filled(pieces: list[str], most: float, size: float) -> list[str]:
    """Fill lines with pieces, as far as they go."""
    lines, line = [], ""
    for piece in pieces:
        if piece.isspace():
            line = f"{line} " if line else line
        elif not line or width(line + piece, size) <= most:
            line += piece
        else:
            lines.append(line.rstrip())
            line = piece
    return [*lines, line.rstrip()] if line.strip() else lines


def _pieces(text: str, most: float, size: float) -> list[str]:
    """Cut a text into what is not broken: words, and signs with what they must stay with."""
    pieces: list[str] = []
    for found in _PIECES.findall(text.strip()):
        stays = pieces and (found in NOT_FIRST or pieces[-1][-1] in NOT_LAST)
        if stays and not pieces[-1].isspace():
            pieces[-1] += found
        else:
            pieces.append(found)
    return [part for piece in pieces for part in _cut(piece, most, size)]


def _cut(piece: str, most: float, size: float) -> list[str]:
    """Cut a word that fits on no line."""
    if width(piece, size) <= most:
        return [piece]
    parts, part = [], ""
    for char in piece:
        if part and width(part + char, size) > most:
            parts.append(part)
            part = ""
        part += char
    return [*parts, part]


def fitted(
    text: str, wide: float, high: float, sizes: tuple[float, ...] = (12, 11, 10)
) -> tuple[list[str], float]:
    """Return the lines of a text and the size at which they fit; what is too long is cut short."""
    for size in sizes:
        lines = wrap(text, wide, size)
        if len(lines) * size * LEADING <= high:
            return lines, size
    size = sizes[-1]
    lines = wrap(text, wide, size)
    kept = max(1, int(high // (size * LEADING)))
    if len(lines) > kept:
        lines = [*lines[: kept - 1], lines[kept - 1][:-1].rstrip() + "…"]
    return lines, size


LEADING = 1.25
"""Of the size: from one line to the next."""
