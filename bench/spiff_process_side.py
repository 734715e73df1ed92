"""SpiffWorkflow's side of `process_memory`, run by a Python that has it: `… FILE WAITING COUNT`.

FILE is a process that ends, WAITING the same with a person's task behind its steps.
"""

import gc
import importlib
import json
import sys
import time
import tracemalloc
from typing import Any


def main() -> None:
    """Run whole cases, and tell the processor time and the memory of one."""
    count = int(sys.argv[3])
    parsing = importlib.import_module("SpiffWorkflow.bpmn.parser.BpmnParser")
    workflows = importlib.import_module("SpiffWorkflow.bpmn.workflow")

    def spec_of(file: str) -> Any:
        parser = parsing.BpmnParser()
        parser.add_bpmn_file(file)
        return parser.get_spec("p")

    ending, waiting = (spec_of(file) for file in sys.argv[1:3])

    def case(spec: Any) -> Any:
        workflow = workflows.BpmnWorkflow(spec)
        workflow.get_next_task().data["x"] = 0
        workflow.do_engine_steps()
        return workflow

    first = case(ending)
    gc.collect()
    gc.freeze()
    begun = time.process_time()
    for _ in range(count):
        case(ending)
    took = time.process_time() - begun
    gc.collect()
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    live = [case(waiting) for _ in range(20)]
    gc.collect()
    held = tracemalloc.get_traced_memory()[0] - before
    print(
        json.dumps(
            {
                "milliseconds": took / count * 1000,
                "bytes_live": held / len(live),
                "x": float(first.last_task.data["x"]),
            }
        )
    )


if __name__ == "__main__":
    main()
