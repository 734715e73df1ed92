"""Bytes to text and text to bytes, with a report of all that did not go through as it was.

Nothing is guessed: the caller names the charset. What a charset cannot write is replaced only by
its twin (the same cell under its other name) or by what the caller's mapping says; whatever is
left becomes 〓, and the report tells where.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from renkei.standard.characters.changes import Damage, Kind, Replacement, Unrepresentable
from renkei.standard.characters.charsets import (
    JOINING,
    TWINS,
    UNASSIGNED,
    Charset,
    can_write,
    ibm_codes,
)
from renkei.standard.characters.variants import kind_of

GETA = "〓"  # 下駄記号: what printers set where the type was missing
UNKNOWN = "\ufffd"

_UNIT = re.compile(f".[{JOINING}]|.", re.DOTALL)
_ESCAPED = re.compile("[\udc80-\udcff]+")


@dataclass(frozen=True, slots=True)
class Decoded:
    """A text and the bytes that were no text."""

    text: str
    damages: tuple[Damage, ...] = ()
    replacements: tuple[Replacement, ...] = ()

    @property
    def is_whole(self) -> bool:
        """Tell whether every byte was read."""
        return not self.damages


@dataclass(frozen=True, slots=True)
class Encoded:
    """Bytes, what stands in them for something else, and what they cannot hold."""

    data: bytes
    replacements: tuple[Replacement, ...] = ()
    missing: tuple[Unrepresentable, ...] = ()

    @property
    def is_whole(self) -> bool:
        """Tell whether every character has a place in the bytes, if need be by a replacement."""
        return not self.missing


def decode(data: bytes, charset: Charset) -> Decoded:
    """Read bytes; a run of bytes without meaning becomes one U+FFFD and one finding.

    >>> decode(bytes.fromhex("e9818de28080"), Charset.utf_8).is_whole
    True
    >>> decode("髙".encode("utf-8")[:2], Charset.utf_8).damages[0].offset
    0
    """
    text = data.decode(charset.codec, "surrogateescape")
    if charset is Charset.windows_31j and not text.isascii():
        text = text.translate({ord(c): 0xDC00 + byte for c, byte in UNASSIGNED.items()})
    parts, damages, offset, end = [], [], 0, 0
    for run in _ESCAPED.finditer(text):
        part = text[end : run.start()]
        offset += len(_bytes(part, charset))
        damaged = bytes(ord(c) - 0xDC00 for c in run[0])
        damages.append(Damage(offset, damaged, charset.value))
        parts += [part, UNKNOWN]
        offset, end = offset + len(damaged), run.end()
    text = "".join([*parts, text[end:]])
    if charset is Charset.utf_8 and text.startswith("\ufeff"):
        mark = Replacement(0, "\ufeff", "", Kind.byte_order_mark)
        return Decoded(text[1:], tuple(damages), (mark,))
    return Decoded(text, tuple(damages))


def encode(text: str, charset: Charset, *, mapping: Mapping[str, str] | None = None) -> Encoded:
    """Write text; `mapping` says what may stand for a character the charset does not have.

    A mapping is followed step by step until the charset can write the result, and touches nothing
    that the charset can write. `variants.forms()` is one; a town's table of its 外字 is another.

    >>> encode("髙橋", Charset.jis_x_0208).missing[0].character
    '髙'
    >>> encode("髙橋", Charset.jis_x_0208, mapping={"髙": "高"}).data.decode("shift_jis")
    '高橋'
    """
    written = set(_UNIT.findall(text))
    joined = {unit for unit in written if len(unit) == 2 and can_write(unit, charset)}
    single = {c for unit in written - joined for c in unit}
    fates = {c: _fate(c, charset, mapping or {}) for c in single if not can_write(c, charset)}
    if not fates:
        return Encoded(_bytes(text, charset))
    parts, replacements, missing = [], [], []
    for unit in _UNIT.finditer(text):
        for position, c in enumerate(unit[0], unit.start()):
            if c not in fates or unit[0] in joined:
                parts.append(c)
                continue
            match fates[c]:
                case None:
                    missing.append(Unrepresentable(position, c, charset.value))
                    parts.append(GETA)
                case (after, kind):
                    replacements.append(Replacement(position, c, after, kind))
                    parts.append(after)
    data = _bytes("".join(parts), charset)
    return Encoded(data, tuple(replacements), tuple(missing))


def _fate(character: str, charset: Charset, mapping: Mapping[str, str]) -> tuple[str, Kind] | None:
    """Return what stands for a character the charset does not have, and why; None for nothing."""
    twin = TWINS.get(character)
    if twin is not None and can_write(twin, charset):
        return twin, Kind.twin
    seen, after = {character}, character
    while after in mapping:
        step = after
        after = mapping[step]
        if all(can_write(c, charset) for c in after):
            return after, kind_of(character, after)
        if after in seen:  # a table that runs in a circle
            return None
        seen.add(after)
    return None


def _bytes(text: str, charset: Charset) -> bytes:
    """Return the bytes of a text the charset can write, with the codes that Windows chooses."""
    if charset is Charset.jis_x_0213:  # Python's codec drops U+0000 after a letter that may join
        return b"\0".join(part.encode(charset.codec) for part in text.split("\0"))
    if charset is not Charset.windows_31j or text.isascii():
        return text.encode(charset.codec)
    codes = ibm_codes()
    parts = re.split(f"([{''.join(codes)}])", text)
    return b"".join(codes.get(part) or part.encode("cp932") for part in parts)
