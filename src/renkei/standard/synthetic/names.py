"""Names that no real person was asked for: surnames and given names with kana, from own lists.

The lists are data beside this file. Some names lie outside JIS X 0208 on purpose (髙橋, 山﨑,
𠮷田, 德永): they are why 外字 is a column of the standard.
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from renkei.standard.synthetic.dice import Dice

# Up to which age, in 2026, a generation of given names goes.
GENERATIONS = ((21, "4"), (46, "3"), (76, "2"), (120, "1"))


@dataclass(frozen=True, slots=True)
class Name:
    """One name, written and read; `outside` tells that JIS X 0208 cannot write it."""

    written: str
    kana: str
    outside: bool


@dataclass(frozen=True, slots=True)
class Nation:
    """The names of one nationality, for a few foreign residents."""

    name: str
    surnames: tuple[Name, ...]
    men: tuple[Name, ...]
    women: tuple[Name, ...]


@dataclass(frozen=True, slots=True)
class Names:
    """All names, each as often in its pool as its weight says."""

    surnames: tuple[Name, ...]
    given: dict[bool, tuple[tuple[Name, ...], ...]]  # is male → by age
    nations: tuple[Nation, ...]

    def surname(self, dice: Dice) -> Name:
        """Return a surname, the common ones more often."""
        return self.surnames[int(dice.random() * len(self.surnames))]

    def given_name(self, dice: Dice, age: int, *, male: bool) -> Name:
        """Return a given name that was usual when someone of that age was born."""
        pool = self.given[male][age]
        return pool[int(dice.random() * len(pool))]

    def nation(self, dice: Dice) -> Nation:
        """Return a nationality, the frequent ones more often."""
        return self.nations[int(dice.random() * len(self.nations))]


@cache
def names() -> Names:
    """Read the lists, once per process."""
    surnames: list[Name] = []
    for row in _rows("surnames.tsv"):
        surnames += [name(row["name"], row["kana"])] * int(row["weight"])
    given = list(_rows("given_names.tsv"))
    by_age = {male: _by_age(given, sex) for male, sex in ((True, "男"), (False, "女"))}
    return Names(tuple(surnames), by_age, tuple(_nations()))


def _by_age(rows: list[dict[str, str]], sex: str) -> tuple[tuple[Name, ...], ...]:
    """Return the pool of given names for each age; a generation shares one."""
    pools: list[tuple[Name, ...]] = []
    for limit, generation in GENERATIONS:
        pool = tuple(
            name(row["name"], row["kana"])
            for row in rows
            if row["sex"] == sex and generation in row["generations"]
        )
        pools += [pool] * (limit - len(pools))
    return tuple(pools)


def name(written: str, kana: str) -> Name:
    """Return a name, knowing whether JIS X 0208 can write it.

    >>> name("髙橋", "タカハシ").outside, name("高橋", "タカハシ").outside
    (True, False)
    """
    return Name(written, kana, outside=outside(written))


def outside(text: str) -> bool:
    """Tell whether a text has a character that JIS X 0208 cannot write."""
    try:
        text.encode("shift_jis")
    except UnicodeEncodeError:
        return True
    return False


def _nations() -> Iterator[Nation]:
    rows = list(_rows("foreign_names.tsv"))
    for nationality in dict.fromkeys(row["nationality"] for row in rows):
        own = [row for row in rows if row["nationality"] == nationality]
        parts = {
            part: tuple(name(row["name"], row["kana"]) for row in own if row["part"] == part)
            for part in ("姓", "男", "女")
        }
        nation = Nation(nationality, parts["姓"], parts["男"], parts["女"])
        yield from (nation for _ in range(int(own[0]["weight"])))


def _rows(file: str) -> Iterator[dict[str, str]]:
    text = (files("renkei.standard.synthetic") / file).read_text(encoding="utf-8")
    yield from csv.DictReader(text.splitlines(), delimiter="\t", quoting=csv.QUOTE_NONE)
