"""`python -m bench.demonstrate [NAME] [--size N]`: one demonstration or all; 1 if one fails."""

import argparse
import sys
import time
from collections.abc import Callable

from bench.demonstrate import coalition, mixture, stolen_table, unlinkable
from bench.demonstrate.verdict import Verdict

DEMONSTRATIONS: dict[str, tuple[Callable[[int], Verdict], int, str]] = {
    "unlinkable": (unlinkable.demonstrate, 10_000, "変換機関は同一人の照会を結び付けられない"),
    "stolen-table": (stolen_table.demonstrate, 1_000, "更新後、盗まれた符号は死ぬ"),
    "mixture": (mixture.demonstrate, 1_000, "二人を混ぜた符号は拒否される"),
    "coalition": (coalition.demonstrate, 1_000, "変換機関一つと団体一つでは突合できない"),
}


def main(words: list[str]) -> int:
    """Run what was asked for and print every verdict."""
    parser = argparse.ArgumentParser(prog="python -m bench.demonstrate", description=__doc__)
    parser.add_argument("name", nargs="?", choices=DEMONSTRATIONS)
    parser.add_argument("--size", type=int, help="requests, or persons; full size without it")
    asked = parser.parse_args(words)
    failed = 0
    for name in [asked.name] if asked.name else DEMONSTRATIONS:
        demonstrate, full, ja = DEMONSTRATIONS[name]
        print(f"== {name} ({ja})", flush=True)
        begun = time.monotonic()
        verdict = demonstrate(asked.size or full)
        print(verdict.text())
        print(f"{time.monotonic() - begun:.0f} s", flush=True)
        failed += not verdict.holds
    return min(failed, 1)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
