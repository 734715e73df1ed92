"""`python -m bench NAME [--quick] [options]`: one benchmark; without a name a list; `all` runs all.

The last line is one JSON object. Exit status: 0 the floor holds, 1 it does not, 3 the baseline
cannot run here. `all` rewrites the table of `docs/performance.md`.
"""

import argparse
import ast
import importlib
import json
import platform
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol, cast

from bench.measure import BaselineMissing, Ratio, Result

HERE = Path(__file__).parent
PERFORMANCE = HERE.parent / "docs" / "performance.md"
START, END = "<!-- table: python -m bench all -->", "<!-- end of table -->"
SAYS = {1: "below its floor", 2: "no such benchmark", 3: "the baseline cannot run here"}


class Benchmark(Protocol):
    """What a module of this folder must hold to be a benchmark."""

    RATIO: Ratio

    def options(self, parser: argparse.ArgumentParser) -> None:
        """Add the options that this benchmark alone has."""

    def run(self, args: argparse.Namespace) -> Result:
        """Measure; `args.quick` asks for at most 45 seconds."""


def benchmarks() -> dict[str, str]:
    """Return name → first line of the docstring of the modules that define a RATIO.

    They are read, not imported: what one of them needs is no trouble of the others.
    """
    found = {}
    for path in sorted(HERE.glob("*.py")):
        module = ast.parse(path.read_text(encoding="utf-8"))
        targets = [t for node in module.body if isinstance(node, ast.Assign) for t in node.targets]
        if any(isinstance(target, ast.Name) and target.id == "RATIO" for target in targets):
            found[path.stem] = (ast.get_docstring(module) or "").split("\n", maxsplit=1)[0]
    return found


def show_list() -> int:
    """Print one line for each benchmark."""
    for name, line in benchmarks().items():
        print(f"{name:18} {line}")
    return 0


def run_one(name: str, rest: list[str]) -> int:
    """Run one benchmark in this process."""
    known = benchmarks()
    if name not in known:
        print(f"There is no benchmark {name}; known: {', '.join(known)}", file=sys.stderr)
        return 2
    benchmark = cast("Benchmark", importlib.import_module(f"bench.{name}"))
    parser = argparse.ArgumentParser(prog=f"python -m bench {name}", description=known[name])
    parser.add_argument("--quick", action="store_true", help="finish within 45 s on two cores")
    benchmark.options(parser)
    try:
        result = benchmark.run(parser.parse_args(rest))
    except BaselineMissing as missing:
        print(f"{name}: the baseline cannot run here: {missing}", file=sys.stderr)
        return 3
    print(result.line(name, benchmark.RATIO), flush=True)
    return 0 if benchmark.RATIO.holds(result.ratio) else 1


def run_all(rest: list[str]) -> int:
    """Run each benchmark in a process of its own and rewrite the table of the document."""
    rows, worst = [], 0
    for name in benchmarks():
        print(f"== {name}", flush=True)
        done = subprocess.run(
            [sys.executable, "-m", "bench", name, *rest],
            stdout=subprocess.PIPE,
            text=True,
            check=False,
        )
        print(done.stdout, end="", flush=True)
        rows.append(row(name, done.stdout, done.returncode))
        worst = max(worst, done.returncode)
    write_table(rows, rest)
    return worst


def row(name: str, output: str, status: int) -> str:
    """Return the line of the table for a benchmark that has run."""
    if status not in {0, 1} or not output.rstrip().endswith("}"):
        return f"| {name} | | {SAYS.get(status, 'failed')} | | |"
    last = json.loads(output.splitlines()[-1])
    floor = last["detail"].pop("floor")
    sign = "≥" if last["higher_is_better"] else "≤"
    detail = "; ".join(f"{key} {value}" for key, value in last["detail"].items())
    return f"| {name} | {last['baseline']} | {last['ratio']} | {sign} {floor} | {detail} |"


def write_table(rows: list[str], rest: list[str]) -> None:
    """Put the table between its two marks, or at the end of a document without them."""
    day = datetime.now(UTC).date().isoformat()
    command = " ".join(["python -m bench all", *rest])
    table = "\n".join(
        [
            START,
            f"Measured {day} by `{command}`, Python {platform.python_version()}.",
            "",
            "| benchmark | baseline | ratio | floor | detail |",
            "|---|---|---|---|---|",
            *rows,
            END,
        ]
    )
    PERFORMANCE.parent.mkdir(exist_ok=True)
    text = PERFORMANCE.read_text(encoding="utf-8") if PERFORMANCE.exists() else "# Performance\n\n"
    if START in text and END in text:
        head, tail = text.split(START, 1)[0], text.split(END, 1)[1]
        text = head + table + tail
    else:
        text = text.rstrip("\n") + f"\n\n{table}\n"
    PERFORMANCE.write_text(text, encoding="utf-8")


def main() -> int:
    """Parse the command line."""
    match sys.argv[1:]:
        case []:
            return show_list()
        case ["all", *rest]:
            return run_all(rest)
        case [name, *rest]:
            return run_one(name, rest)
    return 2


if __name__ == "__main__":
    raise SystemExit(main())
