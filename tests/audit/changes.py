"""Every small change to a JSON value, and whether a bundle survives one: none may."""

from collections.abc import Iterator
from typing import Any

from renkei import audit, kit


def refused(data: bytes, signer: audit.Signer, policy: audit.Policy | None = None) -> bool:
    try:
        return not audit.verify_bundle(data, [signer.verifier], policy).whole
    except kit.NodeError:
        return True


def other_values(value: Any) -> list[Any]:
    """Return values of the same and of other types that are not this one."""
    match value:
        case None:
            return ["", 0]
        case bool():
            return [not value, None]
        case int():
            return [value + 1, value - 1, 2**50, str(value), None]
        case str():
            middle = len(value) // 2
            flipped = chr(ord(value[middle]) ^ 1) if value else "x"
            return [
                value[:middle] + flipped + value[middle + 1 :],
                value[:-1] or "y",
                value + "A",
                1,
            ]
        case list():
            return [value[:-1] or ["x"], [*value, *(value[-1:] or ["x"])], {}]
        case _:
            return [None, [], {**value, "more": 1}]


def changes(value: Any) -> Iterator[Any]:
    """Return copies of a JSON value, each changed in one place; every place has its turn."""
    yield from other_values(value)
    match value:
        case dict():
            for key in value:
                yield {k: v for k, v in value.items() if k != key}
                for changed in changes(value[key]):
                    yield {**value, key: changed}
        case list():
            for at in range(len(value)):
                yield value[:at] + value[at + 1 :]
                for changed in changes(value[at]):
                    yield [*value[:at], changed, *value[at + 1 :]]
