"""The ways that cases went: what was completed in which order, with what came again folded up."""

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from statistics import median
from uuid import UUID

LONGEST = 300
"""Steps of a way that are looked at; a longer one counts by its beginning."""
EXAMPLES = 3

Way = tuple["str | Way", ...]
"""Elements in order; a way within it came several times, one after the other."""


@dataclass(frozen=True, slots=True)
class Variant:
    """One way, how many cases went it, and how long that took."""

    way: Way
    count: int
    share: float
    median: timedelta
    examples: tuple[UUID, ...]


def folded(path: Sequence[str]) -> Way:
    """Return a way in which what came again at once stands once, within brackets.

    >>> folded(["a", "b", "c", "b", "c", "d"])
    ('a', ('b', 'c'), 'd')
    >>> folded(["a", "a", "b", "a", "a", "b"])
    ((('a',), 'b'),)
    """
    way: list[Hashable] = list(path[:LONGEST])
    size = 1
    while size * 2 <= len(way):
        found = _folded_once(way, size)
        if len(found) < len(way):
            way, size = found, 1
        else:
            size += 1
    return tuple(way)  # type: ignore[arg-type] # elements and ways


def _folded_once(way: Sequence[Hashable], size: int) -> list[Hashable]:
    """Fold what comes again with a period of so many steps."""
    made, at = list[Hashable](), 0
    while at < len(way):
        part = tuple(way[at : at + size])
        times = 1
        while tuple(way[at + times * size : at + (times + 1) * size]) == part:
            times += 1
        is_loop = size == 1 and isinstance(part[0], tuple)
        if times > 1 and len(part) == size:
            made += part if is_loop else [part]
            at += times * size
        else:
            made.append(way[at])
            at += 1
    return made


def variants_of(
    rows: Iterable[tuple[Sequence[str], Sequence[float], Sequence[UUID]]],
) -> list[Variant]:
    """Return the ways of cases, the most common first, of paths with times and examples."""
    times: dict[Way, list[float]] = {}
    examples: dict[Way, list[UUID]] = {}
    for path, seconds, some in rows:
        way = folded(path)
        times.setdefault(way, []).extend(seconds)
        examples.setdefault(way, []).extend(some)
    whole = sum(map(len, times.values()))
    found = [
        Variant(
            way,
            len(seconds),
            len(seconds) / whole,
            timedelta(seconds=median(seconds)),
            tuple(sorted(examples[way])[:EXAMPLES]),
        )
        for way, seconds in times.items()
    ]
    return sorted(found, key=lambda one: (-one.count, str(one.way)))


def in_words(way: Way, names: dict[str, str]) -> str:
    """Return a way on one line: `受付 → (補正 → 審査)… → 決定`."""
    return " → ".join(
        names.get(one, one) if isinstance(one, str) else f"({in_words(one, names)})…" for one in way
    )
