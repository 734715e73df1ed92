"""`python -m bench.demonstrate [a…f] [--quick]`: some demonstrations or all; 1 if one fails."""

import argparse
import sys
import time
from collections.abc import Callable
from typing import NamedTuple

from bench.demonstrate import (
    coalition,
    mixture,
    refusals,
    stolen_table,
    tampered_log,
    unlinkable,
)
from bench.demonstrate.verdict import Verdict


class Demonstration(NamedTuple):
    """One of the six: what it is called, its sizes, and what it is to show."""

    name: str
    demonstrate: Callable[[int], Verdict]
    full: int
    quick: int
    ja: str
    en: str


DEMONSTRATIONS = {
    "a": Demonstration(
        "unlinkable",
        unlinkable.demonstrate,
        *(10_000, 400),
        "変換機関は同一人の照会を結び付けられない",
        "the hub cannot link two requests of one person",
    ),
    "b": Demonstration(
        "tampered-log",
        tampered_log.demonstrate,
        *(20_000, 1_000),
        "ログの削除・改変・並べ替え・分岐は見つかる",
        "a log deleted from, altered, reordered or forked is found out",
    ),
    "c": Demonstration(
        "stolen-table",
        stolen_table.demonstrate,
        *(1_000, 50),
        "更新後、盗まれた符号は死ぬ",
        "after a rotation stolen codes are dead",
    ),
    "d": Demonstration(
        "mixture",
        mixture.demonstrate,
        *(1_000, 50),
        "二人を混ぜた符号は拒否される",
        "codes mixed from two persons are refused",
    ),
    "e": Demonstration(
        "coalition",
        coalition.demonstrate,
        *(1_000, 50),
        "変換機関一つと団体一つでは突合できない",
        "one hub operator and one town link nothing",
    ),
    "f": Demonstration(
        "refusals",
        refusals.demonstrate,
        *(2_000, 1_000),
        "法令上の拒否理由はすべて到達し、記録される",
        "every reason of the law for a no is reached and recorded",
    ),
}
"""By the letters of docs/demonstrations.md."""


def main(words: list[str]) -> int:
    """Run what was asked for and print every verdict."""
    parser = argparse.ArgumentParser(prog="python -m bench.demonstrate", description=__doc__)
    parser.add_argument("which", nargs="*", metavar="a…f", help="by letter or name; all without")
    parser.add_argument("--quick", action="store_true", help="at a small size")
    parser.add_argument("--size", type=int, help="requests, entries, persons: instead of both")
    asked = parser.parse_args(words)
    letters = {one.name: letter for letter, one in DEMONSTRATIONS.items()}
    chosen = [letters.get(word, word) for word in asked.which] or list(DEMONSTRATIONS)
    if unknown := [word for word in chosen if word not in DEMONSTRATIONS]:
        parser.error(f"no such demonstration: {' '.join(unknown)}")
    failed = 0
    for letter in chosen:
        one = DEMONSTRATIONS[letter]
        print(f"== ({letter}) {one.name}: {one.ja} / {one.en}", flush=True)
        begun = time.monotonic()
        verdict = one.demonstrate(asked.size or (one.quick if asked.quick else one.full))
        print(verdict.text())
        print(f"{time.monotonic() - begun:.0f} s", flush=True)
        failed += not verdict.holds
    return min(failed, 1)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
