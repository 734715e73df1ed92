"""The kinds of event definitions, a file each. One is known here as soon as its file is there."""

import importlib
import pkgutil
from collections.abc import Iterator

from renkei.process.bpmn.trigger import Trigger


def _load() -> Iterator[type[Trigger]]:
    for found in pkgutil.iter_modules(__path__):
        module = importlib.import_module(f"{__name__}.{found.name}")
        for value in vars(module).values():
            if isinstance(value, type) and issubclass(value, Trigger) and value.tag:
                yield value


KINDS: dict[str, type[Trigger]] = {kind.tag: kind for kind in _load()}
"""Every kind, by its name in a file."""
