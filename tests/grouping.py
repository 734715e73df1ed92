"""Where tests are looked for, and which stay on one worker: a module's, or those of a group.

A group shares what is dearer than a module's database: a whole ecosystem, say, or a server that is
killed; its modules name it. Groups are dealt out first and modules with few tests last, so that the
workers end at about the same time.

pytest-xdist 3.8 writes a test's group into its id, and pytest 9.2 no longer lets it. So the group
is read where it is written: `xdist_group("…")` in a module, or in the `conftest.py` beside it.
"""

import re
from collections import Counter
from collections.abc import Generator
from functools import cache
from pathlib import Path

import pytest
from _pytest.doctest import DoctestModule
from xdist.scheduler import LoadScopeScheduling

ROOT = Path(__file__).parent.parent
_GROUP = re.compile(r'xdist_group\("([a-z-]+)"\)')


class Exemplified:
    """Looks for examples where some are: to look through all modules took each worker seconds."""

    @pytest.hookimpl(wrapper=True)
    def pytest_collect_file(
        self, file_path: Path
    ) -> Generator[None, list[pytest.Collector], list[pytest.Collector]]:
        """Leave out a module without an example."""
        found = yield
        if file_path.suffix != ".py" or b">>> " in file_path.read_bytes():
            return found
        return [one for one in found if not isinstance(one, DoctestModule)]


@cache
def group_of(module: str) -> str | None:
    """Return the group of a module, by its path from the root of the project."""
    for file in (ROOT / module, (ROOT / module).parent / "conftest.py"):
        if file.is_file() and (found := _GROUP.search(file.read_text(encoding="utf-8"))):
            return found[1]
    return None


def module_of(nodeid: str) -> str:
    """Return the path of the module a test stands in."""
    return nodeid.split("::", 1)[0]


def scope_of(nodeid: str) -> str:
    """Return what is dealt out whole: the group of a test, or its module."""
    module = module_of(nodeid)
    return group_of(module) or module


def dear_first(items: list[pytest.Item]) -> None:
    """Order the tests as they are dealt out: groups, then modules; of each those of many tests."""
    tests = Counter(scope_of(item.nodeid) for item in items)

    def place(item: pytest.Item) -> tuple[bool, int, str]:
        scope = scope_of(item.nodeid)
        return scope.endswith(".py"), -tests[scope], scope

    items.sort(key=place)


class Grouped(LoadScopeScheduling):  # type: ignore[misc]  # xdist gives no types
    """Deals out groups and modules, each whole, in the order of collection."""

    def __init__(self, config: pytest.Config, log: object) -> None:
        """Keep the order that `dear_first` made: ours knows which few tests take long."""
        config.option.loadscopereorder = False
        super().__init__(config, log)

    def _split_scope(self, nodeid: str) -> str:
        return scope_of(nodeid)
