"""Reading JSON and MessagePack that others wrote: one way to be wrong, whatever is wrong with it.

A decoder has three: `DecodeError`, `UnicodeDecodeError`, and `RecursionError` where somebody nests
a few thousand brackets. Here all are `msgspec.DecodeError`, and nobody forgets one of them.
"""

from collections.abc import Callable
from decimal import Decimal
from functools import cache
from typing import Any, TypeVar, cast

import msgspec

T = TypeVar("T")
Hook = Callable[[type, Any], Any]

_NOT_THAT = (UnicodeDecodeError, RecursionError)


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


def _wrong(error: UnicodeDecodeError | RecursionError) -> msgspec.DecodeError:
    is_deep = isinstance(error, RecursionError)
    return msgspec.DecodeError("nested too deep" if is_deep else "not UTF-8")


@cache
def _json(kind: Any, hook: Hook | None, exact: bool) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(kind, dec_hook=hook, float_hook=Decimal if exact else None)


@cache
def _msgpack(kind: Any) -> msgspec.msgpack.Decoder[Any]:
    return msgspec.msgpack.Decoder(kind)
