"""What a step costs in a case of 1,000 steps against one of 10; the worst of four kinds of case.

Scripts in one go; services, each answered by a command of its own; turns of a loop through
gateways; and repetitions of an activity. One process, the lengths in turn, the median counts.
"""

import argparse
import gc
import statistics
import time
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal

from bench.measure import Ratio, Result
from bench.process_memory import chain, feel_script, run_services, service
from renkei.process import bpmn
from renkei.process.scenarios import bpmn as drawn

RATIO = Ratio(floor=1.3, baseline="a step of a case of 10 steps", higher_is_better=False)
AT = datetime(2027, 4, 1, tzinfo=UTC)
SHORT, LONG = 10, 1_000

LOOP = """
start s -> m
xor m -> t
script t set="x := x + 1" -> x
xor x -> m if "x < most", e
end e
"""
REPEATED = """
start s -> t
script t set="y := loopCounter" times=most sequential -> e
end e
"""


def options(parser: argparse.ArgumentParser) -> None:
    """Add rounds."""
    parser.add_argument("--rounds", type=int, help="default 9; quick 5")


def run(args: argparse.Namespace) -> Result:
    """Measure each kind at both lengths."""
    rounds = args.rounds or (5 if args.quick else 9)
    detail: dict[str, float | int | str] = {"steps": LONG}
    ratios = []
    for name, kind in KINDS.items():
        short, long = kind(SHORT), kind(LONG)
        short(), long()
        costs: dict[int, list[float]] = {SHORT: [], LONG: []}
        for _ in range(rounds):
            costs[SHORT].append(cost(short, SHORT))
            costs[LONG].append(cost(long, LONG))
        at_short, at_long = (statistics.median(costs[length]) for length in (SHORT, LONG))
        ratios.append(at_long / at_short)
        detail[f"{name}_ratio"] = round(at_long / at_short, 3)
        detail[f"{name}_microseconds"] = round(at_long, 2)
    return Result(max(ratios), detail)


def cost(case: Callable[[], None], steps: int) -> float:
    """Return the microseconds of processor time of one step."""
    times = 3 * LONG // steps
    gc.collect()
    begun = time.process_time()
    for _ in range(times):
        case()
    return (time.process_time() - begun) / (times * steps) * 1e6


def _scripts(steps: int) -> Callable[[], None]:
    return _at_once(bpmn.read(chain(steps, feel_script).encode()))


def _services(steps: int) -> Callable[[], None]:
    definition = bpmn.read(chain(steps, service).encode())
    return lambda: run_services(definition)


def _loop(steps: int) -> Callable[[], None]:
    return _at_once(bpmn.read(drawn(LOOP)), most=Decimal(steps))


def _repeated(steps: int) -> Callable[[], None]:
    return _at_once(bpmn.read(drawn(REPEATED)), most=Decimal(steps))


def _at_once(definition: bpmn.Definition, **facts: Decimal) -> Callable[[], None]:
    start = bpmn.Start(AT, {"x": Decimal(0), **facts})

    def case() -> None:
        outcome = bpmn.advance(definition, bpmn.new_case(definition), start)
        assert outcome.case.status is bpmn.Status.COMPLETED

    return case


KINDS = {"scripts": _scripts, "services": _services, "loop": _loop, "repeated": _repeated}
