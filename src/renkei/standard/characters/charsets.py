"""The charsets that files and older systems use, and what each can write.

The bytes come from Python's codecs. Where these differ from what the other side does, the
difference is named here: two tables for one cell (TWINS), codes that stand twice (`IBM_CODES`)
and bytes without a character (`UNASSIGNED`).
"""

from enum import StrEnum
from functools import cache, lru_cache

from renkei.standard.characters.errors import CharsetUnknown


class Charset(StrEnum):
    """A charset by the name it has on the wire."""

    utf_8 = "UTF-8"
    windows_31j = "Windows-31J"  # code page 932: JIS X 0208, NEC row 13, IBM extensions, 外字
    jis_x_0208 = "Shift_JIS"  # JIS X 0208 alone
    jis_x_0213 = "Shift_JIS-2004"

    @property
    def codec(self) -> str:
        """Return Python's name of it."""
        return CODECS[self]


CODECS = {
    Charset.utf_8: "utf-8",
    Charset.windows_31j: "cp932",
    Charset.jis_x_0208: "shift_jis",
    Charset.jis_x_0213: "shift_jis_2004",
}

NAMES = {name.value.lower(): name for name in Charset} | {
    "utf8": Charset.utf_8,
    "cp932": Charset.windows_31j,
    "ms932": Charset.windows_31j,
    "csshiftjis": Charset.jis_x_0208,
    "shift_jisx0213": Charset.jis_x_0213,
}

# Microsoft's CP932.TXT and Unicode's JIS0208.TXT name these cells differently; a character whose
# own name a charset lacks goes to the cell under the other name.
_PAIRS = (
    ("\u301c", "\uff5e"),  # 〜 wave dash, ～ full-width tilde
    ("\u2212", "\uff0d"),  # − minus, － full-width hyphen-minus
    ("\u2016", "\u2225"),  # ‖ double vertical line, ∥ parallel to
    ("\u00a2", "\uffe0"),  # ¢
    ("\u00a3", "\uffe1"),  # £
    ("\u00ac", "\uffe2"),  # ¬
    ("\u2015", "\u2014"),  # ― horizontal bar, — em dash (JIS X 0208 in Apple's table)
    ("\u00a5", "\uffe5"),  # ¥: in Shift_JIS byte 5C, where everybody else reads \
    ("\u203e", "\uffe3"),  # ‾: in Shift_JIS byte 7E, where everybody else reads ~
    ("\\", "\uff3c"),  # \: in Shift_JIS-2004 byte 5C is ¥
    ("\u00a6", "\uffe4"),  # ¦
)
# The one name of each cell, to compare by: that of the JIS tables.
CELL_NAMES = {theirs: ours for ours, theirs in _PAIRS}
TWINS = dict(_PAIRS) | CELL_NAMES

# Python decodes these single bytes of code page 932, which has nothing there.
UNASSIGNED = {"\x80": 0x80, "\uf8f0": 0xA0, "\uf8f1": 0xFD, "\uf8f2": 0xFE, "\uf8f3": 0xFF}

# Marks that JIS X 0213 writes together with the character before them: か゚, æ̀.
JOINING = "\u309a\u0300\u0301"


def charset(name: str) -> Charset:
    """Return the charset of a name, however it is spelt.

    >>> charset("windows-31j") is charset("CP932")
    True
    """
    try:
        return NAMES[name.lower()]
    except KeyError:
        raise CharsetUnknown(
            charset=name[:40], known=", ".join(known.value for known in Charset)
        ) from None


@lru_cache(maxsize=1 << 16)
def can_write(unit: str, where: Charset) -> bool:
    """Tell whether a character, alone or with its joining mark, comes back as it was.

    >>> can_write("〜", Charset.jis_x_0208), can_write("〜", Charset.windows_31j)
    (True, False)
    """
    if where is Charset.windows_31j and unit in UNASSIGNED:
        return False
    try:
        return unit.encode(where.codec).decode(where.codec) == unit
    except UnicodeError:
        return False


@cache
def ibm_codes() -> dict[str, bytes]:
    """Return the characters that stand twice in code page 932 and Windows' choice of code.

    ED40 to EEFC repeats FA40 to FC4B. Windows writes the latter, as does the WHATWG Encoding
    Standard (its Shift_JIS encoder leaves these rows out); Python writes the former.

    >>> ibm_codes()["髙"].hex(), "髙".encode("cp932").hex()
    ('fbfc', 'eee0')
    """
    codes = {}
    for lead in (0xFA, 0xFB, 0xFC):
        for trail in (*range(0x40, 0x7F), *range(0x80, 0xFD)):
            code = bytes((lead, trail))
            character = code.decode("cp932", "ignore")
            if len(character) == 1 and character.encode("cp932")[0] in (0xED, 0xEE):
                codes[character] = code
    return codes
