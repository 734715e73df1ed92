"""A value as an expression that gives it: what a person may read, change and give back."""

import json
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
            return json.dumps(value, ensure_ascii=False)
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
