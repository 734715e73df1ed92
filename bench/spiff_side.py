"""SpiffWorkflow's side of `dmn_table`, run by a Python that has it: `spiff_side.py FILE COUNT`.

The decision is asked as a business rule task asks it, without a workflow around it.
"""

import gc
import importlib
import json
import sys
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

KINDS = ("A", "B", "C", "D", "E")


def engine(file: Path) -> Any:
    """Return SpiffWorkflow's engine of the only decision of a file."""
    etree = importlib.import_module("lxml.etree")
    parsing = importlib.import_module("SpiffWorkflow.dmn.parser.DMNParser")
    engines = importlib.import_module("SpiffWorkflow.dmn.engine.DMNEngine")
    root = etree.parse(str(file)).getroot()
    parser = parsing.DMNParser(None, root, {"dmn": root.nsmap[None]}, filename=str(file))
    parser.parse()
    return engines.DMNEngine(parser.decision.decisionTables[0])


def main() -> None:
    """Ask, and tell the processor time of a question."""
    file, count = Path(sys.argv[1]), int(sys.argv[2])
    scripting = importlib.import_module("SpiffWorkflow.bpmn.script_engine")
    decides = engine(file)
    script_engine = scripting.PythonScriptEngine()
    workflow = SimpleNamespace(script_engine=script_engine)
    asked = [
        {"kind": KINDS[n % 5], "income": 900 + 2000 * (n // 5 % 2), "age": 18 + n % 60}
        for n in range(count)
    ]
    tasks = [SimpleNamespace(workflow=workflow, data=data, task_spec=None) for data in asked]
    given = [decides.result(task) for task in tasks[:10]]
    gc.collect()
    gc.freeze()
    begun = time.process_time()
    for task in tasks:
        decides.result(task)
    took = time.process_time() - begun
    total = sum(float(one["amount"]) for one in given)
    print(json.dumps({"microseconds": took / count * 1e6, "sum_of_ten": total}))


if __name__ == "__main__":
    main()
