"""The program without its start: a process stands ready that has loaded all of it, and is forked.

Python takes a second and a half to load a node; the stories start the program some hundred times.
Whatever is started as `python -m renkei` is forked from a process that has loaded it already, one
of each worker, and is what it would have been otherwise: a process of its own with the arguments,
the environment, the folder and the files it was given. Another one waits beside it for its end, and
dies with the worker. `RENKEI_TEST_EXEC` lets every process be started anew.
"""

import contextlib
import ctypes
import gc
import importlib
import inspect
import json
import os
import pkgutil
import random
import runpy
import signal
import socket
import struct
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

PROGRAM = [sys.executable, "-m", "renkei"]
FILES = 4  # standard input, output and errors, and where the end is told
LENGTH = struct.Struct("!I")
STATUS = struct.Struct("!i")
PDEATHSIG = 1  # prctl(2)
PIPES = ("p2cread", "p2cwrite", "c2pread", "c2pwrite", "errread", "errwrite")
USUAL = {
    "executable": None,
    "preexec_fn": None,
    "pass_fds": (),
    "shell": False,
    "process_group": -1,
    "uid": None,
    "umask": -1,
}
"""What a process is started with that is forked; whatever is started otherwise is started anew."""


# Seen from a test ---------------------------------------------------------------------------------


class Ready:
    """The process that stands ready; it ends with this one."""

    making = threading.Lock()

    def __init__(self) -> None:
        """Start it; it loads the program meanwhile."""
        self._line, theirs = socket.socketpair()
        with theirs:
            command = [sys.executable, "-m", "tests.prepared", str(theirs.fileno())]
            nothing = subprocess.DEVNULL
            self._process = _ORDINARY(command, pass_fds=[theirs.fileno()], stdin=nothing)
        self._turn = threading.Lock()

    def start(self, told: dict[str, Any], files: Sequence[int]) -> tuple[int, int]:
        """Start the program with these files; return its number and where its end is told."""
        end, tells = os.pipe()
        try:
            data = json.dumps(told).encode()
            with self._turn:
                socket.send_fds(self._line, [LENGTH.pack(len(data))], [*files, tells])
                self._line.sendall(data)
        finally:
            os.close(tells)
        return STATUS.unpack(_exactly(end, STATUS.size))[0], end


class Prepared(subprocess.Popen):  # type: ignore[type-arg]  # of texts and of bytes
    """What `subprocess.Popen` is, but that the program is forked from the one that stands ready."""

    _ready: Ready | None = None
    _end: int | None = None

    def _execute_child(self, *given: Any) -> None:
        ordinary = super()._execute_child  # type: ignore[misc]  # of Python 3.11
        told = inspect.signature(ordinary).bind(*given).arguments
        strange = any(told[name] != usual for name, usual in USUAL.items())
        if strange or not _is_ours(told["args"], told["env"]):
            ordinary(*given)
            return
        with Ready.making:
            Prepared._ready = Prepared._ready or Ready()
        asked = {
            "words": [os.fsdecode(word) for word in told["args"][len(PROGRAM) :]],
            "folder": os.fsdecode(told["cwd"] or Path.cwd()),
            "environment": dict(os.environ if told["env"] is None else told["env"]),
            "session": told["start_new_session"],
        }
        ends = enumerate(told[name] for name in ("p2cread", "c2pwrite", "errwrite"))
        files = [number if end == -1 else end for number, end in ends]
        self.pid, self._end = Prepared._ready.start(asked, files)
        self._child_created = True
        self._close_pipe_fds(*(told[name] for name in PIPES))  # type: ignore[attr-defined]

    def _internal_poll(self, *given: Any, **named: Any) -> int | None:
        if self._end is None:
            found: int | None = super()._internal_poll(*given, **named)  # type: ignore[misc]
            return found
        lock: threading.Lock = self._waitpid_lock  # type: ignore[attr-defined]
        if self.returncode is None and lock.acquire(blocking=False):
            try:
                pid, status = self._try_wait(os.WNOHANG)
                if pid:
                    self._handle_exitstatus(status)  # type: ignore[attr-defined]
            finally:
                lock.release()
        return self.returncode

    def _try_wait(self, wait_flags: int) -> tuple[int, int]:
        if self._end is None:
            found: tuple[int, int] = super()._try_wait(wait_flags)  # type: ignore[misc]
            return found
        os.set_blocking(self._end, not wait_flags & os.WNOHANG)
        try:
            status = STATUS.unpack(_exactly(self._end, STATUS.size))[0]
        except BlockingIOError:
            return 0, 0
        os.close(self._end)
        self._end = None
        return self.pid, status


def _is_ours(args: object, env: Mapping[str, str] | None) -> bool:
    """Tell whether it is the program, and Python is told nothing that it was not told before."""
    alike = env is None or all(
        env.get(name) == os.environ.get(name)
        for name in {*env, *os.environ}
        if name.startswith("PYTHON")
    )
    return alike and isinstance(args, list) and args[: len(PROGRAM)] == PROGRAM


def _exactly(file: int, size: int) -> bytes:
    data = b""
    while len(data) < size:
        part = os.read(file, size - len(data))
        if not part:
            raise ProcessLookupError("the process that stood ready is gone")
        data += part
    return data


_ORDINARY = subprocess.Popen


def prepare() -> None:
    """Let the program be forked from now on where this process starts it; on Linux, as CI is."""
    if sys.platform == "linux" and "RENKEI_TEST_EXEC" not in os.environ:
        subprocess.Popen = Prepared  # type: ignore[misc]


# The process that stands ready --------------------------------------------------------------------


def main() -> None:
    """Load the program, then start it as often as it is asked for, until the worker ends."""
    line = socket.socket(fileno=int(sys.argv[1]))
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for those that wait
    package = importlib.import_module("renkei")
    for module in pkgutil.walk_packages(package.__path__, "renkei."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    for name in ("pydantic.fields", "pydantic.type_adapter"):  # typer's, at the first command
        importlib.import_module(name)
    importlib.import_module("tests.clusters").copy_clusters()
    gc.collect()
    gc.freeze()  # to look through what was loaded would copy it for each that is forked
    assert threading.active_count() == 1  # what is forked has no other threads
    while True:
        size, files, _, _ = socket.recv_fds(line, LENGTH.size, FILES)
        if not size:
            return
        told = json.loads(_exactly(line.fileno(), LENGTH.unpack(size)[0]))
        if os.fork() == 0:
            line.close()
            if _forked(files[-1], files[:-1]):
                _be(told, files)
            return
        for file in files:
            os.close(file)


def _forked(tells: int, others: Sequence[int]) -> bool:
    """Fork once more and wait for that one's end here; say in which of both this is."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    child = os.fork()
    if child == 0:
        return True
    _die_with_parent()
    for file in others:
        os.close(file)
    os.write(tells, STATUS.pack(child))
    _, status = os.waitpid(child, 0)
    with contextlib.suppress(OSError):  # nobody asks any more
        os.write(tells, STATUS.pack(status))
    os._exit(0)


def _be(told: dict[str, Any], files: Sequence[int]) -> None:
    """Be the program."""
    for number, file in enumerate(files[:-1]):
        os.dup2(file, number)
    for file in files:
        if file > 2:
            os.close(file)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    if told["session"]:
        os.setsid()
    os.chdir(told["folder"])
    os.environ.clear()
    os.environ.update(told["environment"])
    random.seed()
    sys.argv = ["renkei", *told["words"]]
    runpy.run_module("renkei", run_name="__main__", alter_sys=True)


def _die_with_parent() -> None:
    ctypes.CDLL(None).prctl(PDEATHSIG, int(signal.SIGKILL), 0, 0, 0)


if __name__ == "__main__":
    main()
