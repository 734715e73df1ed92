"""Names that are nearly the right ones: these alone may be shown in a finding."""

from difflib import get_close_matches
from functools import lru_cache

LONGEST = 100


@lru_cache(maxsize=4096)  # a wrong name mostly stands in every record
def misspelt(name: str, known: tuple[str, ...]) -> str | None:
    """Return a name that is nearly a known one; any other might be somebody's value.

    >>> misspelt("フリカナ", ("氏名", "フリガナ")), misspelt("山田", ("氏名", "フリガナ"))
    ('フリカナ', None)
    """
    return name if len(name) <= LONGEST and get_close_matches(name, known, n=1) else None
