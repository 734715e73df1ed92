"""What the suite takes some of: what is alike in kind and dear in number.

`RENKEI_TEST_ALL` takes all of it (`make exhaustive`). The sample is the same for one state of the
list, so that what passed once passes again.
"""

import os
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")
TAKES_ALL = bool(os.environ.get("RENKEI_TEST_ALL"))


def some_of(all_of_them: Sequence[T], *, every: int) -> Sequence[T]:
    """Return every so manieth, from the first on; or all of them where that was asked for."""
    return all_of_them if TAKES_ALL else all_of_them[::every]
