"""What every benchmark shares: times, processor times of all processes, rounds, a server, results.

Processor time is read from `/proc` for whole process trees, so that work the database does for us
is not free. The median of the interleaved rounds counts.
"""

import json
import os
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import psycopg

from renkei import store
from renkei.kit import migrate
from renkei.kit.postgres import Postgres
from renkei.standard import catalogue

TICK = os.sysconf("SC_CLK_TCK")
PAGE = os.sysconf("SC_PAGE_SIZE")
QUIET = 0.2  # processors busy with other work before a round, at most
QUIET_PATIENCE = 2.0  # seconds a round waits for that
SETTLING = 0.1  # seconds until a process that has ended is counted with its parent

Detail = Mapping[str, float | int | str]


class BaselineMissing(Exception):
    """The baseline cannot run on this machine; the benchmark says why and exits with 3."""


@dataclass(frozen=True, slots=True)
class Ratio:
    """What a benchmark promises: how good the ratio must be, and which direction is better."""

    floor: float
    baseline: str
    higher_is_better: bool = True

    def holds(self, ratio: float) -> bool:
        """Tell whether a measured ratio keeps the floor."""
        return ratio >= self.floor if self.higher_is_better else ratio <= self.floor


@dataclass(frozen=True, slots=True)
class Result:
    """What a benchmark measured: the ratio, and the figures it came from."""

    ratio: float
    detail: Detail

    def line(self, name: str, promise: Ratio) -> str:
        """Return the one JSON object of the last line."""
        return json.dumps(
            {
                "name": name,
                "ratio": round(self.ratio, 3),
                "higher_is_better": promise.higher_is_better,
                "baseline": promise.baseline,
                "detail": {"floor": promise.floor, **self.detail},
            },
            ensure_ascii=False,
        )


@dataclass(frozen=True, slots=True)
class Sample:
    """One round of one side: wall seconds, processor seconds by process tree.

    `others` is how many processors the rest of the machine kept busy meanwhile.
    """

    wall: float
    cpu: Mapping[str, float]
    others: float = 0.0

    @property
    def cpu_total(self) -> float:
        """Return the processor seconds of all processes concerned."""
        return sum(self.cpu.values())


@dataclass(slots=True)
class Samples:
    """The rounds of one side."""

    rounds: list[Sample] = field(default_factory=list)

    @property
    def wall(self) -> float:
        """Return the median wall time."""
        return statistics.median(sample.wall for sample in self.rounds)

    @property
    def cpu(self) -> float:
        """Return the median processor time of all processes."""
        return statistics.median(sample.cpu_total for sample in self.rounds)

    @property
    def others(self) -> float:
        """Return the median of what the rest of the machine did meanwhile, in processors."""
        return statistics.median(sample.others for sample in self.rounds)

    def cpu_of(self, part: str) -> float:
        """Return the median processor time of one process tree."""
        return statistics.median(sample.cpu[part] for sample in self.rounds)


def cpu_of_tree(pid: int) -> float:
    """Return the processor seconds of a process, its living children and those it has reaped."""
    children: dict[int, list[int]] = {}
    seconds: dict[int, float] = {}
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            text = (entry / "stat").read_text(encoding="utf-8", errors="replace")
        except OSError:
            continue  # it ended meanwhile; its parent has reaped its time
        parts = text[text.rindex(")") + 2 :].split()
        children.setdefault(int(parts[1]), []).append(int(entry.name))
        seconds[int(entry.name)] = sum(int(part) for part in parts[11:15]) / TICK
    total, waiting = 0.0, [pid]
    while waiting:
        one = waiting.pop()
        total += seconds.get(one, 0.0)
        waiting += children.get(one, [])
    return total


def resident_bytes(pid: int) -> int:
    """Return how much memory a process holds at this moment."""
    return int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1]) * PAGE


def peak_bytes(pid: int | Literal["self"]) -> int:
    """Return the most memory a process ever held; of a backend, with the buffers it touched."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in status if line.startswith("VmHWM:")) * 1024


def busy_seconds() -> float:
    """Return the processor seconds this machine has spent on anything at all."""
    first = Path("/proc/stat").read_text(encoding="ascii").split("\n", 1)[0]
    user, nice, system, _, _, irq, softirq, *_ = (int(part) for part in first.split()[1:])
    return (user + nice + system + irq + softirq) / TICK


def wait_for_quiet(most: float = QUIET_PATIENCE) -> None:
    """Wait until the rest of the machine is nearly idle, at most that many seconds."""
    end = time.monotonic() + most
    while time.monotonic() < end:
        before = busy_seconds()
        time.sleep(0.5)
        if (busy_seconds() - before) / 0.5 < QUIET:
            return


def timed(work: Callable[[], object], trees: Mapping[str, int]) -> Sample:
    """Run once and return wall time and the processor time of the named process trees.

    The tree of this process is counted as `client`, without the trees that are named: a server
    this process started is a child of it.
    """
    before, busy, start = _cpu(trees), busy_seconds(), time.perf_counter()
    work()
    wall, busy = time.perf_counter() - start, busy_seconds() - busy
    after = _cpu(trees)
    cpu = {part: after[part] - before[part] for part in after}
    return Sample(wall, cpu, max(0.0, busy - sum(cpu.values())) / wall)


def _cpu(trees: Mapping[str, int]) -> dict[str, float]:
    time.sleep(SETTLING)
    named = {part: cpu_of_tree(pid) for part, pid in trees.items()}
    return {"client": cpu_of_tree(os.getpid()) - sum(named.values())} | named


def interleaved(
    rounds: int,
    sides: Mapping[str, Callable[[], object]],
    trees: Mapping[str, int],
    *,
    before: Callable[[str], object] = lambda _: None,
) -> dict[str, Samples]:
    """Run every side once a round, in turn, and return the samples by side.

    Each waits a little for a quiet machine: who needs both processors suffers most from a busy one.

    `before` runs untimed before each side and is told which, e.g. to empty tables.
    """
    measured = {side: Samples() for side in sides}
    for number in range(1, rounds + 1):
        for side, work in sides.items():
            before(side)
            wait_for_quiet()
            sample = timed(work, trees)
            measured[side].rounds.append(sample)
            cpu = " ".join(f"{part} {seconds:.2f}" for part, seconds in sample.cpu.items())
            told = f"wall {sample.wall:.2f} s, cpu s: {cpu}, others {sample.others:.1f} cpus"
            print(f"round {number} {side}: {told}", flush=True)
    return measured


@dataclass(frozen=True, slots=True)
class Server:
    """A database server of this run: a migrated database, the server's process, its programs."""

    dsn: str
    pid: int
    programs: Path


def postmaster(dsn: str) -> int:
    """Return the process id of a server: the parent of one of its backends."""
    with psycopg.connect(dsn) as conn:
        backend = conn.info.backend_pid
        return int(Path(f"/proc/{backend}/stat").read_text().rsplit(")", 1)[1].split()[1])


@contextmanager
def server(rooms: list[str], binaries: Path | None = None) -> Iterator[Server]:
    """Give a server of our own with a migrated database, as it comes: durable, default settings."""
    with tempfile.TemporaryDirectory(prefix="renkei-bench-") as made:
        directory = Path(made)
        directory.chmod(0o711)
        with Postgres(directory / "server", binaries=binaries) as running:
            migrate(running.dsn(), rooms)
            if "renkei.store" in rooms:
                store.align(running.dsn(), catalogue())
            pid = postmaster(running.dsn())
            programs = Path(f"/proc/{pid}/exe").resolve().parent
            yield Server(running.dsn(), pid, programs)
