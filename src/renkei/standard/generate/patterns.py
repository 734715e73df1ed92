r"""The pattern of an item in other dialects than the one of `renkei.standard.rules`.

The dialects differ in how they write a character by its number, in `(?:…)`, and in what must be
escaped inside a class; what a pattern takes is the same in all of them.
"""

import re
from functools import cache

from renkei.standard.grammar import pattern
from renkei.standard.model import Item, ItemType

LIMITED = frozenset({ItemType.text, ItemType.kana, ItemType.latin})
"""The types whose `digits` is the most characters a value may have."""

_NUMBERED = re.compile(r"\\(?:x(..)|u(....)|U(.{8}))")
_BEYOND = re.compile(r"\\U(.{8})")
_CLASS = re.compile(r"\[(\^?)((?:[^\]\\]|\\.)*)\]")


def open_pattern(item: Item) -> str:
    r"""Return the pattern as ECMAScript (flag u), Python and Rust read it.

    They write characters beyond U+FFFF in two ways, `\u{…}` and `\U…`; here they stand themselves.
    """
    return _open(pattern(item))


@cache
def _open(text: str) -> str:
    return _BEYOND.sub(lambda found: chr(int(found[1], 16)), text)


def html_pattern(item: Item) -> str:
    r"""Return the pattern for the attribute of an input, which is ECMAScript with the flag v."""
    return _for_html(open_pattern(item))


@cache
def _for_html(text: str) -> str:
    return _CLASS.sub(lambda found: f"[{found[1]}{_escaped(found[2])}]", text)


def xml_pattern(item: Item) -> str:
    r"""Return the pattern in the regular expressions of XML Schema; its length stands apart.

    They know neither `(?:…)` nor `\uXXXX` and always match the whole value. Of the control
    characters XML holds only tab and the ends of lines, and it never holds U+FFFE and U+FFFF.
    """
    text = pattern(item)
    if item.type in LIMITED:
        text = text[: text.rindex("{")] + "*"
    text = text.replace("(?:", "(").replace(r"\x00-\x1F", r"\t\n\r").replace(r"\uFFFE\uFFFF", "")
    return _NUMBERED.sub(lambda found: chr(int(found[1] or found[2] or found[3], 16)), text)


def _escaped(members: str) -> str:
    return re.sub(r"([/()|{}])", r"\\\1", members)
