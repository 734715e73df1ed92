"""Values shown: as a line for people, as data for programs."""

from decimal import Decimal

from renkei.process import feel
from renkei.process.feel import Value


def show(value: Value) -> str:
    """Return a value as a line for people."""
    if isinstance(value, feel.Function):
        return f"function({', '.join(one.name for one in value.parameters)})"
    if isinstance(value, feel.Range):
        low, high = "[" if value.start_included else "(", "]" if value.end_included else ")"
        return f"{low}{show(value.start)}..{show(value.end)}{high}"
    if isinstance(value, list):
        return "[" + ", ".join(map(show, value)) + "]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{name}: {show(one)}" for name, one in value.items()) + "}"
    if isinstance(value, bool) or value is None:
        return {True: "true", False: "false", None: "null"}[value]
    return f'"{value}"' if isinstance(value, str) else str(value)


def plain(value: Value) -> object:
    """Return a value as JSON has it: whole numbers as such, others as their digits.

    >>> plain({"a": [Decimal("15000"), Decimal("0.1"), True]})
    {'a': [15000, '0.1', True]}
    """
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, Decimal):
        is_whole = value == value.to_integral_value() and abs(value) < 2**53
        return int(value) if is_whole else format(value, "f")
    if isinstance(value, list):
        return [plain(one) for one in value]
    if isinstance(value, dict):
        return {name: plain(one) for name, one in value.items()}
    return show(value)
