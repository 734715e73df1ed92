"""Decisions from a table of 10 rules and 3 inputs, against SpiffWorkflow's DMN engine.

Both read the same DMN file and are asked the same questions, each with the numbers and texts of a
Python dict; ours are read into FEEL's values (decimals) by the model's types within the time.
Each side is a process of its own that tells its processor time; the rounds are interleaved.
SpiffWorkflow is installed from `requirements/spiff.lock` into `.cache/spiff` by the first run.
"""

import argparse
import gc
import json
import sys
import tempfile
import time
from pathlib import Path

from bench.beside import python_with, told_by
from bench.measure import BaselineMissing, Ratio, Result
from renkei.process import decisions

RATIO = Ratio(floor=20, baseline="SpiffWorkflow's DMN engine, the same table")
SIDE = Path(__file__).with_name("spiff_side.py")
KINDS = ("A", "B", "C", "D", "E")
RULES = 10


def options(parser: argparse.ArgumentParser) -> None:
    """Add rounds and questions."""
    parser.add_argument("--rounds", type=int, help="default 7; quick 3")
    parser.add_argument("--questions", type=int, help="of a round and side; default 20000")


def table() -> str:
    """Return the model: two rules for each kind, apart by income; a third input bounds the age."""
    rules = []
    for number in range(RULES):
        sign, amount = ("<", number) if number % 2 else (">=", number + 1)
        cells = (f'"{KINDS[number // 2]}"', f"{sign} {amount // 2 * 2 * 100 + 1000}", ">= 18")
        entries = "".join(
            f"<inputEntry id='c{number}{at}'><text>{cell.replace('<', '&lt;')}</text></inputEntry>"
            for at, cell in enumerate(cells)
        )
        given = f"<outputEntry id='o{number}'><text>{number * 1000}</text></outputEntry>"
        rules.append(f"<rule id='r{number}'>{entries}{given}</rule>")
    inputs = "".join(
        f"<input id='i{name}' label='{name}'><inputExpression id='e{name}' typeRef='{of}'>"
        f"<text>{name}</text></inputExpression></input>"
        for name, of in (("kind", "string"), ("income", "number"), ("age", "number"))
    )
    data = "".join(
        f"<inputData id='d{name}' name='{name}'>"
        f"<variable name='{name}' typeRef='{of}'/></inputData>"
        for name, of in (("kind", "string"), ("income", "number"), ("age", "number"))
    )
    needs = "".join(
        f"<informationRequirement><requiredInput href='#d{name}'/></informationRequirement>"
        for name in ("kind", "income", "age")
    )
    return (
        "<definitions xmlns='https://www.omg.org/spec/DMN/20191111/MODEL/' id='bench' name='bench'"
        f" namespace='urn:renkei:bench'>{data}<decision id='amount' name='amount'>"
        f"<variable name='amount' typeRef='number'/>{needs}"
        f"<decisionTable id='t' hitPolicy='UNIQUE'>{inputs}"
        f"<output id='o' name='amount' label='amount' typeRef='number'/>{''.join(rules)}"
        "</decisionTable></decision></definitions>"
    )


def questions(count: int) -> list[dict[str, str | int]]:
    """Return questions that each rule answers equally often."""
    return [
        {"kind": KINDS[n % 5], "income": 900 + 2000 * (n // 5 % 2), "age": 18 + n % 60}
        for n in range(count)
    ]


def run(args: argparse.Namespace) -> Result:
    """Measure both in turn."""
    program = python_with("spiff")
    rounds = args.rounds or (3 if args.quick else 7)
    count = args.questions or 20_000
    with tempfile.TemporaryDirectory(prefix="renkei-dmn-") as made:
        file = Path(made) / "table.dmn"
        file.write_text(table(), encoding="utf-8")
        sides = {
            "spiff": [str(program), str(SIDE), str(file), str(count // 10)],
            "ours": [sys.executable, "-m", "bench.dmn_table", str(file), str(count)],
        }
        medians = told_by(sides, rounds)
    ours, theirs = medians["ours"], medians["spiff"]
    if ours["sum_of_ten"] != theirs["sum_of_ten"]:
        raise BaselineMissing(
            "the two engines decide differently: the table is not the same to both"
        )
    return Result(
        theirs["microseconds"] / ours["microseconds"],
        {
            "microseconds": round(ours["microseconds"], 2),
            "spiff_microseconds": round(theirs["microseconds"], 1),
            "microseconds_typed_inputs": round(ours["microseconds_typed_inputs"], 2),
            "microseconds_with_reasons": round(ours["microseconds_with_reasons"], 2),
        },
    )


def once(file: Path, count: int) -> dict[str, float]:
    """Ask our engine, and tell the processor time of a question in three ways of asking."""
    model = decisions.open_file(file)
    asked = questions(count)
    typed = [decisions.inputs_of(one, model) for one in asked]
    ten = [decisions.value_of(model, "amount", one) for one in typed[:10]]
    gc.collect()
    gc.freeze()  # the questions stay: the collector need not walk them on either side
    begun = time.process_time()
    for one in asked:
        decisions.value_of(model, "amount", decisions.inputs_of(one, model))
    read = time.process_time()
    for inputs in typed:
        decisions.value_of(model, "amount", inputs)
    bare = time.process_time()
    for inputs in typed[: count // 10]:
        decisions.evaluate(model, "amount", inputs, why=True)
    reasoned = time.process_time()
    return {
        "microseconds": (read - begun) / count * 1e6,
        "microseconds_typed_inputs": (bare - read) / count * 1e6,
        "microseconds_with_reasons": (reasoned - bare) / (count // 10) * 1e6,
        "sum_of_ten": sum(float(str(value)) for value in ten),
    }


if __name__ == "__main__":
    print(json.dumps(once(Path(sys.argv[1]), int(sys.argv[2]))))
