"""Which tests stay on one worker: those of a group share what is dear, such as a whole ecosystem.

pytest-xdist 3.8 writes a test's group into its id, and pytest 9.2 no longer lets it. So the group
is read where it is written: `xdist_group("…")` in a module, or in the `conftest.py` beside it.
"""

import re
from functools import cache
from pathlib import Path

from xdist.scheduler import LoadScopeScheduling

ROOT = Path(__file__).parent.parent
_GROUP = re.compile(r'xdist_group\("([a-z-]+)"\)')


@cache
def group_of(module: str) -> str | None:
    """Return the group of a module, by its path from the root of the project."""
    for file in (ROOT / module, (ROOT / module).parent / "conftest.py"):
        if file.is_file() and (found := _GROUP.search(file.read_text(encoding="utf-8"))):
            return found[1]
    return None


class Grouped(LoadScopeScheduling):  # type: ignore[misc]  # xdist gives no types
    """Deals tests out one by one, and the tests of a group together."""

    def _split_scope(self, nodeid: str) -> str:
        return group_of(nodeid.split("::", 1)[0]) or nodeid
