"""Weakens one module as it is imported, without touching its file."""

import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from types import CodeType, ModuleType

from hypothesis import Phase, settings

PROFILE = "mutant"

# Where an example fails the work is done: to look for the smallest one took half of the time.
settings.register_profile(
    PROFILE, deadline=None, database=None, phases=(Phase.explicit, Phase.generate)
)


class Weakened(SourceFileLoader):
    """Loads a module from its source with one text replaced; no bytecode is read or written."""

    def __init__(self, name: str, path: str, before: str, after: str) -> None:
        super().__init__(name, path)
        self._before, self._after = before, after

    def get_code(self, fullname: str) -> CodeType:
        source = self.get_source(fullname) or ""
        assert source.count(self._before) == 1, f"not once in {fullname}: {self._before}"
        changed: CodeType = self.source_to_code(
            source.replace(self._before, self._after).encode(), self.path
        )
        return changed


class Finder(MetaPathFinder):
    """Finds the one module that is weakened."""

    def __init__(self, name: str, before: str, after: str) -> None:
        self.name, self._before, self._after = name, before, after

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, _: ModuleType | None = None
    ) -> ModuleSpec | None:
        spec = PathFinder.find_spec(fullname, path) if fullname == self.name else None
        if spec is not None and spec.origin is not None:
            spec.loader = Weakened(fullname, spec.origin, self._before, self._after)
        return spec


def weaken(module: str, before: str, after: str) -> None:
    """Let a module be another one from its next import on."""
    assert module not in sys.modules, f"{module} is imported already"
    sys.meta_path.insert(0, Finder(module, before, after))
