"""Finding the kinds of elements and of triggers: whatever file is there, nobody lists it."""

import importlib
import pkgutil
from collections.abc import Iterable, Iterator
from typing import ClassVar, Protocol, TypeVar


class Tagged(Protocol):
    """What has a name in a file of BPMN, or none if it is a form of others."""

    tag: ClassVar[str]


T = TypeVar("T", bound=Tagged)


def kinds_in(package: str, path: Iterable[str], form: type[T]) -> Iterator[type[T]]:
    """Yield every kind of a form that a file of a package brings into it."""
    for found in pkgutil.iter_modules(path):
        module = importlib.import_module(f"{package}.{found.name}")
        for value in vars(module).values():
            if isinstance(value, type) and issubclass(value, form) and value.tag:
                yield value
