"""DBOS's side of `process_durable`, run by a Python that has it: `dbos_side.py URL`.

A line of input is a number: so many workflows of ten durable steps are run one after the other, and
a line of output tells the seconds of the clock they took.
"""

import importlib
import sys
import time
from typing import Any

STEPS = 10


def main() -> None:
    """Begin, and run as many as each line asks for."""
    dbos: Any = importlib.import_module("dbos")
    config = {"name": "bench", "system_database_url": sys.argv[1], "log_level": "ERROR"}
    dbos.DBOS(config=config)

    @dbos.DBOS.step()  # type: ignore[untyped-decorator] # loaded by its name
    def step(value: int) -> int:
        return value + 1

    @dbos.DBOS.workflow()  # type: ignore[untyped-decorator] # loaded by its name
    def flow(value: int) -> int:
        for _ in range(STEPS):
            value = step(value)
        return value

    dbos.DBOS.launch()
    print("ready", flush=True)
    for line in sys.stdin:
        begun = time.perf_counter()
        for number in range(int(line)):
            assert flow(number) == number + STEPS
        print(time.perf_counter() - begun, flush=True)


if __name__ == "__main__":
    main()
