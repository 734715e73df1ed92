"""Inputs as JSON, read by the types a model declares; values as JSON again."""

from collections.abc import Mapping
from decimal import Decimal
from typing import cast

import msgspec

from renkei import kit
from renkei.process import feel
from renkei.process.decisions.errors import InputsMalformed, InputUnfit, InputUnknown
from renkei.process.decisions.models import Model
from renkei.process.feel import Value

_MOMENTS = {
    feel.DATE: "date",
    feel.TIME: "time",
    feel.DATE_TIME: "date and time",
    feel.YEARS_MONTHS: "duration",
    feel.DAYS_TIME: "duration",
}
_MAKE = {
    of: feel.expression(f"{name}(text)", feel.Names(["text"])) for of, name in _MOMENTS.items()
}
DEPTH = 50


def read_inputs(text: bytes | str, model: Model) -> dict[str, Value]:
    """Return the inputs of a model from a JSON object of names and values.

    A text is a day, a time or a duration where the model says so.
    """
    try:
        given = kit.read_json(text, dict[str, object], exact=True)
    except msgspec.DecodeError as error:
        raise InputsMalformed(reason=str(error)) from None
    return inputs_of(given, model)


def inputs_of(given: Mapping[str, object], model: Model) -> dict[str, Value]:
    """Return the inputs of a model from plain data."""
    known = model.takes()
    found: dict[str, Value] = {}
    for name, value in given.items():
        if name not in known:
            raise InputUnknown(name=name, known=", ".join(known) or "-")
        found[name] = _read(value, known[name].type, name, 0)
    return found


def _read(value: object, of: feel.Type, name: str, depth: int) -> Value:
    kind = type(value)
    if kind is int:
        return Decimal(cast("int", value))
    if kind is str:
        return _text(cast("str", value), of, name)
    if depth > DEPTH:
        raise InputUnfit(name=name, wanted=f"<= {DEPTH} levels")
    match value:
        case None | bool():
            return value
        case Decimal():
            return value
        case list():
            item = of.item if isinstance(of, feel.ListOf) else feel.ANY
            return [_read(one, item, name, depth + 1) for one in value]
        case dict():
            entries = of.entries if isinstance(of, feel.ContextOf) else {}
            return {
                str(key): _read(one, entries.get(key, feel.ANY), f"{name}.{key}", depth + 1)
                for key, one in value.items()
            }
    raise InputUnfit(name=name, wanted=str(of))


def _text(value: str, of: feel.Type, name: str) -> Value:
    if of is feel.STRING or of not in _MAKE:
        return value
    made = _MAKE[of].value({"text": value})
    if made is None or not of.holds(made):
        raise InputUnfit(name=name, wanted=str(of))
    return made
