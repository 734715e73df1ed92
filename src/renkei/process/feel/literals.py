"""A value as an expression that gives it: what a person may read, change and give back."""

from decimal import Decimal

from renkei.process.feel.durations import DaysTime, YearsMonths
from renkei.process.feel.temporal import Date, DateTime, Time
from renkei.process.feel.values import Function, Range, Value

_CALLS: dict[type, str] = {
    Date: "date",
    Time: "time",
    DateTime: "date and time",
    YearsMonths: "duration",
    DaysTime: "duration",
}


def literal(value: Value) -> str:
    """Return an expression for a value; a function has none.

    >>> literal({"名前": "甲", "年齢": Decimal(3), "日": Date.parse("2027-04-01")})
    '{"名前": "甲", "年齢": 3, "日": date("2027-04-01")}'
    """
    match value:
        case None:
            return "null"
        case bool():
            return str(value).lower()
        case Decimal():
            return format(value, "f")
        case str():
            return f'"{"".join(map(_escaped, value))}"'
        case list():
            return f"[{', '.join(map(literal, value))}]"
        case dict():
            entries = (f"{literal(name)}: {literal(one)}" for name, one in value.items())
            return f"{{{', '.join(entries)}}}"
        case Range():
            left, right = "[" if value.start_included else "(", "]" if value.end_included else ")"
            return f"{left}{literal(value.start)}..{literal(value.end)}{right}"
        case Function():
            return ""
        case _:
            return f'{_CALLS[type(value)]}("{value}")'


_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}


def _escaped(letter: str) -> str:
    """Return a letter as a text of FEEL holds it; controls that are not seen by their number."""
    if letter.isprintable() or letter == "\u3000":  # the wide blank between names
        return _ESCAPES.get(letter, letter)
    return _ESCAPES.get(letter) or f"\\U{ord(letter):06X}"
