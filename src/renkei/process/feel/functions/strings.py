"""Functions of texts; a text is counted in code points."""

from decimal import Decimal
from typing import Final

from renkei.process.feel.functions.lists import position_in
from renkei.process.feel.functions.signature import function
from renkei.process.feel.running import Refused, Run
from renkei.process.feel.values import Value


def substring(_: Run, text: str, start: Decimal, length: Decimal | None) -> Value | Refused:
    """Return the part from a position counted from 1, or from the end by -1."""
    first = position_in(start, len(text))
    if isinstance(first, Refused):
        return first
    if length is None:
        return text[first:]
    if not 1 <= length < len(text) - first + 1:
        return Refused("feel-position-outside", size=len(text))
    return text[first : first + int(length)]


def before(_: Run, text: str, match: str) -> Value:
    """Return what stands before the first match; nothing if there is none."""
    at = text.find(match)
    return text[:at] if at > 0 else ""


def after(_: Run, text: str, match: str) -> Value:
    """Return what stands after the first match; nothing if there is none."""
    at = text.find(match)
    return text[at + len(match) :] if at >= 0 else ""


def join(run: Run, items: list[Value], delimiter: str | None) -> Value | Refused:
    """Return the texts as one, with the delimiter between them; nulls are passed over."""
    run.spend(len(items))
    texts = [item for item in items if isinstance(item, str)]
    if len(texts) + items.count(None) != len(items):
        return Refused("feel-item-unfit", wanted="string")
    between = delimiter or ""
    run.check_text(sum(len(text) for text in texts) + len(between) * len(texts))
    return between.join(texts)


STRINGS: Final = [
    function("substring", ("string: string, start position: number, length?: number", substring)),
    function("string length", ("string: string", lambda _, text: Decimal(len(text)))),
    function("upper case", ("string: string", lambda _, text: text.upper())),
    function("lower case", ("string: string", lambda _, text: text.lower())),
    function("substring before", ("string: string, match: string", before)),
    function("substring after", ("string: string, match: string", after)),
    function("contains", ("string: string, match: string", lambda _, text, match: match in text)),
    function("starts with", ("string: string, match: string", lambda _, t, m: t.startswith(m))),
    function("ends with", ("string: string, match: string", lambda _, t, m: t.endswith(m))),
    function("string join", ("list: list, delimiter?: string?", join)),
]
