"""Writing a synthetic town against copying its files with the csv module, people/s.

The baseline reads and writes the same five files again and invents nothing: what the format alone
costs in Python.
"""

import argparse
import csv
import tempfile
from pathlib import Path

from bench.measure import Ratio, Result, interleaved
from renkei.standard.synthetic import write_town

RATIO = Ratio(floor=0.3, baseline="csv.reader to csv.writer over the same files")


def options(parser: argparse.ArgumentParser) -> None:
    """Add people and rounds."""
    parser.add_argument("--people", type=int, default=200_000, help="residents (default 200,000)")
    parser.add_argument("--rounds", type=int, default=3)


def run(args: argparse.Namespace) -> Result:
    """Measure people per second of both."""
    people = 20_000 if args.quick else args.people
    with tempfile.TemporaryDirectory(prefix="renkei-town-") as made:
        folder = Path(made)

        def write() -> None:
            write_town("131016", people=people, seed=7, out=folder, neighbour="131024")

        write()
        measured = interleaved(args.rounds, {"copy": lambda: copy(folder), "write": write}, {})
    ours, baseline = measured["write"], measured["copy"]
    return Result(
        baseline.cpu / ours.cpu,
        {
            "people": people,
            "people_per_second": round(people / ours.wall),
            "people_per_cpu_second": round(people / ours.cpu),
        },
    )


def copy(folder: Path) -> None:
    """Copy every file of a town line by line, as values."""
    for source in sorted(folder.glob("*.csv")):
        target = source.with_suffix(".copy")
        with (
            source.open(encoding="utf-8", newline="") as lines,
            target.open("w", encoding="utf-8", newline="") as out,
        ):
            csv.writer(out, lineterminator="\n").writerows(csv.reader(lines))
