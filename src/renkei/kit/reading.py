"""Reading what others wrote, JSON or MessagePack or TOML: one way to be wrong, whatever is wrong.

A decoder has three: `DecodeError`, `UnicodeDecodeError`, and `RecursionError` where somebody nests
a few thousand brackets. Here all are `msgspec.DecodeError`, and nobody forgets one of them.

Kinds are looked into one at a time. A thread that reads a kind which another one is just looking
into for the first time would end the whole process: msgspec 0.22 shows it what is half done.
"""

from collections.abc import Callable
from decimal import Decimal
from functools import cache
from threading import Lock
from typing import Any, TypeVar, cast, overload

import msgspec

T = TypeVar("T")
Hook = Callable[[type, Any], Any]

_NOT_THAT = (UnicodeDecodeError, RecursionError)
_one_at_a_time = Lock()


def read_json(
    data: bytes | str, kind: type[T], hook: Hook | None = None, *, exact: bool = False
) -> T:
    """Return a document as a value of that kind, or raise `msgspec.DecodeError`.

    `hook` makes a value of a kind that JSON has not, or raises `ValueError`; with `exact` a
    fraction whose kind is not said is a `Decimal` of the digits that were written.

    >>> read_json(b'{"a": 1}', dict[str, int])
    {'a': 1}
    >>> read_json(b'[0.10]', list[object], exact=True)
    [Decimal('0.10')]
    >>> read_json("[" * 100_000, list[object])
    Traceback (most recent call last):
    msgspec.DecodeError: nested too deep
    """
    try:
        return cast("T", _json(cast("Any", kind), hook, exact).decode(data))
    except _NOT_THAT as error:
        raise _wrong(error) from None


def read_msgpack(data: bytes, kind: type[T]) -> T:
    """Return a message as a value of that kind, or raise `msgspec.DecodeError`."""
    try:
        return cast("T", _msgpack(cast("Any", kind)).decode(data))
    except _NOT_THAT as error:
        raise _wrong(error) from None


def read_toml(data: bytes, kind: type[T]) -> T:
    """Return a document as a value of that kind, or raise `msgspec.DecodeError`."""
    _json(cast("Any", kind))
    try:
        return msgspec.toml.decode(data, type=kind)
    except _NOT_THAT as error:
        raise _wrong(error) from None


@overload
def read_value(value: object, kind: type[T], *, strict: bool = True) -> T: ...
@overload
def read_value(value: object, kind: Any, *, strict: bool = True) -> Any: ...
def read_value(value: object, kind: Any, *, strict: bool = True) -> Any:
    """Return plain values as one of that kind, or raise `msgspec.DecodeError`.

    Where not `strict`, a text may stand for a number.

    >>> read_value({"a": "1"}, dict[str, int], strict=False)
    {'a': 1}
    """
    _json(kind)
    try:
        return msgspec.convert(value, kind, strict=strict)
    except _NOT_THAT as error:
        raise _wrong(error) from None


def _wrong(error: UnicodeDecodeError | RecursionError) -> msgspec.DecodeError:
    is_deep = isinstance(error, RecursionError)
    return msgspec.DecodeError("nested too deep" if is_deep else "not UTF-8")


@cache
def _json(kind: Any, hook: Hook | None = None, exact: bool = False) -> msgspec.json.Decoder[Any]:
    with _one_at_a_time:
        return msgspec.json.Decoder(kind, dec_hook=hook, float_hook=Decimal if exact else None)


@cache
def _msgpack(kind: Any) -> msgspec.msgpack.Decoder[Any]:
    with _one_at_a_time:
        return msgspec.msgpack.Decoder(kind)
