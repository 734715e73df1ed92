"""A process that stands ready for the mutations: what all their runs import is loaded in it.

`python -m tests.house.nursery` is told of mutations, a line of JSON each, and tells how the test
of each ended. It runs in a process forked for it, which loads anew what the mutation may change:
its room and those that look down on it, by the import contract. To start a process for each and to
load everything in it took half of their time.
"""

import importlib
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import traceback
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self

import pytest
from tests.house.mutant import PROFILE, weaken
from tests.house.mutations import Mutation
from tests.house.source import ROOT, order

SECONDS = 120
WORDS = (
    "-x",
    "-q",
    "--assert=plain",
    "--tb=line",
    "-p",
    "no:cacheprovider",
    f"--hypothesis-profile={PROFILE}",
)


class Ended(NamedTuple):
    """How the tests of a mutation ended, and what they said; less than nothing is a signal."""

    status: int
    said: str


@dataclass
class Nursery:
    """The process that stands ready, seen from a test."""

    process: subprocess.Popen[str]

    @classmethod
    def opened(cls, server_dsn: str, templates: str) -> Self:
        """Start it; its runs use the server and the template databases of this one."""
        told = {"RENKEI_TEST_DSN": server_dsn, "RENKEI_TEST_TEMPLATES": templates}
        return cls(
            subprocess.Popen(
                [sys.executable, "-m", "tests.house.nursery"],
                cwd=ROOT,
                env=os.environ | told,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
        )

    def run(self, mutation: Mutation) -> Ended:
        """Run the test of a mutation."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps(mutation) + "\n")
        self.process.stdin.flush()
        return Ended(*json.loads(self.process.stdout.readline()))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.process.communicate()  # its input ends, and so does it


def main() -> None:
    """Load what is loaded once, then answer until the input ends."""
    for room in order():
        importlib.import_module(f"renkei.{room}")
    for name in ("renkei.app.serving", "hypothesis.stateful"):
        importlib.import_module(name)
    assert threading.active_count() == 1  # what is forked has no other threads
    for line in sys.stdin:
        sys.stdout.write(json.dumps(_run(Mutation(*json.loads(line)))) + "\n")
        sys.stdout.flush()


def _run(mutation: Mutation) -> Ended:
    with tempfile.TemporaryFile() as said:
        child = os.fork()
        if child == 0:
            _be(mutation, said.fileno())
        _, status = os.waitpid(child, 0)
        said.seek(0)
        return Ended(os.waitstatus_to_exitcode(status), said.read().decode(errors="replace"))


def _be(mutation: Mutation, said: int) -> None:
    """Run the test of a mutation in this process, and end it."""
    status = -1
    try:
        signal.alarm(SECONDS)
        with Path(os.devnull).open("rb") as nothing:
            os.dup2(nothing.fileno(), 0)
        os.dup2(said, 1)
        os.dup2(said, 2)
        random.seed()
        forget_from(mutation.module)
        weaken(mutation.module, mutation.before, mutation.after)
        status = int(pytest.main([*WORDS, f"{mutation.file}::{mutation.test}"]))
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status & 0xFF)


def forget_from(name: str) -> None:
    """Forget the modules of a module's room and of those above it, so that they are loaded anew."""
    rooms = order()  # upper ones first
    lost = rooms[: rooms.index(name.split(".")[1]) + 1]
    for loaded in [one for one in sys.modules if one.startswith("renkei.")]:
        if loaded.split(".")[1] in lost:
            del sys.modules[loaded]
    for room in lost:  # `from renkei import …` looks here first
        vars(sys.modules["renkei"]).pop(room, None)


if __name__ == "__main__":
    main()
