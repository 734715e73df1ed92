"""Cases of 10 script steps run in memory, per processor second, against SpiffWorkflow.

Both read the same BPMN file, but for the language of the scripts (FEEL here, Python there), and run
whole cases of it. Each side is a process of its own that tells its processor time; the rounds are
interleaved. Told beside: what a live case that waits behind its ten steps weighs in memory and kept
as bytes, and what a case costs whose ten steps are services that answer one by one.
"""

import argparse
import gc
import json
import sys
import tempfile
import time
import tracemalloc
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

from bench.beside import python_with, told_by
from bench.measure import BaselineMissing, Ratio, Result
from renkei.process import bpmn
from renkei.process.cases import encoding

RATIO = Ratio(floor=10, baseline="SpiffWorkflow, the same process")
SIDE = Path(__file__).with_name("spiff_process_side.py")
STEPS = 10
AT = datetime(2027, 4, 1, tzinfo=UTC)
MODEL = "http://www.omg.org/spec/BPMN/20100524/MODEL"
PERSON = '<userTask id="last"/>'
CAMUNDA = "http://camunda.org/schema/1.0/bpmn"


def options(parser: argparse.ArgumentParser) -> None:
    """Add rounds and cases."""
    parser.add_argument("--rounds", type=int, help="default 7; quick 3")
    parser.add_argument("--cases", type=int, help="of a round and side; default 2000")


def chain(steps: int, step: Callable[[int], str], *, last: str = "") -> str:
    """Return a process of steps one after the other, and perhaps a last one."""
    parts = ['<startEvent id="s"/>', *(step(n) for n in range(steps)), last, '<endEvent id="e"/>']
    ids = ["s", *(f"t{n}" for n in range(steps)), *(["last"] if last else []), "e"]
    flows = "".join(
        f'<sequenceFlow id="f{n}" sourceRef="{one}" targetRef="{other}"/>'
        for n, (one, other) in enumerate(pairwise(ids))
    )
    head = f'<definitions xmlns="{MODEL}" xmlns:camunda="{CAMUNDA}" targetNamespace="urn:bench">'
    return (
        f'{head}<process id="p" isExecutable="true">{"".join(parts)}{flows}</process></definitions>'
    )


def python_script(number: int) -> str:
    """Return a step as SpiffWorkflow runs it."""
    return f'<scriptTask id="t{number}"><script>x = x + 1</script></scriptTask>'


def feel_script(number: int) -> str:
    """Return a step as Renkei runs it."""
    return (
        f'<scriptTask id="t{number}" scriptFormat="feel" camunda:resultVariable="x">'
        "<script>x + 1</script></scriptTask>"
    )


def service(number: int) -> str:
    """Return a step that a service does."""
    return f'<serviceTask id="t{number}"/>'


def run(args: argparse.Namespace) -> Result:
    """Measure both in turn."""
    program = python_with("spiff")
    rounds, count = args.rounds or (3 if args.quick else 7), args.cases or 2_000
    with tempfile.TemporaryDirectory(prefix="renkei-bpmn-") as made:
        file, waiting = Path(made) / "chain.bpmn", Path(made) / "waiting.bpmn"
        file.write_text(chain(STEPS, python_script), encoding="utf-8")
        waiting.write_text(chain(STEPS, python_script, last=PERSON), encoding="utf-8")
        sides = {
            "spiff": [str(program), str(SIDE), str(file), str(waiting), str(count // 10)],
            "ours": [sys.executable, "-m", "bench.process_memory", str(count)],
        }
        medians = told_by(sides, rounds)
    ours, theirs = medians["ours"], medians["spiff"]
    if ours["x"] != theirs["x"]:
        raise BaselineMissing("the two engines do not come to the same: x is not the same")
    return Result(
        theirs["milliseconds"] / ours["milliseconds"],
        {
            "cases_per_cpu_second": round(1000 / ours["milliseconds"]),
            "spiff_cases_per_cpu_second": round(1000 / theirs["milliseconds"]),
            "milliseconds_by_services": round(ours["milliseconds_by_services"], 3),
            "bytes_a_live_case": round(ours["bytes_live"]),
            "spiff_bytes_a_live_case": round(theirs["bytes_live"]),
            "bytes_a_kept_case": round(ours["bytes_kept"]),
        },
    )


def once(count: int) -> dict[str, float]:
    """Run our engine, and tell what a case costs and weighs."""
    scripts = bpmn.read(chain(STEPS, feel_script).encode())
    services = bpmn.read(chain(STEPS, service).encode())
    x = run_scripts(scripts)
    run_services(services)
    gc.collect()
    gc.freeze()
    begun = time.process_time()
    for _ in range(count):
        run_scripts(scripts)
    ran = time.process_time()
    for _ in range(count // 4):
        run_services(services)
    served = time.process_time()
    live, kept = weight(count // 4)
    return {
        "milliseconds": (ran - begun) / count * 1000,
        "milliseconds_by_services": (served - ran) / (count // 4) * 1000,
        "bytes_live": live,
        "bytes_kept": kept,
        "x": float(x),
    }


def run_scripts(definition: bpmn.Definition) -> Decimal:
    """Run one case whose steps are scripts; return what it came to."""
    case = bpmn.new_case(definition)
    outcome = bpmn.advance(definition, case, bpmn.Start(AT, {"x": Decimal(0)}))
    ended = outcome.effects[-1]
    assert isinstance(ended, bpmn.Ended)
    x = ended.variables["x"]
    assert isinstance(x, Decimal)
    return x


def run_services(definition: bpmn.Definition) -> None:
    """Run one case whose steps are services, each answered by a command of its own."""
    case = bpmn.new_case(definition)
    case = bpmn.advance(definition, case, bpmn.Start(AT, {"x": Decimal(0)})).case
    while case.waits:
        (wait,) = case.waits
        case = bpmn.advance(definition, case, bpmn.Bring(AT, wait, {"x": Decimal(1)})).case


def weight(count: int) -> tuple[float, float]:
    """Return the bytes of a case that waits behind ten scripts, in memory and kept."""
    definition = bpmn.read(chain(STEPS, feel_script, last=PERSON).encode())
    start = bpmn.Start(AT, {"x": Decimal(0)})
    empty = bpmn.new_case(definition)
    bpmn.advance(definition, empty, start)
    gc.collect()
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    live = [bpmn.advance(definition, empty, start).case for _ in range(count)]
    gc.collect()
    held = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    return held / count, sum(len(encoding.packed(one)) for one in live) / count


if __name__ == "__main__":
    print(json.dumps(once(int(sys.argv[1]))))
