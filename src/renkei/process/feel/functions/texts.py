"""Writing any value as text, as the conversion `string` does."""

from decimal import Decimal

from renkei.process.feel.durations import DaysTime, YearsMonths
from renkei.process.feel.running import Run
from renkei.process.feel.temporal import Date, DateTime, Time
from renkei.process.feel.values import Function, Range, Value

_MOMENTS = (Date, Time, DateTime, YearsMonths, DaysTime)


def written(value: Value, run: Run, *, within: bool = False) -> str:
    """Write a value; within a list or context a text stands in quotes.

    >>> written([Decimal("1E+2"), "a", {"b": None}], Run())
    '[100, "a", {b: null}]'
    """
    run.spend(1)
    if isinstance(value, str):
        return _quoted(value) if within else value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return number_text(value)
    if isinstance(value, _MOMENTS):
        return f'@"{value}"' if within else str(value)
    return _parts(value, run)


def _parts(value: Value, run: Run) -> str:
    if isinstance(value, list):
        text = ", ".join([written(item, run, within=True) for item in value])
        run.check_text(len(text))
        return f"[{text}]"
    if isinstance(value, dict):
        parts = [f"{name}: {written(item, run, within=True)}" for name, item in value.items()]
        text = ", ".join(parts)
        run.check_text(len(text))
        return "{" + text + "}"
    if isinstance(value, Range):
        return _range(value, run)
    if isinstance(value, Function):
        return f"function({', '.join(p.name for p in value.parameters)})"
    return "null"


def _range(value: Range, run: Run) -> str:
    start, end = (written(part, run, within=True) for part in (value.start, value.end))
    if value.start is None:
        return f"({'<=' if value.end_included else '<'} {end})"
    if value.end is None:
        return f"({'>=' if value.start_included else '>'} {start})"
    left, right = "[" if value.start_included else "(", "]" if value.end_included else ")"
    return f"{left}{start}..{end}{right}"


def number_text(number: Decimal) -> str:
    """Write a number without an exponent.

    >>> number_text(Decimal("1E+3")), number_text(Decimal("-0")), number_text(Decimal("2.50"))
    ('1000', '0', '2.50')
    """
    return format(number, "f") if number else "0"


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
