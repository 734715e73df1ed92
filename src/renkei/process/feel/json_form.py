"""Values as JSON and back, without loss: what JSON has no kind for stands under a tag.

A whole number JSON can hold stands as itself, any other under `@number` as text; dates, times,
moments and durations, ranges, and contexts that have an entry beginning with `@`, under theirs.
"""

from collections.abc import Callable
from decimal import Decimal
from typing import Final

from renkei.process.feel.durations import DaysTime, YearsMonths
from renkei.process.feel.errors import (
    FeelFunctionNotKept,
    FeelTextNotKept,
    FeelValueUnreadable,
)
from renkei.process.feel.moments import duration
from renkei.process.feel.temporal import Date, DateTime, Time
from renkei.process.feel.values import NUMBERS, Function, Range, Value

Json = None | bool | int | str | list["Json"] | dict[str, "Json"]

DEEPEST = 100
_LARGEST = 2**53 - 1


def dump(value: Value, place: str = "$") -> Json:
    """Return a value as JSON has it; a function has no such form, nor a text with NUL in it.

    >>> dump([Decimal(3), Decimal("1.50"), Date.parse("2026-04-01")])
    [3, {'@number': '1.50'}, {'@date': '2026-04-01'}]
    """
    if not value and isinstance(value, dict):  # as most places know nothing of their own
        return {}
    match value:
        case None | bool():
            return value
        case str():
            return _text(value, place)
        case Decimal():
            plain = value.as_tuple().exponent == 0 and abs(value) <= _LARGEST
            return int(value) if plain and str(value) != "-0" else {"@number": str(value)}
        case list():
            return [dump(item, f"{place}[{n}]") for n, item in enumerate(value)]
        case dict():
            entries: dict[str, Json] = {
                _text(key, place): _text(item, place)
                if isinstance(item, str)
                else dump(item, f"{place}.{key}")
                for key, item in value.items()
            }
            if [key for key in entries if key[:1] == "@"]:  # a step dumps many: `any` is slower
                return {"@context": [[key, item] for key, item in entries.items()]}
            return entries
        case Range(start=start, end=end, start_included=left, end_included=right):
            return {"@range": [dump(start, place), dump(end, place), left, right]}
        case Function():
            raise FeelFunctionNotKept(place=place)
        case _:
            return {_TAGS[type(value)]: str(value)}


def _text(value: str, place: str) -> str:
    if "\0" in value:
        raise FeelTextNotKept(place=place)
    return value


_TAGS: Final[dict[type, str]] = {
    Date: "@date",
    Time: "@time",
    DateTime: "@date and time",
    YearsMonths: "@duration",
    DaysTime: "@duration",
}
_READERS: Final[dict[str, Callable[[str], Value]]] = {
    "@date": Date.parse,
    "@time": Time.parse,
    "@date and time": DateTime.parse,
    "@duration": duration,
}


def load(said: object, place: str = "$", depth: int = 0) -> Value:
    """Return the value of a JSON form; anything else is refused with its place.

    >>> load(dump(Range(Decimal("0.5"), None, False, False)))
    Range(start=Decimal('0.5'), end=None, start_included=False, end_included=False)
    """
    if depth > DEEPEST:
        raise FeelValueUnreadable(place=place, reason=f"deeper than {DEEPEST} levels")
    match said:
        case None | bool() | str():
            return said
        case int():
            return _number(str(said), place)
        case list():
            return [load(item, f"{place}[{n}]", depth + 1) for n, item in enumerate(said)]
        case dict() if len(said) == 1 and str(next(iter(said))).startswith("@"):
            ((tag, inner),) = said.items()
            return _tagged(tag, inner, place, depth)
        case dict() if not any(not isinstance(key, str) or key.startswith("@") for key in said):
            return {
                key: item if isinstance(item, str) else load(item, f"{place}.{key}", depth + 1)
                for key, item in said.items()
            }
        case _:
            raise FeelValueUnreadable(place=place, reason=type(said).__name__)


def _tagged(tag: str, inner: object, place: str, depth: int) -> Value:
    match tag, inner:
        case "@number", str():
            return _number(inner, place)
        case "@range", [start, end, bool() as left, bool() as right]:
            return Range(load(start, place, depth + 1), load(end, place, depth + 1), left, right)
        case "@context", list():
            return _context(inner, place, depth)
        case _ if tag in _READERS and isinstance(inner, str):
            value = _READERS[tag](inner)
            if value is not None:
                return value
    raise FeelValueUnreadable(place=place, reason=tag[:30])


def _number(text: str, place: str) -> Decimal:
    number = NUMBERS.create_decimal(text) if len(text) < 100 else Decimal("NaN")
    if not number.is_finite():
        raise FeelValueUnreadable(place=place, reason="@number")
    return number


def _context(entries: list[object], place: str, depth: int) -> Value:
    made: dict[str, Value] = {}
    for entry in entries:
        match entry:
            case [str() as key, item] if key not in made:
                made[key] = load(item, f"{place}.{key}", depth + 1)
            case _:
                raise FeelValueUnreadable(place=place, reason="@context")
    return made
