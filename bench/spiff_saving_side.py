"""SpiffWorkflow's side of `process_run_to_wait`: `spiff_saving_side.py DSN FILE`.

A line of input is a number: so many cases are run until they wait, each saved once, as JSON, in a
transaction of its own; a line of output tells that it is done.
"""

import importlib
import json
import sys
from typing import Any

TABLE = "CREATE TABLE spiff_case (id bigserial PRIMARY KEY, state jsonb NOT NULL)"
SAVE = "INSERT INTO spiff_case (state) VALUES (%s)"


def main() -> None:
    """Begin, and run as many as each line asks for."""
    psycopg: Any = importlib.import_module("psycopg")
    parsing: Any = importlib.import_module("SpiffWorkflow.bpmn.parser.BpmnParser")
    workflows: Any = importlib.import_module("SpiffWorkflow.bpmn.workflow")
    serializers: Any = importlib.import_module("SpiffWorkflow.bpmn.serializer.workflow")
    parser = parsing.BpmnParser()
    parser.add_bpmn_file(sys.argv[2])
    spec = parser.get_spec("p")
    serializer = serializers.BpmnWorkflowSerializer()
    with psycopg.connect(sys.argv[1], autocommit=True) as conn:
        conn.execute(TABLE)
        print("ready", flush=True)
        for line in sys.stdin:
            for _ in range(int(line)):
                case = workflows.BpmnWorkflow(spec)
                case.get_next_task().data["x"] = 0
                case.do_engine_steps()
                conn.execute(SAVE, [json.dumps(serializer.to_dict(case))])
            print("done", flush=True)


if __name__ == "__main__":
    main()
