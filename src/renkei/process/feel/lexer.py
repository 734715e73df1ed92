"""Cutting a text into tokens: words, numbers, strings, at-literals and symbols."""

import re
from bisect import bisect_right
from dataclasses import dataclass
from typing import Literal

from renkei.process.feel.errors import FeelSyntaxError, FeelTextTooLong

LONGEST_TEXT = 100_000

Kind = Literal["word", "number", "string", "at", "symbol", "end"]

# DMN 1.5, grammar rules 26-30 (names) and 61-62 (white space; U+1680, U+180E, U+FEFF belong there).
_SPACE = r"\t\n\v\f\r \u0085\u00a0\u1680\u180e\u2000-\u200b\u2028\u2029\u202f\u205f\u3000\ufeff"
_START = (
    r"?A-Z_a-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02ff\u0370-\u037d\u037f-\u167f\u1681-\u180d"
    r"\u180f-\u1fff\u200c\u200d\u2070-\u218f\u2c00-\u2fef\u3001-\ud7ff\uf900-\ufdcf"
    r"\ufdf0-\ufefe\uff00-\ufffd\U00010000-\U000effff"
)
_PART = _START + r"0-9\u00b7\u0300-\u036f\u203f\u2040"

_TOKEN = re.compile(
    rf"""
    (?P<space> [{_SPACE}]++ | //[^\n\r]*+ | /\*(?:[^*]|\*(?!/))*+\*/ )
  | (?P<open> /\* )
  | (?P<number> (?: \d++(?:\.\d++)? | \.\d++ ) (?:[eE][+-]?\d++)? )
  | (?P<word> [{_START}][{_PART}]*+ )
  | (?P<at> @[{_SPACE}]*+"(?:[^"\\\n\r]|\\.)*+" )
  | (?P<string> "(?:[^"\\\n\r]|\\.)*+" )
  | (?P<symbol> \*\* | \.\. | <= | >= | != | -> | . )
    """,
    re.VERBOSE | re.DOTALL | re.ASCII,
)
_ESCAPE = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{6})|(.))", re.DOTALL)
_PAIR = re.compile("([\ud800-\udbff])([\udc00-\udfff])")
_PLAIN = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "'": "'", "\\": "\\"}


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of the text: its kind, what it says, and where it begins and ends."""

    kind: Kind
    text: str
    start: int
    end: int


def tokens(text: str) -> list[Token]:
    """Cut a text into tokens, the last of which is its end; white space and comments go.

    >>> [token.text for token in tokens("Monthly Income - 3.5 // net")]
    ['Monthly', 'Income', '-', '3.5', '']
    """
    if len(text) > LONGEST_TEXT:
        raise FeelTextTooLong(length=len(text), most=LONGEST_TEXT)
    found: list[Token] = []
    for match in _TOKEN.finditer(text):
        kind = match.lastgroup
        if kind == "space":
            continue
        said = match.group()
        if kind == "open":
            raise syntax_error(text, match.start(), "a closing */")
        if said == '"':
            raise syntax_error(text, match.start(), 'a closing "')
        if kind in {"string", "at"}:
            said = _unescaped(text, match.start(), said[said.index('"') + 1 : -1])
        found.append(Token(kind, said, match.start(), match.end()))  # type: ignore[arg-type]  # the group's name
    found.append(Token("end", "", len(text), len(text)))
    return found


def line_starts(text: str) -> list[int]:
    """Return where each line of a text begins."""
    return [0, *(match.end() for match in re.finditer("\n", text))]


def place(starts: list[int], at: int) -> tuple[int, int]:
    """Return line and column, counted from 1, of a position.

    >>> place([0, 4], 6)
    (2, 3)
    """
    line = bisect_right(starts, at)
    return line, at - starts[line - 1] + 1


def syntax_error(text: str, at: int, expected: str) -> FeelSyntaxError:
    """Return the error of a text that stops being FEEL at a position."""
    line, column = place(line_starts(text), at)
    found = re.match(r"\s*(\w+|.)?", text[at : at + 40], re.DOTALL)
    said = (found and found.group(1)) or "the end"
    return FeelSyntaxError(line=line, column=column, expected=expected, found=said)


def _unescaped(text: str, at: int, inner: str) -> str:
    """Resolve the escapes; those FEEL does not know stay, since patterns are full of them."""
    if "\\" not in inner:
        return inner

    def one(match: re.Match[str]) -> str:
        four, six, plain = match.groups()
        if plain is not None:
            return _PLAIN.get(plain, match.group())
        point = int(four or six, 16)
        if point > 0x10FFFF:
            raise syntax_error(text, at, "a Unicode code point")
        return chr(point)

    found = _PAIR.sub(
        lambda m: chr(0x10000 + ((ord(m[1]) - 0xD800) << 10) + (ord(m[2]) - 0xDC00)),
        _ESCAPE.sub(one, inner),
    )
    if any("\ud800" <= letter <= "\udfff" for letter in found):
        raise syntax_error(text, at, "a whole surrogate pair")
    return found
