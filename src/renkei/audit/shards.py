"""The shards of a log: a tree of its own for each year, all of one key.

The first shard bears the log's own name and takes all deeds up to the end of the year it was begun
in; each later one is of one year, and named after it: `<log>/<year>`. Its key is the log's under
that name, so whoever trusts the log's key trusts its shards, and nobody sets up a key each year.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from renkei import kit
from renkei.audit.notes import Signer, Verifier

sql = kit.queries("renkei.audit")

FIRST = 0
"""The year of the first shard, which has none in its name."""

OUTPUT_NAME = "/output"
YEAR = re.compile(r"[1-9][0-9]{3}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Closing:
    """With what tree, and what map, a shard ended."""

    at: datetime
    size: int
    root: bytes
    output_size: int
    output_root: bytes


@dataclass(frozen=True, slots=True)
class Pruning:
    """When a shard's entries went, by which rule, and under which request that is entered."""

    at: datetime
    rule: str
    request: str


@dataclass(frozen=True, slots=True)
class Shard:
    """One shard: the last year whose deeds it takes, and what became of it."""

    year: int
    through: int
    opened: datetime
    closing: Closing | None = None
    pruning: Pruning | None = None

    @classmethod
    def of(cls, row: Sequence[Any]) -> "Shard":
        """Read a row."""
        year, through, opened, closed, size, root, output_size, output_root, *pruned = row
        closing = None
        if closed is not None:
            closing = Closing(closed, size, bytes(root), output_size, bytes(output_root))
        return cls(year, through, opened, closing, Pruning(*pruned) if pruned[0] else None)


def shards(conn: kit.Connection, tenant: kit.Tenant) -> list[Shard]:
    """Return the shards of a log, the oldest first."""
    return [Shard.of(row) for row in conn.execute(sql.shards, {"tenant": tenant})]


def taking(known: Sequence[Shard], year: int, *, at: datetime) -> Shard:
    """Return the shard that takes a deed of a year: one of those known, or the next to be opened.

    The oldest open one whose years reach so far. So a deed that comes after its own shard was
    closed is taken by the next, and none is lost. A year far ahead is of a clock that is wrong:
    its deed goes by the clock of the one who sequences.
    """
    today = kit.day_of(at).year
    if year > today + 1:
        year = today
    for one in known:
        if one.closing is None and year <= one.through:
            return one
    if not known:
        return Shard(FIRST, max(year, today), at)
    named = max(year, known[-1].through + 1)
    return Shard(named, named, at)


def shard_name(origin: str, year: int) -> str:
    """Return the name of a shard of the log of that name.

    >>> shard_name("log.example/a", 2027), shard_name("log.example/a", FIRST)
    ('log.example/a/2027', 'log.example/a')
    """
    return origin if year == FIRST else f"{origin}/{year}"


def shard_year(origin: str, name: str) -> int | None:
    """Return which shard of a log bears a name; None when none does.

    >>> shard_year("log.example/a", "log.example/a/2027"), shard_year("a", "a/27")
    (2027, None)
    """
    if name == origin:
        return FIRST
    rest = name.removeprefix(f"{origin}/")
    return int(rest) if rest != name and YEAR.fullmatch(rest) else None


def shard_signer(signer: Signer, year: int) -> Signer:
    """Return who signs a shard: the log's key under the shard's name."""
    return signer if year == FIRST else signer.named(shard_name(signer.name, year))


def shard_verifier(key: Verifier, year: int) -> Verifier:
    """Return the key of a shard, which follows from that of the log."""
    return key if year == FIRST else Verifier(shard_name(key.name, year), key.public)


def shard_folder(directory: Path, year: int) -> Path:
    """Return where a shard is published: the first one in the log's folder, the others below."""
    return directory if year == FIRST else directory / str(year)


def published_years(directory: Path) -> list[int]:
    """Return which shards have a folder below a published log's, the oldest first."""
    found = [int(one.name) for one in directory.glob("[1-9]*") if YEAR.fullmatch(one.name)]
    return [FIRST, *sorted(found)]
