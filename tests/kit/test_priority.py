"""What takes long gives way on its own machine, with the server process that works for it."""

import subprocess
import sys

GIVE_WAY = """
import os, sys, psycopg
from renkei.kit import give_way
with psycopg.connect(sys.argv[1]) as conn:
    there = give_way(conn)
    again = give_way(conn)
    own = os.getpriority(os.PRIO_PROCESS, 0)
    print(there, again, own, os.getpriority(os.PRIO_PROCESS, conn.info.backend_pid))
"""


def test_a_process_and_its_server_process_give_way_once(dsn: str) -> None:
    said = subprocess.run(
        [sys.executable, "-c", GIVE_WAY, dsn], check=True, capture_output=True, text=True
    )
    assert said.stdout.split() == ["True", "True", "10", "10"]


FOREIGN = """
import os
from types import SimpleNamespace
from renkei.kit import give_way
pid = os.getppid()  # a process that is no server's, though the server names its number
before = os.getpriority(os.PRIO_PROCESS, pid)
there = give_way(SimpleNamespace(info=SimpleNamespace(host="/socket", backend_pid=pid)))
print(there, os.getpriority(os.PRIO_PROCESS, pid) == before)
"""


def test_a_process_that_only_has_the_number_of_a_server_process_is_left_alone() -> None:
    said = subprocess.run(
        [sys.executable, "-c", FOREIGN], check=True, capture_output=True, text=True
    )
    assert said.stdout.split() == ["False", "True"]
