"""All generators of the standard against LinkML making JSON Schema alone from our export.

Generators are those of what machines read: tables, JSON Schemas, XSD, WSDL, OpenAPI, CSV layouts,
Table Schemas, LinkML, the migration layout; the forms people fill in are told apart. Each round is
a new process on either side; ours tells its processor time for compiling the folder, loading the
compiled form and generating, LinkML's is that of its whole command. LinkML is installed from
`requirements/linkml.lock` into `.cache/linkml` by the first run.
"""

import argparse
import gc
import json
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

from bench.beside import python_with
from bench.measure import Ratio, Result, interleaved
from renkei.app.standards.exports import EXPORTS, write_export
from renkei.standard import catalogue, compile_catalogue, read_compiled, shipped_folder

RATIO = Ratio(floor=50, baseline="linkml gen-json-schema of our own export")
ROOT = Path(__file__).parents[1]
DAY = date(2026, 4, 1)
FOR_PEOPLE = frozenset({"forms"})  # as the site is: what people look at


def options(parser: argparse.ArgumentParser) -> None:
    """Add rounds."""
    parser.add_argument("--rounds", type=int, help="default 5; quick 3")


def run(args: argparse.Namespace) -> Result:
    """Measure both in turn."""
    program = python_with("linkml").with_name("gen-json-schema")
    told: list[dict[str, float]] = []
    with tempfile.TemporaryDirectory(prefix="renkei-linkml-") as made:
        (export,) = write_export(catalogue(), "linkml", Path(made), on=DAY)

        def theirs() -> None:
            subprocess.run([program, export], check=True, stdout=subprocess.DEVNULL)

        def ours() -> None:
            command = [sys.executable, "-m", "bench.standard_compile"]
            done = subprocess.run(command, check=True, cwd=ROOT, capture_output=True, text=True)
            told.append(json.loads(done.stdout))

        rounds = args.rounds or (3 if args.quick else 5)
        measured = interleaved(rounds, {"linkml": theirs, "ours": ours}, {})
    ours_told = {name: statistics.median(one[name] for one in told) for name in told[0]}
    baseline = measured["linkml"].cpu
    return Result(
        baseline / ours_told["generate_cpu_seconds"],
        {
            "items": int(ours_told.pop("items")),
            "linkml_cpu_seconds": round(baseline, 2),
            **{name: round(value, 4) for name, value in ours_told.items()},
            "ratio_json_schema_alone": round(baseline / ours_told["json_schema_cpu_seconds"]),
        },
    )


def once() -> dict[str, float]:
    """Compile, load and generate everything once, nothing of it warmed up before."""
    start = time.process_time()
    compiled = compile_catalogue(shipped_folder())
    compile_done = time.process_time()
    known = read_compiled(compiled)
    load_done = time.process_time()
    gc.freeze()  # what is loaded stays as long as the process: the collector need not walk it
    took: dict[str, float] = {}
    for form, export in EXPORTS.items():
        begun = time.process_time()
        for _ in export(known, DAY):
            pass
        took[form] = time.process_time() - begun
    return {
        "items": sum(len(entity.items) for entity in known.entities),
        "compile_cpu_seconds": compile_done - start,
        "load_cpu_seconds": load_done - compile_done,
        "generate_cpu_seconds": sum(took[form] for form in took if form not in FOR_PEOPLE),
        "json_schema_cpu_seconds": took["json-schema"],
        "forms_cpu_seconds": took["forms"],
    }


if __name__ == "__main__":
    print(json.dumps(once()))
