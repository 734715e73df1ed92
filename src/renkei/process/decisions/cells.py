"""What a cell of conditions accepts, read off its text where the text alone says it.

Literals, comparisons with literals, intervals between them, lists of these, `not(…)` and `-` say
it; anything else (names, arithmetic, calls) shows only when it is evaluated.
"""

import re
from decimal import Decimal
from functools import lru_cache

from renkei.process import feel
from renkei.process.decisions.columns import ANYTHING, Accepted, Cell, Ordered, Span

LONGEST = 10_000
_STRING = r'"(?:[^"\\]|\\.)*"'
_END = rf"-?(?:\d+(?:\.\d+)?|\.\d+)|@{_STRING}|date\({_STRING}\)|duration\({_STRING}\)|{_STRING}"
_ITEM = re.compile(
    rf"\s*(?:(?P<open>[\[(\]])\s*(?P<low>{_END})\s*\.\.\s*(?P<high>{_END})\s*(?P<close>[\])\[])"
    rf"|(?P<sign><=|>=|<|>|!=|=)?\s*(?P<end>{_END})|(?P<word>true|false|null))\s*(?:,|$)"
)
_NOT = re.compile(r"^not\s*\((.*)\)$", re.DOTALL)


def cell(text: str) -> Cell:
    """Return what a cell accepts, or None where only its evaluation shows it.

    >>> cell("-").all_but, cell('"A", "B"').values == {"A", "B"}, cell("< limit")
    (True, True, None)
    """
    text = text.strip()
    if text == "-":
        return ANYTHING
    if len(text) > LONGEST:
        return None
    if inner := _NOT.match(text):
        found = _items(inner[1])
        if found is None or found.all_but:
            return None
        return Accepted(found.spans, found.values, takes_null=found.takes_null, all_but=True)
    return _items(text)


def _items(text: str) -> Cell:
    spans: list[Span] = []
    values: set[str | bool] = set()
    takes_null, but, at = False, False, 0
    while at < len(text):
        item = _ITEM.match(text, at)
        if item is None or but:
            return None
        at = item.end()
        if word := item["word"]:
            takes_null |= word == "null"
            values |= {word == "true"} if word != "null" else set()
        elif item["open"]:
            span = _interval(item)
            if span is None:
                return None
            spans.append(span)
        else:
            end, sign = _constant(item["end"]), item["sign"] or "="
            if end is None:
                return None
            if isinstance(end, str) and sign in ("=", "!="):
                values.add(end)
            elif isinstance(end, str):
                return None
            else:
                spans.append(_compared(sign, end))
            but = sign == "!="
            if but and len(spans) + len(values) > 1:
                return None
    if not at or text.rstrip().endswith(","):
        return None
    return Accepted(tuple(spans), frozenset(values), takes_null, all_but=but)


def _interval(item: re.Match[str]) -> Span | None:
    low, high = _constant(item["low"]), _constant(item["high"])
    if low is None or high is None or isinstance(low, str) or isinstance(high, str):
        return None
    if type(low) is not type(high):
        return None
    return Span(low, high, has_low=item["open"] == "[", has_high=item["close"] == "]")


def _compared(sign: str, end: Ordered) -> Span:
    match sign:
        case "<" | "<=":
            return Span(high=end, has_high=sign == "<=")
        case ">" | ">=":
            return Span(low=end, has_low=sign == ">=")
    return Span(end, end, has_low=True, has_high=True)


@lru_cache(maxsize=4096)
def _constant(text: str) -> Ordered | str | None:
    """Return a literal's value, if it is of a type whose values are all ordered."""
    value = feel.expression(text).value({})
    if isinstance(value, Decimal | str | feel.Date | feel.YearsMonths | feel.DaysTime):
        return value
    return None
